"""What the team has before them during a live: the broadcast, its state, its trail, its marks."""

import datetime as dt
import hashlib
from dataclasses import dataclass

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from broadcasts.models import Airing, AiringChange, Broadcast, Mark
from broadcasts.services.airing import UNDER_WAY

BEFORE, AFTER = dt.timedelta(hours=12), dt.timedelta(hours=48)
CHOICES_SHOWN = 6
CHANGES_SHOWN = 12
ORDER = {"live": 0, "interrupted": 1, "over": 2, "announced": 3}


@dataclass(frozen=True, kw_only=True)
class LiveDesk:
    """`broadcast` None: nothing is announced, and nobody has chosen one."""

    choices: tuple[Broadcast, ...]
    broadcast: Broadcast | None
    airing: Airing | None
    changes: tuple[AiringChange, ...]
    marks: tuple[Mark, ...]

    @property
    def may_mark(self) -> bool:
        return self.airing is not None and self.airing.state in ("live", "interrupted")

    @property
    def version(self) -> str:
        """Changes with whatever the page shows of the air."""
        told = repr(
            [
                self.broadcast and (self.broadcast.pk, self.broadcast.title),
                [(one.pk, one.title) for one in self.choices],
                self.airing and (self.airing.state, self.airing.since, self.airing.override_until),
                [change.pk for change in self.changes],
                [(mark.pk, mark.label, mark.fate) for mark in self.marks],
            ]
        )
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def live_desk(*, broadcast_id: int | None = None) -> LiveDesk:
    """The desk for one broadcast, by default for what is on the air, or comes next."""
    choices = _choices()
    broadcast = next((one for one in choices if one.pk == broadcast_id), None)
    if broadcast is None and broadcast_id is not None:
        broadcast = _rows().filter(pk=broadcast_id).first()
    broadcast = broadcast or (choices[0] if choices else None)
    airing: Airing | None = getattr(broadcast, "airing", None)
    if airing is None:
        return LiveDesk(choices=choices, broadcast=broadcast, airing=None, changes=(), marks=())
    return LiveDesk(
        choices=choices,
        broadcast=broadcast,
        airing=airing,
        changes=tuple(airing.changes.select_related("user")[:CHANGES_SHOWN]),
        marks=tuple(airing.marks.select_related("by").order_by("-at", "-pk")),
    )


def _rows() -> QuerySet[Broadcast]:
    return (
        Broadcast.objects.exclude(status=Broadcast.Status.ARCHIVED)
        .select_related("airing", "airing__override_by")
        .defer("body_opening", "body_rest")
    )


def _choices() -> tuple[Broadcast, ...]:
    now = timezone.now()
    near = Q(scheduled_for__gte=now - BEFORE, scheduled_for__lte=now + AFTER)
    rows = (
        _rows()
        .filter(near | Q(airing__state__in=UNDER_WAY))
        .order_by(F("scheduled_for").asc(nulls_first=True), "pk")[: CHOICES_SHOWN * 4]
    )
    ranked = sorted(rows, key=lambda one: ORDER.get(_state(one), 4))
    return tuple(ranked[:CHOICES_SHOWN])


def _state(broadcast: Broadcast) -> str:
    airing: Airing | None = getattr(broadcast, "airing", None)
    return airing.state if airing else ""
