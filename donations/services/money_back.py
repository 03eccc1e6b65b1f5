"""Refunds that a booking has just found: the order that they answer, and who is told."""

import contextlib
import uuid
from collections.abc import Set as AbstractSet
from typing import Any

from django.urls import reverse

from auposte.money import euros
from donations.models import Gift, LedgerEntry, RefundOrder
from donations.payments import Charge, Refund
from donations.services import letters

# https://docs.stripe.com/api/refunds/object#refund_object-failure_reason
FAILURES = {
    "lost_or_stolen_card": "carte perdue ou volée",
    "expired_or_canceled_card": "carte expirée ou annulée",
    "charge_for_pending_refund_disputed": "le paiement est contesté",
    "insufficient_funds": "le solde du compte Stripe ne suffit pas",
    "declined": "refus de la banque",
    "merchant_request": "annulé à notre demande",
}


def tell(gift: Gift, charge: Charge, *, booked: AbstractSet[str]) -> None:
    """Close orders, and write letters for what `booked` (sources) has new.

    Call it in the transaction that books, with the gift locked.
    """
    for refund in charge.refunds:
        _close_order(gift, refund)
        made, failed = _sources(refund), _sources(refund, ":failed")
        # One that Stripe gave up before any money moved has no entries; its letter's key is enough.
        if refund.failed_at and (failed & booked or not refund.moved):
            _tell_treasurer(gift, refund)
        elif not refund.failed_at and made & booked:
            _tell_donor(gift, refund, made)


def _close_order(gift: Gift, refund: Refund) -> None:
    """Stripe has made the refund, whatever became of the answer to our asking."""
    with contextlib.suppress(ValueError):
        RefundOrder.objects.filter(
            pk=uuid.UUID(refund.order_id), gift=gift, refund_id__isnull=True
        ).update(state=RefundOrder.State.DONE, refund_id=refund.refund_id, error="")


def _sources(refund: Refund, suffix: str = "") -> set[str]:
    return {f"stripe:{refund.refund_id}:{part}{suffix}" for part in ("gift", "fee_cover")}


def _tell_donor(gift: Gift, refund: Refund, sources: set[str]) -> None:
    parts = LedgerEntry.objects.filter(source__in=sources, kind=LedgerEntry.Kind.FEE_COVER)
    donor = gift.donor
    letters.write(
        key=f"refund:{refund.refund_id}",
        to=(donor.email if donor else None) or "",
        subject=f"Remboursement de {euros(refund.amount_cents)} par Au Poste",
        template="refund",
        context={
            "gift": gift,
            "refund": refund,
            "cover_cents": -parts.total_cents(),
            "is_whole": gift.refunded_cents >= gift.total_cents,
        },
    )


def _tell_treasurer(gift: Gift, refund: Refund) -> None:
    letters.tell_treasurer(
        key=f"refund-failed:{refund.refund_id}",
        subject=f"Un remboursement de {euros(refund.amount_cents)} est revenu",
        template="refund_failed",
        context={
            "refund": refund,
            "failure": FAILURES.get(refund.failure, "la banque ne dit pas pourquoi"),
            **facts_of(gift),
        },
    )


def facts_of(gift: Gift) -> dict[str, Any]:
    """What the treasurer's letters say of a gift: nothing of who gave it."""
    return {"gift": gift, "page": reverse("admin:donations_gift_change", args=[gift.pk])}
