"""Disputes and the warnings of them: kept as Stripe told them last, and told to the treasurer.

What money they move is the payment's booking's to write; here are the deadlines and the words.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce

from auposte.money import NBSP, euros
from donations import stripe_client
from donations.models import Dispute, FraudWarning, LedgerEntry
from donations.payments import Payment
from donations.reversal_facts import DisputeFacts, WarningFacts
from donations.services import booking, letters
from donations.services.money_back import facts_of

# https://docs.stripe.com/api/disputes/object#dispute_object-status
STATUSES = {
    "warning_needs_response": "demande d’information, réponse attendue",
    "warning_under_review": "demande d’information, réponse lue par la banque",
    "warning_closed": "demande d’information close",
    "needs_response": "réponse attendue",
    "under_review": "réponse lue par la banque",
    "appeal_needs_response": "appel possible, réponse attendue",
    "appeal_under_review": "appel lu par la banque",
    "won": "gagné",
    "lost": "perdu",
    "prevented": "évité par un remboursement",
}
ANSWERABLE = ("needs_response", "warning_needs_response", "appeal_needs_response")
CLOSED = ("won", "lost", "warning_closed", "prevented")
# https://docs.stripe.com/disputes/categories
REASONS = {
    "bank_cannot_process": "la banque ne peut pas traiter le paiement",
    "check_returned": "chèque revenu",
    "credit_not_processed": "remboursement promis et pas reçu",
    "customer_initiated": "contesté par la personne",
    "debit_not_authorized": "prélèvement pas autorisé",
    "duplicate": "débité deux fois",
    "fraudulent": "la personne dit n’avoir pas payé",
    "general": "sans précision",
    "incorrect_account_details": "coordonnées bancaires fausses",
    "insufficient_funds": "compte sans provision",
    "noncompliant": "règles du réseau pas suivies",
    "product_not_received": "rien reçu en échange",
    "product_unacceptable": "pas ce qui était attendu",
    "subscription_canceled": "don mensuel arrêté",
    "unrecognized": "paiement pas reconnu",
}
FRAUD_KINDS = {
    "card_never_received": "carte jamais reçue",
    "fraudulent_card_application": "carte obtenue par fraude",
    "made_with_counterfeit_card": "carte contrefaite",
    "made_with_lost_card": "carte perdue",
    "made_with_stolen_card": "carte volée",
    "misc": "sans précision",
    "unauthorized_use_of_card": "carte utilisée sans accord",
}
# What Stripe keeps of each dispute in France: https://stripe.com/fr/pricing
DISPUTE_FEE_CENTS = 2000


@dataclass(frozen=True, kw_only=True)
class Reading:
    """A dispute or a warning with its payment, both read just now."""

    facts: DisputeFacts | WarningFacts
    payment: Payment


def read_dispute(dispute_id: str) -> Reading:
    """Ask Stripe about a dispute; raises ExternalServiceError."""
    facts = stripe_client.dispute(dispute_id)
    return Reading(facts=facts, payment=stripe_client.payment_of(facts.charge_id))


def read_warning(warning_id: str) -> Reading:
    """Ask Stripe about an early fraud warning; raises ExternalServiceError."""
    facts = stripe_client.fraud_warning(warning_id)
    return Reading(facts=facts, payment=stripe_client.payment_of(facts.charge_id))


@transaction.atomic
def note(reading: Reading) -> booking.Booking | None:
    """Book the payment, then keep what was read beside it. None when it is no gift of this site.

    The booking holds the gift's lock, so that two readings of one dispute take turns.
    """
    booked = booking.book_payment(reading.payment)
    if booked is None:
        return None
    if isinstance(reading.facts, DisputeFacts):
        _note_dispute(reading.facts, booked.gift_id)
    else:
        _note_warning(reading.facts, booked.gift_id)
    return booked


def _note_dispute(facts: DisputeFacts, gift_id: str) -> None:
    told = {
        "amount_cents": facts.amount_cents,
        "reason": facts.reason[:60],
        "status": facts.status[:40],
        "due_by": facts.due_by,
        "funds_gone": facts.funds_gone,
        "read_at": facts.read_at,
    }
    row = Dispute(dispute_id=facts.dispute_id, gift_id=gift_id, opened_at=facts.created, **told)
    Dispute.objects.bulk_create([row], ignore_conflicts=True)
    dispute = Dispute.objects.select_related("gift").get(dispute_id=facts.dispute_id)
    if facts.read_at < dispute.read_at:
        return
    Dispute.objects.filter(pk=dispute.pk).update(**told)
    dispute.refresh_from_db()
    if facts.status in CLOSED:
        _tell_closed(dispute)
    else:
        _tell_opened(dispute)


def _tell_opened(dispute: Dispute) -> None:
    """Once; an inquiry that becomes a dispute is told again, since now money is at stake."""
    is_inquiry = dispute.status.startswith("warning_")
    key = f"dispute-opened:{dispute.dispute_id}{':inquiry' if is_inquiry else ''}"
    what = "Une banque demande des explications sur" if is_inquiry else "Litige ouvert sur"
    letters.tell_treasurer(
        key=key,
        subject=f"{what} un don de {euros(dispute.amount_cents)}",
        template="dispute_opened",
        context={"is_inquiry": is_inquiry, **_words(dispute)},
    )


def _tell_closed(dispute: Dispute) -> None:
    key = f"dispute-closed:{dispute.dispute_id}:{dispute.status}"
    letters.tell_treasurer(
        key=key,
        subject=f"Litige {_short(dispute.status)}{NBSP}: {euros(dispute.amount_cents)}",
        template="dispute_closed",
        context=_words(dispute),
    )


def _short(status: str) -> str:
    return "clos" if status == "warning_closed" else STATUSES[status]


def _words(dispute: Dispute) -> dict[str, object]:
    return {
        "dispute": dispute,
        "reason": reason_words(dispute.reason),
        "status": status_words(dispute.status),
        "fee_cents": DISPUTE_FEE_CENTS,
        "month": dispute.gift.campaign,
        **facts_of(dispute.gift),
    }


def reason_words(reason: str) -> str:
    """Why a payment is disputed, in French; Stripe's own word for one that is new to us."""
    return REASONS.get(reason, reason or "sans précision")


