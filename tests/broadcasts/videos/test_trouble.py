"""A platform that fails costs a wait, said in words; nothing is lost and nothing done twice."""

import contextlib
import datetime as dt
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.utils import timezone

from auposte.celery import app
from auposte.locks import advisory_lock
from broadcasts.models import ApiUsage, Broadcast, SyncJob, SyncRun, VideoSource
from broadcasts.platforms import QuotaExceededError
from broadcasts.services.videos import jobs
from broadcasts.services.videos.budget import meter, quota_resets_at
from broadcasts.tasks import sync_videos
from sandbox.peertube import PeerTubeStandIn
from sandbox.video_world.world import World
from sandbox.youtube import YouTubeStandIn
from tests import processes
from tests.factories import VideoSourceFactory
from tests.processes import kill_hard, wait_until

pytestmark = pytest.mark.django_db
Run = Callable[[str], SyncRun]
PASSING = [
    {"status": 500, "count": 2},
    {"status": 503, "count": 2},
    {"kind": "truncated", "count": 2},
    # A closed connection is opened again by the libraries before we hear of it.
    {"kind": "disconnect", "count": 6},
]


def fill(world: World, count: int, platform: str = "youtube") -> None:
    for _ in range(count):
        world.add(platforms=[platform])


def later(run: SyncRun) -> dt.timedelta:
    return run.job.next_run_at - timezone.now()


class TestYouTube:
    @pytest.mark.parametrize("failure", PASSING, ids=lambda f: f.get("kind", f.get("status")))
    def test_what_passes_is_waited_for_and_gone_on_with(
        self, failure: dict[str, object], youtube: YouTubeStandIn, world: World, run: Run
    ) -> None:
        fill(world, 120)
        youtube.fail(path="/youtube/v3/videos", **failure)
        first = run("youtube-discover")
        assert first.state == "waiting"
        assert first.message
        assert "AIza" not in first.message
        assert dt.timedelta(0) < later(first) <= dt.timedelta(minutes=2)
        assert run("youtube-discover").pk == first.pk
        first.refresh_from_db()
        assert (first.state, first.message, first.drafted) == ("done", "", 120)
        assert Broadcast.objects.count() == 120

    def test_the_quota_waits_for_midnight_in_california(
        self, youtube: YouTubeStandIn, world: World, run: Run
    ) -> None:
        fill(world, 120)
        youtube.quota.limit = 3
        stopped = run("youtube-discover")
        assert stopped.state == "waiting"
        assert stopped.job.next_run_at == quota_resets_at(timezone.now())
        assert "Reprise le" in stopped.message
        asked = len(youtube.requests("/youtube/v3/*"))
        assert not jobs.work()
        assert len(youtube.requests("/youtube/v3/*")) == asked
        youtube.quota.reset()
        youtube.quota.limit = 10_000
        run("youtube-discover")
        assert Broadcast.objects.count() == 120

    def test_our_own_budget_stops_before_the_platforms(
        self, youtube: YouTubeStandIn, world: World, run: Run, settings: object
    ) -> None:
        settings.YOUTUBE_DAILY_UNITS = 3
        fill(world, 120)
        assert run("youtube-discover").state == "waiting"
        assert len(youtube.requests("/youtube/v3/*")) == 3
        assert ApiUsage.objects.get(platform="youtube").units == 3

    def test_a_wrong_key_fails_in_words_and_is_tried_again_rarely(
        self, youtube: YouTubeStandIn, world: World, run: Run, settings: object
    ) -> None:
        settings.YOUTUBE_API_KEY = "AIza-another"
        failed = run("youtube-discover")
        assert failed.state == "failed"
        assert "YOUTUBE_API_KEY" in failed.message
        assert later(failed) >= dt.timedelta(minutes=4)
        settings.YOUTUBE_API_KEY = youtube.api_key
        assert run("youtube-discover").state == "done"

    def test_a_platform_that_is_not_configured_is_never_asked(
        self, youtube: YouTubeStandIn, settings: object
    ) -> None:
        settings.YOUTUBE_API_KEY = ""
        jobs.work()
        assert youtube.requests() == []
        assert jobs.ask_now(name="youtube-discover", user_id=None) is None


