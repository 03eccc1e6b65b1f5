"""The cards of lists: what they show of a broadcast, in one query that Django writes once."""

import datetime as dt
from collections.abc import Sequence

from django.db.models.expressions import RawSQL
from django.utils import timezone

from auposte.written_once import WrittenOnce
from broadcasts.models import Broadcast

MOST_NEWEST = 12

_cards = WrittenOnce(
    lambda ids: (
        Broadcast.objects.filter(
            pk__in=RawSQL("SELECT unnest(%s::bigint[])", (ids,))  # a parameter
        )
        .order_by()
        .for_cards()
    ),
    ids="numbers",
)

_newest = WrittenOnce(
    lambda now: Broadcast.objects.public(now).newest_first().for_cards()[:MOST_NEWEST],
    now=dt.datetime(1900, 1, 1, tzinfo=dt.UTC),
)


def read_cards(ids: Sequence[int]) -> list[Broadcast]:
    """These broadcasts as `for_cards()` has them, in this order."""
    if not ids:
        return []
    there = {broadcast.pk: broadcast for broadcast in _cards(ids=list(ids))}
    return [there[pk] for pk in ids if pk in there]


def newest_cards(count: int) -> list[Broadcast]:
    """The newest public ones, up to twelve."""
    return _newest(now=timezone.now())[:count]
