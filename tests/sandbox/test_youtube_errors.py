"""The stand-in for YouTube when all is not well: misuse, the day's units, faults on demand."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from sandbox.youtube import YouTubeStandIn
from sandbox.youtube.errors import KNOWN
from tests.sandbox.platforms import PATIENCE, broken, fetch, small_world

VIDEOS = "/youtube/v3/videos"
ITEMS = "/youtube/v3/playlistItems"
QUOTA = {
    "error": {
        "code": 403,
        "message": "The request cannot be completed because you have exceeded your "
        '<a href="/youtube/v3/getting-started#quota">quota</a>.',
        "errors": [
            {
                "message": "The request cannot be completed because you have exceeded your "
                '<a href="/youtube/v3/getting-started#quota">quota</a>.',
                "domain": "youtube.quota",
                "reason": "quotaExceeded",
            }
        ],
    }
}


@pytest.fixture(scope="module")
def standin() -> Iterator[YouTubeStandIn]:
    with YouTubeStandIn(world=small_world(5)) as found:
        yield found


@pytest.fixture
def youtube(standin: YouTubeStandIn) -> Iterator[YouTubeStandIn]:
    yield standin
    standin.forget()
    standin.quota.reset()
    standin.quota.limit = 10_000


def get(youtube: YouTubeStandIn, path: str = VIDEOS, **params: Any) -> httpx.Response:
    """A request with our key and parts, unless `params` say otherwise (None: absent)."""
    given = {"key": youtube.api_key, "part": "id", "id": "AAAAAAAAAAA"} | params
    sent = {name: value for name, value in given.items() if value is not None}
    return fetch(f"{youtube.url}{path}", params=sent)


def reason(answer: httpx.Response) -> str:
    error = answer.json()["error"]
    assert error["code"] == answer.status_code
    assert error["message"] == error["errors"][0]["message"]
    found: str = error["errors"][0]["reason"]
    return found


@pytest.mark.parametrize(
    ("path", "params", "status", "expected"),
    [
        (VIDEOS, {"colour": "red"}, 400, "badRequest"),
        (VIDEOS, {"part": "id,statistic"}, 400, "unknownPart"),
        (VIDEOS, {"part": "id,fileDetails"}, 403, "forbidden"),
        (VIDEOS, {"part": None}, 400, "required"),
        (VIDEOS, {"part": ""}, 400, "required"),
        (VIDEOS, {"id": None}, 400, "missingRequiredParameter"),
        (VIDEOS, {"id": ",".join(f"{n:011}" for n in range(51))}, 400, "invalidFilters"),
        (VIDEOS, {"maxWidth": "wide"}, 400, "invalidParameter"),
        (VIDEOS, {"fields": "items(id"}, 400, "invalidParameter"),
        (ITEMS, {"id": None}, 400, "missingRequiredParameter"),
        (ITEMS, {"playlistId": "PLAYLIST", "maxResults": 51}, 400, "invalidParameter"),
        (ITEMS, {"playlistId": "PLAYLIST", "pageToken": "two"}, 400, "invalidPageToken"),
        ("/youtube/v3/channels", {"id": None}, 400, "missingRequiredParameter"),
        ("/youtube/v3/search", {"q": "police"}, 403, "forbidden"),
        ("/youtube/v3/captions", {}, 404, "notFound"),
        ("/youtube/v4/videos", {}, 404, "notFound"),
        (VIDEOS, {"key": None}, 403, "forbidden"),
    ],
)
def test_what_correct_code_would_not_ask(
    youtube: YouTubeStandIn, path: str, params: dict[str, Any], status: int, expected: str
) -> None:
    """It is refused as YouTube does, and remembered."""
    if "playlistId" in params:
        params = params | {"playlistId": youtube.uploads_id, "id": None}
    answer = get(youtube, path, **params)

    assert (answer.status_code, reason(answer)) == (status, expected)
    assert [entry["path"] for entry in youtube.violations()] == [path]


def test_a_wrong_key_is_the_operators_mistake(youtube: YouTubeStandIn) -> None:
    answer = get(youtube, key="AIza-expired")

    assert answer.status_code == 400
    assert answer.json()["error"]["details"][0]["reason"] == "API_KEY_INVALID"
    assert youtube.violations() == []
    assert get(youtube, key=None, colour=None).status_code == 403
    header = {"X-Goog-Api-Key": youtube.api_key}
    by_header = fetch(f"{youtube.url}{VIDEOS}?part=id&id=AAAAAAAAAAA", headers=header)
    assert by_header.status_code == 200


def test_an_unknown_playlist_is_not_misuse(youtube: YouTubeStandIn) -> None:
    answer = get(youtube, ITEMS, playlistId="UUnobody", id=None)

    assert (answer.status_code, reason(answer)) == (404, "playlistNotFound")
    assert youtube.violations() == []


def test_the_days_units_run_out(youtube: YouTubeStandIn) -> None:
    youtube.quota.limit = 2
    answers = [get(youtube) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 403]
    assert answers[-1].json() == QUOTA
    assert youtube.quota.used(youtube.api_key) == 2
    youtube.quota.reset()
    assert get(youtube).status_code == 200


def test_ten_thousand_units_a_day(youtube: YouTubeStandIn) -> None:
    assert youtube.quota.spend(youtube.api_key, 9_999)
    assert get(youtube).status_code == 200
    assert reason(get(youtube)) == "quotaExceeded"


@pytest.mark.parametrize("word", KNOWN)
def test_errors_in_youtubes_words(youtube: YouTubeStandIn, word: str) -> None:
    youtube.fail(reason=word, path=VIDEOS)
    answer = get(youtube)

    assert (answer.status_code, reason(answer)) == (KNOWN[word][1], word)
    assert youtube.quota.used(youtube.api_key) == 0
    assert get(youtube).status_code == 200, "once"


def test_an_unknown_reason_is_refused(youtube: YouTubeStandIn) -> None:
    with pytest.raises(ValueError, match="reason is one of quotaExceeded"):
        youtube.fail(reason="boredom")


@pytest.mark.parametrize("status", [429, 500, 503])
def test_errors_by_their_status(youtube: YouTubeStandIn, status: int) -> None:
    youtube.fail(status=status, count=2, retry_after=7)
    answers = [get(youtube) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [status, status, 200]
    assert answers[0].headers.get("Retry-After") == ("7" if status == 429 else None)
    assert answers[0].json()["error"]["status"]


def test_faults_choose_their_requests(youtube: YouTubeStandIn) -> None:
    youtube.fail(status=500, path="*/playlistItems")

    assert get(youtube).status_code == 200
    assert get(youtube, ITEMS, playlistId=youtube.uploads_id, id=None).status_code == 500


@pytest.mark.parametrize(
    ("kind", "error"),
    [
        ("truncated", httpx.RemoteProtocolError),
        ("disconnect", httpx.RemoteProtocolError),
        ("timeout", httpx.ReadTimeout),
    ],
)
def test_answers_that_do_not_arrive(
    youtube: YouTubeStandIn, kind: str, error: type[Exception]
) -> None:
    youtube.fail(kind=kind)
    params = {"key": youtube.api_key, "part": "id", "id": "AAAAAAAAAAA"}

    patience = 0.5 if kind == "timeout" else PATIENCE
    address = f"{youtube.url}{VIDEOS}"
    assert broken(lambda: fetch(address, params=params, timeout=patience)) is error
    assert get(youtube).status_code == 200


def test_half_of_the_json(youtube: YouTubeStandIn) -> None:
    """To HTTP all is well; only who reads the JSON can tell."""
    youtube.fail(kind="cut")
    answer = get(youtube)

    assert answer.status_code == 200
    assert answer.text.startswith("{")
    with pytest.raises(json.JSONDecodeError):
        answer.json()


def test_a_slow_answer_is_whole(youtube: YouTubeStandIn) -> None:
    youtube.fail(kind="slow", seconds=0.4)
    begun = time.monotonic()

    assert get(youtube).json()["items"] == []
    assert time.monotonic() - begun > 0.35


def test_answers_are_withheld_until_released(youtube: YouTubeStandIn) -> None:
    youtube.hold(VIDEOS, count=1)
    with ThreadPoolExecutor(1) as pool:
        asked = pool.submit(get, youtube)
        assert youtube.wait_for_waiting()
        assert youtube.waiting() == [{"method": "GET", "path": VIDEOS}]
        assert youtube.requests()[-1]["status"] is None
        youtube.release()
        assert asked.result().status_code == 200


def test_a_port_that_is_taken(youtube: YouTubeStandIn) -> None:
    with pytest.raises(OSError, match="in use"):
        YouTubeStandIn(world=youtube.world, port=youtube.port)


def test_requests_are_remembered(youtube: YouTubeStandIn) -> None:
    fetch(
        f"{youtube.url}{VIDEOS}",
        params={"key": youtube.api_key, "part": "id", "id": "AAAAAAAAAAA"},
        headers={"If-None-Match": '"abc"'},
    )
    (found,) = youtube.requests("/youtube/*")

    assert (found["method"], found["path"], found["status"]) == ("GET", VIDEOS, 200)
    assert found["query"]["id"] == "AAAAAAAAAAA"
    assert found["if_none_match"] == '"abc"'
