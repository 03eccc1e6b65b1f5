"""The stand-in for YouTube as one object: its routes, its quota, and the controls of tests."""

from __future__ import annotations

import base64
import binascii
import hmac
import re
from typing import Any

from sandbox.http import controls
from sandbox.http.etags import conditional
from sandbox.http.faults import Failure
from sandbox.http.messages import Answer, Request
from sandbox.http.standin import Json, StandIn
from sandbox.video_world import controls as world_controls
from sandbox.video_world.channels import YOUTUBE_KEY
from sandbox.video_world.pictures import thumbnail
from sandbox.video_world.videos import Video
from sandbox.video_world.world import World
from sandbox.youtube import discovery, errors
from sandbox.youtube.errors import YouTubeError
from sandbox.youtube.fields import partial
from sandbox.youtube.quota import Quota
from sandbox.youtube.resources import THUMBNAILS, Shelf, has_thumbnail, tagged

PREFIX = "/youtube/v3/"
PAGE = 50
PICTURE = re.compile(r"/vi/([A-Za-z0-9_-]{11})/([a-z]+)\.jpg")
SIZES = {file: (name, width, height) for name, (file, width, height) in THUMBNAILS.items()}


class YouTubeStandIn(StandIn):
    """The YouTube Data API v3 of one channel, on a local port.

        with YouTubeStandIn(world=World(size=100)) as youtube:
            build("youtube", "v3", developerKey=youtube.api_key,
                  client_options={"api_endpoint": youtube.url})

    `violations()` lists what correct code would not ask. `fail(reason="quotaExceeded")` and its
    like word errors as YouTube does; `quota.limit` may be lowered.
    """

    name = "YouTubeStandIn"

    def __init__(
        self,
        *,
        world: World | None = None,
        host: str = "127.0.0.1",
        port: int = 0,
        api_key: str = YOUTUBE_KEY,
    ) -> None:
        super().__init__(host=host, port=port)
        self.world = world or World()
        self.api_key = api_key
        self.quota = Quota()
        self._shelf = Shelf(self.world, self.url)

    @property
    def channel_id(self) -> str:
        """Return the channel's id."""
        return self.world.youtube_channel

    @property
    def uploads_id(self) -> str:
        """Return the id of the channel's uploads playlist."""
        return self._shelf.uploads

    def control(self, request: Request) -> Answer:
        """Answer `/_/…`: the world's controls, and `quota [limit, reset]`."""
        return controls.control(self, request, reads=READS, acts=ACTS)

    def word(self, failure: Failure) -> Answer:
        """Return a simulated error in YouTube's words."""
        return errors.simulated(failure)

    def fail(self, **options: Any) -> None:
        """Have the next `count` (1) matching requests fail: see Failure for the options.

        `reason` is one that YouTube words: see `errors.KNOWN`.
        """
        if options.get("reason") and options["reason"] not in errors.KNOWN:
            raise ValueError(f"reason is one of {', '.join(errors.KNOWN)}")
        super().fail(**options)

    def refuse(self, status: int, message: str) -> Answer:
        """Return an error of which only the status is known."""
        return errors.by_status(status, message).answer()

    def answer(self, request: Request) -> Answer:
        """Answer one request to the API or for a thumbnail."""
        if found := PICTURE.fullmatch(request.path):
            return self._picture(request, found[1], found[2])
        try:
            body = self._answer(request)
        except YouTubeError as error:
            if error.misuse:
                self.violate(request, error.message)
            return error.answer()
        tagging = f'"{body["etag"]}"' if "etag" in body else None
        return conditional(request, Answer(body=body), tagging)

    def _answer(self, request: Request) -> Json:
        resource = request.path.removeprefix(PREFIX)
        if not request.path.startswith(PREFIX) or request.method != "GET":
            raise YouTubeError("Not Found", status=404, reason="notFound", misuse=True)
        key = self._authenticate(request)
        if resource == "search":
            # It would eat the day's allowance: a hundred units a call.
            raise errors.known("forbidden", misuse=True)
        if resource not in discovery.RESOURCES:
            raise YouTubeError("Not Found", status=404, reason="notFound", misuse=True)
        if not self.quota.spend(key):
            raise errors.known("quotaExceeded")
        given = discovery.checked_parameters(resource, request.query)
        parts = discovery.checked_parts(resource, given["part"])
        make = {
            "channels": self._channels,
            "playlistItems": self._playlist_items,
            "videos": self._videos,
        }[resource]
        body = tagged(make(given, parts))
        return partial(body, given["fields"]) if given.get("fields") else body

    def _authenticate(self, request: Request) -> str:
        query = dict(part.partition("=")[::2] for part in request.query.split("&"))
        key = request.headers.get("x-goog-api-key") or query.get("key", "")
        if not key:
            raise errors.missing_key()
        if not hmac.compare_digest(key.encode(), self.api_key.encode()):
            raise errors.invalid_key()
        return key

    def _channels(self, given: dict[str, str], parts: list[str]) -> Json:
        filters = ("id", "forHandle", "forUsername")
        if not any(given.get(name) for name in filters):
            raise errors.no_filter(*filters)
        asked = set(given.get("id", "").split(","))
        ours = self.channel_id in asked or given.get("forHandle") in ("@auposte", "auposte")
        items = [self._shelf.channel(parts)] if ours else []
        return {"kind": "youtube#channelListResponse", "pageInfo": _info(len(items), 5)} | (
            {"items": items} if items else {}
        )

    def _playlist_items(self, given: dict[str, str], parts: list[str]) -> Json:
        if not given.get("playlistId"):
            raise errors.no_filter("id", "playlistId")
        if given["playlistId"] != self.uploads_id:
            raise errors.known("playlistNotFound", location="playlistId")
        videos = self.world.videos("youtube")
        if given.get("videoId"):
            videos = [video for video in videos if video.id == given["videoId"]]
        size = int(given.get("maxResults", 5)) or 5
        start = _offset(given["pageToken"]) if given.get("pageToken") else 0
        page = videos[start : start + size]
        body: Json = {"kind": "youtube#playlistItemListResponse"}
        if start + size < len(videos):
            body["nextPageToken"] = _token(start + size)
        if start:
            body["prevPageToken"] = _token(max(0, start - size))
        items = [
            self._shelf.playlist_item(video, start + rank, parts) for rank, video in enumerate(page)
        ]
        return body | {"items": items, "pageInfo": _info(len(videos), size)}

    def _videos(self, given: dict[str, str], parts: list[str]) -> Json:
        if not given.get("id"):
            raise errors.no_filter("chart", "id", "myRating")
        asked = [key for key in given["id"].split(",") if key]
        if len(asked) > PAGE:
            raise errors.too_many_ids()
        found = (self.world.find("youtube", key) for key in dict.fromkeys(asked))
        items = [
            self._shelf.video(video, parts, given)
            for video in found
            if video and video.privacy != "private"
        ]
        pages = _info(len(items), len(items))
        return {"kind": "youtube#videoListResponse", "items": items, "pageInfo": pages}

    def _picture(self, request: Request, key: str, file: str) -> Answer:
        video: Video | None = self.world.find("youtube", key)
        name, width, height = SIZES.get(file, ("", 0, 0))
        if not video or not name or not has_thumbnail(video, name):
            return Answer(status=404, headers={"Content-Type": "image/jpeg"})
        body = thumbnail(f"{video.broadcast}/{video.picture}", width, height)
        headers = {"Content-Type": "image/jpeg", "Cache-Control": "public, max-age=7200"}
        return conditional(request, Answer(body=body, headers=headers))


def _info(total: int, size: int) -> Json:
    return {"totalResults": total, "resultsPerPage": size}


def _token(offset: int) -> str:
    return base64.urlsafe_b64encode(f"PT:{offset}".encode()).decode().rstrip("=")


def _offset(token: str) -> int:
    try:
        text = base64.urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        raise errors.bad_page_token() from None
    if not text.startswith("PT:") or not text[3:].isdecimal():
        raise errors.bad_page_token()
    return int(text[3:])


def _set_quota(standin: YouTubeStandIn, params: controls.Params) -> Json:
    given = controls.options(params, limit=int, reset=controls.flag)
    if given.get("reset"):
        standin.quota.reset()
    standin.quota.limit = given.get("limit", standin.quota.limit)
    return _quota(standin)


def _quota(standin: YouTubeStandIn) -> Json:
    return {"limit": standin.quota.limit, "used": standin.quota.used(standin.api_key)}


READS: dict[str, controls.Control[Any]] = {
    **world_controls.READS,
    "quota": lambda standin, _: _quota(standin),
}
ACTS: dict[str, controls.Control[Any]] = {**world_controls.ACTS, "quota": _set_quota}
