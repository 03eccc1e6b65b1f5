"""Both clients read whole channels of the stand-ins, which count and judge each request."""

from __future__ import annotations

import dataclasses
import datetime as dt
import io
import time
from collections.abc import Iterator

import pytest
from PIL import Image

from auposte.downloads import download
from auposte.external import ExternalServiceError
from broadcasts.captions import parse_webvtt
from broadcasts.chapters import chapters_in
from broadcasts.peertube.client import Pace, PeerTubeClient
from broadcasts.platforms import LiveState, PlatformVideo, QuotaExceededError
from broadcasts.video_addresses import PEERTUBE, VideoAddress, find_videos
from broadcasts.youtube.client import YouTubeClient
from sandbox.peertube import PeerTubeStandIn
from sandbox.video_world.world import World
from sandbox.youtube import YouTubeStandIn

UNHURRIED = {"rate_limit": 100_000}


@pytest.fixture
def world() -> World:
    return World(size=60)


@pytest.fixture
def youtube(world: World) -> Iterator[YouTubeStandIn]:
    with YouTubeStandIn(world=world) as youtube:
        yield youtube
        assert youtube.violations() == []


@pytest.fixture
def peertube(world: World) -> Iterator[PeerTubeStandIn]:
    with PeerTubeStandIn(world=world, **UNHURRIED) as peertube:
        yield peertube
        assert peertube.violations() == []


@pytest.fixture
def on_youtube(youtube: YouTubeStandIn) -> Iterator[YouTubeClient]:
    with YouTubeClient(
        api_key=youtube.api_key, base_url=youtube.url, sleep=lambda _: None
    ) as client:
        yield client


@pytest.fixture
def on_peertube(peertube: PeerTubeStandIn) -> Iterator[PeerTubeClient]:
    with PeerTubeClient(base_url=peertube.url, pace=Pace(requests=100_000)) as client:
        yield client


def whole_channel(client: YouTubeClient, channel_id: str) -> dict[str, PlatformVideo]:
    """As a first sync goes: ids by fifty, then what they stand for by fifty."""
    playlist, token, found = client.uploads_playlist(channel_id), "", {}
    while True:
        page = client.list_uploads(playlist, page_token=token)
        assert page is not None
        found |= {video.external_id: video for video in client.read_videos(page.ids)}
        token = page.next_token
        if not token:
            return found


def test_eleven_hundred_videos_take_few_requests_of_youtube() -> None:
    world, spent = World(size=1100), []
    with (
        YouTubeStandIn(world=world) as youtube,
        YouTubeClient(api_key=youtube.api_key, base_url=youtube.url, spend=spent.append) as client,
    ):
        found = whole_channel(client, youtube.channel_id)
        assert youtube.violations() == []
    assert set(found) == {video.id for video in world.videos("youtube")}
    assert len(found) >= 1000
    assert sum(spent) == len(youtube.requests()) <= 60


def test_youtube_says_what_the_world_knows(
    world: World, youtube: YouTubeStandIn, on_youtube: YouTubeClient
) -> None:
    found = whole_channel(on_youtube, youtube.channel_id)
    known = {video.id: video for video in world.videos("youtube")}
    assert found.keys() == known.keys()
    for key, video in found.items():
        there = known[key]
        assert video.title == there.title
        assert video.description == world.description(there)
        assert video.published_at == there.published_at
        assert video.duration_seconds == (there.duration or None)
        assert (video.views_count, video.comments_count) == (there.views, there.comments)
        assert video.aspect_ratio is not None
        assert float(video.aspect_ratio) == pytest.approx(there.width / there.height, abs=0.01)


def test_an_unchanged_list_is_not_read_again(
    world: World, youtube: YouTubeStandIn, on_youtube: YouTubeClient
) -> None:
    first = on_youtube.list_uploads(youtube.uploads_id)
    assert first is not None
    assert on_youtube.list_uploads(youtube.uploads_id, etag=first.etag) is None
    added = world.add()["youtube"]
    again = on_youtube.list_uploads(youtube.uploads_id, etag=first.etag)
    assert again is not None
    assert again.ids[0] == added.id


