"""The stand-in for PeerTube as one object: routes, rate limit, and the controls of tests."""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from sandbox.http import controls
from sandbox.http.etags import conditional
from sandbox.http.faults import Failure
from sandbox.http.messages import Answer, Request
from sandbox.http.standin import Json, StandIn
from sandbox.peertube import pages, problems
from sandbox.peertube.limiter import LIMIT, WINDOW, Limiter
from sandbox.peertube.problems import PeerTubeError
from sandbox.peertube.resources import SIZES, Shelf, caption_file
from sandbox.peertube.sound import sound
from sandbox.video_world import controls as world_controls
from sandbox.video_world.pictures import thumbnail
from sandbox.video_world.videos import Video, full_uuid
from sandbox.video_world.words import web_vtt
from sandbox.video_world.world import World

API = "/api/"
COUNT, MOST = 15, 100
LIST_PARAMETERS = {"start", "count", "sort", "isLive", "includeScheduledLive", "skipCount", "nsfw"}
SORTS: dict[str, Callable[[Video], Any]] = {
    "publishedAt": lambda video: video.published_at,
    "createdAt": lambda video: video.published_at,
    "duration": lambda video: video.duration,
    "name": lambda video: video.title,
    "views": lambda video: video.views or 0,
}
UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
PICTURE = re.compile(rf"/lazy-static/(?:thumbnails|previews)/({UUID})-(\d+)-(\d+)\.jpg")
CAPTION = re.compile(rf"/lazy-static/video-captions/({UUID}-[a-z]{{2,3}}\.vtt)")
SOUND = re.compile(
    rf"/(?:static/streaming-playlists/hls/{UUID}|(download)/streaming-playlists/hls/videos)"
    rf"/({UUID})-0-fragmented\.mp4"
)
WATCH = re.compile(r"/(w|videos/watch|videos/embed)/([^/]+)")
VIDEO = re.compile(r"/api/v1/videos/([^/]+)(?:/(chapters|captions))?")
CHANNEL = re.compile(r"/api/v1/video-channels/([^/]+)(/videos)?")


