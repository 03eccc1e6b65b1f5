"""What a platform says now, written beside what we knew of the video."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from broadcasts.models import Broadcast, VideoSource
from broadcasts.platforms import LiveState, PlatformVideo
from broadcasts.services.videos.details import store_audio

MISSES_BEFORE_GONE = 3
# A video that was there yesterday and answers "not found" is looked at again soon.
RECHECK = dt.timedelta(hours=1)
RECHECK_LIVE = dt.timedelta(minutes=2)
RECENT = dt.timedelta(days=7)
READ_RECENT_EVERY = dt.timedelta(hours=6)
READ_EVERY = dt.timedelta(days=3)
LOOK_FOR_GONE_EVERY = dt.timedelta(days=2)
# YouTube's terms: what its API said is read again within thirty days, or dropped.
KEEP_FOR = dt.timedelta(days=30)
UNDER_WAY = (VideoSource.LiveState.UPCOMING, VideoSource.LiveState.LIVE)


@transaction.atomic
def apply_reading(*, source: VideoSource, video: PlatformVideo) -> bool:
    """Write down what the platform says; whether anything but the date of reading changed.

    The broadcast takes from it only what it lacks. An editor's word is never written over.
    """
    now = timezone.now()
    source = VideoSource.objects.select_for_update().get(pk=source.pk)
    live_state = _live_state(source, video)
    facts = {
        "title": video.title[:300],
        "published_at": video.published_at,
        "changed_at": video.changed_at,
        "duration_seconds": video.duration_seconds or source.duration_seconds,
        "aspect_ratio": video.aspect_ratio,
        "views_count": video.views_count,
        "comments_count": video.comments_count,
        "live_state": live_state,
        "scheduled_for": video.scheduled_for,
        "started_at": video.started_at or source.started_at,
        "ended_at": _ended_at(source, video, live_state, now),
        "peertube_id": video.peertube_id or source.peertube_id,
        "peertube_short_uuid": video.peertube_short_uuid or source.peertube_short_uuid,
        "availability": VideoSource.Availability.AVAILABLE,
        "consecutive_misses": 0,
        "unavailable_since": None,
        "thumbnail_offered": video.thumbnail_url[:500],
    }
    if facts["thumbnail_offered"] != source.thumbnail_offered:
        facts["thumbnail_failures"] = 0
    if _is_replay_now(source, video, over=live_state == LiveState.ENDED):
        facts["role"] = VideoSource.Role.REPLAY
    changed = {name for name, value in facts.items() if getattr(source, name) != value}
    for name, value in facts.items():
        setattr(source, name, value)
    source.fetched_at = now
    source.etag = video.etag[:200]
    source.read_due_at = now + _patience(source, now)
    source.save(update_fields=[*facts, "fetched_at", "etag", "read_due_at"])
    _fill_broadcast(source)
    if source.platform == VideoSource.Platform.PEERTUBE:
        store_audio(source=source, audio=video.audio)
    return bool(changed)


def _is_replay_now(source: VideoSource, video: PlatformVideo, *, over: bool) -> bool:
    """Whether the live can be watched again at its own address.

    PeerTube's permanent lives cannot: they wait for the next one, and the replay is another video.
    """
    waits_again = video.live_state in (LiveState.UPCOMING, LiveState.LIVE)
    return (
        source.role == VideoSource.Role.LIVE
        and over
        and bool(video.duration_seconds)
        and not waits_again
    )


def _live_state(source: VideoSource, video: PlatformVideo) -> str:
    """A live that the platform no longer calls one is over."""
    was_live = source.live_state in (*UNDER_WAY, VideoSource.LiveState.ENDED)
    if video.live_state == LiveState.NONE and was_live:
        return VideoSource.LiveState.ENDED
    if video.live_state == LiveState.UPCOMING and source.live_state in (
        VideoSource.LiveState.LIVE,
        VideoSource.LiveState.ENDED,
    ):
        # A permanent live's room, empty again: ours was the evening that is over.
        return VideoSource.LiveState.ENDED
    return video.live_state


def _ended_at(
    source: VideoSource, video: PlatformVideo, live_state: str, now: dt.datetime
) -> dt.datetime | None:
    """When the live ended; None while it may go on: a room that is merely empty tells nothing."""
    if live_state == LiveState.LIVE:
        return None
    told = video.ended_at or source.ended_at
    # PeerTube says that a live has ended, and not when.
    just_told = video.live_state == LiveState.ENDED and source.live_state == LiveState.LIVE
    return now if told is None and just_told else told


def _patience(source: VideoSource, now: dt.datetime) -> dt.timedelta:
    recent = source.published_at is not None and source.published_at > now - RECENT
    return READ_RECENT_EVERY if recent else READ_EVERY


def _fill_broadcast(source: VideoSource) -> None:
    """Times that the broadcast does not have yet. One whole update, or none, per fact."""
    broadcast = Broadcast.objects.filter(pk=source.broadcast_id)
    if source.duration_seconds and source.live_state not in UNDER_WAY:
        broadcast.filter(duration_seconds=None).update(duration_seconds=source.duration_seconds)
    if source.started_at:
        broadcast.filter(aired_at=None).update(aired_at=source.started_at)
    if source.scheduled_for:
        broadcast.filter(scheduled_for=None).update(scheduled_for=source.scheduled_for)


def note_unchanged(source: VideoSource) -> None:
    """The platform says that nothing has moved since our last reading."""
    now = timezone.now()
    VideoSource.objects.filter(pk=source.pk).update(
        fetched_at=now,
        read_due_at=now + _patience(source, now),
        availability=VideoSource.Availability.AVAILABLE,
        consecutive_misses=0,
        unavailable_since=None,
    )


@transaction.atomic
def note_missing(source: VideoSource) -> bool:
    """One more time that the platform does not know the video; whether it is given up now.

    Three times in a row, an hour apart (minutes for a live), before pages stop offering it. It is
    still asked for now and then, and comes back by itself. Nothing is deleted.
    """
    now = timezone.now()
    source = VideoSource.objects.select_for_update().get(pk=source.pk)
    source.consecutive_misses = min(source.consecutive_misses + 1, 32_000)
    gone = source.consecutive_misses >= MISSES_BEFORE_GONE
    newly = gone and source.availability != VideoSource.Availability.UNAVAILABLE
    if newly:
        source.availability = VideoSource.Availability.UNAVAILABLE
        source.unavailable_since = now
    live = source.live_state in UNDER_WAY
    if gone and live:
        source.live_state = VideoSource.LiveState.ENDED
    soon = RECHECK_LIVE if live else RECHECK
    source.read_due_at = now + (LOOK_FOR_GONE_EVERY if gone else soon)
    source.save(
        update_fields=[
            "consecutive_misses", "availability", "unavailable_since", "read_due_at", "live_state",
        ]
    )  # fmt: skip
    return newly


def drop_stale_counts() -> int:
    """Forget counts that nobody could read again for thirty days; how many sources."""
    too_old = VideoSource.objects.filter(fetched_at__lt=timezone.now() - KEEP_FOR)
    return too_old.exclude(views_count=None, comments_count=None).update(
        views_count=None, comments_count=None
    )
