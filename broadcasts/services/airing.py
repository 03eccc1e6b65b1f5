"""On the air or not: the one place that moves an `Airing`, under its lock, with a trace.

Beat asks every twenty seconds, and so does each reading of the lives; an editor's word counts at
once. `broadcasts.live` has the rules.
"""

import datetime as dt

import structlog
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import Exists, F, OuterRef, Prefetch, Q, QuerySet
from django.utils import timezone

from broadcasts.live import (
    ANNOUNCEMENT_HOLDS,
    AiringState,
    Cause,
    Facts,
    Override,
    Signal,
    Verdict,
    decide,
)
from broadcasts.models import Airing, AiringChange, Broadcast, VideoSource

log = structlog.get_logger(__name__)

# How long an editor's word holds when nothing else is asked.
HOLDS = {
    AiringState.LIVE: dt.timedelta(hours=4),
    AiringState.INTERRUPTED: dt.timedelta(minutes=30),
    AiringState.OVER: dt.timedelta(hours=12),
}
LONGEST_HOLD = dt.timedelta(hours=24)
RELEASED = "Laissé aux plateformes"
LAPSED = "Ce qui était imposé a fait son temps"
UNDER_WAY = (
    Airing.State.ANNOUNCED, Airing.State.LIVE, Airing.State.INTERRUPTED, Airing.State.OVER,
)  # fmt: skip
LiveState = VideoSource.LiveState


def follow_airings() -> int:
    """Look at each broadcast that is announced, under way or just over; how many have moved.

    Those that stand where they should are read without a lock, and nothing is written.
    """
    now = timezone.now()
    moved = 0
    for broadcast in _followed(now):
        airing = getattr(broadcast, "airing", None) or Airing(broadcast=broadcast, since=now)
        if _is_settled(airing, decide(_facts(airing, broadcast, now)), now):
            continue
        moved += settle(broadcast.pk)
    return moved


def _followed(now: dt.datetime) -> QuerySet[Broadcast]:
    on_air = VideoSource.objects.filter(broadcast=OuterRef("pk"), live_state=LiveState.LIVE)
    return (
        Broadcast.objects.filter(
            Q(scheduled_for__gte=now - ANNOUNCEMENT_HOLDS)
            | Q(airing__state__in=UNDER_WAY)
            | Q(airing__override_until__isnull=False)
            | Exists(on_air)
        )
        .select_related("airing")
        .prefetch_related(Prefetch("sources", VideoSource.objects.order_by("pk")))
        .only("scheduled_for", *(f"airing__{field.attname}" for field in Airing._meta.fields))
        .order_by("pk")
    )


def _is_settled(airing: Airing, verdict: Verdict, now: dt.datetime) -> bool:
    expired = airing.override_until is not None and airing.override_until <= now
    return airing.state == verdict.state and not expired


@transaction.atomic
def settle(broadcast_id: int) -> bool:
    """Bring one broadcast to where the facts have it; whether its state changed."""
    now = timezone.now()
    airing = _locked(broadcast_id)
    before = airing.state
    if not _is_settled(airing, decide(_facts(airing, airing.broadcast, now)), now):
        _move(airing, now)
    return airing.state != before


@transaction.atomic
def override(
    *,
    broadcast_id: int,
    state: AiringState,
    user: User | None,
    reason: str = "",
    lasts: dt.timedelta | None = None,
) -> Airing:
    """An editor's word, for `lasts` (a day at most). ValueError for a state that nobody may say."""
    if state not in HOLDS:
        raise ValueError(state)
    now = timezone.now()
    airing = _locked(broadcast_id)
    airing.override_state = state
    airing.override_until = now + min(lasts or HOLDS[state], LONGEST_HOLD)
    airing.override_by, airing.override_reason = user, reason[:200]
    _move(airing, now, user=user, detail=reason, always=True)
    return airing


