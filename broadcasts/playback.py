"""A moment of a broadcast on a platform's own clock."""

from urllib.parse import urlsplit

from django.conf import settings

from broadcasts.models import VideoSource


def position_on(source: VideoSource, seconds: int) -> int:
    """Seconds from the start of the source's video, for a moment of the broadcast."""
    return max(0, seconds + (source.offset_seconds or 0))


def watch_at(source: VideoSource, seconds: int) -> str:
    """The address of the platform's page, at this moment (seconds) of the broadcast."""
    position = position_on(source, seconds)
    parameter = {
        VideoSource.Platform.YOUTUBE: f"t={position}s",
        VideoSource.Platform.PEERTUBE: f"start={position}s",
        VideoSource.Platform.TWITCH: f"t={position}s",
    }[VideoSource.Platform(source.platform)]
    joint = "&" if urlsplit(source.watch_url).query else "?"
    return f"{source.watch_url}{joint}{parameter}"


def is_playable_here(address: str) -> bool:
    """Whether the content security policy lets pages play sound from this address."""
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin in {settings.SITE_URL, settings.PEERTUBE_URL, *settings.AUDIO_ORIGINS}
