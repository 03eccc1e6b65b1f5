"""Payouts to the bank, each with the movements that it took along, matched to their gifts."""

import datetime as dt

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


def file_payout(payout_id: str) -> None:
    """Ask Stripe about one payout and note it, with its lines once Stripe can list them.

    Raises ExternalServiceError.
    """
    _file(stripe_client.payout(payout_id))


def file_since(since: dt.datetime) -> None:
    """Note every payout made from `since` on, and match lines whose gift was unknown till now.

    Raises ExternalServiceError.
    """
    for facts in patiently(lambda: stripe_client.payouts(since=since)):
        _file(facts)
    match_lines()


def _file(facts: PayoutFacts) -> None:
    if facts.livemode != settings.STRIPE_LIVEMODE:
        return
    payout = _note(facts)
    if payout.read_at is not None or not facts.is_itemised:
        return
    moves = patiently(lambda: stripe_client.moves_of_payout(facts.payout_id))
    gifts = gifts_of(moves)
    with transaction.atomic():
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
                for move in moves
            ],
            ignore_conflicts=True,
        )
        Payout.objects.filter(pk=payout.pk).update(read_at=timezone.now())


@transaction.atomic
def _note(facts: PayoutFacts) -> Payout:
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
