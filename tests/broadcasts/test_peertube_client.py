"""PeerTube's client over real HTTP: its shapes, its pace, its refusals."""

from __future__ import annotations

import datetime as dt
import json
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from auposte import connections
from auposte.external import ExternalServiceError
from broadcasts.peertube.client import TIMEOUT_SECONDS, PeerTubeClient
from broadcasts.peertube.payloads import read_videos_page
from broadcasts.platforms import LiveState, PlatformCaption, PlatformChapter, PlatformVideo
from sandbox.ports import free_ports
from tests.environment import ROOT
from tests.raw_server import RawServer, Request, answer, json_answer, raw_server

PAYLOADS = ROOT / "tests" / "payloads" / "peertube"
UUID, SHORT = "9c9de5e8-0a1e-484a-b099-e80766180a6d", "kkGMgK9ZtnKfYAgnEtQxbv"
HERE = "https://video.example"
AT = dt.datetime(2025, 10, 28, 18, 5, 12, 345_000, tzinfo=dt.UTC)


def payload(name: str) -> Any:
    return json.loads((PAYLOADS / f"{name}.json").read_text())


@pytest.fixture
def peertube() -> Iterator[RawServer]:
    api = "/api/v1"
    routes = {
        f"{api}/video-channels/auposte/videos": json_answer(payload("list")),
        f"{api}/videos/{UUID}": json_answer(payload("video"), ETag='W/"1-x"'),
        f"{api}/videos/{UUID}/chapters": json_answer(payload("chapters")),
        f"{api}/videos/{UUID}/captions": json_answer(payload("captions")),
    }
    with raw_server(routes) as server:
        yield server


@pytest.fixture
def spent() -> list[int]:
    return []


@pytest.fixture
def client(peertube: RawServer, spent: list[int]) -> Iterator[PeerTubeClient]:
    with PeerTubeClient(base_url=peertube.url, spend=spent.append) as client:
        yield client


def error_of(call: Callable[[], object]) -> ExternalServiceError:
    with pytest.raises(ExternalServiceError) as caught:
        call()
    return caught.value


def test_a_video(client: PeerTubeClient, peertube: RawServer, spent: list[int]) -> None:
    assert client.read_video(UUID) == PlatformVideo(
        platform="peertube",
        external_id=UUID,
        title="Qui garde les gardiens ? - S10E27 - Mardi 28 octobre 2025",
        description="Au Poste, en direct.\n\nAussi chez YouTube.",
        published_at=AT,
        changed_at=AT + dt.timedelta(days=1),
        duration_seconds=6501,
        aspect_ratio=Decimal("1.7778"),
        views_count=812,
        comments_count=4,
        thumbnail_url=f"{peertube.url}/lazy-static/previews/p.jpg",
        etag='W/"1-x"',
        peertube_id=50,
        peertube_short_uuid=SHORT,
    )
    assert spent == [1]
    assert "if-none-match" not in peertube.requests[0].headers


def test_what_did_not_change_is_none(client: PeerTubeClient, peertube: RawServer) -> None:
    peertube.routes[""] = answer(status=304)
    assert client.read_video(SHORT, etag='W/"1-x"') is None
    assert peertube.requests[0].headers["if-none-match"] == 'W/"1-x"'
    assert peertube.requests[0].path == f"/api/v1/videos/{SHORT}"


def test_a_page_of_the_channel(client: PeerTubeClient, peertube: RawServer) -> None:
    page = client.list_videos("auposte", start=100, count=500)
    assert page.total == 1104
    # Of the recorded ones, one is private and one could not be transcoded.
    assert [video.title for video in page.videos] == ["Un direct", "Une émission"]
    live, broadcast = page.videos
    assert (live.live_state, live.duration_seconds) == (LiveState.LIVE, None)
    assert (broadcast.live_state, broadcast.description) == (LiveState.NONE, "Le début […]")
    assert peertube.requests[0].query == {
        "start": "100", "count": "100", "sort": "-publishedAt", "includeScheduledLive": "true",
        "nsfw": "both",
    }  # fmt: skip


@pytest.mark.parametrize("channel", ["", "..", "a/b", "a?b", "a b", "@x.fr", "a@", "é"])
def test_a_channel_that_is_no_name_is_not_asked_for(
    channel: str, client: PeerTubeClient, peertube: RawServer
) -> None:
    error = error_of(lambda: client.list_videos(channel))
    assert (error.permanent, error.missing) == (True, True)
    assert peertube.requests == []


def test_a_channel_that_is_not_there_says_which_setting(client: PeerTubeClient) -> None:
    error = error_of(lambda: client.list_videos("autre@ailleurs.fr:8443"))
    assert error.missing
    assert "PEERTUBE_CHANNEL" in str(error)


# --- shapes ---------------------------------------------------------------------------------------

CHAPTERS = (
    PlatformChapter(start_seconds=0, title="Arrivée"),
    PlatformChapter(start_seconds=445, title="Le début"),
)


