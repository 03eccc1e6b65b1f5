"""What is read of YouTube's answers, and that the API's own description has each of those names."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import googleapiclient
import pytest

from broadcasts.platforms import LiveState, PlatformVideo
from broadcasts.youtube.payloads import READ, Payload, read_videos_answer, seconds_of
from tests.environment import ROOT

VIDEO = "plainvideo1"
RECORDED = json.loads((ROOT / "tests" / "payloads" / "youtube" / "videos.json").read_text())
LIBRARY = Path(googleapiclient.__path__[0])
DISCOVERY = json.loads((LIBRARY / "discovery_cache" / "documents" / "youtube.v3.json").read_text())


def test_a_live_that_is_over_is_not_called_live() -> None:
    recorded = RECORDED["items"][3]
    raw = {**recorded, "snippet": {**recorded["snippet"], "liveBroadcastContent": "live"}}
    assert read_videos_answer({"items": [raw]})[0].live_state == LiveState.ENDED


def test_a_video_with_next_to_nothing_is_read() -> None:
    bare = PlatformVideo(platform="youtube", external_id=VIDEO, title="")
    assert read_videos_answer({"items": [{"id": VIDEO}]}) == [bare]
    strange = {
        "id": VIDEO,
        "snippet": {"title": 7, "publishedAt": "hier", "thumbnails": {"high": {"url": "data:x"}}},
        "contentDetails": {"duration": 12},
        "statistics": {"viewCount": "-1", "commentCount": "9" * 30},
        "player": {"embedWidth": "0", "embedHeight": "0"},
        "liveStreamingDetails": {"actualEndTime": "0001-01-01T00:00:00+14:00"},
        "status": [],
    }
    assert read_videos_answer({"items": [strange]}) == [bare]


def test_text_is_fit_for_the_database() -> None:
    raw = {"id": VIDEO, "snippet": {"title": "a\x00b\ud800c"}}
    assert read_videos_answer({"items": [raw]})[0].title == "abc"


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("PT6M12S", 372),
        ("PT2H", 7200),
        ("P1D", 86_400),
        ("P1W", 604_800),
        ("P0D", None),
        ("PT0S", None),
        ("P", None),
        ("1:48:00", None),
        ("PT1.5S", None),
        ("P99999D", None),
        (None, None),
    ],
)
def test_durations(written: str | None, seconds: int | None) -> None:
    assert seconds_of(written) == seconds


def leads_somewhere(schema: dict[str, Any], name: str) -> bool:
    for part in name.split("."):
        if "$ref" in schema:
            schema = DISCOVERY["schemas"][schema["$ref"]]
        if part not in schema.get("properties", {}):
            return False
        schema = schema["properties"][part]
    return True


@pytest.mark.parametrize(("schema", "name"), [(s, name) for s in READ for name in READ[s]])
def test_each_field_that_is_read_exists_in_the_api(schema: str, name: str) -> None:
    assert leads_somewhere(DISCOVERY["schemas"][schema], name)


@pytest.mark.parametrize("name", ["snippet.titel", "snippet.thumbnails.huge", "stats.viewCount"])
def test_a_field_that_does_not_exist_is_noticed(name: str) -> None:
    assert not leads_somewhere(DISCOVERY["schemas"]["Video"], name)


def test_only_listed_fields_can_be_read() -> None:
    video = Payload("Video", {"fileDetails": {"fileName": "x.mp4"}})
    with pytest.raises(LookupError):
        video.get("fileDetails.fileName")


def test_items_are_of_the_schema_that_is_read() -> None:
    for listed, item in (
        ("ChannelListResponse", "Channel"),
        ("PlaylistItemListResponse", "PlaylistItem"),
        ("VideoListResponse", "Video"),
    ):
        assert DISCOVERY["schemas"][listed]["properties"]["items"]["items"] == {"$ref": item}
