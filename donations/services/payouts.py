"""Payouts to the bank, each with the movements that it took along, matched to their gifts."""

import datetime as dt
import functools
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from donations import stripe_client
from donations.balance import BalanceMove, PayoutFacts
from donations.models import Payout, PayoutLine
from donations.services.asking import patiently
from donations.services.movements import gifts_of

# A payout's state only moves to the right: an older answer never overwrites a newer one. One
# that was paid may still bounce. https://docs.stripe.com/api/payouts/object#payout_object-status
RANK = {"pending": 0, "in_transit": 1, "paid": 2, "canceled": 3, "failed": 3}


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A payout as Stripe told it just now; `moves` is None when known already, or not to be had."""

    facts: PayoutFacts
    moves: list[BalanceMove] | None


def read(payout_id: str) -> Reading:
    """Ask Stripe about one payout; raises ExternalServiceError."""
    return _with_moves(stripe_client.payout(payout_id))


def file_since(since: dt.datetime) -> None:
    """Note every payout made from `since` on, and match lines whose gift was unknown till now.

    Raises ExternalServiceError.
    """
    for facts in patiently(lambda: stripe_client.payouts(since=since)):
        note(patiently(functools.partial(_with_moves, facts)))
    match_lines()


def _with_moves(facts: PayoutFacts) -> Reading:
    known = Payout.objects.filter(payout_id=facts.payout_id, read_at__isnull=False).exists()
    if known or not facts.is_itemised:
        return Reading(facts=facts, moves=None)
    return Reading(facts=facts, moves=stripe_client.moves_of_payout(facts.payout_id))


@transaction.atomic
def note(reading: Reading) -> None:
    """Write down what was read. Any number of times, in any order, by any number of workers."""
    if reading.facts.livemode != settings.STRIPE_LIVEMODE:
        return
    payout = _note_payout(reading.facts)
    if reading.moves is None:
        return
    gifts = gifts_of(reading.moves)
    PayoutLine.objects.bulk_create(
        [
            PayoutLine(
                payout=payout,
                transaction_id=move.transaction_id,
                source_id=move.source_id,
                kind=move.category,
                amount_cents=move.amount_cents,
                fee_cents=move.fee_cents,
                occurred_at=move.created,
                gift_id=gifts.get(move.transaction_id),
            )
            for move in reading.moves
        ],
        ignore_conflicts=True,
    )
    Payout.objects.filter(pk=payout.pk).update(read_at=timezone.now())


def _note_payout(facts: PayoutFacts) -> Payout:
    Payout.objects.bulk_create(
        [
            Payout(
                payout_id=facts.payout_id,
                amount_cents=facts.amount_cents,
                status=facts.status,
                arrives_on=facts.arrives_on,
                created_at=facts.created,
                livemode=facts.livemode,
            )
        ],
        ignore_conflicts=True,
    )
    payout = Payout.objects.select_for_update().get(payout_id=facts.payout_id)
    if RANK.get(facts.status, 0) >= RANK.get(payout.status, 0):
        payout.status, payout.arrives_on = facts.status, facts.arrives_on
        payout.save(update_fields=["status", "arrives_on"])
    return payout


def match_lines() -> int:
    """Give lines without a gift theirs, where it is booked by now. Returns how many got one."""
    lonely = list(PayoutLine.objects.filter(gift__isnull=True).exclude(source_id=""))
    gifts = gifts_of(_as_move(line) for line in lonely)
    matched = [line for line in lonely if line.transaction_id in gifts]
    for line in matched:
        line.gift_id = gifts[line.transaction_id]
    PayoutLine.objects.bulk_update(matched, ["gift"], batch_size=500)
    return len(matched)


def _as_move(line: PayoutLine) -> BalanceMove:
    return BalanceMove(
        transaction_id=line.transaction_id,
        kind=line.kind,
        category=line.kind,
        source_id=line.source_id,
        amount_cents=line.amount_cents,
        fee_cents=line.fee_cents,
        currency="eur",
        created=line.occurred_at,
    )
