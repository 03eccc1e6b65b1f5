"""Known videos are read again; what has gone is missed thrice before pages do without it."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from broadcasts.models import (
    Broadcast,
    Chapter,
    Cue,
    SyncRun,
    Transcript,
    VideoProposal,
    VideoSource,
)
from broadcasts.services.videos.refreshing import drop_stale_counts
from sandbox.peertube import PeerTubeStandIn
from sandbox.video_world.world import World
from sandbox.youtube import YouTubeStandIn
from tests.factories import BroadcastFactory, ChapterFactory, VideoSourceFactory

pytestmark = pytest.mark.django_db
Run = Callable[[str], SyncRun]
CHAPTERS = "0:00 Le début\n12:30 Le milieu\n1:02:03 La fin"
VTT = """WEBVTT

00:00:01.000 --> 00:00:04.500
<v David>Bonsoir à toutes et à tous.

00:00:05.000 --> 00:00:08.000
On parle d’eau.
"""


def make_due() -> None:
    VideoSource.objects.update(read_due_at=timezone.now())


def test_youtube_says_counts_length_and_shape(
    youtube: YouTubeStandIn, world: World, run: Run
) -> None:
    video = world.add(platforms=["youtube"], duration=100)["youtube"]
    source = VideoSourceFactory(external_id=video.id, broadcast__duration_seconds=None)
    world.change(video.id, views=4321, comments=12, duration=7265, title="Un autre titre")
    done = run("youtube-refresh")
    source.refresh_from_db()
    assert (done.state, done.updated, done.missing) == ("done", 1, 0)
    assert (source.views_count, source.comments_count) == (4321, 12)
    assert (source.duration_seconds, float(source.aspect_ratio)) == (
        7265,
        pytest.approx(16 / 9, 0.01),
    )
    assert source.title == "Un autre titre"
    assert source.fetched_at
    assert source.read_due_at > timezone.now()
    source.broadcast.refresh_from_db()
    assert source.broadcast.duration_seconds == 7265


def test_an_editors_length_stays(youtube: YouTubeStandIn, world: World, run: Run) -> None:
    video = world.add(platforms=["youtube"], duration=100)["youtube"]
    source = VideoSourceFactory(external_id=video.id, broadcast__duration_seconds=90)
    run("youtube-refresh")
    source.broadcast.refresh_from_db()
    assert source.broadcast.duration_seconds == 90


def test_hidden_counts_are_unknown_not_zero(
    youtube: YouTubeStandIn, world: World, run: Run
) -> None:
    video = world.add(platforms=["youtube"])["youtube"]
    source = VideoSourceFactory(external_id=video.id, views_count=5, comments_count=5)
    world.change(video.id, views=None, comments=None)
    run("youtube-refresh")
    source.refresh_from_db()
    assert (source.views_count, source.comments_count) == (None, None)


def test_a_hundred_known_videos_take_two_calls(
    youtube: YouTubeStandIn, world: World, run: Run
) -> None:
    for _ in range(100):
        VideoSourceFactory(external_id=world.add(platforms=["youtube"])["youtube"].id)
    assert run("youtube-refresh").calls == 2


@pytest.mark.parametrize("how", ["delete", "make_private"])
@pytest.mark.parametrize("platform", ["youtube", "peertube"])
def test_three_misses_and_the_page_shows_the_other_source(
    platform: str, how: str, youtube: YouTubeStandIn, peertube: PeerTubeStandIn, world: World,
    run: Run, visitor: Client,
) -> None:  # fmt: skip
    copies = world.add()
    broadcast = BroadcastFactory()
    for name, video in copies.items():
        VideoSourceFactory(broadcast=broadcast, platform=name, external_id=video.id)
    lost = broadcast.sources.get(platform=platform)
    other = broadcast.sources.exclude(pk=lost.pk).get()
    getattr(world, how)(lost.external_id)
    for misses in (1, 2):
        make_due()
        assert run(f"{platform}-refresh").missing == 1
        lost.refresh_from_db()
        assert (lost.consecutive_misses, lost.availability) == (misses, "available")
    make_due()
    run(f"{platform}-refresh")
    lost.refresh_from_db()
    assert lost.availability == "unavailable"
    assert lost.unavailable_since
    page = visitor.get(broadcast.get_absolute_url()).content.decode()
    assert lost.watch_url not in page
    assert other.watch_url in page
    world.restore(lost.external_id)
    make_due()
    run(f"{platform}-refresh")
    lost.refresh_from_db()
    assert (lost.consecutive_misses, lost.availability, lost.unavailable_since) == (
        0, "available", None,
    )  # fmt: skip
    assert Broadcast.objects.count() == 1
    assert VideoSource.objects.count() == 2


def test_a_gap_between_misses_starts_the_count_anew(
    youtube: YouTubeStandIn, world: World, run: Run
) -> None:
    video = world.add(platforms=["youtube"])["youtube"]
    source = VideoSourceFactory(external_id=video.id)
    for act in (world.delete, world.delete, world.restore, world.delete, world.delete):
        act(video.id)
        make_due()
        run("youtube-refresh")
    source.refresh_from_db()
    assert (source.consecutive_misses, source.availability) == (2, "available")


def test_peertube_is_not_asked_to_repeat_itself(
    peertube: PeerTubeStandIn, world: World, run: Run
) -> None:
    video = world.add(platforms=["peertube"])["peertube"]
    source = VideoSourceFactory(on_peertube=True, external_id=video.id)
    run("peertube-refresh")
    make_due()
    run("peertube-refresh")
    asked = peertube.requests(f"/api/v1/videos/{video.id}")
    assert [request["status"] for request in asked] == [200, 304]
    source.refresh_from_db()
    assert source.read_due_at > timezone.now()


@pytest.mark.parametrize("known_by", ["peertube_short_uuid", "peertube_id"])
def test_a_wrong_uuid_is_mended_by_what_is_right(
    known_by: str, peertube: PeerTubeStandIn, world: World, run: Run
) -> None:
    video = world.add(platforms=["peertube"])["peertube"]
    names = {"peertube_short_uuid": video.short, "peertube_id": video.number}
    source = VideoSourceFactory(on_peertube=True, **{known_by: names[known_by]})
    run("peertube-refresh")
    source.refresh_from_db()
    assert (source.external_id, source.peertube_short_uuid, source.peertube_id) == (
        video.id, video.short, video.number,
    )  # fmt: skip
    assert source.consecutive_misses == 0


class TestChapters:
    def test_come_from_youtubes_description(
        self, youtube: YouTubeStandIn, world: World, run: Run
    ) -> None:
        video = world.add(platforms=["youtube"], description=CHAPTERS)["youtube"]
        source = VideoSourceFactory(external_id=video.id)
        run("youtube-refresh")
        chapters = list(source.broadcast.chapters.values_list("start_seconds", "title"))
        assert chapters == [(0, "Le début"), (750, "Le milieu"), (3723, "La fin")]

    def test_come_from_peertube_on_the_broadcasts_clock(
        self, peertube: PeerTubeStandIn, world: World, run: Run
    ) -> None:
        parts = ((0, "Générique"), (95, "Bonsoir"), (200, "Merci"))
        video = world.add(platforms=["peertube"], chapters=parts)["peertube"]
        source = VideoSourceFactory(on_peertube=True, external_id=video.id, offset_seconds=95)
        run("peertube-refresh")
        assert [c.start_seconds for c in source.broadcast.chapters.all()] == [0, 105]

    def test_follow_the_platform_until_an_editor_touches_one(
        self, youtube: YouTubeStandIn, world: World, run: Run
    ) -> None:
        video = world.add(platforms=["youtube"], description=CHAPTERS)["youtube"]
        source = VideoSourceFactory(external_id=video.id)
        run("youtube-refresh")
        world.change(video.id, description=CHAPTERS.replace("milieu", "cœur"))
        make_due()
        run("youtube-refresh")
        assert source.broadcast.chapters.filter(title="Le cœur").exists()
        Chapter.objects.filter(title="Le cœur").update(title="Corrigé", source=None)
        world.change(video.id, description=CHAPTERS)
        make_due()
        run("youtube-refresh")
        assert source.broadcast.chapters.filter(title="Corrigé").exists()

    def test_an_editors_own_are_left_alone(
        self, youtube: YouTubeStandIn, world: World, run: Run
    ) -> None:
        video = world.add(platforms=["youtube"], description=CHAPTERS)["youtube"]
        source = VideoSourceFactory(external_id=video.id)
        ChapterFactory(broadcast=source.broadcast, title="À moi")
        run("youtube-refresh")
        assert [c.title for c in source.broadcast.chapters.all()] == ["À moi"]


class TestSubtitles:
    def test_become_cues(self, peertube: PeerTubeStandIn, world: World, run: Run) -> None:
        video = world.add(platforms=["peertube"])["peertube"]
        world.set_captions(video.id, "fr", text=VTT)
        source = VideoSourceFactory(on_peertube=True, external_id=video.id)
        run("peertube-refresh")
        transcript = source.broadcast.transcripts.get()
        assert (transcript.language, transcript.origin) == ("fr", "peertube")
        assert list(transcript.cues.values_list("start_ms", "end_ms", "speaker", "text")) == [
            (1000, 4500, "David", "Bonsoir à toutes et à tous."),
            (5000, 8000, "", "On parle d’eau."),
        ]

    def test_are_written_again_when_they_change_unless_reviewed(
        self, peertube: PeerTubeStandIn, world: World, run: Run
    ) -> None:
        video = world.add(platforms=["peertube"])["peertube"]
        world.set_captions(video.id, "fr", text=VTT)
        VideoSourceFactory(on_peertube=True, external_id=video.id)
        for words, reviewed in (("d’air", False), ("de feu", True)):
            run("peertube-refresh")
            Transcript.objects.update(is_reviewed=reviewed)
            world.set_captions(video.id, "fr", text=VTT.replace("d’eau", words))
            make_due()
        run("peertube-refresh")
        assert Cue.objects.get(position=1).text == "On parle d’air."


def test_counts_that_nobody_can_read_again_are_dropped() -> None:
    old = timezone.now() - dt.timedelta(days=31)
    stale = VideoSourceFactory(views_count=9, comments_count=9, fetched_at=old)
    fresh = VideoSourceFactory(views_count=9, comments_count=9, fetched_at=timezone.now())
    assert drop_stale_counts() == 1
    for source, views in ((stale, None), (fresh, 9)):
        source.refresh_from_db()
        assert source.views_count == views


def test_a_proposal_whose_video_was_placed_by_hand_is_settled(
    youtube: YouTubeStandIn, world: World, run: Run
) -> None:
    video = world.add(platforms=["youtube"])["youtube"]
    facts = {"platform": "youtube", "title": "Bassines"}
    settled = VideoProposal.objects.create(external_id=video.id, **facts)
    waiting = VideoProposal.objects.create(external_id="propositio1", **facts)
    source = VideoSourceFactory(external_id=video.id)
    run("youtube-refresh")
    settled.refresh_from_db()
    waiting.refresh_from_db()
    assert (settled.state, settled.candidate) == ("attached", source.broadcast)
    assert waiting.state == "waiting"
