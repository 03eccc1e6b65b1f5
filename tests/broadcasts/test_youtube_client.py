"""YouTube's client over real HTTP: what it asks, what it makes of answers and of refusals."""

from __future__ import annotations

import datetime as dt
import json
import logging
import socket
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest

from auposte.external import ExternalServiceError
from broadcasts.platforms import LiveState, PlatformVideo, QuotaExceededError
from broadcasts.youtube.client import TIMEOUT_SECONDS, YouTubeClient
from broadcasts.youtube.failures import next_quota_reset
from sandbox.ports import free_ports
from tests.environment import ROOT
from tests.raw_server import RawServer, Request, answer, json_answer, raw_server

PAYLOADS = ROOT / "tests" / "payloads" / "youtube"
KEY = "AIza-secret-key"
CHANNEL, UPLOADS = "UCaaaaaaaaaaaaaaaaaaaaaa", "UUaaaaaaaaaaaaaaaaaaaaaa"
VIDEO = "plainvideo1"


def payload(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text())


@pytest.fixture
def youtube() -> Iterator[RawServer]:
    routes = {
        "/youtube/v3/channels": json_answer(payload("channels")),
        "/youtube/v3/playlistItems": json_answer(payload("uploads")),
        "/youtube/v3/videos": json_answer(payload("videos")),
    }
    with raw_server(routes) as server:
        yield server


@pytest.fixture
def spent() -> list[int]:
    return []


@pytest.fixture
def slept() -> list[float]:
    return []


@pytest.fixture
def client(youtube: RawServer, spent: list[int], slept: list[float]) -> Iterator[YouTubeClient]:
    with YouTubeClient(
        api_key=KEY, base_url=youtube.url, spend=spent.append, sleep=slept.append
    ) as client:
        yield client


def error_of(
    call: Callable[[], object], kind: type[ExternalServiceError] = ExternalServiceError
) -> ExternalServiceError:
    with pytest.raises(kind) as caught:
        call()
    error = caught.value
    assert (error.__cause__, error.__suppress_context__ or error.__context__ is None) == (
        None,
        True,
    )
    assert KEY not in str(error)
    return error


def refusal(reason: str = "", *, status: int, details: list[Any] | None = None) -> Any:
    error: dict[str, Any] = {"code": status, "message": f"In English: {reason} {KEY}"}
    if reason:
        error["errors"] = [{"message": "In English", "domain": "youtube", "reason": reason}]
    if details:
        error["details"] = details
    return json_answer({"error": error}, status=status)


def test_the_uploads_of_a_channel_are_a_playlist(
    client: YouTubeClient, youtube: RawServer, spent: list[int]
) -> None:
    assert client.uploads_playlist(CHANNEL) == UPLOADS
    asked = youtube.requests[0].query
    assert asked == {"part": "contentDetails", "id": CHANNEL, "alt": "json", "key": KEY}
    assert spent == [1]


def test_a_channel_that_is_not_there_is_missing(client: YouTubeClient, youtube: RawServer) -> None:
    youtube.routes["/youtube/v3/channels"] = json_answer({"pageInfo": {"totalResults": 0}})
    error = error_of(lambda: client.uploads_playlist(CHANNEL))
    assert (error.permanent, error.missing) == (True, True)
    assert "YOUTUBE_CHANNEL_ID" in str(error)


def test_a_page_of_uploads(client: YouTubeClient, youtube: RawServer) -> None:
    page = client.list_uploads(UPLOADS)
    assert page is not None
    assert page.ids == (VIDEO, "upcominglv1", "onairlive01")
    assert (page.next_token, page.total, page.etag) == ("CDIQAA", 1104, "page-etag")
    sent = youtube.requests[0]
    assert sent.query == {
        "part": "contentDetails", "playlistId": UPLOADS, "maxResults": "50", "alt": "json",
        "key": KEY,
    }  # fmt: skip
    assert "if-none-match" not in sent.headers


def test_the_next_page_and_the_end(client: YouTubeClient, youtube: RawServer) -> None:
    last = {"etag": "x", "items": [], "pageInfo": {}}
    youtube.routes["/youtube/v3/playlistItems"] = json_answer(last)
    page = client.list_uploads(UPLOADS, page_token="CDIQAA")
    assert page is not None
    assert (page.ids, page.next_token, page.total) == ((), "", None)
    assert youtube.requests[0].query["pageToken"] == "CDIQAA"


