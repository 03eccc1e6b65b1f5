"""What episodes bring. Readers learn a number of gifts; amounts are for the treasury alone.

An episode's gifts are those whose form was opened from its page, and the months that follow a
monthly one. A promise counts once, however many months it has paid; a gift that went back whole
does not count.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from donations.models import Gift, GivingSettings, LedgerEntry
from donations.services.campaigns import midnight

# By this name a broadcast that was read for its page knows its number of gifts.
TOLD = "gifts_told"
PROMISES = Count(Coalesce("subscription", "pk"), distinct=True, filter=Q(net_cents__gt=0))
DONORS = Count("donor", distinct=True, filter=Q(net_cents__gt=0))


def gifts_told() -> Subquery:
    """How many gifts the page of a broadcast may speak of; null below the setting's donors.

    An expression for a query of broadcasts, so that it costs the page no query of its own.
    """
    setting = GivingSettings.objects.filter(pk=1).values("gifts_shown_from")
    shown_from = Coalesce(Subquery(setting), GivingSettings().gifts_shown_from)
    counted = (
        _with_net(LedgerEntry.objects.all())
        .filter(broadcast=OuterRef("pk"), status=Gift.Status.SUCCEEDED)
        .order_by()
        .values("broadcast")
        .annotate(promises=PROMISES, people=DONORS)
        .filter(people__gte=shown_from)
    )
    return Subquery(counted.values("promises"))


@dataclass(frozen=True, kw_only=True)
class Brought:
    """What an episode or a series brought, in cents, after what was given back."""

    pk: int | None
    title: str
    cents: int
    once_cents: int
    monthly_cents: int
    promises: int
    donors: int


def brought_by_broadcast(*, first: dt.date | None, last: dt.date | None) -> list[Brought]:
    """What each broadcast brought in these Paris days (both included), the most first; one query.

    Gifts that came from no page are a row with neither number nor title.
    """
    return _brought("broadcast", first=first, last=last)


def brought_by_series(*, first: dt.date | None, last: dt.date | None) -> list[Brought]:
    """The same by series; broadcasts without one, and gifts without broadcast, are one row."""
    return _brought("broadcast__series", first=first, last=last)


def _brought(field: str, *, first: dt.date | None, last: dt.date | None) -> list[Brought]:
    entries = LedgerEntry.objects.all()
    if first:
        entries = entries.filter(occurred_at__gte=midnight(first))
    if last:
        entries = entries.filter(occurred_at__lt=midnight(last + dt.timedelta(days=1)))
    rows = (
        _with_net(entries)
        .exclude(net_cents=None)
        .order_by()
        .values_list(field, f"{field}__title")
        .annotate(
            cents=Sum("net_cents"),
            once=Coalesce(Sum("net_cents", filter=Q(kind=Gift.Kind.ONCE)), 0),
            monthly=Coalesce(Sum("net_cents", filter=Q(kind=Gift.Kind.MONTHLY)), 0),
            promises=PROMISES,
            people=DONORS,
        )
        .order_by("-cents", field)
    )
    return [
        Brought(
            pk=pk,
            title=title or "",
            cents=int(cents),
            once_cents=int(once),
            monthly_cents=int(monthly),
            promises=promises,
            donors=people,
        )
        for pk, title, cents, once, monthly, promises, people in rows
    ]


def _with_net(entries: "QuerySet[LedgerEntry]") -> "QuerySet[Any]":
    """Gifts with what these entries sum to for each: null where there is none."""
    net = (
        entries.filter(gift=OuterRef("pk"), kind__in=LedgerEntry.RAISED_KINDS)
        .order_by()
        .values("gift")
        .annotate(total=Sum("amount_cents"))
    )
    return Gift.objects.annotate(net_cents=Subquery(net.values("total")))
