"""Refunds asked for, disputes and early fraud warnings read."""

import datetime as dt
from typing import Any

from auposte.external import ExternalServiceError
from donations.reversal_facts import DisputeFacts, WarningFacts
from donations.stripe_client.connection import Json, api, asked, id_of, moment

# https://docs.stripe.com/error-codes
DISPUTED = "Stripe refuse\u00a0: la banque conteste ce paiement, le litige en décidera."
REFUSALS = {
    "charge_already_refunded": "Stripe refuse\u00a0: ce paiement est déjà remboursé en entier.",
    "charge_disputed": DISPUTED,
    "refund_disputed_payment": DISPUTED,
    "charge_not_refundable": "Stripe refuse\u00a0: ce paiement ne peut plus être remboursé.",
    "balance_insufficient": "Stripe refuse\u00a0: le solde du compte Stripe ne suffit pas.",
    "resource_missing": "Stripe refuse\u00a0: il ne connaît pas ce paiement.",
}
TOO_MUCH = "Stripe refuse\u00a0: la somme dépasse ce qui reste à rembourser."


def create_refund(*, order_id: str, charge_id: str, amount_cents: int) -> str:
    """Give `amount_cents` of a charge back; the refund's id. Once per `order_id`, for 24 hours.

    Raises ExternalServiceError; a permanent one says in French why Stripe will not.
    https://docs.stripe.com/api/refunds/create
    """
    try:
        return asked(
            lambda: (
                api()
                .v1.refunds.create(
                    {
                        "charge": charge_id,
                        "amount": amount_cents,
                        "reason": "requested_by_customer",
                        "metadata": {"order": order_id},
                    },
                    {"idempotency_key": f"refund:{order_id}"},
                )
                .id
            )
        )
    except ExternalServiceError as error:
        cause: Any = error.__cause__
        code, param = getattr(cause, "code", None), getattr(cause, "param", None)
        reason = REFUSALS.get(str(code)) or (TOO_MUCH if param == "amount" else None)
        if reason is None or not error.permanent:
            raise
        raise ExternalServiceError(reason, permanent=True) from error


def refund_of_order(*, order_id: str, charge_id: str) -> str | None:
    """The refund that an earlier call made for this order, whatever its answer's fate was.

    Idempotency keys are forgotten after a day; the metadata stays.
    """
    return asked(
        lambda: next(
            (
                refund.id
                for refund in api()
                .v1.refunds.list({"charge": charge_id, "limit": 100})
                .auto_paging_iter()
                if (refund.to_dict().get("metadata") or {}).get("order") == order_id
            ),
            None,
        )
    )


def dispute(dispute_id: str) -> DisputeFacts:
    """A dispute as it is now. https://docs.stripe.com/api/disputes/object"""
    read_at = dt.datetime.now(dt.UTC)
    return asked(
        lambda: _dispute(api().v1.disputes.retrieve(dispute_id).to_dict(), read_at=read_at)
    )


def _dispute(raw: Json, *, read_at: dt.datetime) -> DisputeFacts:
    due_by = (raw.get("evidence_details") or {}).get("due_by")
    moved = sum(int(each["amount"]) for each in raw.get("balance_transactions") or [])
    return DisputeFacts(
        dispute_id=raw["id"],
        charge_id=id_of(raw["charge"]),
        amount_cents=int(raw["amount"]),
        reason=str(raw.get("reason") or ""),
        status=str(raw["status"]),
        created=moment(raw["created"]),
        due_by=moment(due_by) if due_by else None,
        funds_gone=moved < 0,
        read_at=read_at,
    )


def fraud_warning(warning_id: str) -> WarningFacts:
    """A warning as it is now. https://docs.stripe.com/api/radar/early_fraud_warnings/object"""
    return asked(
        lambda: _warning(api().v1.radar.early_fraud_warnings.retrieve(warning_id).to_dict())
    )


def _warning(raw: Json) -> WarningFacts:
    return WarningFacts(
        warning_id=raw["id"],
        charge_id=id_of(raw["charge"]),
        kind=str(raw.get("fraud_type") or ""),
        actionable=bool(raw["actionable"]),
        created=moment(raw["created"]),
    )