def test_what_did_not_change_is_none(
    client: YouTubeClient, youtube: RawServer, spent: list[int], slept: list[float]
) -> None:
    youtube.routes["/youtube/v3/playlistItems"] = answer(status=304)
    assert client.list_uploads(UPLOADS, etag="page-etag") is None
    assert youtube.requests[0].headers["if-none-match"] == "page-etag"
    assert (spent, slept) == ([1], [])


def test_ids_that_are_none_are_passed_over(client: YouTubeClient, youtube: RawServer) -> None:
    items = [
        {"contentDetails": {"videoId": found}} for found in (VIDEO, "50", "../../etc", VIDEO, 7)
    ]
    youtube.routes["/youtube/v3/playlistItems"] = json_answer({"items": [*items, {}]})
    page = client.list_uploads(UPLOADS)
    assert page is not None
    assert page.ids == (VIDEO,)


def videos_by_id(client: YouTubeClient) -> dict[str, PlatformVideo]:
    return {video.external_id: video for video in client.read_videos([VIDEO])}


def test_a_video(client: YouTubeClient, youtube: RawServer) -> None:
    video = videos_by_id(client)[VIDEO]
    assert video.title == "Qui garde les gardiens ? - S10E27 - Mardi 28 octobre 2025"
    assert video.description == "Au Poste, en direct.\n\n0:00 Arrivée\n"
    assert video.published_at == dt.datetime(2025, 10, 28, 17, 5, 12, tzinfo=dt.UTC)
    assert video.changed_at is None
    assert video.duration_seconds == 6485
    assert video.aspect_ratio == Decimal("1.7778")
    assert (video.views_count, video.comments_count) == (18_234, 87)
    assert video.live_state == LiveState.NONE
    assert (video.scheduled_for, video.started_at, video.ended_at) == (None, None, None)
    assert video.thumbnail_url == f"https://i.ytimg.com/vi/{VIDEO}/maxresdefault.jpg"
    assert video.etag == f"etag-{VIDEO}"
    asked = youtube.requests[0].query
    assert asked["part"].split(",") == [
        "snippet", "contentDetails", "statistics", "status", "liveStreamingDetails", "player",
    ]  # fmt: skip
    assert (asked["id"], asked["maxWidth"]) == (VIDEO, "1920")


def test_the_life_of_a_live(client: YouTubeClient) -> None:
    found = videos_by_id(client)
    at = dt.datetime(2025, 10, 28, 18, tzinfo=dt.UTC)
    upcoming, on_air, ended = (
        found[name] for name in ("upcominglv1", "onairlive01", "endedlive01")
    )
    assert (upcoming.live_state, upcoming.duration_seconds) == (LiveState.UPCOMING, None)
    assert upcoming.scheduled_for == at + dt.timedelta(days=7)
    assert (on_air.live_state, on_air.duration_seconds) == (LiveState.LIVE, None)
    assert (on_air.started_at, on_air.ended_at) == (at + dt.timedelta(minutes=1, seconds=2), None)
    assert (ended.live_state, ended.duration_seconds) == (LiveState.ENDED, 93_784)
    assert ended.ended_at == at + dt.timedelta(minutes=110)


def test_hidden_counts_are_none_and_the_gone_are_absent(client: YouTubeClient) -> None:
    found = videos_by_id(client)
    assert (found["hiddencount"].views_count, found["hiddencount"].comments_count) == (None, None)
    assert found["hiddencount"].aspect_ratio == Decimal("0.5620")
    assert "unlisted001" in found
    assert not {"private0001", "rejected001"} & set(found)


def test_only_valid_ids_are_asked_for(
    client: YouTubeClient, youtube: RawServer, spent: list[int]
) -> None:
    assert client.read_videos(["50", "", "a,b,c,d,e,f", f"{VIDEO}\n"]) == []
    assert (youtube.requests, spent) == ([], [])
    client.read_videos([VIDEO, "50", VIDEO])
    assert youtube.requests[0].query["id"] == VIDEO
    with pytest.raises(ValueError, match="fifty"):
        client.read_videos([f"{n:011d}" for n in range(51)])


