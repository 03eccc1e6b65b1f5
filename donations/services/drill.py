"""The integrity drill: a month's ledger computed anew from Stripe alone, beside the real one.

A shadow ledger, in a temporary table of the ledger's shape, is filled with what Stripe says today
of every payment that moved money in the month; then both are compared, row by row, both ways.
Nothing real is written.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from auposte.external import ExternalServiceError
from donations import stripe_client
from donations.models import Campaign, Gift, LedgerEntry
from donations.payments import Payment
from donations.services.asking import patiently
from donations.services.campaigns import PARIS, paris_month
from donations.services.comparing import MARGIN, PATIENCE
from donations.services.entries import entries_for
from donations.services.movements import PAYMENTS, gifts_of, lone_fee, lone_fee_cents

# A direct debit's charge is made days before its money and its movement come.
LATEST_MOVEMENT = dt.timedelta(days=15)
COLUMNS = "source, kind, amount_cents, currency, occurred_at, campaign_id, gift_id"

SAME = """
    other.source = one.source
    AND (other.kind, other.amount_cents, other.currency, other.occurred_at, other.campaign_id,
         other.gift_id)
    IS NOT DISTINCT FROM
        (one.kind, one.amount_cents, one.currency, one.occurred_at, one.campaign_id, one.gift_id)
"""
# Made of the constants above and nothing else.
ONLY_SHADOW = f"""
    SELECT {COLUMNS}, false FROM shadow_ledger AS one
    WHERE NOT EXISTS (SELECT 1 FROM donations_ledgerentry AS other WHERE {SAME})
    ORDER BY occurred_at, source
"""  # noqa: S608
ONLY_LEDGER = f"""
    SELECT {COLUMNS},
           greatest(occurred_at, recorded_at) > %(young)s
           AND NOT EXISTS (SELECT 1 FROM shadow_ledger WHERE source = one.source)
    FROM donations_ledgerentry AS one
    WHERE source LIKE 'stripe:%%' AND occurred_at >= %(start)s AND occurred_at < %(end)s
      AND NOT EXISTS (SELECT 1 FROM shadow_ledger AS other WHERE {SAME})
    ORDER BY occurred_at, source
"""  # noqa: S608
TOTALS = """
    SELECT kind,
           count(*) FILTER (WHERE shadow), sum(amount_cents) FILTER (WHERE shadow),
           count(*) FILTER (WHERE NOT shadow), sum(amount_cents) FILTER (WHERE NOT shadow)
    FROM (
        SELECT kind, amount_cents, true AS shadow FROM shadow_ledger
        UNION ALL
        SELECT kind, amount_cents, false FROM donations_ledgerentry
        WHERE source LIKE 'stripe:%%' AND occurred_at >= %(start)s AND occurred_at < %(end)s
    ) AS both_ledgers
    GROUP BY kind
