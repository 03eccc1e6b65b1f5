"""What a video platform says of a video: the shapes that the clients return.

Nothing here knows a database or a network. Times are aware, in UTC; durations in whole seconds;
absent is None (or "" for text), never zero.
"""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from auposte.external import ExternalServiceError


class Platform(StrEnum):
    """The platforms that are read through an API; the values are those of VideoSource.platform."""

    YOUTUBE = "youtube"
    PEERTUBE = "peertube"


class LiveState(StrEnum):
    """The values are those of VideoSource.live_state."""

    NONE = "none"
    UPCOMING = "upcoming"
    LIVE = "live"
    ENDED = "ended"


@dataclass(frozen=True, kw_only=True)
class PlatformAudio:
    """The sound of a video by itself, at `url`; at `download_url`, "" if none, to be kept."""

    url: str
    download_url: str
    mime: str
    size_bytes: int


@dataclass(frozen=True, kw_only=True)
class PlatformVideo:
    """One video as its platform describes it now. Counts may be hidden (None).

    `external_id` is YouTube's id or PeerTube's uuid. `changed_at` is when the platform last changed
    its description, None where it does not say.
    """

    platform: Platform
    external_id: str
    title: str
    description: str = ""
    published_at: dt.datetime | None = None
    changed_at: dt.datetime | None = None
    duration_seconds: int | None = None
    aspect_ratio: Decimal | None = None
    views_count: int | None = None
    comments_count: int | None = None
    live_state: LiveState = LiveState.NONE
    scheduled_for: dt.datetime | None = None
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    thumbnail_url: str = ""
    etag: str = ""
    peertube_id: int | None = None
    peertube_short_uuid: str = ""
    audio: PlatformAudio | None = None


@dataclass(frozen=True, kw_only=True)
class PlatformChapter:
    start_seconds: int
    title: str


@dataclass(frozen=True, kw_only=True)
class PlatformCaption:
    """A subtitle file (WebVTT) at `url`; `language` as the platform codes it ("fr")."""

    language: str
    url: str
    automatic: bool = False


class QuotaExceededError(ExternalServiceError):
    """The day's allowance is used up: nothing to try before `until` (aware, UTC)."""

    def __init__(self, message: str, *, until: dt.datetime) -> None:
        super().__init__(message, permanent=False)
        self.until = until
