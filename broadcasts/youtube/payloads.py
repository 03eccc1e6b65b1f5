"""From YouTube's JSON to our shapes. https://developers.google.com/youtube/v3/docs/videos

Whatever is read is listed in READ, so that a test can look it up in the API's own description.
"""

import re
from dataclasses import dataclass
from typing import Any

from broadcasts.loose_json import as_count, as_moment, as_ratio, as_seconds, as_text, dig
from broadcasts.platforms import LiveState, Platform, PlatformVideo

VIDEO_ID = re.compile(r"[A-Za-z0-9_-]{11}")
# The width (pixels) for which YouTube is asked the player's height.
PLAYER_WIDTH = 1920
THUMBNAIL_SIZES = ("uhd", "qhd", "fhd", "maxres", "standard", "high", "medium", "default")

# Schemas of the API, and the dotted names that are read of each.
READ: dict[str, tuple[str, ...]] = {
    "ChannelListResponse": ("items",),
    "Channel": ("contentDetails.relatedPlaylists.uploads",),
    "PlaylistItemListResponse": ("etag", "items", "nextPageToken", "pageInfo.totalResults"),
    "PlaylistItem": ("contentDetails.videoId",),
    "VideoListResponse": ("items",),
    "Video": (
        "id",
        "etag",
        "snippet.title",
        "snippet.description",
        "snippet.publishedAt",
        "snippet.liveBroadcastContent",
        *(f"snippet.thumbnails.{size}" for size in THUMBNAIL_SIZES),
        "contentDetails.duration",
        "statistics.viewCount",
        "statistics.commentCount",
        "status.privacyStatus",
        "status.uploadStatus",
        "liveStreamingDetails.scheduledStartTime",
        "liveStreamingDetails.actualStartTime",
        "liveStreamingDetails.actualEndTime",
        "player.embedWidth",
        "player.embedHeight",
    ),
    "Thumbnail": ("url", "width"),
}
DURATION = re.compile(
    r"P(?:(?P<weeks>\d{1,4})W)?(?:(?P<days>\d{1,5})D)?"
    r"(?:T(?:(?P<hours>\d{1,6})H)?(?:(?P<minutes>\d{1,7})M)?(?:(?P<seconds>\d{1,9})S)?)?",
    re.ASCII,
)


class Payload:
    """An object of the API; gives only what READ lists for its schema."""

    def __init__(self, schema: str, raw: Any) -> None:
        if not isinstance(raw, dict):
            raise TypeError(schema)
        self._listed, self._raw = READ[schema], raw

    def get(self, name: str) -> Any:
        """The value under a dotted name, None when absent."""
        if name not in self._listed:
            raise LookupError(name)
        return dig(self._raw, name)

    def items(self, schema: str) -> "list[Payload]":
        """The objects of a list's answer; YouTube leaves the key out when there are none."""
        return [Payload(schema, raw) for raw in self.get("items") or []]


@dataclass(frozen=True, kw_only=True)
class UploadsPage:
    """Up to 50 video ids, newest first; `next_token` is "" on the last page.

    `total` is how many the playlist says it has, `etag` what to ask with the next time.
    """

    ids: tuple[str, ...]
    next_token: str
    total: int | None
    etag: str


def read_uploads_playlist(raw: Any) -> str:
    """The id of the playlist of all uploads, "" when there is no such channel."""
    channels = Payload("ChannelListResponse", raw).items("Channel")
    if not channels:
        return ""
    return as_text(channels[0].get("contentDetails.relatedPlaylists.uploads"))


def read_uploads_page(raw: Any) -> UploadsPage:
    page = Payload("PlaylistItemListResponse", raw)
    ids = [as_text(item.get("contentDetails.videoId")) for item in page.items("PlaylistItem")]
    return UploadsPage(
        # A page may name a video twice when one was added meanwhile.
        ids=tuple(dict.fromkeys(filter(VIDEO_ID.fullmatch, ids))),
        next_token=as_text(page.get("nextPageToken")),
        total=as_count(page.get("pageInfo.totalResults")),
        etag=as_text(page.get("etag")),
    )


def read_videos_answer(raw: Any) -> list[PlatformVideo]:
    """The videos that anybody may watch; what is private or was refused counts as absent."""
    found = Payload("VideoListResponse", raw).items("Video")
    return [_video(payload) for payload in found if _is_there(payload)]


def _is_there(video: Payload) -> bool:
    gone = video.get("status.uploadStatus") in {"failed", "rejected", "deleted"}
    return not gone and video.get("status.privacyStatus") != "private"


def _video(video: Payload) -> PlatformVideo:
    identifier = as_text(video.get("id"))
    if not VIDEO_ID.fullmatch(identifier):
        raise ValueError("id")
    return PlatformVideo(
        platform=Platform.YOUTUBE,
        external_id=identifier,
        title=as_text(video.get("snippet.title")),
        description=as_text(video.get("snippet.description")),
        published_at=as_moment(video.get("snippet.publishedAt")),
        duration_seconds=seconds_of(video.get("contentDetails.duration")),
        aspect_ratio=as_ratio(video.get("player.embedWidth"), video.get("player.embedHeight")),
        views_count=as_count(video.get("statistics.viewCount")),
        comments_count=as_count(video.get("statistics.commentCount")),
        live_state=_live_state(video),
        scheduled_for=as_moment(video.get("liveStreamingDetails.scheduledStartTime")),
        started_at=as_moment(video.get("liveStreamingDetails.actualStartTime")),
        ended_at=as_moment(video.get("liveStreamingDetails.actualEndTime")),
        thumbnail_url=_thumbnail(video),
        etag=as_text(video.get("etag")),
    )


def seconds_of(duration: Any) -> int | None:
    """`P1DT2H3M4S` → 93784. None for `P0D`, which is what lives have until they are over."""
    match = DURATION.fullmatch(duration) if isinstance(duration, str) else None
    if not match:
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return as_seconds((((weeks * 7 + days) * 24 + hours) * 60 + minutes) * 60 + seconds)


def _live_state(video: Payload) -> LiveState:
    # The end is known at once, while the other word may lag behind it for minutes.
    if as_moment(video.get("liveStreamingDetails.actualEndTime")):
        return LiveState.ENDED
    match video.get("snippet.liveBroadcastContent"):
        case "upcoming":
            return LiveState.UPCOMING
        case "live":
            return LiveState.LIVE
        case "completed":
            return LiveState.ENDED
    started = as_moment(video.get("liveStreamingDetails.actualStartTime"))
    return LiveState.ENDED if started else LiveState.NONE


def _thumbnail(video: Payload) -> str:
    """The address of the widest picture that there is."""
    widest, address = -1, ""
    for size in THUMBNAIL_SIZES:
        raw = video.get(f"snippet.thumbnails.{size}")
        if not isinstance(raw, dict):
            continue
        picture = Payload("Thumbnail", raw)
        width, url = as_count(picture.get("width")) or 0, as_text(picture.get("url"))
        if width > widest and url.startswith(("https://", "http://")):
            widest, address = width, url
    return address
