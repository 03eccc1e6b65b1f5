"""Sounds of a given length, as small as they can be: silence that players would take."""

from __future__ import annotations

import io
import struct

from mutagen.ogg import OggPage

# MPEG-1 layer III, 128 kbit/s, one channel at 48 kHz, with nothing in it: 24 ms.
MP3_FRAME = b"\xff\xfb\x94\xc4" + bytes(380)
RATE = 48_000
# AAC of low complexity, 48 kHz, one channel: the descriptors of ISO/IEC 14496-1, one in another.
AAC = bytes.fromhex("0319000000 0411 4015 000000 00000000 00000000 05021188 060102")


def mp3(seconds: int) -> bytes:
    return MP3_FRAME * (seconds * 1000 // 24)


def broken_tags() -> bytes:
    """ID3 of a version that nobody reads, as some recorders write it before a good sound."""
    return b"ID3\x09\x00\x00" + bytes([0, 0, 0, 16]) + bytes(16)


def m4a(seconds: int) -> bytes:
    """0 seconds: as a stream was written down, whose length nobody knew at its beginning."""
    entry = _box(
        b"mp4a", bytes(6), b"\x00\x01", bytes(8), struct.pack(">HHHHI", 1, 16, 0, 0, RATE << 16),
        _box(b"esds", bytes(4), AAC),
    )  # fmt: skip
    table = _box(b"stbl", _box(b"stsd", bytes(4), struct.pack(">I", 1), entry))
    media = _box(
        b"mdia",
        _box(b"mdhd", bytes(12), struct.pack(">II", RATE, seconds * RATE), bytes(4)),
        _box(b"hdlr", bytes(8), b"soun", bytes(13)),
        _box(b"minf", table),
    )
    kind = _box(b"ftyp", b"M4A ", bytes(4), b"M4A mp42")
    return kind + _box(b"moov", _box(b"trak", media))


def opus(seconds: int) -> bytes:
    head = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, RATE, 0, 0)
    return _ogg(head, b"OpusTags" + bytes(8), seconds * RATE)


def vorbis(seconds: int) -> bytes:
    head = b"\x01vorbis" + struct.pack("<IBIiiiBB", 0, 1, RATE, 0, 128_000, 0, 0xB8, 1)
    return _ogg(head, b"\x03vorbis" + bytes(8) + b"\x01", seconds * RATE)


def _box(name: bytes, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", len(body) + 8) + name + body


def _ogg(head: bytes, tags: bytes, samples: int) -> bytes:
    written = io.BytesIO()
    for number, packet in enumerate((head, tags, b"\x00")):
        page = OggPage()
        page.sequence, page.packets, page.position = number, [packet], samples if number > 1 else 0
        page.first, page.last = number == 0, number == 2
        written.write(page.write())
    return written.getvalue()
