"""The only module that speaks to YouTube's Data API. https://developers.google.com/youtube/v3/docs

Discovery goes through the channel's playlist of uploads: `search.list` has a far smaller allowance
and forgets videos. Each call here costs one unit of the day's 10,000.
"""

import http.client
import random
import time
import weakref
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import urlencode

import httplib2
from googleapiclient.discovery import build
from googleapiclient.errors import HttpError

from auposte.external import ExternalServiceError
from broadcasts.platforms import PlatformVideo
from broadcasts.youtube.failures import failure_of, may_pass_soon
from broadcasts.youtube.payloads import (
    PLAYER_WIDTH,
    VIDEO_ID,
    UploadsPage,
    read_uploads_page,
    read_uploads_playlist,
    read_videos_answer,
)

TIMEOUT_SECONDS = 10
RETRIES = 1
PAGE_SIZE = 50
VIDEO_PARTS = "snippet,contentDetails,statistics,status,liveStreamingDetails,player"
NOT_MODIFIED = 304

T = TypeVar("T")


class _NotModifiedError(Exception):
    """A 304, which Google's library takes for an error."""


class _KeyedHttp(httplib2.Http):  # type: ignore[misc]  # httplib2 has no types
    """Adds the key to each address as it leaves: no log and no exception ever sees it."""

    def __init__(self, key: str, timeout: float) -> None:
        super().__init__(timeout=timeout, proxy_info=None)
        self.follow_redirects = False
        self._key = key

    def request(self, uri: str, *args: Any, **kwargs: Any) -> Any:
        separator = "&" if "?" in uri else "?"
        return super().request(f"{uri}{separator}{urlencode({'key': self._key})}", *args, **kwargs)


class YouTubeClient:
    """Reads one channel and its videos. Raises ExternalServiceError and QuotaExceededError.

    `base_url` is the origin of a stand-in, "" for YouTube itself. `spend` is told the units of each
    request before it leaves, and may raise to forbid it. A request is tried twice at most; no try
    waits longer than `timeout` (seconds) without hearing anything. For one thread at a time.
    """

    def __init__(
        self,
        *,
        api_key: str,
        base_url: str = "",
        spend: Callable[[int], None] = lambda _units: None,
        sleep: Callable[[float], None] = time.sleep,
        timeout: float = TIMEOUT_SECONDS,
    ) -> None:
        self._http = _KeyedHttp(api_key, timeout)
        self._spend, self._sleep = spend, sleep
        self._api = build(
            "youtube",
            "v3",
            http=self._http,
            static_discovery=True,
            cache_discovery=False,
            client_options={"api_endpoint": f"{base_url}/"} if base_url else None,
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

    def uploads_playlist(self, channel_id: str) -> str:
        """The id of the playlist that holds all of a channel's uploads; `missing` without channel.

        https://developers.google.com/youtube/v3/docs/channels/list
        """
        request = self._api.channels().list(part="contentDetails", id=channel_id)
        playlist = self._read(request, read_uploads_playlist)
        if not playlist:
            raise ExternalServiceError(
                "YouTube ne connaît pas cette chaîne : vérifiez YOUTUBE_CHANNEL_ID.",
                permanent=True,
                missing=True,
            )
        return playlist

    def list_uploads(
        self, playlist_id: str, *, page_token: str = "", etag: str = ""
    ) -> UploadsPage | None:
        """Fifty ids of a playlist, newest first; None when nothing changed since `etag`.

        https://developers.google.com/youtube/v3/docs/playlistItems/list
        """
        request = self._api.playlistItems().list(
            part="contentDetails",
            playlistId=playlist_id,
            maxResults=PAGE_SIZE,
            **({"pageToken": page_token} if page_token else {}),
        )
        if etag:
            request.headers["If-None-Match"] = etag
        try:
            return self._read(request, read_uploads_page)
        except _NotModifiedError:
            return None

    def read_videos(self, ids: Sequence[str]) -> list[PlatformVideo]:
        """What YouTube says of up to fifty videos, in no order; those that are gone are absent.

        Private ones count as gone. https://developers.google.com/youtube/v3/docs/videos/list
        """
        valid = [identifier for identifier in dict.fromkeys(ids) if VIDEO_ID.fullmatch(identifier)]
        if len(valid) > PAGE_SIZE:
            raise ValueError("YouTube takes fifty ids at a time")
        if not valid:
            return []
        request = self._api.videos().list(
            part=VIDEO_PARTS, id=",".join(valid), maxWidth=PLAYER_WIDTH
        )
        return self._read(request, read_videos_answer)

    def _read(self, request: Any, shape: Callable[[Any], T]) -> T:
        """The answer in our shape."""
        raw = self._answer(request)
        try:
            return shape(raw)
        except (ValueError, TypeError, AttributeError):
            raise _unreadable() from None

    def _answer(self, request: Any) -> Any:
        """The answer's JSON. What is raised has no cause: Google's errors quote the request."""
        for attempt in range(RETRIES + 1):
            self._spend(1)
            failure = _unreadable()
            try:
                # The library would log addresses when it tries again by itself.
                return request.execute(num_retries=0)
            except HttpError as error:
                if error.resp.status == NOT_MODIFIED:
                    raise _NotModifiedError from None
                failure = failure_of(error.resp.status, error.content)
            except TimeoutError:
                failure = ExternalServiceError(
                    "YouTube met trop de temps à répondre.", permanent=False
                )
            except (OSError, httplib2.HttpLib2Error):
                failure = ExternalServiceError("YouTube est injoignable.", permanent=False)
            except (http.client.HTTPException, ValueError, RecursionError):
                pass  # cut short, or no JSON
            if attempt == RETRIES or not may_pass_soon(failure):
                break
            self._sleep(random.uniform(0.5, 1.5))  # noqa: S311  # only so as not to march in step
        raise failure


def _unreadable() -> ExternalServiceError:
    return ExternalServiceError("La réponse de YouTube est coupée ou illisible.", permanent=False)
