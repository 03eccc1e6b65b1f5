"""Two editors and the sync at the same moment: one after the other, each step leaves its trace."""

from __future__ import annotations

import contextlib
import datetime as dt
import itertools
import threading
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.utils import timezone

from broadcasts.live import AiringState
from broadcasts.models import Airing, AiringChange, Mark
from broadcasts.services import airing, marks
from tests.factories import BroadcastFactory

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 6


def test_everybody_at_once() -> None:
    broadcast = BroadcastFactory(scheduled_for=timezone.now() - dt.timedelta(minutes=1))
    people = [User.objects.create(username=name) for name in ("ada", "zoe")]
    start, failures = threading.Barrier(5), []

    def say(state: AiringState, user: User) -> None:
        airing.override(broadcast_id=broadcast.pk, state=state, user=user)

    def tap() -> None:
        with contextlib.suppress(marks.NotOnAirError):
            marks.mark_moment(broadcast_id=broadcast.pk, user=people[0])

    def again(act: Callable[[], object]) -> None:
        try:
            start.wait(60)
            for _ in range(ROUNDS):
                act()
        except BaseException as failure:
            failures.append(failure)
        finally:
            connection.close()

    acts: list[Callable[[], object]] = [
        lambda: say(AiringState.LIVE, people[0]),
        lambda: say(AiringState.OVER, people[1]),
        lambda: airing.release(broadcast_id=broadcast.pk, user=people[1]),
        airing.follow_airings,
        tap,
    ]
    threads = [threading.Thread(target=again, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
    assert failures == []
    row = Airing.objects.get()
    changes = list(AiringChange.objects.order_by("pk"))
    assert len(changes) >= 2 * ROUNDS
    for before, after in itertools.pairwise(changes):
        assert after.from_state == before.to_state
    assert row.state == changes[-1].to_state
    # A tap within three seconds of the last is the same one.
    taps = list(Mark.objects.order_by("at"))
    assert all(b.at - a.at >= marks.SAME_TAP for a, b in itertools.pairwise(taps))