@transaction.atomic
def release(*, broadcast_id: int, user: User | None) -> Airing:
    """Let the platforms speak again. Nothing changes where nobody had spoken."""
    airing = _locked(broadcast_id)
    if airing.override_state:
        _forget_override(airing)
        _move(airing, timezone.now(), user=user, detail=RELEASED, always=True)
    return airing


def _locked(broadcast_id: int) -> Airing:
    Airing.objects.bulk_create([Airing(broadcast_id=broadcast_id)], ignore_conflicts=True)
    return (
        Airing.objects.select_for_update(of=("self",))
        .select_related("broadcast")
        .get(broadcast=broadcast_id)
    )


def _facts(airing: Airing, broadcast: Broadcast, now: dt.datetime) -> Facts:
    sources = [source for source in broadcast.sources.all() if source.role != source.Role.AUDIO]
    override = None
    if airing.override_state and airing.override_until:
        override = Override(state=AiringState(airing.override_state), until=airing.override_until)
    return Facts(
        now=now,
        state=AiringState(airing.state),
        since=airing.since,
        scheduled_for=broadcast.scheduled_for,
        signals=tuple(_signal(one) for one in sources if one.live_state != LiveState.NONE),
        has_replay=any(_is_replay(source) for source in sources),
        override=override,
    )


def _signal(source: VideoSource) -> Signal:
    ended = source.live_state == LiveState.ENDED
    return Signal(
        is_live=source.live_state == LiveState.LIVE,
        is_over=ended,
        told_end=ended and source.ended_at is not None,
        read_at=source.fetched_at,
    )


def _is_replay(source: VideoSource) -> bool:
    return (
        source.role == VideoSource.Role.REPLAY
        and source.availability == VideoSource.Availability.AVAILABLE
        and source.live_state in (LiveState.NONE, LiveState.ENDED)
    )


def _forget_override(airing: Airing) -> None:
    airing.override_state, airing.override_until = "", None
    airing.override_by, airing.override_reason = None, ""


def _move(
    airing: Airing,
    now: dt.datetime,
    *,
    user: User | None = None,
    detail: str = "",
    always: bool = False,
) -> None:
    """Write the verdict, and its trace when the state changes, or `always` for somebody's word."""
    verdict = decide(_facts(airing, airing.broadcast, now))
    before, cause = airing.state, Cause.OVERRIDE if always else verdict.cause
    if airing.override_until is not None and airing.override_until <= now:
        _forget_override(airing)
        # Nobody's word any more: that is told even where the platforms say the same.
        cause, detail, always = Cause.EXPIRY, LAPSED, True
    if verdict.state != before:
        airing.state, airing.since = verdict.state, now
    _date(airing, now)
    airing.save()
    if verdict.state == before and not always:
        return
    AiringChange.objects.create(
        airing=airing, at=now, from_state=before, to_state=verdict.state, cause=cause,
        user=user, detail=detail[:250],
    )  # fmt: skip
    log.info(
        "airing_moved",
        broadcast=airing.broadcast_id,
        state=verdict.state.value,
        cause=cause.value,
    )


def _date(airing: Airing, now: dt.datetime) -> None:
    """On the air since when, here and on the broadcast. A button pressed too early leaves none."""
    broadcast = Broadcast.objects.filter(pk=airing.broadcast_id)
    if airing.state == AiringState.LIVE and airing.began_at is None:
        airing.began_at = _began_at(airing.broadcast, now)
        broadcast.filter(aired_at=None).update(aired_at=airing.began_at)
    elif airing.state == AiringState.ANNOUNCED and airing.began_at is not None:
        broadcast.filter(aired_at=airing.began_at).update(aired_at=None)
        airing.began_at = None


def _began_at(broadcast: Broadcast, now: dt.datetime) -> dt.datetime:
    """When a live that is under way says that it began; else now."""
    told = broadcast.sources.filter(live_state=LiveState.LIVE, started_at__isnull=False)
    first: dt.datetime | None = (
        told.order_by(F("started_at").asc()).values_list("started_at", flat=True).first()
    )
    return first or now
