"""A moment of a broadcast on a platform's own clock."""

from urllib.parse import urlsplit

from django.conf import settings

from broadcasts.models import VideoSource

# The parameter by which a platform's page is opened at a moment.
MOMENT: dict[str, str] = {
    VideoSource.Platform.YOUTUBE.value: "t",
    VideoSource.Platform.PEERTUBE.value: "start",
    VideoSource.Platform.TWITCH.value: "t",
}


def position_on(source: VideoSource, seconds: int) -> int:
    """Seconds from the start of the source's video, for a moment of the broadcast."""
    return max(0, seconds + (source.offset_seconds or 0))


def watch_at(source: VideoSource, seconds: int) -> str:
    """The address of the platform's page, at this moment (seconds) of the broadcast."""
    address = source.watch_url
    joint = "&" if "?" in address else "?"
    return f"{address}{joint}{MOMENT[source.platform]}={position_on(source, seconds)}s"


def is_playable_here(address: str) -> bool:
    """Whether the content security policy lets pages play sound from this address."""
    parts = urlsplit(address)
    origin = f"{parts.scheme}://{parts.netloc}"
    return origin in {settings.SITE_URL, settings.PEERTUBE_URL, *settings.AUDIO_ORIGINS}
