"""What the ledger and Stripe's balance say differently over a period, both ways.

Each movement of Stripe's balance must have its entries, and each entry that names Stripe must have
its movement. Times are Stripe's (UTC), amounts cents.
"""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

import structlog
from django.db import transaction
from django.db.models import Min
from django.utils import timezone

from auposte.external import ExternalServiceError
from donations import stripe_client
from donations.balance import BalanceMove
from donations.models import Discrepancy, Gift, LedgerEntry
from donations.services import booking, campaigns
from donations.services.asking import patiently
from donations.services.movements import (
    PAYMENTS,
    Expected,
    expected_of,
    gifts_of,
    lone_fee,
    lone_fee_cents,
    written_cents,
)

log = structlog.get_logger(__name__)

# A balance transaction may come an hour after its charge; then it is late, not yet lost.
PATIENCE = dt.timedelta(hours=2)
# Of the two clocks, and of a movement that is a moment older than its charge.
MARGIN = dt.timedelta(minutes=5)

Kind = Discrepancy.Kind


@dataclass(frozen=True, kw_only=True)
class Difference:
    """One thing said differently, in cents; `transaction_id` is "" when Stripe says nothing."""

    kind: Kind
    transaction_id: str = ""
    sources: tuple[str, ...] = ()
    stripe_cents: int = 0
    ledger_cents: int = 0
    gift_id: uuid.UUID | None = None


@dataclass(frozen=True, kw_only=True)
class Findings:
    """How many movements were read, payments booked, movements awaited; and what differs still."""

    since: dt.datetime
    transactions: int
    filed: int
    pending: int
    differences: list[Difference]


def compare(*, since: dt.datetime, book_missing: bool) -> Findings:
    """Hold the ledger against Stripe's balance from `since` on; raises ExternalServiceError.

    With `book_missing`, what the ledger lacks is booked first, as a late event would have done.
    """
    since = _reaching_back(since)
    moves = patiently(lambda: stripe_client.balance_moves(since=since - MARGIN))
    strangers = {move.transaction_id for move in moves if expected_of(move) is None}
    expected = [each for move in moves for each in expected_of(move) or []]
    wrong, filed = _differing(expected), 0
    if book_missing:
        before = {each.move.transaction_id: each.move for each in wrong}
        not_ours = _book(wrong)
        wrong = [each for each in _differing(wrong) if each.move.transaction_id not in not_ours]
        left = {each.move.transaction_id for each in wrong} | not_ours
        filed = len({_object_of(move) for key, move in before.items() if key not in left})
        strangers |= not_ours
    pending, unexplained = _entries_alone(since, expected)
    return Findings(
        since=since,
        transactions=len(moves),
        filed=filed,
        pending=pending,
        differences=[
            *_unknown(move for move in moves if move.transaction_id in strangers),
            *_described(wrong),
            *unexplained,
        ],
    )


def _reaching_back(since: dt.datetime) -> dt.datetime:
    """From `since`, or from the oldest movement whose entry was recorded after it."""
    late = LedgerEntry.objects.filter(source__startswith="stripe:", recorded_at__gte=since)
    oldest = late.aggregate(oldest=Min("occurred_at"))["oldest"]
    return min(since, oldest) if oldest else since


def _differing(expected: Iterable[Expected]) -> list[Expected]:
    listed = list(expected)
    written = written_cents(source for each in listed for source in each.sources)
    return [
        each
        for each in listed
        if sum(written.get(source, 0) for source in each.sources) != each.cents
    ]


def _object_of(move: BalanceMove) -> str:
    return move.source_id if move.category in PAYMENTS else move.transaction_id


def _book(wrong: list[Expected]) -> set[str]:
    """Book what is missing. Returns the movements of payments that are not this site's gifts."""
    not_ours: set[str] = set()
    payments: dict[str, list[Expected]] = {}
    for each in wrong:
        if each.move.category in PAYMENTS:
            payments.setdefault(each.move.source_id, []).append(each)
    # Charges first: booking one books what became of it, so its refunds need not be read.
    charges_first = sorted(payments.items(), key=lambda item: item[1][0].move.category != "charge")
    for object_id, missing in charges_first:
        if _differing(missing) and not _book_payment(object_id):
            not_ours |= {each.move.transaction_id for each in missing}
    moves = {each.move.transaction_id: each.move for each in wrong}
    lone = [move for key, move in moves.items() if key not in not_ours and lone_fee_cents(move)]
    gifts = gifts_of(lone)
    for move in lone:
        _book_lone_fee(move, gifts.get(move.transaction_id))
    return not_ours


def _book_payment(object_id: str) -> bool:
    """False when Stripe's payment is nobody's gift here; what cannot be booked stays missing."""
    try:
        payment = patiently(lambda: stripe_client.payment_of(object_id))
        return booking.book_payment(payment) is not None
    except ExternalServiceError as error:
        if not error.permanent:
            raise
        log.error("payment_not_read", object=object_id, reason=str(error))
    except booking.BookingError as error:
        log.error("booking_refused", object=object_id, reason=str(error))
    return True


@transaction.atomic
def _book_lone_fee(move: BalanceMove, gift_id: uuid.UUID | None) -> None:
    """It counts for its gift's campaign, or for the month that it was taken in."""
    gift = Gift.objects.filter(pk=gift_id).first() if gift_id else None
    campaign_id = gift.campaign_id if gift else None
    campaign_id = campaign_id or campaigns.current_campaign(move.created).pk
    entry = lone_fee(move, gift_id=gift_id, campaign_id=campaign_id)
    LedgerEntry.objects.bulk_create([entry], ignore_conflicts=True)
    campaigns.mark_dirty(campaign_id)


def _entries_alone(
    since: dt.datetime, expected: Iterable[Expected]
) -> tuple[int, list[Difference]]:
    """Entries that no movement explains: how many movements may still come, and the others."""
    explained = {source for each in expected for source in each.sources}
    still_young = timezone.now() - PATIENCE
    entries = LedgerEntry.objects.filter(source__startswith="stripe:", occurred_at__gte=since)
    pending, alone = set(), []
    for entry in entries.order_by("occurred_at", "pk").iterator():
        if entry.source in explained:
            continue
        if max(entry.occurred_at, entry.recorded_at) > still_young:
            pending.add(entry.source.split(":")[1])
        else:
            alone.append(
                Difference(
                    kind=Kind.NOT_AT_STRIPE,
                    sources=(entry.source,),
                    ledger_cents=entry.amount_cents,
                    gift_id=entry.gift_id,
                )
            )
    return len(pending), alone


def _unknown(moves: Iterable[BalanceMove]) -> list[Difference]:
    return [
        Difference(
            kind=Kind.UNKNOWN,
            transaction_id=move.transaction_id,
            sources=(f"{move.category} {move.source_id}".strip(),),
            stripe_cents=move.net_cents,
        )
        for move in moves
    ]


def _described(wrong: list[Expected]) -> list[Difference]:
    written = written_cents(source for each in wrong for source in each.sources)
    gifts = gifts_of(each.move for each in wrong)
    differences = []
    for each in wrong:
        there = [source for source in each.sources if source in written]
        differences.append(
            Difference(
                kind=Kind.AMOUNT if there else Kind.MISSING,
                transaction_id=each.move.transaction_id,
                sources=tuple(there) or each.sources[:1],
                stripe_cents=each.cents,
                ledger_cents=sum(written[source] for source in there),
                gift_id=gifts.get(each.move.transaction_id),
            )
        )
    return differences
