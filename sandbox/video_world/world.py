"""The world of videos behind both stand-ins, and all that can happen to it. Thread-safe."""

from __future__ import annotations

import dataclasses
import datetime as dt
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Literal, get_args, get_type_hints

from sandbox.video_world import catalogue, growth, lives
from sandbox.video_world.channels import PEERTUBE_CHANNEL, YOUTUBE_CHANNEL
from sandbox.video_world.state import State
from sandbox.video_world.videos import (
    PLATFORMS,
    Platform,
    Video,
    full_uuid,
    peertube_uuid,
    youtube_id,
)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Shapes:
    """Which of its documented shapes PeerTube answers in; ValueError for any other.

    `aspect_ratio` and `comments` say whether it knows them (null, absent); `private_status` is
    what a stranger gets for a private video: its documentation says 403, its code 401.
    """

    chapters: Literal["object", "list"] = "object"
    thumbnails: Literal["paths", "list"] = "paths"
    captions: Literal["fileUrl", "captionPath"] = "fileUrl"
    aspect_ratio: bool = True
    comments: bool = True
    private_status: Literal[401, 403] = 403

    def __post_init__(self) -> None:
        """Refuse a shape that PeerTube has not."""
        for name, kind in get_type_hints(type(self)).items():
            allowed = get_args(kind) or (True, False)
            if getattr(self, name) not in allowed:
                raise ValueError(f"{name} is one of {', '.join(map(str, allowed))}")