# --- refusals -------------------------------------------------------------------------------------

QUOTA, TRANSIENT, PERMANENT, MISSING = "quota", "transient", "permanent", "missing"


def kind_of(error: ExternalServiceError) -> str:
    if isinstance(error, QuotaExceededError):
        return QUOTA
    if error.missing:
        return MISSING
    return PERMANENT if error.permanent else TRANSIENT


@pytest.mark.parametrize(
    ("status", "reason", "kind", "words"),
    [
        (403, "quotaExceeded", QUOTA, "quota du jour"),
        (403, "dailyLimitExceeded", QUOTA, "quota du jour"),
        (400, "keyInvalid", PERMANENT, "YOUTUBE_API_KEY"),
        (400, "keyExpired", PERMANENT, "YOUTUBE_API_KEY"),
        (403, "accessNotConfigured", PERMANENT, "activez-la"),
        (403, "ipRefererBlocked", PERMANENT, "restrictions"),
        (403, "forbidden", PERMANENT, "YOUTUBE_API_KEY"),
        (401, "", PERMANENT, "YOUTUBE_API_KEY"),
        (400, "badRequest", PERMANENT, "ne comprend pas"),
        (404, "playlistNotFound", MISSING, "liste de vidéos"),
        (404, "channelNotFound", MISSING, "YOUTUBE_CHANNEL_ID"),
        (404, "", MISSING, "ne trouve pas"),
        (403, "rateLimitExceeded", TRANSIENT, "rapprochées"),
        (403, "userRateLimitExceeded", TRANSIENT, "rapprochées"),
        (429, "rateLimitExceeded", TRANSIENT, "rapprochées"),
        (429, "", TRANSIENT, "rapprochées"),
        (500, "backendError", TRANSIENT, "panne"),
        (500, "", TRANSIENT, "panne"),
        (503, "", TRANSIENT, "panne"),
        (302, "", PERMANENT, "ne comprend pas"),
    ],
)
def test_each_refusal_says_what_to_do(
    status: int,
    reason: str,
    kind: str,
    words: str,
    client: YouTubeClient,
    youtube: RawServer,
    spent: list[int],
    slept: list[float],
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    youtube.routes["/youtube/v3/videos"] = refusal(reason, status=status)
    error = error_of(lambda: client.read_videos([VIDEO]))
    assert kind_of(error) == kind
    assert words in str(error)
    assert "English" not in str(error)
    # One more try where that may help, and each is paid for.
    tries = 2 if kind == TRANSIENT else 1
    assert (len(youtube.requests), sum(spent), len(slept)) == (tries, tries, tries - 1)
    assert KEY not in caplog.text


@pytest.mark.parametrize(
    ("detail", "status", "kind"),
    [
        ({"reason": "API_KEY_INVALID"}, 400, PERMANENT),
        ({"reason": "SERVICE_DISABLED"}, 403, PERMANENT),
        ({"reason": "RATE_LIMIT_EXCEEDED", "metadata": {"quota_unit": "1/min/{project}"}}, 429,
         TRANSIENT),
        ({"reason": "RATE_LIMIT_EXCEEDED", "metadata": {"quota_unit": "1/d/{project}"}}, 429,
         QUOTA),
    ],
)  # fmt: skip
def test_the_newer_way_of_saying_it(
    detail: dict[str, Any], status: int, kind: str, client: YouTubeClient, youtube: RawServer
) -> None:
    youtube.routes["/youtube/v3/videos"] = refusal("other", status=status, details=[detail])
    assert kind_of(error_of(lambda: client.read_videos([VIDEO]))) == kind


def test_an_exceeded_quota_waits_for_midnight_in_california(
    client: YouTubeClient, youtube: RawServer
) -> None:
    youtube.routes["/youtube/v3/videos"] = refusal("quotaExceeded", status=403)
    error = error_of(lambda: client.read_videos([VIDEO]), QuotaExceededError)
    assert isinstance(error, QuotaExceededError)
    now = dt.datetime.now(dt.UTC)
    assert now < error.until <= now + dt.timedelta(hours=25)


@pytest.mark.parametrize(
    ("now", "reset"),
    [
        ("2025-07-01T12:00", "2025-07-02T07:00"),
        ("2025-07-01T06:59", "2025-07-01T07:00"),
        ("2025-07-01T07:00", "2025-07-02T07:00"),
        ("2025-12-31T23:00", "2026-01-01T08:00"),
        # The days on which clocks change there.
        ("2025-03-09T12:00", "2025-03-10T07:00"),
        ("2025-11-02T12:00", "2025-11-03T08:00"),
    ],
)
def test_midnight_in_california(now: str, reset: str) -> None:
    moment = dt.datetime.fromisoformat(f"{now}+00:00")
    found = next_quota_reset(moment)
    assert found.isoformat(timespec="minutes") == f"{reset}+00:00"
    assert found.tzinfo is dt.UTC


@pytest.mark.parametrize(
    "broken",
    [
        answer('{"items": [', type="application/json"),
        answer(b"\xff\xfe", type="application/json"),
        lambda _: [b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b'{"items": ['],
        lambda _: [b""],
        lambda _: [b"not HTTP at all\r\n\r\n"],
        answer("[" * 100_000, type="application/json"),
        json_answer([]),
        json_answer({"items": [{"id": "50"}]}),
        json_answer({"items": [7]}),
        json_answer({"items": 7}),
        json_answer("oui"),
    ],
)
def test_a_broken_answer_is_an_error_that_may_pass(
    broken: Any, client: YouTubeClient, youtube: RawServer
) -> None:
    youtube.routes["/youtube/v3/videos"] = broken
    assert kind_of(error_of(lambda: client.read_videos([VIDEO]))) == TRANSIENT


def test_a_hiccup_is_got_over(
    client: YouTubeClient, youtube: RawServer, spent: list[int], slept: list[float]
) -> None:
    answers = iter([refusal("backendError", status=503), json_answer(payload("videos"))])
    youtube.routes["/youtube/v3/videos"] = lambda request: next(answers)(request)
    assert client.read_videos([VIDEO])
    assert (spent, len(slept)) == ([1, 1], 1)


def test_silence_ends_at_the_timeout(youtube: RawServer) -> None:
    def silent(_: Request) -> Iterator[bytes]:
        time.sleep(3 * TIMEOUT_SECONDS)
        yield b""

    youtube.routes["/youtube/v3/videos"] = silent
    start = time.monotonic()
    with YouTubeClient(
        api_key=KEY, base_url=youtube.url, sleep=lambda _: None, timeout=0.2
    ) as client:
        error = error_of(lambda: client.read_videos([VIDEO]))
    assert kind_of(error) == TRANSIENT
    assert "trop de temps" in str(error)
    assert time.monotonic() - start < TIMEOUT_SECONDS - 1


def test_a_closed_door_is_an_error_that_may_pass() -> None:
    gone = RawServer(port=free_ports())
    with YouTubeClient(api_key=KEY, base_url=gone.url, sleep=lambda _: None) as client:
        error = error_of(lambda: client.read_videos([VIDEO]))
    assert kind_of(error) == TRANSIENT
    assert "injoignable" in str(error)


def test_the_caller_may_forbid_a_request(youtube: RawServer) -> None:
    until = dt.datetime(2025, 10, 29, 7, tzinfo=dt.UTC)

    def spend(units: int) -> None:
        raise QuotaExceededError("Le budget du jour est dépensé.", until=until)

    with (
        YouTubeClient(api_key=KEY, base_url=youtube.url, spend=spend) as client,
        pytest.raises(QuotaExceededError) as caught,
    ):
        client.read_videos([VIDEO])
    assert caught.value.until == until
    assert youtube.requests == []


def test_nothing_is_asked_of_the_network_before_the_first_call() -> None:
    """The API's description ships with the library; the network here is closed to it anyway."""
    client = YouTubeClient(api_key=KEY)
    client.close()


def test_a_dropped_client_leaves_no_connection(youtube: RawServer) -> None:
    client = YouTubeClient(api_key=KEY, base_url=youtube.url)
    youtube.routes["/youtube/v3/videos"] = lambda _: [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Type: application/json\r\n\r\n{}"
    ]
    assert client.read_videos([VIDEO]) == []
    connection = next(iter(client._http.connections.values()))
    assert isinstance(connection.sock, socket.socket)
    del client
    assert connection.sock is None
