"""Uploaded images, where no web server in front of us serves them.

Only what `auposte.images` has written comes out: its kinds of file, under names that nobody can
guess and that never change their content.
"""

from pathlib import PurePosixPath

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve

KINDS = {".jpg": "image/jpeg", ".webp": "image/webp", ".avif": "image/avif"}


@require_safe
def media(request: HttpRequest, path: str) -> HttpResponseBase:
    """`/media/<path>`: an image, to be kept for a year; 404 for anything else."""
    kind = KINDS.get(PurePosixPath(path).suffix)
    if kind is None:
        raise Http404("Aucune image à cette adresse.")
    response = serve(request, path, document_root=str(settings.MEDIA_ROOT))
    response["Content-Type"] = kind
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    response["X-Content-Type-Options"] = "nosniff"
    return response