class World:
    """Videos by platform and id. Every method is atomic; videos returned are snapshots.

    The same seed, size, catalogue and day give the same world. `state` names a file that keeps
    what happened since, and the day. Methods take the id of a YouTube video or the uuid of a
    PeerTube one, and raise KeyError for an unknown one.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        size: int = 300,
        catalogue_folder: Path | None = None,
        state: Path | None = None,
        now: dt.datetime | None = None,
        site_url: str = "https://auposte.example",
        peertube_url: str = "",
    ) -> None:
        """Grow the world; `now` (aware) is the day that it is known from, today by default."""
        self.lock = threading.RLock()
        self.shapes = Shapes()
        self.site_url = site_url
        # The PeerTube stand-in sets its own address here unless one is given.
        self.peertube_url = peertube_url
        self.youtube_channel = YOUTUBE_CHANNEL
        self.peertube_channel = PEERTUBE_CHANNEL
        self._seed = seed
        self._state = State(state, born=now or dt.datetime.now(dt.UTC))
        grown: list[Video] = []
        taken: set[tuple[int, int]] = set()
        if catalogue_folder:
            grown += catalogue.read_catalogue(catalogue_folder, now=self._state.born)
            taken = catalogue.numbers_taken(catalogue_folder)
        grown += growth.grow(seed=seed, size=size, now=self._state.born, taken=taken)
        self._videos = {video.id: video for video in _numbered(grown)}
        self._videos |= {video.id: video for video in self._state.videos}
        self._lists: dict[Any, list[Video]] = {}

    # -- reading ---------------------------------------------------------------------------

    def videos(self, platform: Platform, *, waiting: bool = False) -> list[Video]:
        """Return what a platform's public list shows, newest first.

        PeerTube does not list lives that are not on the air unless `waiting` asks for them.
        """
        with self.lock:
            key = platform, waiting
            if key not in self._lists:
                self._lists[key] = sorted(
                    (
                        video
                        for video in self._videos.values()
                        if video.platform == platform and video.public and _listed(video, waiting)
                    ),
                    key=lambda video: (video.published_at, video.id),
                    reverse=True,
                )
            return list(self._lists[key])

    def every_video(self, platform: Platform) -> list[Video]:
        """Return all videos of a platform, deleted and private ones too, oldest first."""
        with self.lock:
            found = (video for video in self._videos.values() if video.platform == platform)
            return sorted(found, key=lambda video: (video.published_at, video.id))

    def get(self, key: str) -> Video:
        """Return a video, deleted ones too."""
        with self.lock:
            if key not in self._videos:
                raise KeyError(f"No such video: {key}")
            return self._videos[key]

    def find(self, platform: Platform, key: str) -> Video | None:
        """Return a platform's video by any id that the platform takes, None if it is not there."""
        with self.lock:
            if platform == "peertube" and key.isdecimal():
                numbered = (
                    video
                    for video in self._videos.values()
                    if video.platform == platform and video.number == int(key)
                )
                video = next(numbered, None)
            else:
                full = full_uuid(key) if platform == "peertube" else None
                video = self._videos.get(full or key)
            there = video and video.platform == platform and not video.deleted
            return video if there else None

    def copies(self, key: str) -> dict[Platform, Video]:
        """Return all copies of the broadcast that a video shows; its newest replay if several."""
        with self.lock:
            wanted = self.get(key).broadcast
            same = (video for video in self._videos.values() if video.broadcast == wanted)
            return {video.platform: video for video in same}

    def description(self, video: Video) -> str:
        """Return a video's description with real addresses in it."""
        peertube = self.peertube_url or "https://video.auposte.example"
        return video.description.replace("{peertube}", peertube).replace("{site}", self.site_url)

    # -- what happens to videos ----------------------------------------------------------------

    def add(
        self, *, platforms: Iterable[Platform] = PLATFORMS, **fields: Any
    ) -> dict[Platform, Video]:
        """Publish a broadcast now on these platforms; return its videos.

        `fields` are those of Video; a `title` and a `duration` are made up when absent.
        """
        now = _now()
        with self.lock:
            count = self._state.next_count()
            values: dict[str, Any] = {
                "title": f"Nouvelle émission nº {count}",
                "broadcast": f"added-{count}",
                "published_at": now,
                "changed_at": now,
                "duration": 3600,
                "picture": 100_000 + count,
            } | fields
            added: dict[Platform, Video] = {}
            for platform in platforms:
                make = youtube_id if platform == "youtube" else peertube_uuid
                given: dict[str, Any] = {"id": make(self._seed, "added", count)}
                given["number"] = self._next_number()
                video = Video(platform=platform, **(given | values))
                added[platform] = self._put(video)
            return added

    def change(self, key: str, **fields: Any) -> Video:
        """Change fields of a video (title, description, duration, views, …); return it."""
        with self.lock:
            video = self.get(key)
            return self._put(dataclasses.replace(video, **({"changed_at": _now()} | fields)))

    def delete(self, key: str) -> Video:
        """Delete a video: the platform no longer knows it."""
        return self.change(key, deleted=True)

    def restore(self, key: str) -> Video:
        """Bring a deleted or private video back."""
        return self.change(key, deleted=False, privacy="public")

    def make_private(self, key: str) -> Video:
        """Hide a video from everybody but its owner."""
        return self.change(key, privacy="private")

    def set_captions(self, key: str, *languages: str, text: str | None = None) -> Video:
        """Give a video subtitles in these languages (none: take them away); `text` is WebVTT."""
        return self.change(key, captions=tuple(languages), caption_text=text)

    # -- lives -----------------------------------------------------------------------------------

    def schedule_live(
        self,
        title: str,
        at: dt.datetime,
        *,
        platforms: Iterable[Platform] = PLATFORMS,
        permanent: bool = True,
        **fields: Any,
    ) -> dict[Platform, Video]:
        """Announce a live for a time (aware); `permanent` concerns PeerTube."""
        upcoming = {"title": title, "live": "upcoming", "scheduled_for": at, "duration": 0}
        defaults = {"views": 0, "likes": 0, "comments": None, "permanent": permanent}
        return self.add(platforms=platforms, **(defaults | upcoming | fields))

    def start_live(self, key: str, *, at: dt.datetime | None = None) -> Video:
        """Go on the air (now)."""
        return self.change(key, **lives.started(self.get(key), at or _now()))

    def end_live(self, key: str, *, at: dt.datetime | None = None) -> Video:
        """End the stream (now); the replay is not there yet."""
        return self.change(key, **lives.ended(self.get(key), at or _now()))

    def bring_replay(
        self, key: str, *, duration: int | None = None, at: dt.datetime | None = None
    ) -> Video:
        """Publish the replay of an ended live; return its video.

        It keeps its id on YouTube; a permanent PeerTube live waits on, and its replay is a new
        video under a new uuid. `duration` (seconds) is the stream's unless given.
        """
        now = at or _now()
        with self.lock:
            live = self.get(key)
            length = lives.length(live) if duration is None else duration
            if not (live.platform == "peertube" and live.permanent):
                return self.change(key, **lives.processed(live, length, now))
            count = self._state.next_count()
            replay = lives.separate_replay(live, length, now)
            new_id = peertube_uuid(self._seed, "replay", count)
            return self._put(dataclasses.replace(replay, id=new_id, number=self._next_number()))

    # -- bookkeeping -------------------------------------------------------------------------------

    def _next_number(self) -> int:
        return 1 + max((video.number for video in self._videos.values()), default=0)

    def _put(self, video: Video) -> Video:
        self._videos[video.id] = video
        self._lists.clear()
        self._state.keep(video)
        return video


def _now() -> dt.datetime:
    return dt.datetime.now(dt.UTC).replace(microsecond=0)


def _listed(video: Video, waiting: bool) -> bool:
    if video.platform == "youtube" or video.live in ("none", "live"):
        return video.state in (None, 1)
    return waiting and video.live == "upcoming"


def _numbered(videos: list[Video]) -> Iterable[Video]:
    """Give PeerTube's copies the numbers that they would have had: in order of publication."""
    number = 0
    for video in sorted(videos, key=lambda video: (video.published_at, video.id)):
        if video.platform == "peertube":
            number += 1
            yield dataclasses.replace(video, number=number)
        else:
            yield video
