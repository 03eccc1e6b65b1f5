"""New videos find their place, once, whatever happens meanwhile."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.utils import timezone

from broadcasts.models import Broadcast, SyncRun, VideoProposal, VideoSource
from broadcasts.platforms import Platform, PlatformVideo
from broadcasts.services.videos.filing import Outcome, file_video
from sandbox.peertube import PeerTubeStandIn
from sandbox.video_world.world import World
from sandbox.youtube import YouTubeStandIn
from tests.factories import BroadcastFactory, VideoSourceFactory

pytestmark = pytest.mark.django_db
Run = Callable[[str], SyncRun]
WHEN = dt.datetime(2025, 10, 28, 18, tzinfo=dt.UTC)


def a_video(**facts: object) -> PlatformVideo:
    return PlatformVideo(
        **{
            "platform": Platform.YOUTUBE,
            "external_id": "abcdefghijk",
            "title": "Bassines, le retour - S10E27 - Mardi 28 octobre 2025",
            "published_at": WHEN,
            "duration_seconds": 6000,
            **facts,
        }
    )


class TestTheFirstSync:
    @pytest.mark.parametrize(
        ("videos", "calls"), [(260, 15), pytest.param(1100, 60, marks=pytest.mark.deep)]
    )
    def test_a_long_archive_in_few_calls(
        self, youtube: YouTubeStandIn, world: World, run: Run, videos: int, calls: int
    ) -> None:
        world.__init__(seed=3, size=videos)  # on the same servers
        done = run("youtube-discover")
        assert (done.state, done.drafted, done.done) == ("done", videos, videos)
        assert len(youtube.requests("/youtube/v3/*")) == done.calls <= calls
        assert VideoSource.objects.count() == Broadcast.objects.count() == videos
        assert not Broadcast.objects.exclude(status=Broadcast.Status.DRAFT).exists()

    def test_the_next_one_costs_a_single_call(
        self, youtube: YouTubeStandIn, world: World, run: Run
    ) -> None:
        for _ in range(3):
            world.add(platforms=["youtube"])
        run("youtube-discover")
        before = len(youtube.requests("/youtube/v3/*"))
        assert run("youtube-discover").state == "done"
        later = youtube.requests("/youtube/v3/*")[before:]
        assert [request["status"] for request in later] == [304]

    def test_only_what_is_new_is_read_afterwards(
        self, youtube: YouTubeStandIn, world: World, run: Run
    ) -> None:
        for _ in range(60):
            world.add(platforms=["youtube"])
        run("youtube-discover")
        world.add(platforms=["youtube"], title="Toute neuve")
        before = len(youtube.requests("/youtube/v3/*"))
        assert run("youtube-discover").drafted == 1
        assert len(youtube.requests("/youtube/v3/*")) - before <= 4
        assert Broadcast.objects.filter(title="Toute neuve").exists()

    def test_both_platforms_give_one_draft_for_each_broadcast(
        self, youtube: YouTubeStandIn, peertube: PeerTubeStandIn, world: World, run: Run
    ) -> None:
        title = "Écouter une manifestation"
        copies = world.add(title=title, duration=5400)
        world.change(
            copies["peertube"].id,
            description=f"Aussi ici : https://youtu.be/{copies['youtube'].id}",
            duration=5490,
        )
        assert run("youtube-discover").drafted == 1
        assert run("peertube-discover").attached == 1
        broadcast = Broadcast.objects.get()
        assert {source.platform for source in broadcast.sources.all()} == {"youtube", "peertube"}
        peertube_source = broadcast.sources.get(platform="peertube")
        assert peertube_source.external_id == copies["peertube"].id
        assert peertube_source.peertube_short_uuid == copies["peertube"].short
        assert peertube_source.peertube_id == copies["peertube"].number

    def test_many_pages_of_peertube(
        self, peertube: PeerTubeStandIn, world: World, run: Run
    ) -> None:
        for _ in range(113):
            world.add(platforms=["peertube"])
        done = run("peertube-discover")
        assert (done.state, done.drafted) == ("done", 113)
        assert run("peertube-discover").drafted == 0


class TestADraft:
    def test_has_what_the_platform_tells(self) -> None:
        video = a_video(description="Un soir sans eau.\n\nhttps://example.org\n\n<script>")
        assert file_video(video) == Outcome.DRAFTED
        draft = Broadcast.objects.get()
        assert (draft.title, draft.season, draft.number) == ("Bassines, le retour", 10, 27)
        assert (draft.slug, draft.dek) == ("bassines-le-retour", "Un soir sans eau.")
        assert (draft.aired_at, draft.duration_seconds) == (WHEN, 6000)
        assert draft.published_at is None
        assert "&lt;script&gt;" in draft.body_opening
        source = draft.sources.get()
        assert (source.external_id, source.title) == ("abcdefghijk", video.title)

    def test_is_made_once_though_two_workers_find_the_video(self, transactional_db: None) -> None:
        start = threading.Barrier(4)
        outcomes: list[Outcome] = []

        def find() -> None:
            start.wait()
            try:
                outcomes.append(file_video(a_video()))
            finally:
                connection.close()

        threads = [threading.Thread(target=find) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert Broadcast.objects.count() == VideoSource.objects.count() == 1
        assert outcomes.count(Outcome.DRAFTED) == 1


class TestWhose:
    def test_a_link_to_our_page_attaches(self, settings: object) -> None:
        broadcast = BroadcastFactory(slug="bassines", duration_seconds=6100)
        link = f"Le texte : {settings.SITE_URL}/emissions/bassines."
        assert file_video(a_video(description=link)) == Outcome.ATTACHED
        assert broadcast.sources.get().external_id == "abcdefghijk"

    def test_a_link_to_the_old_site_attaches(self) -> None:
        broadcast = BroadcastFactory(
            wp_legacy_link="https://www.auposte.fr/bassines/", duration_seconds=6100
        )
        video = a_video(description="http://www.auposte.fr/bassines")
        assert file_video(video) == Outcome.ATTACHED
        assert broadcast.sources.count() == 1

    def test_an_extract_does_not_join_the_whole_that_it_links_to(self, settings: object) -> None:
        whole = BroadcastFactory(slug="bassines", duration_seconds=6100)
        link = f"L’émission entière : {settings.SITE_URL}/emissions/bassines"
        video = a_video(title="EXTRAIT – « L’eau »", duration_seconds=300, description=link)
        assert file_video(video) == Outcome.DRAFTED
        assert not whole.sources.exists()

    def test_a_broadcast_that_has_its_video_takes_no_second_one(self, settings: object) -> None:
        whole = BroadcastFactory(slug="bassines", duration_seconds=6100)
        VideoSourceFactory(broadcast=whole)
        video = a_video(description=f"{settings.SITE_URL}/emissions/bassines")
        assert file_video(video) != Outcome.ATTACHED
        assert whole.sources.count() == 1

    def test_links_to_two_broadcasts_decide_nothing(self, settings: object) -> None:
        for slug in ("bassines", "nasses"):
            BroadcastFactory(slug=slug, duration_seconds=6000)
        links = f"{settings.SITE_URL}/emissions/bassines {settings.SITE_URL}/emissions/nasses"
        assert file_video(a_video(description=links)) == Outcome.DRAFTED

    @pytest.mark.parametrize(
        "facts",
        [
            {"title": "Bassines, le retour"},
            {"title": "Bassines : le retour !"},
            {"title": "Tout autre titre", "season": 10, "number": 27},
        ],
    )
    def test_a_like_title_of_that_day_is_proposed_never_merged(
        self, facts: dict[str, object]
    ) -> None:
        broadcast = BroadcastFactory(published_at=WHEN + dt.timedelta(hours=30), **facts)
        assert file_video(a_video()) == Outcome.PROPOSED
        assert file_video(a_video()) == Outcome.PROPOSED
        assert VideoProposal.objects.get().candidate == broadcast
        assert not VideoSource.objects.exists()

    @pytest.mark.parametrize(
        ("title", "days"), [("Bassines, le retour", 20), ("Nasses et contrôles", 0)]
    )
    def test_another_day_or_another_title_is_another_broadcast(self, title: str, days: int) -> None:
        BroadcastFactory(published_at=WHEN + dt.timedelta(days=days), title=title, season=9)
        assert file_video(a_video()) == Outcome.DRAFTED

    def test_what_an_editor_has_set_aside_stays_aside(self) -> None:
        VideoProposal.objects.create(
            platform="youtube", external_id="abcdefghijk", title="…",
            state=VideoProposal.State.IGNORED, decided_at=timezone.now(),
        )  # fmt: skip
        assert file_video(a_video()) == Outcome.IGNORED
        assert not Broadcast.objects.exists()
