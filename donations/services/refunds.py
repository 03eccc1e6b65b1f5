"""Refunds that the treasury asks for: one row each, carried out at Stripe, tried until it answers.

What is left to give back is what the ledger holds of the gift; what moves is booked from Stripe's
own answer, like any other reversal.
"""

import datetime as dt
import uuid
from dataclasses import dataclass

import structlog
from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from auposte.external import ExternalServiceError
from auposte.money import euros
from donations import stripe_client
from donations.models import Gift, LedgerEntry, RefundOrder
from donations.services import booking

log = structlog.get_logger(__name__)

FIRST_RETRY_SECONDS, LAST_RETRY_SECONDS = 60, 6 * 3600
BATCH = 20
State = RefundOrder.State


class RefundError(Exception):
    """This refund cannot be asked for; the message says why, in French."""


def left_cents(gift: Gift) -> int:
    """What can still be given back, gift and fee cover together: what the ledger holds of them."""
    return LedgerEntry.objects.filter(gift=gift).exclude(kind=LedgerEntry.Kind.FEE).total_cents()


def can_refund(gift: Gift) -> bool:
    """Whether there is money of Stripe's to give back, and no order that waits."""
    return (
        gift.channel == Gift.Channel.STRIPE
        and gift.status == Gift.Status.SUCCEEDED
        and bool(gift.charge_id)
        and not gift.refund_orders.filter(state=State.ASKED).exists()
        and left_cents(gift) > 0
    )


@dataclass(frozen=True, kw_only=True)
class Split:
    """How a refund is shared between gift and fee cover, in cents, and what would be left."""

    gift_cents: int
    cover_cents: int
    left_cents: int


def split_of(gift: Gift, amount_cents: int) -> Split:
    """What the ledger will say of a refund of `amount_cents`, asked for now.

    The same running totals as in `entries`: parts given back one by one end at exactly nothing.
    """
    names = [f"stripe:{gift.charge_id}:gift", f"stripe:{gift.charge_id}:fee_cover"]
    total = LedgerEntry.objects.filter(source__in=names).total_cents()
    cover, left = min(gift.fee_cover_cents, total), left_cents(gift)
    gone = total - left
    cover_part = ((gone + amount_cents) * cover // total - gone * cover // total) if total else 0
    return Split(
        gift_cents=amount_cents - cover_part,
        cover_cents=cover_part,
        left_cents=left - amount_cents,
    )


@transaction.atomic
def ask(
    *, order_id: uuid.UUID, gift_id: uuid.UUID, amount_cents: int, reason: str, asked_by: User
) -> RefundOrder:
    """Write an order down; the same `order_id` again (a second click) returns the first one.

    Raises RefundError when there is not so much left, or another order waits.
    """
    gift = booking.lock_gift(str(gift_id))
    known = RefundOrder.objects.filter(pk=order_id, gift=gift).first()
    if known is not None:
        return known
    if gift.channel != Gift.Channel.STRIPE or not gift.charge_id:
        raise RefundError("Ce don n’a pas été payé par Stripe.")
    left = left_cents(gift)
    if not 0 < amount_cents <= left:
        raise RefundError(f"Il reste {euros(left)} à rembourser sur ce don, pas plus.")
    RefundOrder.objects.bulk_create(
        [
            RefundOrder(
                id=order_id, gift=gift, amount_cents=amount_cents, reason=reason, asked_by=asked_by
            )
        ],
        ignore_conflicts=True,
    )
    order = RefundOrder.objects.filter(pk=order_id, gift=gift).first()
    if order is None:
        raise RefundError("Un remboursement de ce don est déjà en cours.")
    return order


def due_orders() -> list[str]:
    """Orders that Stripe has not answered, and whose next attempt's time has come."""
    due = RefundOrder.objects.filter(state=State.ASKED, next_attempt_at__lte=timezone.now())
    ids = due.order_by("next_attempt_at").values_list("pk", flat=True)
    return [str(pk) for pk in ids[:BATCH]]


def carry_out(order_id: str) -> booking.Booking | None:
    """Ask Stripe for a due order's refund, then book what it answers.

    Moving `next_attempt_at` is the claim. Whoever dies in between has asked with the order's own
    key: the next one finds the refund and asks for no second one. None: not due, no answer, or
    refused; the order says which.
    """
    now = timezone.now()
    order = RefundOrder.objects.select_related("gift").get(pk=order_id)
    wait = min(FIRST_RETRY_SECONDS * 2 ** min(order.attempts, 20), LAST_RETRY_SECONDS)
    claimed = RefundOrder.objects.filter(
        pk=order_id,
        state=State.ASKED,
        next_attempt_at__lte=now,
        next_attempt_at=order.next_attempt_at,
    ).update(attempts=F("attempts") + 1, next_attempt_at=now + dt.timedelta(seconds=wait))
    if not claimed:
        return None
    asked = RefundOrder.objects.filter(pk=order_id, state=State.ASKED)
    try:
        refund_id = _refund(order)
    except ExternalServiceError as error:
        later = now + dt.timedelta(seconds=max(wait, error.retry_after or 0))
        if error.permanent:
            asked.update(state=State.REFUSED, error=str(error)[:500])
        else:
            asked.update(error=str(error)[:500], next_attempt_at=later)
        return None
    asked.update(state=State.DONE, refund_id=refund_id, error="")
    try:
        return booking.book_payment(stripe_client.payment_of(refund_id))
    except (ExternalServiceError, booking.BookingError) as error:
        # Its events will bring it up again.
        log.warning("refund_not_booked_yet", order=order_id, reason=str(error))
        return None


def _refund(order: RefundOrder) -> str:
    asked: dict[str, str] = {
        "order_id": str(order.pk),
        "charge_id": order.gift.charge_id or "",
    }
    found = stripe_client.refund_of_order(**asked) if order.attempts else None
    return found or stripe_client.create_refund(**asked, amount_cents=order.amount_cents)