def test_chapters_come_in_an_object_or_a_list(client: PeerTubeClient, peertube: RawServer) -> None:
    path = f"/api/v1/videos/{UUID}/chapters"
    assert client.chapters(UUID) == CHAPTERS
    peertube.routes[path] = json_answer(payload("chapters")["chapters"])
    assert client.chapters(UUID.upper()) == CHAPTERS
    strange = [{"timecode": "x", "title": "a"}, {"timecode": 9, "title": " "}, 7, None]
    peertube.routes[path] = json_answer({"chapters": strange})
    assert client.chapters(UUID) == ()


def test_captions_by_either_address(client: PeerTubeClient, peertube: RawServer) -> None:
    path = f"/api/v1/videos/{UUID}/captions"
    french, english = client.captions(UUID)
    assert french == PlatformCaption(
        language="fr", url=f"{peertube.url}/lazy-static/video-captions/fr.vtt", automatic=True
    )
    assert english == PlatformCaption(language="en", url="https://store.example/en.vtt")
    peertube.routes[path] = json_answer(payload("captions")["data"])
    assert client.captions(UUID) == (french, english)
    peertube.routes[path] = json_answer({"total": 0, "data": []})
    assert client.captions(UUID) == ()


def test_the_text_of_a_caption(
    client: PeerTubeClient, peertube: RawServer, spent: list[int]
) -> None:
    path = "/lazy-static/video-captions/fr.vtt"
    caption = PlatformCaption(language="fr", url=f"{peertube.url}{path}")
    for type in ("text/vtt; charset=UTF-8", "application/octet-stream", "text/plain"):
        peertube.routes[path] = answer("\ufeffWEBVTT\n\nété", type=type)
        assert client.caption_text(caption) == "WEBVTT\n\nété"
    assert spent == [1, 1, 1]
    peertube.routes[path] = answer("<!doctype html>", type="text/html")
    assert error_of(lambda: client.caption_text(caption)).permanent


def test_captions_off_the_instance_are_guarded(client: PeerTubeClient) -> None:
    with raw_server({"": answer("WEBVTT", type="text/vtt")}) as inner:
        caption = PlatformCaption(language="fr", url=f"{inner.url}/fr.vtt")
        assert error_of(lambda: client.caption_text(caption)).permanent
        assert inner.requests == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"state": {"id": 7}}, "pas encore prête"),
        ({"state": {"id": 3}}, "pas encore prête"),
        ({"state": {"id": 2}, "waitTranscoding": True}, "pas encore prête"),
        ({"privacy": {"id": 3}}, "pas publique"),
        ({"privacy": {"id": 5}}, "pas publique"),
        ({"blacklisted": True}, "bloquée"),
    ],
)
def test_what_cannot_be_shown_is_missing(
    changes: dict[str, Any], words: str, client: PeerTubeClient, peertube: RawServer
) -> None:
    peertube.routes[f"/api/v1/videos/{UUID}"] = json_answer(payload("video") | changes)
    error = error_of(lambda: client.read_video(UUID))
    assert (error.permanent, error.missing) == (True, True)
    assert words in str(error)
    page = read_videos_page({"total": 1, "data": [payload("video") | changes]}, base_url=HERE)
    assert page.videos == ()


# --- ids ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "", "0", "-1", "050", str(2**31), "5.0", "٥", "../config", "50/../../config", "50?x",
        "50\n", UUID[:-1], f"{UUID}\n", UUID.replace("-", ""), SHORT[:-1], f"{SHORT}x",
        "0" * 22, "z" * 22, "Z" * 22,
    ],
)  # fmt: skip
def test_ids_that_lead_to_no_request(
    text: str, client: PeerTubeClient, peertube: RawServer, spent: list[int]
) -> None:
    for call in (client.read_video, client.chapters, client.captions):
        assert error_of(lambda call=call: call(text)).permanent  # type: ignore[misc]
    assert (peertube.requests, spent) == ([], [])


def test_a_number_is_no_uuid(client: PeerTubeClient, peertube: RawServer) -> None:
    for call in (client.chapters, client.captions):
        assert error_of(lambda call=call: call("50")).permanent  # type: ignore[misc]
    assert peertube.requests == []


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "code", "permanent", "missing", "wait", "words"),
    [
        (404, "", True, True, None, "ne trouve pas"),
        (410, "", True, True, None, "ne trouve pas"),
        (403, "", True, True, None, "privé ou bloqué"),
        (401, "", True, True, None, "privé ou bloqué"),
        (451, "", True, True, None, "privé ou bloqué"),
        (403, "video_requires_password", True, True, None, "mot de passe"),
        (403, "does_not_respect_follow_constraints", True, True, None, "ne suit"),
        (400, "", True, False, None, "ne comprend pas"),
        (302, "", True, False, None, "PEERTUBE_URL"),
        (204, "", True, False, None, "ne comprend pas"),
        (429, "", False, False, 7, "attendre"),
        (408, "", False, False, 7, "panne"),
        (500, "", False, False, 7, "panne"),
        (503, "", False, False, 7, "panne"),
    ],
)
def test_each_refusal_says_what_to_do(
    status: int,
    code: str,
    permanent: bool,
    missing: bool,
    wait: int | None,
    words: str,
    client: PeerTubeClient,
    peertube: RawServer,
) -> None:
    problem = {"status": status, "title": "In English", "detail": "In English", "code": code}
    peertube.routes[""] = json_answer(
        problem, status=status, Retry_After="7", Location="https://elsewhere.example/"
    )
    error = error_of(lambda: client.read_video("12"))
    assert (error.permanent, error.missing, error.retry_after) == (permanent, missing, wait)
    assert words in str(error)
    assert "English" not in str(error)
    assert len(peertube.requests) == 1


