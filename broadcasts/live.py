"""One broadcast, one address, several lives: what it is just now, from what is known of it.

Nothing here knows a database or a platform: facts in, a verdict out. Times are aware, in UTC.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

# Platforms are read every minute during a live. One that has been silent for so long may be away
# itself; what it said last is no news any more.
SIGNAL_HOLDS = dt.timedelta(minutes=5)
# A stream that breaks off usually comes back within minutes. Then nobody waits any longer.
BREAK_LASTS = dt.timedelta(minutes=20)
# An announced hour that passes without a live: hosts are late, but not until the night.
ANNOUNCEMENT_HOLDS = dt.timedelta(hours=3)
# PeerTube may take a night to transcode. A replay that never comes is not promised for ever.
REPLAY_AWAITED = dt.timedelta(days=3)


class AiringState(StrEnum):
    """The values are those of Airing.state."""

    NONE = "none"
    ANNOUNCED = "announced"
    LIVE = "live"
    INTERRUPTED = "interrupted"
    OVER = "over"
    REPLAY = "replay"


class Cause(StrEnum):
    """Why a state came. The values are those of AiringChange.cause."""

    PLATFORM = "platform"
    SILENCE = "silence"
    SCHEDULE = "schedule"
    EXPIRY = "expiry"
    OVERRIDE = "override"


@dataclass(frozen=True, kw_only=True)
class Signal:
    """What a platform said last of one of the broadcast's videos, and when we read it.

    `is_over`: there was a live, and none now. `told_end`: the platform says that it has ended; a
    PeerTube room that is merely empty again does not. `read_at` None: nobody has read it yet.
    """

    is_live: bool = False
    is_over: bool = False
    told_end: bool = False
    read_at: dt.datetime | None = None

    def is_fresh(self, now: dt.datetime) -> bool:
        return self.read_at is not None and now - self.read_at <= SIGNAL_HOLDS


@dataclass(frozen=True, kw_only=True)
class Override:
    """An editor's word: it wins over the platforms until `until`."""

    state: AiringState
    until: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Facts:
    """`state` and `since` are what was decided last; `has_replay`: something can be watched that
    is neither under way nor awaited."""

    now: dt.datetime
    state: AiringState = AiringState.NONE
    since: dt.datetime
    scheduled_for: dt.datetime | None = None
    signals: tuple[Signal, ...] = ()
    has_replay: bool = False
    override: Override | None = None


@dataclass(frozen=True, kw_only=True)
class Verdict:
    state: AiringState
    cause: Cause


def decide(facts: Facts) -> Verdict:
    """The state at `facts.now`. The same facts give the same verdict, however often it is asked."""
    override = facts.override
    if override is not None and facts.now < override.until:
        # Said to be over, and it can be watched again: nothing contradicts the editor.
        if override.state == AiringState.OVER and facts.has_replay:
            return Verdict(state=AiringState.REPLAY, cause=Cause.PLATFORM)
        return Verdict(state=override.state, cause=Cause.OVERRIDE)
    if any(signal.is_live and signal.is_fresh(facts.now) for signal in facts.signals):
        return Verdict(state=AiringState.LIVE, cause=Cause.PLATFORM)
    match facts.state:
        case AiringState.LIVE:
            return _after_live(facts)
        case AiringState.INTERRUPTED:
            return _after_break(facts)
        case AiringState.OVER:
            return _after_end(facts)
        case AiringState.REPLAY if facts.has_replay:
            return _stays(facts)
        case _:
            return _before(facts)


def _stays(facts: Facts) -> Verdict:
    return Verdict(state=facts.state, cause=Cause.PLATFORM)


def _has_ended(facts: Facts) -> bool:
    """A platform says that the live has ended, and none claims, however long ago, that it has not:
    of copies that run together one may be stopped before the other."""
    claims = any(signal.is_live for signal in facts.signals)
    return not claims and any(signal.told_end for signal in facts.signals)


def _after_live(facts: Facts) -> Verdict:
    if _has_ended(facts):
        state = AiringState.REPLAY if facts.has_replay else AiringState.OVER
        return Verdict(state=state, cause=Cause.PLATFORM)
    silent = any(signal.is_live for signal in facts.signals)
    expired = not facts.signals or facts.override is not None
    cause = Cause.SILENCE if silent else Cause.EXPIRY if expired else Cause.PLATFORM
    return Verdict(state=AiringState.INTERRUPTED, cause=cause)


def _after_break(facts: Facts) -> Verdict:
    if _has_ended(facts):
        state = AiringState.REPLAY if facts.has_replay else AiringState.OVER
        return Verdict(state=state, cause=Cause.PLATFORM)
    if facts.now - facts.since >= BREAK_LASTS:
        return Verdict(state=AiringState.OVER, cause=Cause.EXPIRY)
    return _stays(facts)


def _after_end(facts: Facts) -> Verdict:
    if facts.has_replay:
        return Verdict(state=AiringState.REPLAY, cause=Cause.PLATFORM)
    if facts.scheduled_for is not None and facts.scheduled_for > facts.now:
        # A rehearsal, or an evening that was put off.
        return Verdict(state=AiringState.ANNOUNCED, cause=Cause.SCHEDULE)
    if facts.now - facts.since >= REPLAY_AWAITED:
        return Verdict(state=AiringState.NONE, cause=Cause.EXPIRY)
    return _stays(facts)


def _before(facts: Facts) -> Verdict:
    hour = facts.scheduled_for
    if hour is not None and hour > facts.now:
        return Verdict(state=AiringState.ANNOUNCED, cause=Cause.SCHEDULE)
    if facts.has_replay and any(signal.is_over for signal in facts.signals):
        return Verdict(state=AiringState.REPLAY, cause=Cause.PLATFORM)
    if _has_ended(facts) and facts.state == AiringState.ANNOUNCED:
        return Verdict(state=AiringState.OVER, cause=Cause.PLATFORM)
    if hour is not None and facts.now - hour < ANNOUNCEMENT_HOLDS:
        return Verdict(state=AiringState.ANNOUNCED, cause=Cause.SCHEDULE)
    if facts.has_replay:
        return Verdict(state=AiringState.REPLAY, cause=Cause.PLATFORM)
    cause = Cause.EXPIRY if facts.state == AiringState.ANNOUNCED else Cause.PLATFORM
    return Verdict(state=AiringState.NONE, cause=cause)
