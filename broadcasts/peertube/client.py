"""The only module that speaks to PeerTube's API.

https://docs.joinpeertube.org/api-rest-reference.html
"""

import json
import re
import weakref
from collections.abc import Callable
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from auposte.connections import Deadline, Transport, failure_of, timeouts
from auposte.downloads import download, retry_after
from auposte.external import ExternalServiceError
from broadcasts.peertube.failures import refusal_of
from broadcasts.peertube.ids import first_valid_id, valid_id, valid_uuid
from broadcasts.peertube.pace import Pace
from broadcasts.peertube.payloads import (
    VideosPage,
    absence_of,
    read_captions,
    read_chapters,
    read_video_payload,
    read_videos_page,
)
from broadcasts.platforms import PlatformCaption, PlatformChapter, PlatformVideo

__all__ = ["Pace", "PeerTubeClient", "VideosPage", "first_valid_id"]

TIMEOUT_SECONDS = 20.0
MAX_BODY = 5_000_000
MAX_COUNT = 100
CHANNEL = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.:-]*(@[A-Za-z0-9.-]+(:\d+)?)?", re.ASCII)

T = TypeVar("T")


class PeerTubeClient:
    """Reads one instance (`base_url` is its origin). Raises ExternalServiceError.

    `missing` errors: not there, not public, blocked, or not ready yet. `spend` is told 1 before
    each request, and may raise to forbid it. Clients that share a `pace` share its limit. An answer
    takes at most `timeout` seconds and five megabytes. For one thread at a time.
    """

    def __init__(
        self,
        *,
        base_url: str,
        spend: Callable[[int], None] = lambda _units: None,
        pace: Pace | None = None,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._base_url = base_url.rstrip("/")
        self._spend, self._pace = spend, pace or Pace()
        self._deadline = Deadline(timeout)
        self._http = httpx.Client(
            # The operator named this server: it may stand on a private address.
            transport=Transport(deadline=self._deadline, any_address=True),
            trust_env=False,
            timeout=timeouts(),
            headers={"Accept": "application/json", "User-Agent": "AuPoste"},
        )
        # For callers that drop a client instead of closing it.
        weakref.finalize(self, self._http.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def list_videos(self, channel: str, *, start: int = 0, count: int = MAX_COUNT) -> VideosPage:
        """A channel's videos and lives, newest first; at most 100 from `start` on.

        `channel` is its name, with `@instance` when it is another's.
        """
        if not CHANNEL.fullmatch(channel):
            raise _no_channel()
        params = {
            "start": start,
            "count": min(count, MAX_COUNT),
            "sort": "-publishedAt",
            # Since version 7.3; older ones show a live only once it is on.
            "includeScheduledLive": "true",
            # What an instance hides as sensitive is still the outlet's.
            "nsfw": "both",
        }
        try:
            answer = self._get(f"/video-channels/{channel}/videos", params=params)
        except ExternalServiceError as error:
            raise (_no_channel() if error.missing else error) from None
        return self._shaped(answer, lambda raw: read_videos_page(raw, base_url=self._base_url))

    def read_video(self, any_id: str, *, etag: str = "") -> PlatformVideo | None:
        """A video by uuid, short uuid or number (as text); None when unchanged since `etag`.

        A number is one of this very instance: never take one from where a uuid should stand.
        """
        name = valid_id(any_id)
        if name is None:
            raise ExternalServiceError("Cet identifiant PeerTube n’en est pas un.", permanent=True)
        answer = self._get(f"/videos/{name}", etag=etag)
        if answer is None:
            return None
        raw, new_etag = answer
        absence = absence_of(raw)
        if absence:
            raise ExternalServiceError(absence, permanent=True, missing=True)
        return self._shaped(
            answer, lambda raw: read_video_payload(raw, base_url=self._base_url, etag=new_etag)
        )

    def chapters(self, uuid: str) -> tuple[PlatformChapter, ...]:
        """A video's chapters, in order."""
        return self._shaped(self._get(f"/videos/{_uuid(uuid)}/chapters"), read_chapters)

    def captions(self, uuid: str) -> tuple[PlatformCaption, ...]:
        """The subtitle files of a video."""
        answer = self._get(f"/videos/{_uuid(uuid)}/captions")
        return self._shaped(answer, lambda raw: read_captions(raw, base_url=self._base_url))

    def caption_text(self, caption: PlatformCaption) -> str:
        """A subtitle file's text. It may lie in an object store, so off the instance."""
        self._spend(1)
        self._pace.wait()
        found = download(
            caption.url,
            max_bytes=MAX_BODY,
            content_types={"text/vtt", "text/plain"},
            trusted_origins={self._base_url},
            timeout=self._deadline.seconds,
        )
        return found.content.decode("utf-8-sig", "replace")

    def _shaped(self, answer: tuple[Any, str] | None, shape: Callable[[Any], T]) -> T:
        try:
            if answer is None:
                raise ValueError("a 304 that nobody asked for")
            return shape(answer[0])
        except (ValueError, TypeError, AttributeError):
            raise _unreadable() from None

    def _get(
        self, path: str, *, params: dict[str, Any] | None = None, etag: str = ""
    ) -> tuple[Any, str] | None:
        """The answer's JSON and its ETag; None for a 304."""
        self._spend(1)
        self._pace.wait()
        self._deadline.restart()
        url = httpx.URL(f"{self._base_url}/api/v1{path}")
        headers = {"If-None-Match": etag} if etag and etag.isascii() else {}
        try:
            with self._http.stream("GET", url, params=params, headers=headers) as response:
                if response.status_code == httpx.codes.NOT_MODIFIED:
                    return None
                body = _body(response)
        except httpx.HTTPError as error:
            raise failure_of(error, url.host) from None
        if response.status_code != httpx.codes.OK:
            wait = response.headers.get("retry-after", "")
            raise refusal_of(response.status_code, body, wait=retry_after(wait))
        try:
            return json.loads(body), response.headers.get("etag", "")
        except (ValueError, RecursionError):
            raise _unreadable() from None


def _no_channel() -> ExternalServiceError:
    return ExternalServiceError(
        "PeerTube ne connaît pas cette chaîne : vérifiez PEERTUBE_CHANNEL.",
        permanent=True,
        missing=True,
    )


def _uuid(text: str) -> str:
    uuid = valid_uuid(text)
    if uuid is None:
        raise ExternalServiceError("Cet uuid PeerTube n’en est pas un.", permanent=True)
    return uuid


def _body(response: httpx.Response) -> bytes:
    content = bytearray()
    for chunk in response.iter_bytes():
        content += chunk
        if len(content) > MAX_BODY:
            raise ExternalServiceError(
                "La réponse de PeerTube est bien trop longue.", permanent=False
            )
    return bytes(content)


def _unreadable() -> ExternalServiceError:
    return ExternalServiceError("La réponse de PeerTube est coupée ou illisible.", permanent=False)