def test_gone_and_private_videos_are_absent_at_youtube(
    world: World, on_youtube: YouTubeClient
) -> None:
    kept, gone, hidden = (video.id for video in world.videos("youtube")[:3])
    world.delete(gone)
    world.make_private(hidden)
    assert [video.external_id for video in on_youtube.read_videos([gone, kept, hidden])] == [kept]


def test_the_quota_of_youtube(youtube: YouTubeStandIn, on_youtube: YouTubeClient) -> None:
    youtube.quota.limit = 1
    on_youtube.uploads_playlist(youtube.channel_id)
    with pytest.raises(QuotaExceededError):
        on_youtube.list_uploads(youtube.uploads_id)


@pytest.mark.parametrize(
    "failure",
    [
        {"status": 500},
        {"status": 503},
        {"status": 429},
        {"reason": "rateLimitExceeded"},
        {"reason": "backendError"},
        {"kind": "truncated"},
        {"kind": "disconnect"},
    ],
)
def test_one_hiccup_of_youtube_is_got_over_and_two_are_told(
    failure: dict[str, object], youtube: YouTubeStandIn, on_youtube: YouTubeClient
) -> None:
    youtube.fail(**failure)
    assert on_youtube.uploads_playlist(youtube.channel_id) == youtube.uploads_id
    youtube.fail(**failure, count=10)
    with pytest.raises(ExternalServiceError) as caught:
        on_youtube.uploads_playlist(youtube.channel_id)
    assert not caught.value.permanent


def test_a_wrong_key_is_for_good(youtube: YouTubeStandIn) -> None:
    with (
        YouTubeClient(api_key="AIza-wrong", base_url=youtube.url) as client,
        pytest.raises(ExternalServiceError, match="YOUTUBE_API_KEY") as caught,
    ):
        client.uploads_playlist(youtube.channel_id)
    assert caught.value.permanent


def test_a_live_on_both_platforms(
    world: World,
    peertube: PeerTubeStandIn,
    on_youtube: YouTubeClient,
    on_peertube: PeerTubeClient,
) -> None:
    at = dt.datetime.now(dt.UTC).replace(microsecond=0) + dt.timedelta(hours=2)
    live = world.schedule_live("Le grand direct", at)

    def states() -> list[LiveState]:
        (here,) = on_youtube.read_videos([live["youtube"].id])
        there = on_peertube.read_video(live["peertube"].id)
        assert there is not None
        return [here.live_state, there.live_state]

    assert states() == [LiveState.UPCOMING, LiveState.UPCOMING]
    listed = on_peertube.list_videos(peertube.channel, count=1).videos[0]
    assert (listed.external_id, listed.scheduled_for) == (live["peertube"].id, at)
    assert listed.live_state == LiveState.UPCOMING
    for copy in live.values():
        world.start_live(copy.id)
    assert states() == [LiveState.LIVE, LiveState.LIVE]
    for copy in live.values():
        world.end_live(copy.id)
    # A permanent live waits for the next time.
    assert states() == [LiveState.ENDED, LiveState.UPCOMING]
    replay = world.bring_replay(live["peertube"].id)
    assert replay.id != live["peertube"].id
    found = on_peertube.read_video(replay.id)
    assert found is not None
    assert (found.live_state, bool(found.duration_seconds)) == (LiveState.NONE, True)


