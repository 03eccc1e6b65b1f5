"""The stand-in for PeerTube when all is not well: problems, the allowance, faults on demand."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox.peertube import PeerTubeStandIn
from sandbox.video_world import Shapes
from tests.sandbox.platforms import PATIENCE, act, broken, fetch, small_world

LIST = "/api/v1/video-channels/auposte/videos"


@pytest.fixture
def peertube() -> Iterator[PeerTubeStandIn]:
    with PeerTubeStandIn(world=small_world(20)) as standin:
        yield standin


def get(peertube: PeerTubeStandIn, path: str = LIST, **params: Any) -> httpx.Response:
    return fetch(peertube.url + path, params=params)


def problem(answer: httpx.Response) -> Any:
    assert answer.headers["Content-Type"].startswith("application/problem+json")
    body = answer.json()
    assert body["status"] == answer.status_code
    assert body["title"]
    return body


def test_more_than_a_hundred_at_once(peertube: PeerTubeStandIn) -> None:
    assert get(peertube, count=100).status_code == 200
    found = problem(get(peertube, count=101))

    assert found["status"] == 400
    assert found["detail"] == "Incorrect request parameters: count"
    assert found["invalid-params"]["count"]["value"] == "101"
    assert [entry["path"] for entry in peertube.violations()] == [LIST]


@pytest.mark.parametrize(
    ("path", "params", "status"),
    [
        (LIST, {"start": "-1"}, 400),
        (LIST, {"count": "many"}, 400),
        (LIST, {"sort": "-colour"}, 400),
        ("/api/v1/videos/not-an-id", {}, 400),
        ("/api/v1/users/me", {}, 404),
    ],
)
def test_what_correct_code_would_not_ask(
    peertube: PeerTubeStandIn, path: str, params: dict[str, str], status: int
) -> None:
    assert problem(get(peertube, path, **params))["status"] == status
    assert len(peertube.violations()) == 1


def test_an_unknown_parameter_is_ignored_but_noticed(peertube: PeerTubeStandIn) -> None:
    assert get(peertube, counts="5").status_code == 200
    assert peertube.violations()[0]["message"] == "Unknown parameter: counts"


@pytest.mark.parametrize("part", ["", "/chapters", "/captions"])
def test_private_and_deleted_videos(peertube: PeerTubeStandIn, part: str) -> None:
    hidden, gone = peertube.world.videos("peertube")[:2]
    peertube.world.make_private(hidden.id)
    peertube.world.delete(gone.id)

    for key in (hidden.id, hidden.short, hidden.number):
        assert problem(get(peertube, f"/api/v1/videos/{key}{part}"))["status"] == 403
    for key in (gone.id, gone.short, gone.number, "ffffffff-0000-4000-8000-000000000000"):
        found = problem(get(peertube, f"/api/v1/videos/{key}{part}"))
        assert (found["status"], found["detail"]) == (404, "Video not found")
    listed = {item["uuid"] for item in get(peertube, count=100).json()["data"]}
    assert not listed & {hidden.id, gone.id}
    assert peertube.violations() == []
    peertube.world.shapes = Shapes(private_status=401)
    assert problem(get(peertube, f"/api/v1/videos/{hidden.id}{part}"))["status"] == 401


def test_another_channel_is_not_here(peertube: PeerTubeStandIn) -> None:
    host = peertube.url.removeprefix("http://")

    assert problem(get(peertube, "/api/v1/video-channels/nobody/videos"))["status"] == 404
    assert get(peertube, f"/api/v1/video-channels/auposte@{host}/videos").status_code == 200
    assert get(peertube, "/api/v1/video-channels/auposte").json()["name"] == peertube.channel


def test_fifty_requests_in_ten_seconds(peertube: PeerTubeStandIn) -> None:
    with httpx.Client(timeout=PATIENCE) as client:
        answers = [client.get(peertube.url + LIST, params={"count": 1}) for _ in range(51)]
    refused = answers[-1]

    assert {answer.status_code for answer in answers[:50]} == {200}
    assert answers[49].headers["X-RateLimit-Remaining"] == "0"
    assert refused.status_code == 429
    assert 1 <= int(refused.headers["Retry-After"]) <= 10
    # Not JSON: a reader that parses first stumbles.
    assert refused.text == "Too many requests, please try again later."
    video = peertube.world.videos("peertube")[0]
    assert get(peertube, f"/videos/embed/{video.id}").status_code == 200, "pages have no limit"


def test_the_allowance_comes_back(peertube: PeerTubeStandIn) -> None:
    peertube.limiter.limit, peertube.limiter.window = 2, 0.4
    begun = time.monotonic()
    assert [get(peertube).status_code for _ in range(3)][-1] == 429
    while get(peertube).status_code == 429:
        assert time.monotonic() - begun < PATIENCE
        time.sleep(0.02)

    assert time.monotonic() - begun >= 0.4


def test_the_allowance_is_set_over_http(peertube: PeerTubeStandIn) -> None:
    assert act(peertube, "rate", limit=1).json() == {"limit": 1, "window": 10.0}
    assert [get(peertube).status_code for _ in range(2)] == [200, 429]
    act(peertube, "rate", limit=100)
    assert get(peertube).status_code == 200


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_errors_by_their_status(peertube: PeerTubeStandIn, status: int) -> None:
    peertube.fail(status=status, reason="Essai")

    assert problem(get(peertube))["detail"] == "Essai"
    assert get(peertube).status_code == 200


def test_too_many_requests_on_demand(peertube: PeerTubeStandIn) -> None:
    peertube.fail(status=429, retry_after=3, count=2, path="/api/*")
    answers = [get(peertube) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [429, 429, 200]
    assert answers[0].headers["Retry-After"] == "3"
    assert answers[0].text == "Too many requests, please try again later."


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("truncated", httpx.RemoteProtocolError),
        ("disconnect", httpx.RemoteProtocolError),
        ("timeout", httpx.ReadTimeout),
    ],
)
def test_answers_that_do_not_arrive(
    peertube: PeerTubeStandIn, kind: str, error: type[Exception]
) -> None:
    peertube.fail(kind=kind)

    patience = 0.5 if kind == "timeout" else PATIENCE
    assert broken(lambda: fetch(peertube.url + LIST, timeout=patience)) is error


def test_half_of_the_json(peertube: PeerTubeStandIn) -> None:
    peertube.fail(kind="cut")
    answer = get(peertube)

    assert answer.status_code == 200
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_faults_reach_files_too(peertube: PeerTubeStandIn) -> None:
    video = peertube.world.videos("peertube")[0]
    peertube.world.set_captions(video.id, "fr")
    (caption,) = get(peertube, f"/api/v1/videos/{video.id}/captions").json()["data"]
    peertube.fail(status=500, path="/lazy-static/video-captions/*")

    assert fetch(caption["fileUrl"]).status_code == 500
    assert fetch(caption["fileUrl"]).status_code == 200


def test_only_reading(peertube: PeerTubeStandIn) -> None:
    answer = httpx.post(peertube.url + LIST)

    assert problem(answer)["status"] == 404
    assert peertube.violations()[0]["method"] == "POST"


def test_requests_are_remembered_until_forgotten(peertube: PeerTubeStandIn) -> None:
    get(peertube, count=3)
    get(peertube, "/w/50000")

    assert [entry["query"] for entry in peertube.requests("/api/*")] == [{"count": "3"}]
    assert [entry["status"] for entry in peertube.requests()] == [200, 404]
    peertube.forget()
    assert peertube.requests() == []
