"""The stand-in for YouTube, read over HTTP, by Google's own library too."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from googleapiclient.discovery import build

from sandbox.video_world import Video
from sandbox.youtube import YouTubeStandIn
from sandbox.youtube.discovery import document
from tests.sandbox.platforms import (
    PARIS_EVENING,
    PATIENCE,
    act,
    fetch,
    picture_size,
    small_world,
)

PARTS = "id,snippet,contentDetails,status,statistics,player,liveStreamingDetails"


@pytest.fixture
def youtube() -> Iterator[YouTubeStandIn]:
    with YouTubeStandIn(world=small_world()) as standin:
        yield standin


@pytest.fixture
def client(youtube: YouTubeStandIn) -> Iterator[httpx.Client]:
    key = {"key": youtube.api_key}
    with httpx.Client(base_url=f"{youtube.url}/youtube/v3", params=key, timeout=PATIENCE) as found:
        yield found


def ask(client: httpx.Client, resource: str, **params: Any) -> Any:
    answer = client.get(f"/{resource}", params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def video(client: httpx.Client, key: str, part: str = PARTS, **params: Any) -> Any:
    return ask(client, "videos", part=part, id=key, **params)["items"][0]


def publish(youtube: YouTubeStandIn, **fields: Any) -> Video:
    return youtube.world.add(platforms=["youtube"], **fields)["youtube"]


def test_eleven_hundred_videos_by_googles_own_library() -> None:
    with YouTubeStandIn(world=small_world(1100)) as youtube:
        service = build(
            "youtube",
            "v3",
            developerKey=youtube.api_key,
            client_options={"api_endpoint": youtube.url},
            static_discovery=True,
        )
        channels = service.channels().list(part="contentDetails", id=youtube.channel_id).execute()
        uploads = channels["items"][0]["contentDetails"]["relatedPlaylists"]["uploads"]
        ids: list[str] = []
        details = []
        page: Any = {"nextPageToken": None}
        while "nextPageToken" in page:
            request = service.playlistItems().list(
                part="contentDetails",
                playlistId=uploads,
                maxResults=50,
                pageToken=page["nextPageToken"],
            )
            page = request.execute()
            assert page["pageInfo"] == {"totalResults": 1100, "resultsPerPage": 50}
            found = [item["contentDetails"]["videoId"] for item in page["items"]]
            ids += found
            videos = service.videos().list(part=PARTS, id=",".join(found), maxWidth=1920).execute()
            details += videos["items"]
        service.close()

    assert uploads == f"UU{youtube.channel_id[2:]}"
    assert ids == [item["id"] for item in details]
    assert ids == [video.id for video in youtube.world.videos("youtube")]
    assert youtube.quota.used(youtube.api_key) == 45
    assert len(youtube.requests("/youtube/v3/*")) == 45
    assert youtube.violations() == []


def test_pages_lead_forth_and_back(youtube: YouTubeStandIn, client: httpx.Client) -> None:
    uploads = {"part": "snippet", "playlistId": youtube.uploads_id}
    first = ask(client, "playlistItems", **uploads)
    second = ask(client, "playlistItems", pageToken=first["nextPageToken"], **uploads)
    again = ask(client, "playlistItems", pageToken=second["prevPageToken"], **uploads)

    positions = [item["snippet"]["position"] for page in (first, second) for item in page["items"]]
    assert positions == list(range(10))
    assert again == first
    assert "prevPageToken" not in first


def every_kind(youtube: YouTubeStandIn) -> dict[str, str]:
    """One video of each kind, with all that it can have; their ids."""
    world = youtube.world
    lives = {}
    for stage in ("upcoming", "live", "ended", "replay"):
        key = world.schedule_live(stage, PARIS_EVENING, platforms=["youtube"])["youtube"].id
        lives[stage] = key
        if stage != "upcoming":
            world.start_live(key, at=PARIS_EVENING)
        if stage in ("ended", "replay"):
            world.end_live(key, at=PARIS_EVENING + dt.timedelta(hours=1))
        if stage == "replay":
            world.bring_replay(key)
    return lives | {
        "plain": publish(youtube, title="Une vidéo", captions=("fr",)).id,
        "hidden": publish(youtube, views=None, likes=None, comments=None).id,
    }


def test_no_field_is_of_our_own_making(youtube: YouTubeStandIn, client: httpx.Client) -> None:
    """Whatever is answered exists in the description that ships with Google's library."""
    every_kind(youtube)
    uploads = {"playlistId": youtube.uploads_id, "maxResults": 50}
    answers = {
        "ChannelListResponse": ask(
            client, "channels", part="id,snippet,contentDetails,statistics", id=youtube.channel_id
        ),
        "PlaylistItemListResponse": ask(
            client, "playlistItems", part="id,snippet,contentDetails,status", **uploads
        ),
        "VideoListResponse": ask(
            client,
            "videos",
            part=PARTS,
            id=",".join(video.id for video in youtube.world.videos("youtube")[:50]),
            maxWidth=1920,
        ),
    }

    for schema, answer in answers.items():
        assert_described(answer, {"$ref": schema}, schema)


