"""Videos, playlist items and the channel in the JSON that the API shows of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from sandbox.http.etags import digest, encoded
from sandbox.video_world.channels import CHANNEL_NAME
from sandbox.video_world.videos import Video
from sandbox.video_world.world import World

Json = dict[str, Any]

# Name in the JSON → name in the address, width, height.
THUMBNAILS = {
    "default": ("default", 120, 90),
    "medium": ("mqdefault", 320, 180),
    "high": ("hqdefault", 480, 360),
    "standard": ("sddefault", 640, 480),
    "maxres": ("maxresdefault", 1280, 720),
}


def has_thumbnail(video: Video, name: str) -> bool:
    """Old and small videos have no large thumbnail."""
    return name not in ("standard", "maxres") or video.picture % 23 != 7


def thumbnails(video: Video, origin: str) -> Json:
    """Return a ThumbnailDetails whose pictures the stand-in serves itself."""
    return {
        name: {"url": f"{origin}/vi/{video.id}/{file}.jpg", "width": width, "height": height}
        for name, (file, width, height) in THUMBNAILS.items()
        if has_thumbnail(video, name)
    }


def instant(moment: dt.datetime) -> str:
    """Return a time as the API writes it, to the second."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def iso_duration(seconds: int) -> str:
    """Return `PT1H48M6S`, `P1DT2M`; nothing yet is `P0D`."""
    days, rest = divmod(seconds, 86_400)
    hours, rest = divmod(rest, 3600)
    minutes, rest = divmod(rest, 60)
    time = "".join(
        f"{value}{unit}" for value, unit in ((hours, "H"), (minutes, "M"), (rest, "S")) if value
    )
    if not days and not time:
        return "P0D"
    return f"P{f'{days}D' if days else ''}{f'T{time}' if time else ''}"


def tagged(item: Json) -> Json:
    """Return the item with its etag."""
    etag = digest(encoded(item)).replace("+", "-").replace("/", "_")
    return {"kind": item["kind"], "etag": etag} | item


