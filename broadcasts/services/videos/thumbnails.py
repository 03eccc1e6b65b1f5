"""The platforms' pictures, kept here: a reader's browser asks nobody else for them."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db.models import F, Q, QuerySet

from auposte.downloads import download
from auposte.external import ExternalServiceError
from auposte.images import copy_image
from broadcasts.models import Broadcast, VideoSource

FAILURES_BEFORE_REST = 3
PICTURE_TYPES = ("image/jpeg", "image/png", "image/webp", "image/avif")


def awaited_thumbnails() -> "QuerySet[VideoSource]":
    """Sources whose platform offers another picture than the one that is kept."""
    return (
        VideoSource.objects.filter(
            ~Q(thumbnail_offered=""),
            ~Q(thumbnail_offered=F("thumbnail_url")),
            thumbnail_failures__lt=FAILURES_BEFORE_REST,
            availability=VideoSource.Availability.AVAILABLE,
        )
        .select_related("broadcast")
        .order_by("thumbnail_failures", "-pk")
    )


def store_thumbnail(source: VideoSource) -> bool:
    """Download, re-encode and keep the picture that is offered; False for one that will not do.

    A draft without an image is given it too: the newsroom has something to start from.
    ExternalServiceError when its server is in trouble: the other pictures should wait as well.
    """
    offered = source.thumbnail_offered
    trusted = tuple(filter(None, (settings.YOUTUBE_API_BASE, settings.PEERTUBE_URL)))
    try:
        found = download(
            offered,
            max_bytes=settings.IMAGE_MAX_BYTES,
            content_types=PICTURE_TYPES,
            trusted_origins=trusted,
        )
        source.thumbnail.save("vignette", ContentFile(found.content), save=False)
    except (ExternalServiceError, ValidationError) as error:
        # Those that have failed come last: one bad picture does not stand in the others' way.
        VideoSource.objects.filter(pk=source.pk).update(
            thumbnail_failures=F("thumbnail_failures") + 1
        )
        if isinstance(error, ExternalServiceError) and not error.permanent:
            raise
        return False
    source.thumbnail_url, source.thumbnail_failures = offered, 0
    source.save(update_fields=["thumbnail", "thumbnail_url", "thumbnail_failures"])
    _illustrate_draft(source)
    return True


def _illustrate_draft(source: VideoSource) -> None:
    broadcast = Broadcast.objects.get(pk=source.broadcast_id)
    if broadcast.status == Broadcast.Status.DRAFT and not broadcast.image:
        broadcast.image = copy_image(source.thumbnail, to=broadcast.image)
        broadcast.save(update_fields=["image", "updated_at"])