def assert_described(value: Any, rule: dict[str, Any], where: str) -> None:
    """The value has the type that the discovery document gives it, all the way down."""
    if "$ref" in rule:
        properties = document()["schemas"][rule["$ref"]]["properties"]
        assert set(value) <= set(properties), where
        for name, inner in value.items():
            assert_described(inner, properties[name], f"{where}.{name}")
    elif rule["type"] == "array":
        for inner in value:
            assert_described(inner, rule["items"], f"{where}[]")
    elif rule["type"] == "object":
        for name, inner in value.items():
            assert_described(inner, rule["properties"][name], f"{where}.{name}")
    else:
        kinds = {"string": str, "integer": int, "boolean": bool}
        assert type(value) is kinds[rule["type"]], where


@pytest.mark.parametrize(
    ("seconds", "written"),
    [
        (6486, "PT1H48M6S"),
        (7200, "PT2H"),
        (60, "PT1M"),
        (59, "PT59S"),
        (86_400, "P1D"),
        (90_061, "P1DT1H1M1S"),
        (0, "P0D"),
    ],
)
def test_durations(
    youtube: YouTubeStandIn, client: httpx.Client, seconds: int, written: str
) -> None:
    key = publish(youtube, duration=seconds).id

    assert video(client, key)["contentDetails"]["duration"] == written


def test_counts_are_strings_and_may_be_hidden(
    youtube: YouTubeStandIn, client: httpx.Client
) -> None:
    shown = publish(youtube, views=1_234_567, likes=0, comments=3).id
    hidden = publish(youtube, views=None, likes=4, comments=None).id

    assert video(client, shown)["statistics"] == {
        "viewCount": "1234567",
        "likeCount": "0",
        "favoriteCount": "0",
        "commentCount": "3",
    }
    assert video(client, hidden)["statistics"] == {"likeCount": "4", "favoriteCount": "0"}


def test_the_stages_of_a_live(youtube: YouTubeStandIn, client: httpx.Client) -> None:
    keys = every_kind(youtube)
    found = {stage: video(client, key) for stage, key in keys.items()}

    def states(part: str, field: str) -> list[Any]:
        return [found[stage][part].get(field) for stage in ("upcoming", "live", "ended", "replay")]

    assert states("snippet", "liveBroadcastContent") == ["upcoming", "live", "none", "none"]
    assert states("contentDetails", "duration") == ["P0D", "P0D", "P0D", "PT1H"]
    assert states("status", "uploadStatus") == ["uploaded", "uploaded", "uploaded", "processed"]
    started, ended = "2026-03-14T18:00:00Z", "2026-03-14T19:00:00Z"
    assert states("liveStreamingDetails", "scheduledStartTime") == [started] * 4
    assert states("liveStreamingDetails", "actualStartTime") == [None, *[started] * 3]
    assert states("liveStreamingDetails", "actualEndTime") == [None, None, ended, ended]
    assert "concurrentViewers" in found["live"]["liveStreamingDetails"]
    assert "liveStreamingDetails" not in found["plain"]


