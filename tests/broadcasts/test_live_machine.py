"""The rules of the air, as a table: facts in, a state out."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcasts.live import (
    ANNOUNCEMENT_HOLDS,
    BREAK_LASTS,
    REPLAY_AWAITED,
    SIGNAL_HOLDS,
    AiringState,
    Cause,
    Facts,
    Override,
    Signal,
    decide,
)

NOW = dt.datetime(2026, 12, 3, 18, 30, tzinfo=dt.UTC)
SECOND, MINUTE, HOUR = (dt.timedelta(seconds=n) for n in (1, 60, 3600))

LIVE = Signal(is_live=True, read_at=NOW - MINUTE)
SILENT = Signal(is_live=True, read_at=NOW - SIGNAL_HOLDS - SECOND)
NEVER_READ = Signal(is_live=True)
TOLD = Signal(is_over=True, told_end=True, read_at=NOW - MINUTE)
EMPTY_ROOM = Signal(is_over=True, read_at=NOW - MINUTE)
AWAITED = Signal(read_at=NOW - MINUTE)


def word(state: str, ends: dt.timedelta) -> Override:
    return Override(state=AiringState(state), until=NOW + ends)


def ago(delta: dt.timedelta) -> dt.datetime:
    return NOW - delta


# from, facts → to, cause
TABLE: list[tuple[str, dict[str, Any], str, str]] = [
    # Before
    ("none", {}, "none", "platform"),
    ("none", {"scheduled_for": NOW + HOUR}, "announced", "schedule"),
    ("none", {"scheduled_for": NOW + HOUR, "has_replay": True}, "announced", "schedule"),
    ("announced", {"scheduled_for": NOW + HOUR, "signals": (AWAITED,)}, "announced", "schedule"),
    ("announced", {"scheduled_for": ago(HOUR), "signals": (AWAITED,)}, "announced", "schedule"),
    ("announced", {"scheduled_for": ago(HOUR), "has_replay": True}, "announced", "schedule"),
    ("announced", {"scheduled_for": ago(ANNOUNCEMENT_HOLDS)}, "none", "expiry"),
    ("announced", {"scheduled_for": ago(ANNOUNCEMENT_HOLDS), "has_replay": True}, "replay",
     "platform"),
    ("announced", {}, "none", "expiry"),
    ("announced", {"scheduled_for": NOW + HOUR, "signals": (LIVE,)}, "live", "platform"),
    ("announced", {"scheduled_for": ago(HOUR), "signals": (TOLD,)}, "over", "platform"),
    # A signal that nobody has read lately begins nothing.
    ("announced", {"scheduled_for": ago(MINUTE), "signals": (SILENT,)}, "announced", "schedule"),
    ("none", {"signals": (NEVER_READ,)}, "none", "platform"),
    # During
    ("none", {"signals": (LIVE,)}, "live", "platform"),
    ("live", {"signals": (LIVE, TOLD)}, "live", "platform"),
    ("live", {"signals": (SILENT,)}, "interrupted", "silence"),
    ("live", {"signals": (SILENT, EMPTY_ROOM)}, "interrupted", "silence"),
    ("live", {"signals": (EMPTY_ROOM,)}, "interrupted", "platform"),
    ("live", {"signals": (SILENT, TOLD)}, "interrupted", "silence"),
    ("live", {"signals": (TOLD, EMPTY_ROOM)}, "over", "platform"),
    ("live", {"signals": (TOLD,), "has_replay": True}, "replay", "platform"),
    ("live", {}, "interrupted", "expiry"),
    # The hour may lie ahead of a live that began early: a break does not announce it again.
    ("live", {"signals": (SILENT,), "scheduled_for": NOW + MINUTE}, "interrupted", "silence"),
    ("interrupted", {"signals": (LIVE,)}, "live", "platform"),
    ("interrupted", {"signals": (SILENT,), "since": ago(BREAK_LASTS - SECOND)}, "interrupted",
     "platform"),
    ("interrupted", {"signals": (SILENT,), "since": ago(BREAK_LASTS)}, "over", "expiry"),
    ("interrupted", {"signals": (TOLD,)}, "over", "platform"),
    # After
    ("over", {"signals": (TOLD,)}, "over", "platform"),
    ("over", {"signals": (TOLD,), "has_replay": True}, "replay", "platform"),
    ("over", {"signals": (LIVE,)}, "live", "platform"),
    ("over", {"scheduled_for": NOW + HOUR}, "announced", "schedule"),
    ("over", {"since": ago(REPLAY_AWAITED)}, "none", "expiry"),
    ("replay", {"has_replay": True}, "replay", "platform"),
    ("replay", {"has_replay": True, "signals": (LIVE,)}, "live", "platform"),
    ("replay", {}, "none", "platform"),
    # An editor's word
    ("none", {"override": word("live", HOUR)}, "live", "override"),
    ("live", {"override": word("interrupted", HOUR), "signals": (LIVE,)}, "interrupted",
     "override"),
    ("live", {"override": word("over", HOUR), "signals": (LIVE,)}, "over", "override"),
    ("over", {"override": word("over", HOUR), "has_replay": True}, "replay", "platform"),
    ("live", {"override": word("live", -SECOND)}, "interrupted", "expiry"),
    ("over", {"override": word("over", -SECOND), "signals": (LIVE,)}, "live", "platform"),
]  # fmt: skip


@pytest.mark.parametrize(("before", "facts", "after", "cause"), TABLE)
def test_the_table(before: str, facts: dict[str, Any], after: str, cause: str) -> None:
    verdict = decide(
        Facts(**{"now": NOW, "since": ago(MINUTE), "state": AiringState(before), **facts})
    )
    assert (verdict.state, verdict.cause) == (after, cause)


signals = st.builds(
    Signal,
    is_live=st.booleans(),
    is_over=st.booleans(),
    told_end=st.booleans(),
    read_at=st.none() | st.sampled_from([NOW, ago(HOUR)]),
)
facts = st.builds(
    Facts,
    now=st.just(NOW),
    state=st.sampled_from(AiringState),
    since=st.sampled_from([NOW, ago(MINUTE), ago(HOUR), ago(HOUR * 100)]),
    scheduled_for=st.none() | st.sampled_from([NOW + HOUR, ago(HOUR), ago(HOUR * 9)]),
    signals=st.lists(signals, max_size=3).map(tuple),
    has_replay=st.booleans(),
    override=st.none()
    | st.builds(
        Override,
        state=st.sampled_from([AiringState.LIVE, AiringState.INTERRUPTED, AiringState.OVER]),
        until=st.sampled_from([NOW + HOUR, ago(HOUR)]),
    ),
)


@given(facts)
def test_it_comes_to_rest(known: Facts) -> None:
    """Asked again in the same second, it goes nowhere else: two workers do not flap."""
    states = [known.state]
    for _ in range(4):
        verdict = decide(known)
        states.append(verdict.state)
        known = replace(
            known,
            state=verdict.state,
            since=known.since if verdict.state == known.state else NOW,
            override=known.override if known.override and known.override.until > NOW else None,
        )
    assert states[-1] == states[-2], states


@given(facts)
def test_nothing_is_live_without_a_fresh_word(known: Facts) -> None:
    if decide(known).state != AiringState.LIVE:
        return
    fresh = any(s.is_live and s.is_fresh(NOW) for s in known.signals)
    said = known.override is not None and known.override.until > NOW
    assert fresh or said


def test_causes_have_names() -> None:
    from broadcasts.models import AiringChange

    assert {cause.value for cause in Cause} == set(AiringChange.Cause.values)
