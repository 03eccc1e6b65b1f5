"""The sound that PeerTube keeps apart: silence, of the length and the size that it tells."""

from __future__ import annotations

import re

from sandbox.http.messages import Answer, Request

# MPEG-1 layer III, 128 kbit/s, one channel at 48 kHz, with nothing in it: 24 ms.
FRAME = b"\xff\xfb\x94\xc4" + bytes(380)
BYTES_A_SECOND = 16_000
RANGE = re.compile(r"bytes=(\d{1,12})-(\d{1,12})?")
# Players ask for all that follows, and again for what they did not get.
MOST_AT_ONCE = 1 << 20


def sound(request: Request, seconds: int) -> Answer:
    """Return the file, or the part that `Range` asks for, at most a mebibyte."""
    size = seconds * BYTES_A_SECOND
    headers = {"Content-Type": "audio/mpeg", "Accept-Ranges": "bytes"}
    asked = RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None:
        return Answer(body=_part(0, size), headers=headers)
    start = int(asked[1])
    if start >= size:
        return Answer(status=416, headers=headers | {"Content-Range": f"bytes */{size}"})
    end = min(size, start + MOST_AT_ONCE, int(asked[2]) + 1 if asked[2] else size)
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{size}"
    return Answer(status=206, body=_part(start, end), headers=headers)


def _part(start: int, end: int) -> bytes:
    first = start // len(FRAME)
    frames = FRAME * (end // len(FRAME) - first + 1)
    return frames[start - first * len(FRAME) : end - first * len(FRAME)]
