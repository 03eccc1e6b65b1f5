"""One video, asked of its platform while an editor waits: short patience, clear words."""

from dataclasses import dataclass

from django.conf import settings

from auposte.external import ExternalServiceError
from broadcasts.chapters import chapters_in
from broadcasts.models import VideoSource
from broadcasts.peertube.client import PeerTubeClient
from broadcasts.platforms import Platform, PlatformChapter, PlatformVideo
from broadcasts.services.videos.budget import meter
from broadcasts.services.videos.refreshing import apply_reading
from broadcasts.youtube.client import YouTubeClient

PATIENCE_SECONDS = 6
NAMES = {Platform.YOUTUBE: "YouTube", Platform.PEERTUBE: "PeerTube"}


@dataclass(frozen=True, kw_only=True)
class FoundVideo:
    """What the platform says of a video, and its chapters where somebody wrote any."""

    video: PlatformVideo
    chapters: tuple[PlatformChapter, ...]


class UnknownVideoError(Exception):
    """The platform has no such video, or shows it to nobody; the message, in French, says so."""


class SilentPlatformError(Exception):
    """The platform could not be asked; the message, in French, says why."""


def is_configured(platform: str) -> bool:
    """Whether this platform can be asked at all."""
    match platform:
        case Platform.YOUTUBE:
            return bool(settings.YOUTUBE_API_KEY)
        case Platform.PEERTUBE:
            return bool(settings.PEERTUBE_CHANNEL)
    return False


def look_up(*, platform: str, external_id: str) -> FoundVideo:
    """Ask the platform for a video; on PeerTube by uuid, short uuid or number.

    UnknownVideoError when it has none, SilentPlatformError when it does not answer.
    """
    read = _read_youtube if platform == Platform.YOUTUBE else _read_peertube
    name = NAMES[Platform(platform)]
    try:
        return read(external_id)
    except ExternalServiceError as error:
        if error.missing:
            raise UnknownVideoError(f"Cette vidéo n’existe pas chez {name}.") from error
        raise SilentPlatformError(f"{name} n’a pas pu être lu : {error}") from error


def _read_youtube(external_id: str) -> FoundVideo:
    with YouTubeClient(
        api_key=settings.YOUTUBE_API_KEY,
        base_url=settings.YOUTUBE_API_BASE,
        spend=meter(Platform.YOUTUBE),
        timeout=PATIENCE_SECONDS,
    ) as client:
        videos = client.read_videos([external_id])
    if not videos:
        raise ExternalServiceError("absente", permanent=True, missing=True)
    return FoundVideo(video=videos[0], chapters=chapters_in(videos[0].description))


def _read_peertube(external_id: str) -> FoundVideo:
    with PeerTubeClient(
        base_url=settings.PEERTUBE_URL,
        spend=meter(Platform.PEERTUBE),
        timeout=PATIENCE_SECONDS,
    ) as client:
        video = client.read_video(external_id)
        if video is None:  # a 304, which nobody asked for
            raise ExternalServiceError("réponse illisible", permanent=False)
        try:
            chapters = client.chapters(video.external_id)
        except ExternalServiceError:
            chapters = ()
    return FoundVideo(video=video, chapters=chapters)


def read_now(source: VideoSource) -> bool:
    """Write down what the platform says of a video just typed; False when it has no such video.

    A platform that is not configured, or does not answer, is given the benefit of the doubt: the
    errands will ask again.
    """
    if not is_configured(source.platform):
        return True
    try:
        found = look_up(platform=source.platform, external_id=source.external_id)
    except UnknownVideoError:
        return False
    except SilentPlatformError:
        return True
    apply_reading(source=source, video=found.video)
    return True


def peertube_uuid(name: str) -> str:
    """The uuid of a PeerTube video by its number, or any name; the platform is asked for it.

    UnknownVideoError and SilentPlatformError as `look_up` does.
    """
    return look_up(platform=Platform.PEERTUBE, external_id=name).video.external_id