def test_what_strangers_do_not_see(youtube: YouTubeStandIn, client: httpx.Client) -> None:
    """Missing ids are absent without a word; an unlisted video is known to whoever has its id."""
    keys = {name: publish(youtube, title=name).id for name in ("deleted", "private", "unlisted")}
    youtube.world.delete(keys["deleted"])
    youtube.world.make_private(keys["private"])
    youtube.world.change(keys["unlisted"], privacy="unlisted")
    asked = ",".join([*keys.values(), "AAAAAAAAAAA"])

    answer = ask(client, "videos", part="status", id=asked)
    assert [item["id"] for item in answer["items"]] == [keys["unlisted"]]
    assert answer["items"][0]["status"]["privacyStatus"] == "unlisted"
    listed = ask(client, "playlistItems", part="id", playlistId=youtube.uploads_id)
    assert listed["pageInfo"]["totalResults"] == 60
    assert ask(client, "channels", part="id", id="UCnobody").get("items") is None


@pytest.mark.parametrize(
    ("width", "height", "asked", "expected"),
    [
        (1920, 1080, {"maxWidth": 1920}, ("1920", "1080")),
        (1080, 1920, {"maxWidth": 1920}, ("1920", "3413")),
        (1440, 1080, {"maxHeight": 720}, ("960", "720")),
        (1920, 1080, {"maxWidth": 640, "maxHeight": 200}, ("356", "200")),
        (1920, 1080, {}, (None, None)),
    ],
)
def test_the_player_tells_the_shape(
    youtube: YouTubeStandIn,
    client: httpx.Client,
    width: int,
    height: int,
    asked: dict[str, int],
    expected: tuple[str | None, str | None],
) -> None:
    key = publish(youtube, width=width, height=height).id
    player = video(client, key, **asked)["player"]

    assert (player.get("embedWidth"), player.get("embedHeight")) == expected


def test_thumbnails_are_pictures(youtube: YouTubeStandIn, client: httpx.Client) -> None:
    first, second = (publish(youtube, title=name) for name in "ab")
    thumbnails = video(client, first.id)["snippet"]["thumbnails"]
    for thumbnail in thumbnails.values():
        answer = fetch(thumbnail["url"])
        assert picture_size(answer) == (thumbnail["width"], thumbnail["height"])

    assert set(thumbnails) == {"default", "medium", "high", "standard", "maxres"}
    address = f"{youtube.url}/vi/{{}}/maxresdefault.jpg"
    mine, other = (fetch(address.format(found.id)) for found in (first, second))
    assert mine.content != other.content
    youtube.world.change(first.id, picture=4)
    assert fetch(address.format(first.id)).content != mine.content
    same = fetch(address.format(second.id), headers={"If-None-Match": other.headers["ETag"]})
    assert same.status_code == 304


def test_some_videos_have_no_large_thumbnail(youtube: YouTubeStandIn, client: httpx.Client) -> None:
    key = publish(youtube, picture=7).id

    assert "maxres" not in video(client, key)["snippet"]["thumbnails"]
    assert fetch(f"{youtube.url}/vi/{key}/maxresdefault.jpg").status_code == 404
    assert fetch(f"{youtube.url}/vi/AAAAAAAAAAA/default.jpg").status_code == 404


@pytest.mark.parametrize("form", ["{}", '"{}"', 'W/"{}"', '"other", "{}"'])
def test_what_has_not_changed_is_not_sent_again(
    youtube: YouTubeStandIn, client: httpx.Client, form: str
) -> None:
    params = {"part": "snippet", "playlistId": youtube.uploads_id}
    etag = ask(client, "playlistItems", **params)["etag"]
    headers = {"If-None-Match": form.format(etag)}
    same = client.get("/playlistItems", params=params, headers=headers)
    youtube.world.change(youtube.world.videos("youtube")[2].id, title="Autrement")
    changed = client.get("/playlistItems", params=params, headers=headers)

    assert (same.status_code, same.content) == (304, b"")
    assert changed.status_code == 200
    assert changed.json()["etag"] != etag
    assert changed.headers["ETag"] == f'"{changed.json()["etag"]}"'
    assert youtube.quota.used(youtube.api_key) == 3, "a 304 costs a unit too"


