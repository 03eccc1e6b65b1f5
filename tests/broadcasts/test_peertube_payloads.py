"""What PeerTube's versions say of a video, each in its own way, and how videos are named there."""

from __future__ import annotations

import datetime as dt
import json
import math
from typing import Any

import pytest

from broadcasts.peertube.client import first_valid_id
from broadcasts.peertube.ids import uuid_of, valid_id
from broadcasts.peertube.payloads import read_video_payload
from broadcasts.platforms import LiveState, PlatformVideo
from tests.environment import ROOT

RECORDED = json.loads((ROOT / "tests" / "payloads" / "peertube" / "video.json").read_text())
UUID, SHORT = "9c9de5e8-0a1e-484a-b099-e80766180a6d", "kkGMgK9ZtnKfYAgnEtQxbv"
HERE = "https://video.example"


def read(**changes: Any) -> PlatformVideo:
    """The recorded video with changes; None takes a field away."""
    raw = RECORDED | changes
    kept = {name: value for name, value in raw.items() if name not in changes or value is not None}
    return read_video_payload(kept, base_url=HERE)


@pytest.mark.parametrize(
    ("changes", "address"),
    [
        ({}, f"{HERE}/lazy-static/previews/p.jpg"),
        ({"previewPath": None}, f"{HERE}/lazy-static/thumbnails/t.jpg"),
        ({"previewPath": None, "thumbnailPath": None}, ""),
        ({"previewUrl": "https://store.example/p.jpg"}, "https://store.example/p.jpg"),
        ({"thumbnails": []}, f"{HERE}/lazy-static/previews/p.jpg"),
        ({"thumbnails": 7}, f"{HERE}/lazy-static/previews/p.jpg"),
        (
            {
                "previewPath": None,
                "thumbnails": [
                    {"width": 280, "height": 157, "fileUrl": "https://store.example/280.jpg"},
                    {"width": 850, "height": 480, "fileUrl": "https://store.example/850.jpg"},
                    {"fileUrl": "javascript:alert(1)", "width": 9000},
                    "x",
                ],
            },
            "https://store.example/850.jpg",
        ),
    ],
)
def test_the_widest_picture(changes: dict[str, Any], address: str) -> None:
    assert read(**changes).thumbnail_url == address


def test_what_a_version_does_not_say_is_none() -> None:
    video = read(
        aspectRatio=None, comments=None, views=None, duration=0, updatedAt=None, shortUUID="x",
        description=None, truncatedDescription="court", id="50",
    )  # fmt: skip
    assert video.aspect_ratio is None
    assert (video.comments_count, video.views_count) == (None, None)
    assert (video.duration_seconds, video.changed_at) == (None, None)
    assert (video.peertube_short_uuid, video.description) == ("", "court")
    assert read_video_payload({"uuid": UUID, "aspectRatio": None}, base_url=HERE).title == ""
    for strange in (float("nan"), math.inf, "x", [], -1, 0, 10**30):
        assert read(aspectRatio=strange).aspect_ratio is None, strange


def ahead(**delta: float) -> list[dict[str, str]]:
    return [{"startAt": (dt.datetime.now(dt.UTC) + dt.timedelta(**delta)).isoformat()}]


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({}, LiveState.NONE),
        ({"isLive": True}, LiveState.LIVE),
        ({"isLive": True, "state": {"id": 4, "label": "Waiting"}}, LiveState.UPCOMING),
        ({"isLive": True, "state": {"id": 5, "label": "Ended"}}, LiveState.ENDED),
        # In lists, which leave the state out.
        ({"isLive": True, "state": None}, LiveState.LIVE),
        ({"isLive": True, "state": None, "liveSchedules": ahead(hours=-1)}, LiveState.LIVE),
        ({"isLive": True, "state": None, "liveSchedules": ahead(hours=1)}, LiveState.UPCOMING),
        ({"isLive": True, "liveSchedules": ahead(hours=1)}, LiveState.LIVE),
        ({"state": {"id": 2, "label": "To transcode"}}, LiveState.NONE),
    ],
)
def test_the_life_of_a_live(changes: dict[str, Any], state: LiveState) -> None:
    video = read(**changes)
    assert video.live_state == state
    assert (video.scheduled_for is not None) == ("liveSchedules" in changes)


@pytest.mark.parametrize(
    ("uuid", "short_uuid", "peertube_id", "found"),
    [
        (UUID, "", None, UUID),
        (UUID.upper(), SHORT, 50, UUID),
        ("50", SHORT, 50, SHORT),
        ("50", "", 50, "50"),
        ("", "50", 12, "12"),
        ("50", "", None, None),
        ("50", "50", None, None),
        ("50", "", 0, None),
        ("50", "", -3, None),
        ("50", "", 2**40, None),
        ("", "", None, None),
        (SHORT, "", None, None),
    ],
)
def test_by_which_name_a_video_can_be_read_again(
    uuid: str, short_uuid: str, peertube_id: int | None, found: str | None
) -> None:
    assert first_valid_id(uuid=uuid, short_uuid=short_uuid, peertube_id=peertube_id) == found


def test_a_short_uuid_stands_for_a_uuid() -> None:
    assert uuid_of(SHORT) == UUID
    assert uuid_of("1" * 22) == "00000000-0000-0000-0000-000000000000"


@pytest.mark.parametrize("text", [UUID, UUID.upper(), SHORT, "1", "50", str(2**31 - 1)])
def test_ids_that_can_be_asked_for(text: str) -> None:
    assert valid_id(text) == (text.lower() if text == UUID.upper() else text)
