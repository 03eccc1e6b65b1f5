"""The stand-in for PeerTube, read over HTTP in each of the shapes that it may answer in."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from sandbox.peertube import PeerTubeStandIn
from sandbox.video_world import Shapes, Video
from tests.sandbox.platforms import (
    PARIS_EVENING,
    PATIENCE,
    act,
    fetch,
    picture_size,
    small_world,
)


@pytest.fixture
def peertube() -> Iterator[PeerTubeStandIn]:
    with PeerTubeStandIn(world=small_world()) as standin:
        yield standin


@pytest.fixture
def client(peertube: PeerTubeStandIn) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=f"{peertube.url}/api/v1", timeout=PATIENCE) as found:
        yield found


def ask(client: httpx.Client, path: str, **params: Any) -> Any:
    answer = client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def listed(client: httpx.Client, **params: Any) -> Any:
    return ask(client, "/video-channels/auposte/videos", **params)


def publish(peertube: PeerTubeStandIn, **fields: Any) -> Video:
    return peertube.world.add(platforms=["peertube"], **fields)["peertube"]


def test_a_whole_channel_within_its_allowance() -> None:
    with (
        PeerTubeStandIn(world=small_world(1300)) as peertube,
        httpx.Client(base_url=f"{peertube.url}/api/v1", timeout=PATIENCE) as client,
    ):
        page = listed(client, count=100, sort="-publishedAt")
        found: list[Any] = page["data"]
        while len(found) < page["total"]:
            page = listed(client, start=len(found), count=100, sort="-publishedAt")
            found += page["data"]

    videos = peertube.world.videos("peertube")
    assert len(videos) > 1100
    assert [item["uuid"] for item in found] == [video.id for video in videos]
    assert len(peertube.requests("/api/*")) == len(videos) // 100 + 1
    assert peertube.violations() == []


def test_pages_of_fifteen_newest_first(client: httpx.Client) -> None:
    page = listed(client)
    oldest = listed(client, sort="publishedAt", count=1, skipCount="true")

    assert len(page["data"]) == 15
    dates = [item["publishedAt"] for item in page["data"]]
    assert dates == sorted(dates, reverse=True)
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.000Z", date) for date in dates)
    assert oldest["data"][0]["publishedAt"] < dates[-1]
    assert "total" not in oldest
    assert listed(client, count=0)["data"] == []
    assert listed(client, start=10_000)["data"] == []


def test_lists_cut_descriptions_short(peertube: PeerTubeStandIn, client: httpx.Client) -> None:
    text = "Un paragraphe assez long pour qu’une liste n’en veuille pas. " * 6 + "Fin."
    key = publish(peertube, description=text).id
    short = listed(client, count=1)["data"][0]["description"]

    assert len(short) <= 250
    assert short.endswith(" […]")
    assert text.startswith(short.removesuffix(" […]"))
    assert ask(client, f"/videos/{key}")["description"] == text


def test_a_video_has_three_ids(peertube: PeerTubeStandIn, client: httpx.Client) -> None:
    video = peertube.world.videos("peertube")[4]
    found = [ask(client, f"/videos/{key}") for key in (video.id, video.short, video.number)]

    assert found[0] == found[1] == found[2]
    assert found[0]["uuid"] == video.id
    assert found[0]["shortUUID"] == video.short
    assert found[0]["id"] == video.number
    # What looks like nonsense in old data may be somebody else's number.
    assert ask(client, "/videos/5")["uuid"] != video.id


def test_what_a_video_says(peertube: PeerTubeStandIn, client: httpx.Client) -> None:
    key = publish(
        peertube, title="Une vidéo", duration=3723, views=12, comments=3, width=1440, height=1080
    ).id
    found = ask(client, f"/videos/{key}")

    assert (found["name"], found["duration"], found["views"]) == ("Une vidéo", 3723, 12)
    assert found["aspectRatio"] == 1.3333
    assert found["comments"] == 3
    assert found["privacy"]["id"] == 1
    assert found["state"] == {"id": 1, "label": "Published"}
    assert found["channel"]["name"] == peertube.channel
    files = found["streamingPlaylists"][0]["files"]
    assert [file["hasVideo"] for file in files] == [True, False]
    assert files[1]["resolution"]["id"] == 0


def test_what_peertube_may_not_know(peertube: PeerTubeStandIn, client: httpx.Client) -> None:
    key = publish(peertube, comments=3).id
    peertube.world.shapes = Shapes(aspect_ratio=False, comments=False)
    found = ask(client, f"/videos/{key}")

    assert found["aspectRatio"] is None
    assert "comments" not in found


def test_both_shapes_of_chapters(peertube: PeerTubeStandIn, client: httpx.Client) -> None:
    key = publish(peertube, chapters=((0, "Bonsoir"), (90, "La suite"))).id
    bare = [{"timecode": 0, "title": "Bonsoir"}, {"timecode": 90, "title": "La suite"}]

    assert ask(client, f"/videos/{key}/chapters") == {"chapters": bare}
    peertube.world.shapes = Shapes(chapters="list")
    assert ask(client, f"/videos/{key}/chapters") == bare


def test_both_shapes_of_thumbnails(peertube: PeerTubeStandIn, client: httpx.Client) -> None:
    key = publish(peertube).id
    paths = ask(client, f"/videos/{key}")
    assert "thumbnails" not in paths
    for name, size in (("thumbnailPath", (280, 157)), ("previewPath", (850, 480))):
        assert picture_size(fetch(peertube.url + paths[name])) == size

    peertube.world.shapes = Shapes(thumbnails="list")
    found = ask(client, f"/videos/{key}")
    assert not {"thumbnailPath", "previewPath"} & set(found)
    for thumbnail in found["thumbnails"]:
        size = thumbnail["width"], thumbnail["height"]
        assert picture_size(fetch(thumbnail["fileUrl"])) == size

    peertube.world.change(key, picture=3)
    replaced = ask(client, f"/videos/{key}")["thumbnails"][0]["fileUrl"]
    old = found["thumbnails"][0]["fileUrl"]
    assert replaced != old
    assert fetch(old).status_code == 404


@pytest.mark.parametrize("shape", ["fileUrl", "captionPath"])
def test_both_shapes_of_captions(
    peertube: PeerTubeStandIn, client: httpx.Client, shape: Any
) -> None:
    peertube.world.shapes = Shapes(captions=shape)
    key = publish(peertube, duration=900).id
    assert ask(client, f"/videos/{key}/captions") == {"total": 0, "data": []}
    peertube.world.set_captions(key, "fr")
    (caption,) = ask(client, f"/videos/{key}/captions")["data"]

    assert caption["language"] == {"id": "fr", "label": "French"}
    assert caption["automaticallyGenerated"] is True
    assert ("fileUrl" in caption, bool(caption["captionPath"])) == (
        (True, False) if shape == "fileUrl" else (False, True)
    )
    address = caption.get("fileUrl") or peertube.url + caption["captionPath"]
    answer = fetch(address)
    assert answer.headers["Content-Type"].startswith("text/vtt")
    assert answer.text.startswith("WEBVTT")
    assert "-->" in answer.text

    written = "WEBVTT\n\n00:01.000 --> 00:02.000\nRelu.\n"
    peertube.world.set_captions(key, "fr", text=written)
    assert fetch(address).status_code == 404, "a replaced file has a new name"
    (caption,) = ask(client, f"/videos/{key}/captions")["data"]
    assert caption["automaticallyGenerated"] is False
    address = caption.get("fileUrl") or peertube.url + caption["captionPath"]
    assert fetch(address).text == written


def test_the_stages_of_a_permanent_live(peertube: PeerTubeStandIn, client: httpx.Client) -> None:
    world = peertube.world
    key = world.schedule_live("Ce soir", PARIS_EVENING, platforms=["peertube"])["peertube"].id

    def stage() -> tuple[int, bool, int]:
        found = ask(client, f"/videos/{key}")
        return found["state"]["id"], found["isLive"], found["duration"]

    def lives(**params: Any) -> list[str]:
        return [item["uuid"] for item in listed(client, isLive="true", **params)["data"]]

    assert stage() == (4, True, 0)
    scheduled = listed(client, isLive="true", includeScheduledLive="true")["data"][0]
    assert scheduled["liveSchedules"] == [{"startAt": "2026-03-14T18:00:00.000Z"}]
    assert lives() == []
    world.start_live(key)
    assert stage() == (1, True, 0)
    assert lives() == [key]
    world.end_live(key, at=dt.datetime.now(dt.UTC) + dt.timedelta(hours=1))
    assert stage() == (4, True, 0)
    replay = world.bring_replay(key, duration=3600)
    assert stage() == (4, True, 0)
    found = ask(client, f"/videos/{replay.short}")
    assert (found["isLive"], found["duration"], found["state"]["id"]) == (False, 3600, 1)
    assert listed(client, isLive="false", count=1)["data"][0]["uuid"] == replay.id
    assert replay.id != key


def test_an_ordinary_live_ends_for_good(peertube: PeerTubeStandIn, client: httpx.Client) -> None:
    live = peertube.world.schedule_live(
        "Ce soir", PARIS_EVENING, platforms=["peertube"], permanent=False
    )
    key = live["peertube"].id
    peertube.world.start_live(key)
    peertube.world.end_live(key)

    assert ask(client, f"/videos/{key}")["state"]["id"] == 5
    peertube.world.change(key, state=7)
    assert ask(client, f"/videos/{key}")["state"] == {"id": 7, "label": "Transcoding failed"}


def test_what_has_not_changed_is_not_sent_again(
    peertube: PeerTubeStandIn, client: httpx.Client
) -> None:
    key = peertube.world.videos("peertube")[0].id
    first = client.get(f"/videos/{key}")
    tag = first.headers["ETag"]
    same = client.get(f"/videos/{key}", headers={"If-None-Match": tag})
    peertube.world.change(key, title="Autrement")
    changed = client.get(f"/videos/{key}", headers={"If-None-Match": tag})

    assert re.fullmatch(r'W/"[0-9a-f]+-[A-Za-z0-9+/]{27}"', tag)
    assert int(tag.removeprefix('W/"').partition("-")[0], 16) == len(first.content)
    assert (same.status_code, same.content) == (304, b"")
    assert same.headers["ETag"] == tag
    assert (changed.status_code, changed.json()["name"]) == (200, "Autrement")


def test_shapes_are_switched_over_http(peertube: PeerTubeStandIn, client: httpx.Client) -> None:
    shapes = {"chapters": "list", "aspect_ratio": "false", "private_status": "401"}
    assert act(peertube, "shapes", **shapes).json()["captions"] == "fileUrl"
    key = publish(peertube).id

    assert ask(client, f"/videos/{key}/chapters") == []
    act(peertube, "captions", id=key, languages="fr,en")
    assert ask(client, f"/videos/{key}/captions")["total"] == 2
    act(peertube, "private", id=key)
    assert client.get(f"/videos/{key}").status_code == 401


def test_the_player_is_a_page_that_may_be_framed(peertube: PeerTubeStandIn) -> None:
    key = publish(peertube, title="<Une> vidéo", duration=3723).id
    answer = fetch(f"{peertube.url}/videos/embed/{key}?start=72s&autoplay=1&p2p=0")

    assert answer.status_code == 200
    assert '<html lang="fr">' in answer.text
    assert "Lecteur PeerTube de démonstration" in answer.text
    assert "<h1>&lt;Une&gt; vidéo</h1>" in answer.text
    assert "Durée : 1:02:03 · Départ à 01:12" in answer.text
    assert "<script" not in answer.text
    assert "X-Frame-Options" not in answer.headers
    assert "frame-ancestors" not in answer.headers["Content-Security-Policy"]
    (picture,) = re.findall(r'<img src="([^"]+)"', answer.text)
    assert picture_size(fetch(peertube.url + picture)) == (850, 480)
    (style,) = re.findall(r'<link rel="stylesheet" href="([^"]+)"', answer.text)
    assert fetch(peertube.url + style).headers["Content-Type"].startswith("text/css")


@pytest.mark.parametrize("form", ["/w/{short}", "/videos/watch/{id}", "/w/{id}"])
def test_a_videos_page(peertube: PeerTubeStandIn, form: str) -> None:
    video = publish(peertube, title="Une vidéo", description="Première\nSeconde")
    answer = fetch(peertube.url + form.format(short=video.short, id=video.id))

    assert answer.status_code == 200
    assert "<h1>Une vidéo</h1>" in answer.text
    assert "Première\nSeconde" in answer.text


def test_pages_of_videos_that_are_not_there(peertube: PeerTubeStandIn) -> None:
    hidden, gone = publish(peertube), publish(peertube)
    peertube.world.make_private(hidden.id)
    peertube.world.delete(gone.id)
    answers = {
        path: fetch(peertube.url + path)
        for path in (f"/videos/embed/{hidden.id}", f"/w/{gone.short}", "/w/50000", "/a/auposte")
    }

    assert [answer.status_code for answer in answers.values()] == [403, 404, 404, 404]
    assert "Cette vidéo est privée." in answers[f"/videos/embed/{hidden.id}"].text
    assert "Cette vidéo n’existe pas." in answers[f"/w/{gone.short}"].text


def test_descriptions_lead_to_these_pages(peertube: PeerTubeStandIn) -> None:
    links = [
        link
        for video in peertube.world.videos("youtube")
        for link in re.findall(r"http://\S+", peertube.world.description(video))
        if link.startswith(peertube.url)
    ]

    assert len(links) > 10
    for link in links:
        assert fetch(link).status_code == 200, link


def test_the_sound_is_there_whole_and_in_parts(
    peertube: PeerTubeStandIn, client: httpx.Client
) -> None:
    video = publish(peertube, duration=60)
    files = ask(client, f"/videos/{video.id}")["streamingPlaylists"][0]["files"]
    (told,) = [file for file in files if not file["hasVideo"]]
    whole = client.get(told["fileUrl"])
    assert len(whole.content) == told["size"]
    assert whole.content[:2] == b"\xff\xfb"
    kept = client.get(told["fileDownloadUrl"])
    assert kept.content == whole.content
    assert kept.headers["content-disposition"].startswith("attachment; ")
    assert "content-disposition" not in whole.headers
    part = client.get(told["fileUrl"], headers={"Range": "bytes=500-999"})
    assert (part.status_code, part.content) == (206, whole.content[500:1000])
    assert part.headers["content-range"] == f"bytes 500-999/{told['size']}"
    beyond = client.get(told["fileUrl"], headers={"Range": f"bytes={told['size']}-"})
    assert beyond.status_code == 416
