"""What a file is, by its first bytes: a server's word for it is only a claim."""

import re

# How much of a file is enough to know it.
HEAD_BYTES = 1024
ALIASES = {"image/jpg": "image/jpeg", "image/pjpeg": "image/jpeg", "image/x-png": "image/png"}
# Said of anything by servers that do not know; it claims nothing.
NO_CLAIM = {"", "application/octet-stream", "binary/octet-stream"}

STARTS = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
    (b"BM", "image/bmp"),
    (b"II*\x00", "image/tiff"),
    (b"MM\x00*", "image/tiff"),
    (b"%PDF-", "application/pdf"),
    (b"PK\x03\x04", "application/zip"),
    (b"OggS", "application/ogg"),
    (b"ID3", "audio/mpeg"),
    (b"\x1aE\xdf\xa3", "video/webm"),
)
# ISO base media files name their kinds ("brands") in their first box.
BRANDS = (
    ({b"avif", b"avis"}, "image/avif"),
    ({b"heic", b"heix", b"hevc", b"mif1"}, "image/heic"),
)
TEXTS = (
    (re.compile(r"WEBVTT(?:\s|$)"), "text/vtt"),
    (
        re.compile(r"(?:<\?xml[^>]*\?>|<!--.*?-->|<!DOCTYPE svg[^>]*>|\s)*<svg[\s>]", re.S | re.I),
        "image/svg+xml",
    ),
    (
        re.compile(r"(?:<!--.*?-->|\s)*<(?:!DOCTYPE html|html|head|body)\b", re.S | re.I),
        "text/html",
    ),
)
RECOGNISED = frozenset(
    {kind for _, kind in (*STARTS, *BRANDS, *TEXTS)} | {"image/webp", "video/mp4"}
)


def claimed_type(header: str) -> str:
    """A Content-Type header's type in its usual spelling; "" when it claims nothing."""
    kind = header.partition(";")[0].strip().lower()
    return "" if kind in NO_CLAIM else ALIASES.get(kind, kind)


def recognised_type(content: bytes) -> str:
    """The type that a file's first bytes show; "" when they show none of RECOGNISED."""
    head = content[:HEAD_BYTES]
    for start, kind in STARTS:
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp":
        return _media_type(head)
    text = head.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
    return next((kind for pattern, kind in TEXTS if pattern.match(text)), "")


def _media_type(head: bytes) -> str:
    box = head[: min(int.from_bytes(head[:4], "big"), 256)]
    named = {box[8:12], *(box[i : i + 4] for i in range(16, len(box), 4))}
    return next((kind for brands, kind in BRANDS if named & brands), "video/mp4")
