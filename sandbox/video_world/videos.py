"""One video on one platform, and the ids that platforms give."""

from __future__ import annotations

import base64
import dataclasses
import datetime as dt
import hashlib
import uuid
from typing import Any, Literal

Platform = Literal["youtube", "peertube"]
Privacy = Literal["public", "unlisted", "private"]
# "ended": the stream is over, its replay not there yet (for a permanent PeerTube live: ever).
Live = Literal["none", "upcoming", "live", "ended"]

PLATFORMS: tuple[Platform, ...] = ("youtube", "peertube")
# npm's short-uuid, which PeerTube uses: https://github.com/oculus42/short-uuid
FLICKR_BASE58 = "123456789abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ"
SHORT_LENGTH = 22


@dataclasses.dataclass(frozen=True, kw_only=True)
class Video:
    """A video as its platform keeps it; `broadcast` is the same for all copies of a broadcast.

    `id` is YouTube's id or PeerTube's uuid; `number` is PeerTube's integer id. Times are aware,
    in UTC; durations and chapters in seconds; counts are None when hidden. In `description`,
    {peertube} and {site} stand for the addresses of PeerTube and of the site. `captions` are the
    languages that have subtitles; `caption_text` (WebVTT) replaces the ones made up. `state` is
    a PeerTube state that overrides the one that follows from `live`.
    """

    platform: Platform
    id: str
    broadcast: str
    number: int
    title: str
    description: str = ""
    published_at: dt.datetime
    changed_at: dt.datetime
    duration: int = 0
    views: int | None = 0
    likes: int | None = 0
    comments: int | None = 0
    privacy: Privacy = "public"
    deleted: bool = False
    live: Live = "none"
    permanent: bool = False
    scheduled_for: dt.datetime | None = None
    started_at: dt.datetime | None = None
    ended_at: dt.datetime | None = None
    width: int = 1920
    height: int = 1080
    chapters: tuple[tuple[int, str], ...] = ()
    captions: tuple[str, ...] = ()
    caption_text: str | None = None
    picture: int = 0
    state: int | None = None

    @property
    def short(self) -> str:
        """PeerTube's short uuid."""
        return short_uuid(self.id)

    @property
    def public(self) -> bool:
        """Whether lists show it."""
        return self.privacy == "public" and not self.deleted


TIMES = ("published_at", "changed_at", "scheduled_for", "started_at", "ended_at")


def to_json(video: Video) -> dict[str, Any]:
    """Return what `from_json` makes the same video of."""
    return {
        field.name: value.isoformat() if isinstance(value, dt.datetime) else value
        for field in dataclasses.fields(video)
        if (value := getattr(video, field.name)) != field.default
    }


def from_json(data: dict[str, Any]) -> Video:
    """Read a video that `to_json` wrote."""
    values = dict(data)
    for name in TIMES:
        if values.get(name):
            values[name] = dt.datetime.fromisoformat(values[name])
    values["chapters"] = tuple((start, title) for start, title in values.get("chapters", ()))
    values["captions"] = tuple(values.get("captions", ()))
    return Video(**values)


def youtube_id(*seed: object) -> str:
    """Return 11 characters that are 64 bits in base64, as YouTube's ids are."""
    return base64.urlsafe_b64encode(_hash(seed)[:8]).decode().rstrip("=")


def peertube_uuid(*seed: object) -> str:
    """Return a version 4 uuid."""
    return str(uuid.UUID(bytes=_hash(seed)[:16], version=4))


def short_uuid(full: str) -> str:
    """Return a uuid's short form: base 58, filled up to 22 characters."""
    number, digits = uuid.UUID(full).int, ""
    while number:
        number, rest = divmod(number, 58)
        digits = FLICKR_BASE58[rest] + digits
    return digits.rjust(SHORT_LENGTH, FLICKR_BASE58[0])


def full_uuid(short: str) -> str | None:
    """Return the uuid that a short one stands for, None if it is none."""
    if len(short) != SHORT_LENGTH or not set(short) <= set(FLICKR_BASE58):
        return None
    number = 0
    for digit in short:
        number = number * 58 + FLICKR_BASE58.index(digit)
    return str(uuid.UUID(int=number)) if number < 2**128 else None


def _hash(seed: tuple[object, ...]) -> bytes:
    return hashlib.sha256("/".join(map(str, seed)).encode()).digest()
