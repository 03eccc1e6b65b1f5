"""What a movement of Stripe's balance should have left in the ledger. No money moves here."""

import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from donations.balance import BalanceMove
from donations.models import Dispute, Gift, LedgerEntry

# https://docs.stripe.com/reports/reporting-categories
FEES = frozenset({"fee", "tax", "network_cost"})
PAYOUTS = frozenset({"payout", "payout_reversal"})
DISPUTES = frozenset({"dispute", "dispute_reversal"})
REFUNDS = frozenset({"refund", "refund_failure"})
# Those that come from a payment, and are booked with it.
PAYMENTS = frozenset({"charge"}) | REFUNDS | DISPUTES
# Booking a payment books its fees, but not that of a refund: that one is booked by itself.
FEE_WITH_PAYMENT = frozenset({"charge"}) | DISPUTES
CHUNK = 5000


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Ledger entries, by their sources, whose sum is `cents` because of `move`."""

    move: BalanceMove
    sources: tuple[str, ...]
    cents: int


def expected_of(move: BalanceMove) -> list[Expected] | None:
    """What the ledger should hold of `move`; None when nobody here knows such a movement.

    A payout is no money of the ledger: it goes from one pocket to another.
    """
    if move.currency != "eur":
        return None
    if move.category in FEES:
        # Stripe's own: the movement is the fee, and it has no payment.
        return [Expected(move=move, sources=(fee_source(move),), cents=move.net_cents)]
    name, suffix = move.source_id, ""
    if move.category in DISPUTES:
        name = move.transaction_id
    elif move.category in REFUNDS:
        # A refund that was cancelled comes back under the category of refunds.
        suffix = ":failed" if move.amount_cents > 0 else ""
    elif move.category not in PAYOUTS and move.category != "charge":
        return None
    expected = []
    if move.category not in PAYOUTS:
        sources = (f"stripe:{name}:gift{suffix}", f"stripe:{name}:fee_cover{suffix}")
        expected.append(Expected(move=move, sources=sources, cents=move.amount_cents))
    if move.fee_cents:
        expected.append(Expected(move=move, sources=(fee_source(move),), cents=-move.fee_cents))
    return expected


def fee_source(move: BalanceMove) -> str:
    """The ledger's name for what Stripe kept of a movement."""
    return f"stripe:{move.transaction_id}:fee"


def lone_fee_cents(move: BalanceMove) -> int:
    """What Stripe kept that no payment's booking books, as the ledger counts it; mostly 0."""
    if move.category in FEE_WITH_PAYMENT or move.currency != "eur":
        return 0
    return move.net_cents if move.category in FEES else -move.fee_cents


def lone_fee(move: BalanceMove, *, gift_id: uuid.UUID | None, campaign_id: int) -> LedgerEntry:
    """Such a fee's entry; not saved."""
    return LedgerEntry(
        kind=LedgerEntry.Kind.FEE,
        amount_cents=lone_fee_cents(move),
        occurred_at=move.created,
        campaign_id=campaign_id,
        gift_id=gift_id,
        source=fee_source(move),
    )


def written_cents(sources: Iterable[str]) -> dict[str, int]:
    """What the ledger holds under these sources, in cents."""
    found: dict[str, int] = {}
    for part in _chunks(sources):
        entries = LedgerEntry.objects.filter(source__in=part)
        found.update(entries.values_list("source", "amount_cents"))
    return found


def gifts_of(moves: Iterable[BalanceMove]) -> dict[str, uuid.UUID]:
    """The gift of each movement that has one, by the movement's id.

    A handful of queries, however many movements: by what is booked, by charge, by dispute.
    """
    listed = list(moves)
    by_source: dict[str, uuid.UUID] = {}
    for part in _chunks(source for move in listed for source in _possible_sources(move)):
        entries = LedgerEntry.objects.filter(source__in=part, gift__isnull=False)
        by_source.update(entries.values_list("source", "gift_id"))
    by_object: dict[str, uuid.UUID] = {}
    for part in _chunks(move.source_id for move in listed if move.source_id):
        gifts = Gift.objects.filter(charge_id__in=part)
        by_object.update(gifts.values_list("charge_id", "pk"))  # type: ignore[arg-type]
        disputes = Dispute.objects.filter(dispute_id__in=part)
        by_object.update(disputes.values_list("dispute_id", "gift_id"))
    found = {}
    for move in listed:
        candidates = (by_source.get(source) for source in _possible_sources(move))
        gift_id = next(filter(None, candidates), None) or by_object.get(move.source_id)
        if gift_id is not None:
            found[move.transaction_id] = gift_id
    return found


def _possible_sources(move: BalanceMove) -> list[str]:
    return [source for expected in expected_of(move) or [] for source in expected.sources]


def _chunks(values: Iterable[str]) -> Iterator[list[str]]:
    listed = list(dict.fromkeys(values))
    for start in range(0, len(listed), CHUNK):
        yield listed[start : start + CHUNK]
