"""What a form can be filled in with from the address of a video."""

from dataclasses import dataclass, field

from django.conf import settings
from django.db.models import Q

from broadcasts.models import Broadcast, VideoSource
from broadcasts.platforms import LiveState, PlatformChapter, PlatformVideo
from broadcasts.services.videos.filing import first_paragraph
from broadcasts.services.videos.lookup import is_configured, look_up
from broadcasts.services.videos.matching import bare_title, episode_number
from broadcasts.video_addresses import VideoAddress, read_address


class NoVideoError(Exception):
    """There is nothing to fill in; the message, in French, says why."""


class TakenVideoError(NoVideoError):
    """The video is that of `broadcast` already."""

    def __init__(self, broadcast: Broadcast) -> None:
        super().__init__("Cette vidéo est déjà celle d’une émission.")
        self.broadcast = broadcast


@dataclass(frozen=True, kw_only=True)
class Filling:
    """A video and what its platform says of it; without `video`, its address is all there is."""

    address: VideoAddress
    video: PlatformVideo | None = None
    chapters: tuple[PlatformChapter, ...] = field(default=())

    @property
    def platform(self) -> str:
        return VideoSource.Platform(self.address.platform).label

    @property
    def title(self) -> str:
        return bare_title(self.video.title)[:250] if self.video else ""

    @property
    def dek(self) -> str:
        return first_paragraph(self.video.description) if self.video else ""

    @property
    def season_and_number(self) -> tuple[int, int] | None:
        return episode_number(self.video.title) if self.video else None

    @property
    def role(self) -> VideoSource.Role:
        live = self.video and self.video.live_state in (LiveState.UPCOMING, LiveState.LIVE)
        return VideoSource.Role.LIVE if live else VideoSource.Role.REPLAY


def find_filling(text: str) -> Filling:
    """Ask the platform about the video at this address, within seconds.

    NoVideoError, TakenVideoError; UnknownVideoError and SilentPlatformError as `look_up` does. A
    platform that is not configured is not asked.
    """
    address = read_address(text.replace("\x00", ""), peertube_url=settings.PEERTUBE_URL)
    if address is None:
        raise NoVideoError(
            "Cette adresse n’est pas celle d’une vidéo de YouTube, de Twitch ou de notre PeerTube."
        )
    _refuse_taken(address)
    if not is_configured(address.platform):
        return Filling(address=address)
    found = look_up(platform=address.platform, external_id=address.external_id)
    address = VideoAddress(platform=address.platform, external_id=found.video.external_id)
    _refuse_taken(address)
    return Filling(address=address, video=found.video, chapters=found.chapters)


def _refuse_taken(address: VideoAddress) -> None:
    name = address.external_id
    taken = (
        VideoSource.objects.filter(
            Q(external_id=name) | Q(peertube_short_uuid=name), platform=address.platform
        )
        .select_related("broadcast")
        .first()
    )
    if taken is not None:
        raise TakenVideoError(taken.broadcast)
