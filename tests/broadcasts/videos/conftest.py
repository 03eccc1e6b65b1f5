"""A small world of videos, on a YouTube and a PeerTube that answer over HTTP."""

from collections.abc import Callable, Iterator

import pytest

from broadcasts.models import SyncJob, SyncRun
from broadcasts.services.videos import errands, jobs
from sandbox.peertube import PeerTubeStandIn
from sandbox.video_world.world import World
from sandbox.youtube import YouTubeStandIn

Run = Callable[[str], SyncRun]


@pytest.fixture
def world() -> World:
    """Without any video; tests add what they are about."""
    return World(size=0)


@pytest.fixture
def youtube(world: World, settings: object) -> Iterator[YouTubeStandIn]:
    with YouTubeStandIn(world=world) as stand_in:
        settings.YOUTUBE_API_BASE = stand_in.url
        settings.YOUTUBE_API_KEY = stand_in.api_key
        settings.YOUTUBE_CHANNEL_ID = stand_in.channel_id
        yield stand_in
        assert stand_in.violations() == []


@pytest.fixture
def peertube(
    world: World, settings: object, monkeypatch: pytest.MonkeyPatch
) -> Iterator[PeerTubeStandIn]:
    # The pace is tried by the client's tests; here it would only be waited for.
    monkeypatch.setattr(errands, "PACE", errands.Pace(requests=45, seconds=0.01))
    with PeerTubeStandIn(world=world, rate_limit=10_000) as stand_in:
        settings.PEERTUBE_URL = stand_in.url
        settings.PEERTUBE_CHANNEL = stand_in.channel
        yield stand_in
        assert stand_in.violations() == []


@pytest.fixture
def run(db: None) -> Run:
    """Do one errand to its end, or to where it stops; its run."""

    def do(name: str) -> SyncRun:
        jobs.prepare_jobs()
        SyncJob.objects.exclude(name=name).update(is_paused=True)
        asked = jobs.ask_now(name=name, user_id=None)
        assert asked is not None, "not configured"
        while jobs.work(seconds=60):
            pass
        asked.refresh_from_db()
        return asked

    return do