@pytest.mark.parametrize(
    "shapes",
    [
        {},
        {
            "chapters": "list",
            "thumbnails": "list",
            "captions": "captionPath",
            "aspect_ratio": False,
            "comments": False,
            "private_status": 401,
        },
    ],
)
def test_peertube_says_what_the_world_knows(
    shapes: dict[str, object],
    world: World,
    peertube: PeerTubeStandIn,
    on_peertube: PeerTubeClient,
) -> None:
    world.shapes = dataclasses.replace(world.shapes, **shapes)
    known = {video.id: video for video in world.videos("peertube")}
    page = on_peertube.list_videos(peertube.channel)
    assert page.total == len(known)
    assert [video.external_id for video in page.videos] == list(known)
    with_chapters = with_captions = 0
    for listed in page.videos[:20]:
        there = known[listed.external_id]
        video = on_peertube.read_video(listed.external_id)
        assert video is not None
        assert (video.title, video.description) == (there.title, world.description(there))
        assert (video.peertube_id, video.peertube_short_uuid) == (there.number, there.short)
        assert video.views_count == there.views
        assert video.comments_count == (None if shapes else there.comments)
        assert (video.aspect_ratio is None) == bool(shapes)
        for other in (there.short, str(there.number)):
            same = on_peertube.read_video(other)
            assert same is not None
            assert same.external_id == there.id
        assert on_peertube.read_video(there.id, etag=video.etag) is None
        chapters = on_peertube.chapters(there.id)
        assert [(c.start_seconds, c.title) for c in chapters] == list(there.chapters)
        captions = on_peertube.captions(there.id)
        assert [caption.language for caption in captions] == list(there.captions)
        with_chapters += bool(chapters)
        for caption in captions:
            with_captions += bool(parse_webvtt(on_peertube.caption_text(caption)))
    assert min(with_chapters, with_captions) > 0


def test_private_and_gone_videos_are_missing_at_peertube(
    world: World, on_peertube: PeerTubeClient
) -> None:
    gone, hidden, hidden_too = (video.id for video in world.videos("peertube")[:3])
    world.delete(gone)
    world.make_private(hidden)
    for key in (gone, hidden):
        with pytest.raises(ExternalServiceError) as caught:
            on_peertube.read_video(key)
        assert caught.value.missing
    world.shapes = dataclasses.replace(world.shapes, private_status=401)
    world.make_private(hidden_too)
    with pytest.raises(ExternalServiceError) as caught:
        on_peertube.read_video(hidden_too)
    assert caught.value.missing


def test_our_pace_is_within_the_instance_s_limit(world: World) -> None:
    """With a tenth of the real times: 40 of the 50 requests that a window allows."""
    pace = Pace(requests=40, seconds=1.0)
    key = world.videos("peertube")[0].id
    with (
        PeerTubeStandIn(world=world, rate_window=1.0) as peertube,
        PeerTubeClient(base_url=peertube.url, pace=pace) as client,
    ):
        start = time.monotonic()
        for _ in range(100):
            client.read_video(key)
        assert {entry["status"] for entry in peertube.requests()} == {200}
        assert time.monotonic() - start >= 2


def test_too_fast_is_told_with_how_long_to_wait(world: World) -> None:
    with (
        PeerTubeStandIn(world=world, rate_limit=3) as peertube,
        PeerTubeClient(base_url=peertube.url) as client,
    ):
        for _ in range(3):
            client.list_videos(peertube.channel, count=1)
        with pytest.raises(ExternalServiceError) as caught:
            client.list_videos(peertube.channel, count=1)
    assert not caught.value.permanent
    assert 0 < (caught.value.retry_after or 0) <= 10


def test_descriptions_lead_to_the_other_copy_and_hold_chapters(
    world: World, peertube: PeerTubeStandIn
) -> None:
    linked = chaptered = 0
    for video in world.videos("youtube"):
        description = world.description(video)
        other = world.copies(video.id).get("peertube")
        addresses = find_videos(description, peertube_url=peertube.url)
        if other and (other.id in description or other.short in description):
            assert VideoAddress(platform=PEERTUBE, external_id=other.id) in addresses
            linked += 1
        chaptered += bool(chapters_in(description))
    assert min(linked, chaptered) > 0


def test_thumbnails_of_both_can_be_downloaded(
    world: World,
    youtube: YouTubeStandIn,
    peertube: PeerTubeStandIn,
    on_youtube: YouTubeClient,
    on_peertube: PeerTubeClient,
) -> None:
    (here,) = on_youtube.read_videos([world.videos("youtube")[0].id])
    there = on_peertube.read_video(world.videos("peertube")[0].id)
    assert there is not None
    for url in (here.thumbnail_url, there.thumbnail_url):
        picture = download(
            url,
            max_bytes=1_000_000,
            content_types={"image/jpeg"},
            trusted_origins={youtube.url, peertube.url},
        )
        assert Image.open(io.BytesIO(picture.content)).width >= 640