"""


@dataclass(frozen=True, kw_only=True)
class Row:
    """A ledger row that only one side has."""

    source: str
    kind: str
    amount_cents: int
    occurred_at: dt.datetime
    campaign_id: int


@dataclass(frozen=True, kw_only=True)
class KindTotals:
    """How many rows of a kind either side has, and their sums in cents."""

    label: str
    shadow_rows: int
    shadow_cents: int
    ledger_rows: int
    ledger_cents: int


@dataclass(frozen=True, kw_only=True)
class Drill:
    """What came of it. `offline`: entries that Stripe cannot know of, left out (rows, cents).

    `pending`: entries whose movement Stripe may still announce; `strangers`: movements of payments
    that are not this site's gifts.
    """

    totals: list[KindTotals]
    only_shadow: list[Row]
    only_ledger: list[Row]
    offline: tuple[int, int]
    pending: int
    strangers: int

    @property
    def is_clean(self) -> bool:
        return not (self.only_shadow or self.only_ledger)


def month_of(day: dt.date) -> tuple[dt.datetime, dt.datetime]:
    """When a Paris month begins, and when the next one does."""
    first = dt.datetime(day.year, day.month, 1, tzinfo=PARIS)
    return first, dt.datetime(day.year + day.month // 12, day.month % 12 + 1, 1, tzinfo=PARIS)


def replay_month(month: dt.date) -> Drill:
    """Compute the ledger of that Paris month from Stripe and compare. Raises ExternalServiceError.

    One read a payment (two when money went back), after one list for the whole month.
    """
    start, end = month_of(month)
    entries, strangers = _computed(start, end)
    with transaction.atomic():
        _fill(entries)
        return _compared(start, end, strangers)


def _computed(start: dt.datetime, end: dt.datetime) -> tuple[list[LedgerEntry], int]:
    """What the month's ledger should be, and how many payments are nobody's gift."""
    moves = patiently(
        lambda: stripe_client.balance_moves(since=start - MARGIN, before=end + LATEST_MOVEMENT)
    )
    entries: list[LedgerEntry] = []
    seen: set[str] = set()
    strangers = 0
    for object_id in dict.fromkeys(m.source_id for m in moves if m.category in PAYMENTS):
        payment = _payment(object_id)
        charge = payment.charge if payment else None
        gift = _gift_of(payment) if payment else None
        if charge is None or gift is None:
            strangers += 1
        elif charge.charge_id not in seen:
            seen.add(charge.charge_id)
            campaign_id = _campaign_id(gift, charge.created)
            entries += entries_for(gift=gift, campaign_id=campaign_id, charge=charge)
    gifts = gifts_of(moves)
    for move in filter(lone_fee_cents, moves):
        gift_id = gifts.get(move.transaction_id)
        gift = Gift.objects.filter(pk=gift_id).first() if gift_id else None
        campaign_id = gift.campaign_id if gift and gift.campaign_id else _month_id(move.created)
        entries.append(lone_fee(move, gift_id=gift_id, campaign_id=campaign_id))
    return [entry for entry in entries if start <= entry.occurred_at < end], strangers


def _payment(object_id: str) -> Payment | None:
    try:
        return patiently(lambda: stripe_client.payment_of(object_id))
    except ExternalServiceError as error:
        if not error.permanent:
            raise
        return None


def _gift_of(payment: Payment) -> Gift | None:
    charge_id = payment.charge.charge_id if payment.charge else None
    named = Gift.objects.filter(charge_id=charge_id).first()
    if named is None and payment.gift_id:
        try:
            named = Gift.objects.filter(pk=uuid.UUID(payment.gift_id)).first()
        except ValueError:
            return None
    return named


def _campaign_id(gift: Gift, paid_at: dt.datetime) -> int:
    """The campaign that the money must be in: the special one it was given for, or its month's."""
    if gift.collection_id is not None and gift.campaign_id == gift.collection_id:
        return gift.collection_id
    return _month_id(paid_at)


def _month_id(at: dt.datetime) -> int:
    """The campaign of a month; 0, which no entry has, where it was never made."""
    month = Campaign.objects.of_month(paris_month(at)).first()
    return month.pk if month else 0


def _fill(entries: Iterable[LedgerEntry]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMPORARY TABLE shadow_ledger ON COMMIT DROP AS"  # noqa: S608  # constants
            f" SELECT {COLUMNS} FROM donations_ledgerentry WITH NO DATA"
        )
        cursor.executemany(
            f"INSERT INTO shadow_ledger ({COLUMNS}) VALUES (%s, %s, %s, %s, %s, %s, %s)",  # noqa: S608
            [
                (
                    entry.source, entry.kind, entry.amount_cents, entry.currency,
                    entry.occurred_at, entry.campaign_id, entry.gift_id,
                )
                for entry in entries
            ],
        )  # fmt: skip


def _compared(start: dt.datetime, end: dt.datetime, strangers: int) -> Drill:
    period = {"start": start, "end": end, "young": timezone.now() - PATIENCE}
    rows, alone = _rows(ONLY_SHADOW, period), _rows(ONLY_LEDGER, period)
    month = LedgerEntry.objects.filter(occurred_at__gte=start, occurred_at__lt=end)
    offline = month.exclude(source__startswith="stripe:")
    return Drill(
        totals=_totals(period),
        only_shadow=[_row(row) for row in rows],
        only_ledger=[_row(row) for row in alone if not row[-1]],
        offline=(offline.count(), offline.total_cents()),
        pending=sum(bool(row[-1]) for row in alone),
        strangers=strangers,
    )


def _totals(period: dict[str, dt.datetime]) -> list[KindTotals]:
    sums = _rows(TOTALS, period)
    by_kind = {row[0]: row[1:] for row in sums}
    return [
        KindTotals(
            label=kind.label,
            shadow_rows=by_kind[kind][0],
            shadow_cents=int(by_kind[kind][1] or 0),
            ledger_rows=by_kind[kind][2],
            ledger_cents=int(by_kind[kind][3] or 0),
        )
        for kind in LedgerEntry.Kind
        if kind in by_kind
    ]


def _rows(query: str, params: dict[str, dt.datetime]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return list(cursor.fetchall())


def _row(row: tuple[Any, ...]) -> Row:
    source, kind, amount_cents, _currency, occurred_at, campaign_id, *_rest = row
    return Row(
        source=source,
        kind=kind,
        amount_cents=amount_cents,
        occurred_at=occurred_at,
        campaign_id=campaign_id,
    )