def test_an_items_etag_follows_the_item(youtube: YouTubeStandIn, client: httpx.Client) -> None:
    key, other = (found.id for found in youtube.world.videos("youtube")[:2])
    before = video(client, key)["etag"]
    youtube.world.change(other, views=1)

    assert video(client, key)["etag"] == before
    youtube.world.change(key, views=1)
    assert video(client, key)["etag"] != before


def test_only_the_fields_asked_for(youtube: YouTubeStandIn, client: httpx.Client) -> None:
    key = publish(youtube, title="Une vidéo").id
    fields = "items(id,snippet(title,thumbnails/maxres/width)),pageInfo/totalResults"

    assert ask(client, "videos", part="snippet", id=key, fields=fields) == {
        "items": [
            {
                "id": key,
                "snippet": {"title": "Une vidéo", "thumbnails": {"maxres": {"width": 1280}}},
            }
        ],
        "pageInfo": {"totalResults": 1},
    }


def test_controls_over_http(youtube: YouTubeStandIn, client: httpx.Client) -> None:
    """What a test in another process, or a curious newcomer, can do."""
    made = act(youtube, "add", title="Par HTTP", duration=600, platforms="youtube").json()
    key = made["youtube"]["id"]
    act(youtube, "change", id=key, views="", comments=5, duration=601)
    found = video(client, key)
    assert found["contentDetails"]["duration"] == "PT10M1S"
    assert found["statistics"] == {"likeCount": "0", "favoriteCount": "0", "commentCount": "5"}

    live = act(youtube, "live/schedule", title="Bientôt", at="+3600").json()["youtube"]["id"]
    assert act(youtube, "live/end", id=live).status_code == 400
    for step in ("live/start", "live/end"):
        assert act(youtube, step, id=live).status_code == 200
    replay = act(youtube, "live/replay", id=live, duration=7000).json()
    assert (replay["id"], replay["duration"]) == (live, 7000)

    act(youtube, "private", id=key)
    act(youtube, "delete", id=live)
    listed = fetch(f"{youtube.url}/_/videos").json()
    assert not {key, live} & {item["id"] for item in listed}
    act(youtube, "restore", id=key)
    assert fetch(f"{youtube.url}/_/video", params={"id": key}).json()["title"] == "Par HTTP"
    act(youtube, "quota", limit=1)
    assert client.get("/videos", params={"part": "id", "id": key}).status_code == 403
    assert fetch(f"{youtube.url}/_/quota").json() == {"limit": 1, "used": 1}


@pytest.mark.parametrize(
    ("name", "params", "status"),
    [
        ("nothing", {}, 404),
        ("delete", {"id": "AAAAAAAAAAA"}, 404),
        ("delete", {}, 400),
        ("add", {"colour": "red"}, 400),
        ("add", {"duration": "long"}, 400),
        ("add", {"platforms": "vimeo"}, 400),
        ("change", {"id": "AAAAAAAAAAA", "privacy": "secret"}, 400),
        ("live/schedule", {"title": "Bientôt", "at": "2026-03-14T19:00:00"}, 400),
        ("shapes", {"chapters": "string"}, 400),
        ("fail", {"reason": "boredom"}, 400),
    ],
)
def test_controls_say_what_is_wrong(
    youtube: YouTubeStandIn, name: str, params: dict[str, str], status: int
) -> None:
    answer = act(youtube, name, **params)

    assert answer.status_code == status
    assert answer.json()["error"]["message"]


def test_controls_are_not_for_other_web_pages(youtube: YouTubeStandIn) -> None:
    key = youtube.world.videos("youtube")[0].id
    answer = httpx.post(
        f"{youtube.url}/_/delete", data={"id": key}, headers={"Origin": "https://evil.test"}
    )

    assert answer.status_code == 403
    assert not youtube.world.get(key).deleted