class TestPeerTube:
    def test_too_many_requests_are_waited_out(
        self, peertube: PeerTubeStandIn, world: World, run: Run
    ) -> None:
        fill(world, 30, "peertube")
        peertube.limiter.limit = 20
        stopped = run("peertube-discover")
        assert stopped.state == "waiting"
        assert later(stopped) > dt.timedelta(seconds=5)
        done = Broadcast.objects.count()
        assert 0 < done < 30
        peertube.limiter.limit = 10_000
        run("peertube-discover")
        assert Broadcast.objects.count() == 30

    @pytest.mark.parametrize("failure", PASSING, ids=lambda f: f.get("kind", f.get("status")))
    def test_what_passes_is_waited_for(
        self, failure: dict[str, object], peertube: PeerTubeStandIn, world: World, run: Run
    ) -> None:
        fill(world, 3, "peertube")
        peertube.fail(path="/api/v1/*", **failure)
        assert run("peertube-discover").state == "waiting"
        for _ in range(6):
            run("peertube-discover")
        assert Broadcast.objects.count() == 3

    def test_a_video_that_cannot_be_read_does_not_stop_the_others(
        self, peertube: PeerTubeStandIn, world: World, run: Run
    ) -> None:
        fill(world, 4, "peertube")
        newest = world.videos("peertube")[0]
        peertube.fail(path=f"/api/v1/videos/{newest.id}", status=404, count=5)
        assert run("peertube-discover").state == "done"
        assert Broadcast.objects.count() == 3


class TestTheBudget:
    def test_counts_units_and_calls_of_a_day(self) -> None:
        spend = meter("youtube")
        for units in (1, 1, 100):
            spend(units)
        usage = ApiUsage.objects.get()
        assert (usage.calls, usage.units) == (3, 102)

    def test_refuses_the_first_request_past_it(self, settings: object) -> None:
        settings.YOUTUBE_DAILY_UNITS = 100
        spend = meter("youtube")
        spend(99)
        with pytest.raises(QuotaExceededError):
            spend(2)
        spend(1)
        assert ApiUsage.objects.get().units == 100


def test_a_fault_of_ours_shows_and_stops_nobody_else(
    youtube: YouTubeStandIn, world: World, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(world, 1)
    broken = {**jobs.KINDS, "live": jobs.Kind(step=lambda *_: 1 / 0, every=dt.timedelta(hours=1))}
    monkeypatch.setattr(jobs, "KINDS", broken)
    jobs.prepare_jobs()
    jobs.ask_now(name="live", user_id=None)
    assert run("youtube-discover").state == "done"
    SyncJob.objects.update(is_paused=False)
    jobs.work()
    failed = SyncRun.objects.get(job="live")
    assert (failed.state, "ZeroDivisionError" in failed.message) == ("failed", True)


def test_only_one_worker_at_a_time(youtube: YouTubeStandIn, transactional_db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    with advisory_lock(jobs.LOCK) as first:
        import threading

        seen: list[bool] = []

        def other() -> None:
            with advisory_lock(jobs.LOCK) as second:
                seen.append(second)
            connection.close()

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert (first, seen) == (True, [False])


@pytest.fixture
def empty_queue() -> Iterator[None]:
    app.control.purge()
    yield
    with contextlib.suppress(Exception):
        app.control.purge()


def test_a_worker_killed_in_the_middle_loses_nothing(
    youtube: YouTubeStandIn, world: World, transactional_db: None, settings: object,
    tmp_path: Path, empty_queue: None,
) -> None:  # fmt: skip
    """kill -9 while YouTube withholds its second page; another worker ends with the same rows."""
    fill(world, 130)
    env = {
        "YOUTUBE_API_BASE": youtube.url,
        "YOUTUBE_API_KEY": youtube.api_key,
        "YOUTUBE_CHANNEL_ID": youtube.channel_id,
    }
    jobs.prepare_jobs()
    SyncJob.objects.exclude(name="youtube-discover").update(is_paused=True)
    youtube.hold("/youtube/v3/playlistItems", stage="before")
    with processes.worker(tmp_path / "first.log", env=env) as doomed:
        sync_videos.delay()
        assert youtube.wait_for_waiting(1, timeout=60), "the worker to ask for the first page"
        youtube.release()
        wait_until(lambda: Broadcast.objects.count() >= 50, "the first page to be filed")
        youtube.hold("/youtube/v3/*", stage="after")
        assert youtube.wait_for_waiting(1, timeout=60), "the worker to ask for more"
        kill_hard(doomed)
    youtube.release()
    filed = Broadcast.objects.count()
    assert 50 <= filed < 130
    with processes.worker(tmp_path / "second.log", env=env):
        sync_videos.delay()
        wait_until(
            lambda: SyncRun.objects.filter(state="done").exists(), "the second worker to finish"
        )
    assert Broadcast.objects.count() == VideoSource.objects.count() == 130
    assert set(VideoSource.objects.values_list("external_id", flat=True)) == {
        video.id for video in world.videos("youtube")
    }


def test_steps_take_turns(youtube: YouTubeStandIn, world: World, run: Run) -> None:
    """A long errand does not keep a short one waiting for its end."""
    fill(world, 120)
    source = VideoSourceFactory(external_id=world.videos("youtube")[0].id)
    jobs.prepare_jobs()
    wanted = ["youtube-discover", "youtube-refresh"]
    SyncJob.objects.exclude(name__in=wanted).update(is_paused=True)
    jobs.work(seconds=0)
    jobs.work(seconds=0)
    source.refresh_from_db()
    assert source.fetched_at
    assert SyncRun.objects.get(job="youtube-discover").state == "running"
