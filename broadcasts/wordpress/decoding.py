"""From the bytes of an export to text that an XML parser takes.

WordPress copies into its exports what people pasted: control characters that XML forbids, named
HTML entities outside CDATA, bytes of another encoding. None of it is a reason to lose a file.
"""

import codecs
import re
from collections.abc import Iterator
from html.entities import html5
from pathlib import Path
from typing import BinaryIO

from broadcasts.wordpress.documents import ExportError

CHUNK_BYTES = 64 * 1024
DECLARED = re.compile(rb"^\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
BYTE_ORDER_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# What calls itself latin-1 is in truth Windows' own, whose extra characters are quotes and dashes.
IN_TRUTH = {"iso8859-1": "cp1252", "ascii": "utf-8"}
FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REFERENCE = re.compile(r"&(?:#x([0-9a-fA-F]{1,8})|#([0-9]{1,9})|([A-Za-z][A-Za-z0-9]{1,31}));")
LONGEST_REFERENCE = 34
PREDEFINED = {"lt", "gt", "amp", "quot", "apos"}
SYNTAX = set("<>&\"'")


def _allowed(code: int) -> bool:
    return code in {9, 10, 13} or (
        0x20 <= code <= 0x10FFFF and not 0xD800 <= code <= 0xDFFF and code not in {0xFFFE, 0xFFFF}
    )


def _resolve(found: re.Match[str]) -> str:
    hexadecimal, decimal, name = found.groups()
    if name is None:
        code = int(hexadecimal, 16) if hexadecimal else int(decimal)
        return found[0] if _allowed(code) else ""
    if name in PREDEFINED:
        return found[0]
    characters = html5.get(f"{name};", "")
    return characters if characters and not SYNTAX & set(characters) else found[0]


def _encoding(path: Path, head: bytes) -> tuple[str, int]:
    """The encoding and the length of its mark."""
    for mark, name in BYTE_ORDER_MARKS:
        if head.startswith(mark):
            return name, len(mark)
    declared = DECLARED.match(head)
    name = declared[1].decode("ascii") if declared else "utf-8"
    try:
        known = codecs.lookup(name).name
        b"".decode(known)
    except (LookupError, UnicodeError) as error:
        raise ExportError(
            f"l’encodage « {name} » est inconnu. Enregistrez le fichier en UTF-8.", path=path
        ) from error
    return IN_TRUTH.get(known, known), 0


class Decoder:
    """Text of an export, piece by piece, in bounded memory.

    `bytes_read` grows as it is iterated, `leading_lines` says how many blank lines stood before the
    XML declaration (where XML wants none) and were left out.
    """

    def __init__(self, path: Path, stream: BinaryIO) -> None:
        self._stream = stream
        self._head = stream.read(CHUNK_BYTES)
        encoding, mark = _encoding(path, self._head)
        self._head = self._head[mark:]
        self._decoder = codecs.getincrementaldecoder(encoding)(errors="replace")
        self.bytes_read = mark
        self.leading_lines = 0

    def __iter__(self) -> Iterator[str]:
        started, held = False, ""
        chunk = self._head
        while chunk:
            self.bytes_read += len(chunk)
            text = held + FORBIDDEN.sub("", self._decoder.decode(chunk))
            if not started:
                trimmed = text.lstrip()
                self.leading_lines += text.count("\n", 0, len(text) - len(trimmed))
                text, started = trimmed, bool(trimmed)
            # A reference may go on in the next piece.
            cut = text.rfind("&", max(0, len(text) - LONGEST_REFERENCE))
            if cut >= 0 and ";" not in text[cut:]:
                text, held = text[:cut], text[cut:]
            else:
                held = ""
            yield REFERENCE.sub(_resolve, text)
            chunk = self._stream.read(CHUNK_BYTES)
        yield REFERENCE.sub(_resolve, held + FORBIDDEN.sub("", self._decoder.decode(b"", True)))