def status_words(status: str) -> str:
    """Where a dispute stands, in French."""
    return STATUSES.get(status, status)


def fraud_words(kind: str) -> str:
    """What a card's issuer suspects, in French."""
    return FRAUD_KINDS.get(kind, kind or "sans précision")


def _note_warning(facts: WarningFacts, gift_id: str) -> None:
    row = FraudWarning(
        warning_id=facts.warning_id,
        gift_id=gift_id,
        kind=facts.kind[:60],
        actionable=facts.actionable,
        warned_at=facts.created,
    )
    FraudWarning.objects.bulk_create([row], ignore_conflicts=True)
    warning = FraudWarning.objects.select_related("gift").get(warning_id=facts.warning_id)
    if not facts.actionable and warning.actionable:
        # Only ever this way: an older answer does not bring it back.
        FraudWarning.objects.filter(pk=warning.pk).update(actionable=False)
    if not facts.actionable:
        return
    key = f"fraud-warning:{facts.warning_id}"
    letters.tell_treasurer(
        key=key,
        subject=f"Alerte de fraude sur un don de {euros(warning.gift.amount_cents)}",
        template="fraud_warning",
        context={
            "warning": warning,
            "kind": fraud_words(warning.kind),
            "fee_cents": DISPUTE_FEE_CENTS,
            **facts_of(warning.gift),
        },
    )


def open_disputes() -> "QuerySet[Dispute]":
    """Those that wait for an answer of ours, the nearest deadline first."""
    waiting = Dispute.objects.filter(status__in=ANSWERABLE)
    return waiting.order_by(F("due_by").asc(nulls_last=True), "pk")


def warnings_to_act_on() -> "QuerySet[FraudWarning]":
    """Those where a refund still helps: not disputed, and money of the gift is left.

    Stripe says so too (`radar.early_fraud_warning.updated`), later.
    """
    held = Sum("gift__entries__amount_cents", filter=~Q(gift__entries__kind=LedgerEntry.Kind.FEE))
    warnings = FraudWarning.objects.filter(actionable=True, gift__disputes__isnull=True)
    return warnings.annotate(held_cents=Coalesce(held, 0)).filter(held_cents__gt=0)
