"""What a paper may say of gifts: whose year they are of, and what is left of them.

The sum on a paper is what was paid and stayed: the gift and the fee cover together, since the
donor parted with both (the law speaks of sums paid), less refunds and disputes, plus what came
back. Stripe's commission is ours to pay and takes nothing from it. All of it is the ledger's.
"""

import datetime as dt
import uuid

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Sum
from django.utils import timezone

from donations.models import Gift, LedgerEntry, ReceiptItem


def year_of(moment: dt.datetime) -> int:
    """The year in Paris of a moment kept in UTC."""
    return timezone.localtime(moment).year


def year_bounds(year: int) -> tuple[dt.datetime, dt.datetime]:
    """Its first moment in Paris, and the next year's."""
    zone = timezone.get_default_timezone()
    return dt.datetime(year, 1, 1, tzinfo=zone), dt.datetime(year + 1, 1, 1, tzinfo=zone)


def gifts_of_year(year: int) -> "QuerySet[Gift]":
    """Paid gifts of a Paris year, of real people and real money, with `left_cents` above zero.

    A site on Stripe's test keys deals in test money throughout, so there it counts as real.
    """
    start, end = year_bounds(year)
    return papered_gifts().filter(paid_at__gte=start, paid_at__lt=end)


def papered_gifts() -> "QuerySet[Gift]":
    """The same, of any year."""
    genuine = Q(channel=Gift.Channel.OFFLINE) | Q(livemode=settings.STRIPE_LIVEMODE)
    left = Sum("entries__amount_cents", filter=~Q(entries__kind=LedgerEntry.Kind.FEE))
    return (
        Gift.objects.filter(genuine, status=Gift.Status.SUCCEEDED, donor__erased_at=None)
        .annotate(left_cents=left)
        .filter(left_cents__gt=0)
    )


def without_paper(gifts: "QuerySet[Gift]") -> "QuerySet[Gift]":
    """Those that no receipt in force is about."""
    live = ReceiptItem.objects.filter(gift=OuterRef("pk"), is_live=True)
    return gifts.filter(~Exists(live))


def left_of(gift_id: uuid.UUID) -> int:
    """Cents of a gift that are still here: 0 or less when all of it went back."""
    entries = LedgerEntry.objects.filter(gift_id=gift_id)
    return entries.exclude(kind=LedgerEntry.Kind.FEE).total_cents()