class PeerTubeStandIn(StandIn):
    """The public side of one PeerTube channel, on a local port.

        with PeerTubeStandIn(world=World(size=100)) as peertube:
            httpx.get(f"{peertube.url}/api/v1/video-channels/{peertube.channel}/videos")

    `limiter.limit` and `.window` change the allowance; `world.shapes` the form of answers.
    """

    name = "PeerTubeStandIn"

    def __init__(
        self,
        *,
        world: World | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        rate_limit: int = LIMIT,
        rate_window: float = WINDOW,
    ) -> None:
        super().__init__(host=host, port=port)
        self.world = world or World()
        self.world.peertube_url = self.world.peertube_url or self.url
        self.limiter = Limiter(rate_limit, rate_window)
        self._shelf = Shelf(self.world, self.url)

    @property
    def channel(self) -> str:
        """Return the channel's name on this instance."""
        return self.world.peertube_channel

    def control(self, request: Request) -> Answer:
        """Answer `/_/…`: the world's controls, and `rate [limit, window]`."""
        return controls.control(self, request, reads=READS, acts=ACTS)

    def word(self, failure: Failure) -> Answer:
        """Return a simulated error in PeerTube's form."""
        return problems.simulated(failure)

    def refuse(self, status: int, message: str) -> Answer:
        """Return a problem of our own."""
        return PeerTubeError(status, message).answer()

    def answer(self, request: Request) -> Answer:
        """Answer one request to the API, for a file or for a page."""
        if request.path.startswith(API):
            left, seconds = self.limiter.take()
            if left < 0:
                answer = problems.too_many_requests(math.ceil(seconds))
            else:
                answer = self._api(request)
            answer.headers |= self.limiter.headers(left, seconds)
            return answer
        if found := SOUND.fullmatch(request.path):
            video = self.world.find("peertube", found[2])
            if video is None:
                return pages.nothing(404)
            answer = sound(request, video.duration)
            if found[1]:
                kept = f'attachment; filename="{video.id}-0p-hls.mp4"'
                answer.headers["Content-Disposition"] = kept
            return answer
        return conditional(request, self._file_or_page(request))

    def _api(self, request: Request) -> Answer:
        try:
            if request.method != "GET":
                raise PeerTubeError(404, "Not found", misuse=True)
            if found := CHANNEL.fullmatch(request.path):
                self._require_channel(found[1])
                body: Any = self._list(request) if found[2] else self._shelf.channel()
            elif found := VIDEO.fullmatch(request.path):
                video = self._video(found[1])
                make = {"chapters": self._shelf.chapters, "captions": self._shelf.captions}
                body = make.get(found[2] or "", self._shelf.detail)(video)
            else:
                raise PeerTubeError(404, "Not found", misuse=True)
        except PeerTubeError as error:
            if error.misuse:
                self.violate(request, error.detail)
            return error.answer()
        return conditional(request, Answer(body=body))

    def _require_channel(self, handle: str) -> None:
        host = self.url.partition("://")[2]
        if handle not in (self.channel, f"{self.channel}@{host}"):
            raise PeerTubeError(404, "Video channel not found")

    def _list(self, request: Request) -> Json:
        given = {
            name: values[-1]
            for name, values in parse_qs(request.query, keep_blank_values=True).items()
        }
        # Express ignores what it does not know; a typo should not go unnoticed all the same.
        for name in given.keys() - LIST_PARAMETERS:
            self.violate(request, f"Unknown parameter: {name}")
        start = _number(given, "start", 0, 10**9, "Should have a number start")
        count = _number(given, "count", COUNT, MOST, f"Should have a number count (max: {MOST})")
        sort = given.get("sort", "-publishedAt")
        if sort.removeprefix("-") not in SORTS:
            raise problems.bad_parameter("sort", sort, "Should have correct sortable column")
        scheduled = given.get("includeScheduledLive") == "true"
        videos = self.world.videos("peertube", waiting=scheduled)
        if "isLive" in given:
            wanted = given["isLive"] == "true"
            videos = [video for video in videos if (video.live != "none") == wanted]
        videos.sort(key=SORTS[sort.removeprefix("-")], reverse=sort.startswith("-"))
        data = [
            self._shelf.summary(video, with_schedule=scheduled)
            for video in videos[start : start + count]
        ]
        total = {} if given.get("skipCount") == "true" else {"total": len(videos)}
        return total | {"data": data}

    def _video(self, key: str) -> Video:
        """Return a video that everybody may see, by number, uuid or short uuid."""
        if not (key.isdecimal() or _is_uuid(key) or full_uuid(key)):
            message = "Should have a valid video id (id, short UUID or UUID)"
            raise problems.bad_parameter("id", key, message, location="params")
        video = self.world.find("peertube", key)
        if video is None:
            raise PeerTubeError(404, "Video not found")
        if video.privacy == "private":
            status = self.world.shapes.private_status
            detail = "Cannot fetch information of private/internal/blocked video"
            raise PeerTubeError(status, "Authentication is required" if status == 401 else detail)
        return video

    def _file_or_page(self, request: Request) -> Answer:
        if found := PICTURE.fullmatch(request.path):
            return self._picture(found[1], int(found[2]), int(found[3]))
        if found := CAPTION.fullmatch(request.path):
            return self._caption(found[1])
        if request.path == "/demonstration.css":
            return pages.style()
        if found := WATCH.fullmatch(request.path):
            try:
                video = self._video(found[2])
            except PeerTubeError as error:
                return pages.nothing(error.status)
            if found[1] == "videos/embed":
                return pages.player(video, request.query)
            return pages.watch(video, self.world.description(video))
        return pages.nothing(404)

    def _picture(self, key: str, picture: int, width: int) -> Answer:
        video = self.world.find("peertube", key)
        if not video or video.picture != picture or width not in SIZES:
            return Answer(status=404, headers={"Content-Type": "text/plain"}, body=b"Not Found")
        body = thumbnail(f"{video.broadcast}/{video.picture}", width, SIZES[width])
        return Answer(body=body, headers={"Content-Type": "image/jpeg"})

    def _caption(self, file: str) -> Answer:
        for video in self.world.every_video("peertube"):
            for language in video.captions:
                if not video.deleted and caption_file(video, language) == file:
                    text = video.caption_text or web_vtt(file, video.duration)
                    headers = {"Content-Type": "text/vtt; charset=UTF-8"}
                    return Answer(body=text.encode(), headers=headers)
        return Answer(status=404, headers={"Content-Type": "text/plain"}, body=b"Not Found")


def _number(given: dict[str, str], name: str, default: int, most: int, message: str) -> int:
    text = given.get(name, str(default))
    if not text.isdecimal() or int(text) > most:
        raise problems.bad_parameter(name, text, message)
    return int(text)


def _is_uuid(key: str) -> bool:
    try:
        return str(uuid.UUID(key)) == key.lower()
    except ValueError:
        return False


def _set_rate(standin: PeerTubeStandIn, params: controls.Params) -> Json:
    given = controls.options(params, limit=int, window=float)
    standin.limiter.limit = given.get("limit", standin.limiter.limit)
    standin.limiter.window = given.get("window", standin.limiter.window)
    standin.limiter.reset()
    return {"limit": standin.limiter.limit, "window": standin.limiter.window}


READS: dict[str, controls.Control[Any]] = world_controls.READS
ACTS: dict[str, controls.Control[Any]] = {**world_controls.ACTS, "rate": _set_rate}
