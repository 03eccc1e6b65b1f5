"""Videos, chapters and captions in the JSON that PeerTube shows of them."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sandbox.peertube.sound import BYTES_A_SECOND
from sandbox.video_world.channels import CHANNEL_NAME
from sandbox.video_world.videos import Video, peertube_uuid
from sandbox.video_world.world import World

Json = dict[str, Any]

PUBLISHED, WAITING_FOR_LIVE, LIVE_ENDED = 1, 4, 5
STATES = {
    PUBLISHED: "Published",
    2: "To transcode",
    3: "To import",
    WAITING_FOR_LIVE: "Waiting for livestream",
    LIVE_ENDED: "Livestream ended",
    6: "To move to an external storage",
    7: "Transcoding failed",
    8: "External storage move failed",
    9: "To edit",
}
PRIVACIES = {"public": (1, "Public"), "unlisted": (2, "Unlisted"), "private": (3, "Private")}
LANGUAGES = {"fr": "French", "en": "English", "es": "Spanish", "de": "German"}
DESCRIPTION_LENGTH = 250
# Folder of the picture, its width and height.
THUMBNAIL, PREVIEW = ("thumbnails", 280, 157), ("previews", 850, 480)
SIZES = {280: 157, 850: 480, 1280: 720}


def instant(moment: dt.datetime) -> str:
    """Return a time as JavaScript writes it."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


def state_of(video: Video) -> int:
    """Return a video's state; a permanent live that is over waits for the next."""
    if video.state is not None:
        return video.state
    if video.live == "upcoming" or (video.live == "ended" and video.permanent):
        return WAITING_FOR_LIVE
    return LIVE_ENDED if video.live == "ended" else PUBLISHED


def truncated(text: str) -> str:
    """Return the beginning of a description, as lists show it."""
    if len(text) <= DESCRIPTION_LENGTH:
        return text
    omission = " […]"
    return text[: DESCRIPTION_LENGTH - len(omission)].rsplit(maxsplit=1)[0] + omission


# Width and height in pixels, bytes a second; the last is the sound alone.
RESOLUTIONS = ((1280, 720, 180_000), (0, 0, BYTES_A_SECOND))