class Shelf:
    """Makes resources of a world's videos; `origin` is where the thumbnails are."""

    def __init__(self, world: World, origin: str) -> None:
        self._world = world
        self._origin = origin
        self._makers: dict[str, Callable[[Video, dict[str, str]], Json | None]] = {
            "snippet": self._snippet,
            "contentDetails": self._content,
            "status": self._status,
            "statistics": self._statistics,
            "player": self._player,
            "liveStreamingDetails": self._live,
        }

    @property
    def uploads(self) -> str:
        """Return the id of the channel's uploads playlist."""
        return "UU" + self._world.youtube_channel[2:]

    def video(self, video: Video, parts: list[str], given: dict[str, str]) -> Json:
        """Return a Video with these parts; `given` are the request's parameters."""
        item: Json = {"kind": "youtube#video", "id": video.id}
        for part in parts:
            made = self._makers[part](video, given) if part in self._makers else {}
            if part != "id" and made is not None:
                item[part] = made
        return tagged(item)

    def _snippet(self, video: Video, _given: dict[str, str]) -> Json:
        live = video.live if video.live in ("live", "upcoming") else "none"
        description = self._world.description(video)
        return {
            "publishedAt": instant(video.published_at),
            "channelId": self._world.youtube_channel,
            "title": video.title,
            "description": description,
            "thumbnails": thumbnails(video, self._origin),
            "channelTitle": CHANNEL_NAME,
            "categoryId": "25",
            "liveBroadcastContent": live,
            "localized": {"title": video.title, "description": description},
            "defaultAudioLanguage": "fr",
        }

    @staticmethod
    def _content(video: Video, _given: dict[str, str]) -> Json:
        return {
            # A stream that runs or was only just ended has no duration yet.
            "duration": iso_duration(video.duration if video.live == "none" else 0),
            "dimension": "2d",
            "definition": "hd",
            "caption": "true" if video.captions else "false",
            "licensedContent": False,
            "contentRating": {},
            "projection": "rectangular",
        }

    @staticmethod
    def _status(video: Video, _given: dict[str, str]) -> Json:
        return {
            "uploadStatus": "processed" if video.live == "none" else "uploaded",
            "privacyStatus": video.privacy,
            "license": "youtube",
            "embeddable": True,
            "publicStatsViewable": True,
            "madeForKids": False,
        }

    @staticmethod
    def _statistics(video: Video, _given: dict[str, str]) -> Json:
        counts = {
            "viewCount": video.views,
            "likeCount": video.likes,
            "favoriteCount": 0,
            "commentCount": video.comments,
        }
        return {name: str(count) for name, count in counts.items() if count is not None}

    @staticmethod
    def _player(video: Video, given: dict[str, str]) -> Json:
        width, height = 480, 270
        bounds = {
            name: int(given[name]) for name in ("maxWidth", "maxHeight") if int(given.get(name, 0))
        }
        if bounds:
            scale = min(
                bounds.get("maxWidth", 8192) / video.width,
                bounds.get("maxHeight", 8192) / video.height,
            )
            width, height = round(video.width * scale), round(video.height * scale)
        address = f"//www.youtube.com/embed/{video.id}"
        html = f'<iframe width="{width}" height="{height}" src="{address}"></iframe>'
        sizes = {"embedHeight": str(height), "embedWidth": str(width)} if bounds else {}
        return {"embedHtml": html, **sizes}

    @staticmethod
    def _live(video: Video, _given: dict[str, str]) -> Json | None:
        times = {
            "actualStartTime": video.started_at,
            "actualEndTime": video.ended_at,
            "scheduledStartTime": video.scheduled_for,
        }
        found: Json = {name: instant(moment) for name, moment in times.items() if moment}
        if not found:
            return None
        if video.live == "live":
            found["concurrentViewers"] = str(40 + (video.views or 0) // 10)
        if video.live in ("live", "upcoming"):
            found["activeLiveChatId"] = f"chat-{video.id}"
        return found

    def playlist_item(self, video: Video, position: int, parts: list[str]) -> Json:
        """Return the PlaylistItem that stands for a video among the uploads."""
        privacy = {"privacyStatus": video.privacy}
        resource = {"kind": "youtube#video", "videoId": video.id}
        makers: dict[str, Callable[[], Json]] = {
            "snippet": lambda: {
                "publishedAt": instant(video.published_at),
                "channelId": self._world.youtube_channel,
                "title": video.title,
                "description": self._world.description(video),
                "thumbnails": thumbnails(video, self._origin),
                "channelTitle": CHANNEL_NAME,
                "playlistId": self.uploads,
                "position": position,
                "resourceId": resource,
                "videoOwnerChannelTitle": CHANNEL_NAME,
                "videoOwnerChannelId": self._world.youtube_channel,
            },
            "contentDetails": lambda: {
                "videoId": video.id,
                "videoPublishedAt": instant(video.published_at),
            },
            "status": lambda: privacy,
        }
        item: Json = {"kind": "youtube#playlistItem", "id": f"UEx-{video.id}"}
        return tagged(item | {part: makers[part]() for part in parts if part in makers})

    def channel(self, parts: list[str]) -> Json:
        """Return the Channel."""
        videos = self._world.videos("youtube")
        makers: dict[str, Callable[[], Json]] = {
            "snippet": lambda: {
                "title": CHANNEL_NAME,
                "description": "La chaîne de démonstration.",
                "customUrl": "@auposte",
                "publishedAt": "2017-05-02T09:00:00Z",
                "country": "FR",
            },
            "contentDetails": lambda: {"relatedPlaylists": {"likes": "", "uploads": self.uploads}},
            "statistics": lambda: {
                "viewCount": str(sum(video.views or 0 for video in videos)),
                "subscriberCount": "98700",
                "hiddenSubscriberCount": False,
                "videoCount": str(len(videos)),
            },
        }
        item: Json = {"kind": "youtube#channel", "id": self._world.youtube_channel}
        return tagged(
            item
            | {part: makers[part]() if part in makers else {} for part in parts if part != "id"}
        )