def test_too_many_requests_without_a_word_on_how_long(
    client: PeerTubeClient, peertube: RawServer
) -> None:
    peertube.routes[""] = answer("Too many requests", status=429, type="text/html")
    assert error_of(lambda: client.read_video("12")).retry_after == 10


@pytest.mark.parametrize(
    "broken",
    [
        answer('{"uuid": ', type="application/json"),
        answer(b"\xff\xfe"),
        answer("[" * 100_000),
        answer(b""),
        answer(b"not gzip", Content_Encoding="gzip"),
        lambda _: [b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b"{"],
        lambda _: [b"not HTTP\r\n\r\n"],
        lambda _: [b""],
        json_answer([]),
        json_answer({}),
        json_answer({"uuid": "50"}),
        json_answer("oui"),
    ],
)
def test_a_broken_answer_is_an_error_that_may_pass(
    broken: Any, client: PeerTubeClient, peertube: RawServer
) -> None:
    peertube.routes = {"": broken}
    error = error_of(lambda: client.read_video(UUID))
    assert (error.permanent, error.missing, error.__cause__) == (False, False, None)


@pytest.mark.parametrize("raw", [{}, {"data": 7}, {"total": 1, "data": [{"uuid": "50"}]}, "oui"])
def test_a_list_that_is_none_is_an_error(
    raw: Any, client: PeerTubeClient, peertube: RawServer
) -> None:
    peertube.routes = {"": json_answer(raw)}
    assert not error_of(lambda: client.list_videos("auposte")).permanent


def test_a_304_that_nobody_asked_for_is_an_error(
    client: PeerTubeClient, peertube: RawServer
) -> None:
    peertube.routes = {"": answer(status=304)}
    assert not error_of(lambda: client.chapters(UUID)).permanent


def test_a_body_without_end_is_cut(client: PeerTubeClient, peertube: RawServer) -> None:
    def endless(_: Request) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
        while True:
            yield b" " * 65_536

    peertube.routes = {"": endless}
    assert "trop longue" in str(error_of(lambda: client.read_video(UUID)))


def test_a_drip_ends_at_the_deadline(peertube: RawServer) -> None:
    def drip(_: Request) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n"
        while True:
            time.sleep(0.05)
            yield b" "

    peertube.routes = {"": drip}
    start = time.monotonic()
    with PeerTubeClient(base_url=peertube.url, timeout=0.4) as client:
        error = error_of(lambda: client.read_video(UUID))
    assert "trop de temps" in str(error)
    assert time.monotonic() - start < TIMEOUT_SECONDS - 1


def test_the_deadline_is_for_each_request(
    peertube: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 0.0

    def slow(request: Request) -> Iterator[bytes]:
        nonlocal now
        now += 12
        yield from json_answer(payload("video"))(request)

    monkeypatch.setattr(connections, "time", SimpleNamespace(monotonic=lambda: now))
    peertube.routes = {"": slow}
    with PeerTubeClient(base_url=peertube.url, timeout=20) as client:
        for _ in range(4):
            assert client.read_video(UUID)
    assert now == 48


def test_a_closed_door_is_an_error_that_may_pass() -> None:
    gone = RawServer(port=free_ports())
    with PeerTubeClient(base_url=gone.url) as client:
        error = error_of(lambda: client.read_video(UUID))
    assert "injoignable" in str(error)
    assert not error.permanent


def test_redirects_are_not_followed(client: PeerTubeClient, peertube: RawServer) -> None:
    with raw_server({"": json_answer(payload("video"))}) as other:
        peertube.routes = {"": answer(status=301, Location=f"{other.url}/api/v1/videos/{UUID}")}
        assert "PEERTUBE_URL" in str(error_of(lambda: client.read_video(UUID)))
        assert other.requests == []


def test_the_caller_may_forbid_a_request(peertube: RawServer) -> None:
    def spend(units: int) -> None:
        raise ExternalServiceError("Plus rien à dépenser.", permanent=False)

    with PeerTubeClient(base_url=peertube.url, spend=spend) as client:
        caption = PlatformCaption(language="fr", url=f"{peertube.url}/fr.vtt")
        for call in (lambda: client.read_video(UUID), lambda: client.caption_text(caption)):
            assert str(error_of(call)) == "Plus rien à dépenser."
    assert peertube.requests == []