class Shelf:
    """Makes resources of a world's videos; `origin` is the instance's address."""

    def __init__(self, world: World, origin: str) -> None:
        self._world = world
        self._origin = origin

    def summary(self, video: Video, *, with_schedule: bool = False) -> Json:
        """Return a Video as lists hold it: its description is cut short."""
        shapes = self._world.shapes
        description = truncated(self._world.description(video))
        ratio = round(video.width / video.height, 4) if shapes.aspect_ratio else None
        privacy, label = PRIVACIES[video.privacy]
        found: Json = {
            "id": video.number,
            "uuid": video.id,
            "shortUUID": video.short,
            "url": f"{self._origin}/videos/watch/{video.id}",
            "name": video.title,
            "category": {"id": 11, "label": "News & Politics"},
            "licence": {"id": 5, "label": "Attribution - Non Commercial - Share Alike"},
            "language": {"id": "fr", "label": "French"},
            "privacy": {"id": privacy, "label": label},
            "nsfw": False,
            "truncatedDescription": description,
            "description": description,
            "isLocal": True,
            "duration": 0 if video.live != "none" else video.duration,
            "aspectRatio": ratio if video.live in ("none", "live") else None,
            "views": video.views or 0,
            "viewers": 12 if video.live == "live" else 0,
            "likes": video.likes or 0,
            "dislikes": 0,
            **self._pictures(video),
            "embedPath": f"/videos/embed/{video.id}",
            "createdAt": instant(video.published_at),
            "updatedAt": instant(max(video.changed_at, video.published_at)),
            "publishedAt": instant(video.published_at),
            "originallyPublishedAt": None,
            "isLive": video.live != "none",
            "account": self._owner(),
            "channel": self._owner(),
        }
        if shapes.comments and video.comments is not None:
            found["comments"] = video.comments
        if with_schedule:
            found["state"] = self._state(video)
            found["liveSchedules"] = self._schedules(video)
        return found

    def _pictures(self, video: Video) -> Json:
        name = f"{video.id}-{video.picture}"
        if self._world.shapes.thumbnails == "list":
            folder = f"{self._origin}/lazy-static/thumbnails"
            return {
                "thumbnails": [
                    {"width": width, "height": height, "fileUrl": f"{folder}/{name}-{width}.jpg"}
                    for width, height in SIZES.items()
                ]
            }
        return {
            "thumbnailPath": f"/lazy-static/thumbnails/{name}-{THUMBNAIL[1]}.jpg",
            "previewPath": f"/lazy-static/previews/{name}-{PREVIEW[1]}.jpg",
        }

    def _owner(self) -> Json:
        host = self._origin.partition("://")[2]
        channel = self._world.peertube_channel
        return {
            "id": 2,
            "name": channel,
            "displayName": CHANNEL_NAME,
            "url": f"{self._origin}/video-channels/{channel}",
            "host": host,
            "avatars": [],
        }

    @staticmethod
    def _state(video: Video) -> Json:
        state = state_of(video)
        return {"id": state, "label": STATES.get(state, "Unknown")}

    @staticmethod
    def _schedules(video: Video) -> list[Json]:
        at = video.scheduled_for
        return [{"startAt": instant(at)}] if at and video.live == "upcoming" else []

    def detail(self, video: Video) -> Json:
        """Return a VideoDetails."""
        return self.summary(video, with_schedule=True) | {
            "description": self._world.description(video),
            "support": None,
            "tags": [],
            "commentsPolicy": {"id": 1, "label": "Enabled"},
            "downloadEnabled": True,
            "waitTranscoding": True,
            "inputFileUpdatedAt": None,
            "trackerUrls": [],
            "blacklisted": False,
            "blacklistedReason": None,
            "files": [],
            "streamingPlaylists": [] if video.live != "none" else [self._playlist(video)],
        }

    def _playlist(self, video: Video) -> Json:
        folder = f"{self._origin}/static/streaming-playlists/hls/{video.id}"
        download = f"{self._origin}/download/streaming-playlists/hls/videos"
        files = [
            {
                "id": video.number * 10 + rank,
                "resolution": {"id": height, "label": f"{height}p" if height else "Audio"},
                "width": width,
                "height": height,
                "size": video.duration * rate,
                "fps": 25 if height else 0,
                "fileUrl": f"{folder}/{video.id}-{height}-fragmented.mp4",
                "fileDownloadUrl": f"{download}/{video.id}-{height}-fragmented.mp4",
                "hasAudio": True,
                "hasVideo": bool(height),
            }
            for rank, (width, height, rate) in enumerate(RESOLUTIONS)
        ]
        return {
            "id": video.number,
            "type": 1,
            "playlistUrl": f"{folder}/{video.id}-master.m3u8",
            "redundancies": [],
            "files": files,
        }

    def chapters(self, video: Video) -> Any:
        """Return the chapters: an object as the server writes it, or a bare list."""
        found = [{"timecode": start, "title": title} for start, title in video.chapters]
        return found if self._world.shapes.chapters == "list" else {"chapters": found}

    def captions(self, video: Video) -> Json:
        """Return the list of subtitles."""
        data = [self._caption(video, language) for language in video.captions]
        return {"total": len(data), "data": data}

    def _caption(self, video: Video, language: str) -> Json:
        path = f"/lazy-static/video-captions/{caption_file(video, language)}"
        found: Json = {
            "language": {"id": language, "label": LANGUAGES.get(language, "Unknown")},
            "automaticallyGenerated": video.caption_text is None,
            "updatedAt": instant(video.changed_at),
        }
        if self._world.shapes.captions == "captionPath":
            return found | {"captionPath": path}
        return found | {"captionPath": None, "fileUrl": f"{self._origin}{path}", "m3u8Url": None}

    def channel(self) -> Json:
        """Return the VideoChannel."""
        return self._owner() | {
            "description": "La chaîne de démonstration.",
            "support": None,
            "isLocal": True,
            "followersCount": 320,
        }


def caption_file(video: Video, language: str) -> str:
    """Return the name of a subtitle file: another one whenever its text is replaced."""
    return f"{peertube_uuid(video.id, language, video.caption_text)}-{language}.vtt"
