"""A live is followed from its announcement to its replay, on both platforms."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from broadcasts.models import Broadcast, SyncRun, VideoProposal, VideoSource
from broadcasts.services.videos import jobs
from broadcasts.services.videos.proposals import attach_proposal
from sandbox.peertube import PeerTubeStandIn
from sandbox.video_world.world import World
from sandbox.youtube import YouTubeStandIn

pytestmark = pytest.mark.django_db
Run = Callable[[str], SyncRun]


def forget_readings() -> None:
    """As if the minute were over."""
    VideoSource.objects.update(fetched_at=timezone.now() - dt.timedelta(minutes=2))


def test_from_upcoming_to_replay_on_youtube(
    youtube: YouTubeStandIn, world: World, run: Run, visitor: Client
) -> None:
    at = timezone.now() + dt.timedelta(minutes=10)
    video = world.schedule_live("La grande soirée", at, platforms=["youtube"])["youtube"]
    run("youtube-discover")
    source = VideoSource.objects.get()
    assert (source.live_state, source.role) == ("upcoming", "live")
    assert source.broadcast.scheduled_for is not None
    assert abs(source.broadcast.scheduled_for - at) < dt.timedelta(seconds=1)
    began = timezone.now()
    world.start_live(video.id, at=began - dt.timedelta(hours=1))
    forget_readings()
    run("live")
    source.refresh_from_db()
    assert source.live_state == "live"
    source.broadcast.refresh_from_db()
    assert source.broadcast.aired_at is not None
    Broadcast.objects.update(status="published", published_at=began)
    page = visitor.get(source.broadcast.get_absolute_url()).content.decode()
    assert "En direct" in page
    world.end_live(video.id)
    world.bring_replay(video.id, duration=3500)
    forget_readings()
    run("live")
    source.refresh_from_db()
    assert (source.live_state, source.role, source.duration_seconds) == ("ended", "replay", 3500)
    source.broadcast.refresh_from_db()
    assert source.broadcast.duration_seconds == 3500


def test_peertubes_replay_comes_under_a_new_uuid_and_waits_for_an_editor(
    peertube: PeerTubeStandIn, world: World, run: Run, visitor: Client
) -> None:
    at = timezone.now().replace(microsecond=0)
    live = world.schedule_live("La grande soirée", at, platforms=["peertube"])["peertube"]
    world.start_live(live.id, at=at - dt.timedelta(hours=1))
    assert run("peertube-discover").drafted == 1
    source = VideoSource.objects.get()
    assert (source.live_state, source.role) == ("live", "live")
    world.end_live(live.id)
    forget_readings()
    run("live")
    source.refresh_from_db()
    assert (source.live_state, source.availability) == ("ended", "available")
    replay = world.bring_replay(live.id)
    assert replay.id != live.id
    assert run("peertube-discover").proposed == 1
    proposal = VideoProposal.objects.get()
    assert (proposal.external_id, proposal.candidate) == (replay.id, source.broadcast)
    attach_proposal(proposal=proposal, broadcast=source.broadcast, user_id=None)
    run("peertube-refresh")
    Broadcast.objects.update(status="published", published_at=at)
    page = visitor.get(source.broadcast.get_absolute_url()).content.decode()
    assert (
        f'data-embed="{source.broadcast.sources.get(role="replay").embed_url}"'.replace(
            "&", "&amp;"
        )
        in page
    )
    assert Broadcast.objects.count() == 1


def test_a_live_that_peertube_announces_is_a_draft_before_it_begins(
    peertube: PeerTubeStandIn, world: World, run: Run
) -> None:
    at = (timezone.now() + dt.timedelta(days=2)).replace(microsecond=0)
    world.schedule_live("Dans deux jours", at, platforms=["peertube"])
    assert run("peertube-discover").drafted == 1
    draft = Broadcast.objects.get()
    assert (draft.scheduled_for, draft.aired_at) == (at, None)
    assert draft.sources.get().live_state == "upcoming"


def test_a_permanent_room_that_waits_again_is_not_live(
    peertube: PeerTubeStandIn, world: World, run: Run
) -> None:
    at = timezone.now().replace(microsecond=0)
    live = world.schedule_live("La grande soirée", at, platforms=["peertube"])["peertube"]
    world.start_live(live.id, at=at)
    run("peertube-discover")
    world.end_live(live.id)
    for _ in range(2):
        forget_readings()
        run("live")
    assert VideoSource.objects.get().live_state == "ended"


def test_nothing_is_asked_when_nothing_is_on(
    youtube: YouTubeStandIn, world: World, run: Run
) -> None:
    in_a_week = timezone.now() + dt.timedelta(days=7)
    world.schedule_live("Dans une semaine", in_a_week, platforms=["youtube"])
    run("youtube-discover")
    asked = len(youtube.requests())
    forget_readings()
    run("live")
    jobs.work()
    assert len(youtube.requests()) == asked


def test_one_platform_in_trouble_does_not_hide_the_other(
    youtube: YouTubeStandIn, peertube: PeerTubeStandIn, world: World, run: Run
) -> None:
    at = timezone.now().replace(microsecond=0)
    copies = world.schedule_live("La grande soirée", at)
    link = f"https://youtu.be/{copies['youtube'].id}"
    world.change(copies["peertube"].id, description=link)
    for video in copies.values():
        world.start_live(video.id, at=at)
    run("youtube-discover")
    run("peertube-discover")
    for video in copies.values():
        world.end_live(video.id)
    forget_readings()
    youtube.fail(path="/youtube/v3/*", status=500, count=10)
    assert run("live").state == "waiting"
    assert VideoSource.objects.get(platform="peertube").live_state == "ended"
    assert VideoSource.objects.get(platform="youtube").live_state == "live"
