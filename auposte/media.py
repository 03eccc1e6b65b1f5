"""Uploaded images and sound, where no web server in front of us serves them.

Only what `auposte.images` and `auposte.audio` have written comes out: their kinds of file, under
names that nobody can guess and that never change their content. A player that skips ahead asks for
a part of a file (RFC 9110, 14): one range is answered, anything else gets the whole.
"""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve

from auposte import audio

KINDS = {".jpg": "image/jpeg", ".webp": "image/webp", ".avif": "image/avif"} | {
    f".{ending}": mime for ending, mime in audio.KINDS.items()
}
RANGE = re.compile(r"bytes=(\d{0,15})-(\d{0,15})", re.ASCII)
CHUNK = 256 * 1024


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """`/media/<path>`: an image or a sound, to be kept for a year; 404 for anything else.

    416 for a range that begins after the end.
    """
    kind = KINDS.get(PurePosixPath(path).suffix)
    if kind is None:
        raise Http404("Aucun fichier à cette adresse.")
    try:
        response: HttpResponseBase = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    except OSError as error:  # a name that is too long for any file
        raise Http404("Aucun fichier à cette adresse.") from error
    if isinstance(response, FileResponse):
        response = _ranged(response, request.headers.get("Range", ""))
    response["Content-Type"] = kind
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _ranged(whole: FileResponse, asked: str) -> HttpResponseBase:
    whole["Accept-Ranges"] = "bytes"
    found = RANGE.fullmatch(asked)
    if found is None or not any(found.groups()):
        return whole
    size = int(whole["Content-Length"])
    first, last = found.groups()
    start = int(first) if first else max(0, size - int(last))
    end = min(int(last), size - 1) if first and last else size - 1
    if start >= size:
        whole.close()
        return HttpResponse(status=416, headers={"Content-Range": f"bytes */{size}"})
    if start > end:
        return whole
    whole.status_code = 206
    whole["Content-Range"] = f"bytes {start}-{end}/{size}"
    whole["Content-Length"] = str(end - start + 1)
    file: Any = whole.file_to_stream
    file.seek(start)
    whole.streaming_content = _chunks(file, end - start + 1)
    return whole


def _chunks(file: Any, left: int) -> Iterator[bytes]:
    while left > 0 and (chunk := file.read(min(CHUNK, left))):
        left -= len(chunk)
        yield chunk
