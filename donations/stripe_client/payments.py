"""Payments read back: whatever object an event names, the whole payment that it belongs to."""

import dataclasses
from collections.abc import Callable

from auposte.external import ExternalServiceError
from donations.payments import Charge, DisputeMovement, Payment, ProcessorFee, Refund
from donations.stripe_client import invoices
from donations.stripe_client.connection import Json, api, asked, id_of, moment

INTENT = ["latest_charge.balance_transaction", "latest_charge.refunds"]


def payment_of(object_id: str) -> Payment:
    """The payment that a session, intent, charge, refund, dispute or invoice belongs to, as it is
    now.

    One read, one more when money went back, and one more for a month of a monthly gift. `missing`
    errors: Stripe knows no such object, yet.
    """
    prefix = object_id.partition("_")[0]
    readers: dict[str, Callable[[str], Payment]] = {
        "cs": _payment_of_checkout,
        "pi": _payment_of_intent,
        "ch": _payment_of_charge,
        "py": _payment_of_charge,
        "re": _payment_of_refund,
        "pyr": _payment_of_refund,
        "dp": _payment_of_dispute,
        "du": _payment_of_dispute,
        "in": _payment_of_invoice,
    }
    reader = readers.get(prefix)
    if reader is None:
        raise ExternalServiceError(f"Objet Stripe inconnu : {object_id}", permanent=True)
    return asked(lambda: reader(object_id))


def _payment_of_checkout(checkout_id: str) -> Payment:
    expanded = [*(f"payment_intent.{path}" for path in INTENT), "invoice.payments"]
    session = api().v1.checkout.sessions.retrieve(checkout_id, {"expand": expanded}).to_dict()
    details = session.get("customer_details") or {}
    claim, intent = session.get("invoice"), session.get("payment_intent")
    if isinstance(claim, dict):
        intent_id = invoices.intent_id_of(claim)
        intent = _intent(intent_id) if intent_id else None
    subscription = session.get("subscription")
    return dataclasses.replace(
        _payment(
            intent if isinstance(intent, dict) else {},
            metadata=session.get("metadata") or {},
            livemode=bool(session["livemode"]),
            customer_id=session.get("customer"),
            email=details.get("email") or session.get("customer_email"),
            claim=claim if isinstance(claim, dict) else None,
        ),
        checkout_id=session["id"],
        checkout_status=session["status"],
        subscription_ref=id_of(subscription) if subscription else None,
    )


def _intent(intent_id: str) -> Json:
    return api().v1.payment_intents.retrieve(intent_id, {"expand": INTENT}).to_dict()


def _payment_of_intent(intent_id: str) -> Payment:
    intent = _intent(intent_id)
    return _payment(
        intent,
        metadata=intent.get("metadata") or {},
        livemode=bool(intent["livemode"]),
        customer_id=intent.get("customer"),
        claim=_claim(intent),
    )


def _payment_of_invoice(invoice_id: str) -> Payment:
    claim = invoices.invoice(invoice_id)
    intent_id = invoices.intent_id_of(claim)
    return _payment(
        _intent(intent_id) if intent_id else {},
        metadata={},
        livemode=bool(claim["livemode"]),
        customer_id=claim.get("customer"),
        email=claim.get("customer_email"),
        claim=claim,
    )


def _payment_of_charge(charge_id: str) -> Payment:
    charge = (
        api()
        .v1.charges.retrieve(
            charge_id, {"expand": ["balance_transaction", "refunds", "payment_intent"]}
        )
        .to_dict()
    )
    intent = charge.get("payment_intent")
    intent = dict(intent) if isinstance(intent, dict) else {}
    # The intent's own latest charge may be a later attempt; the money is in the paid one.
    if charge.get("paid") or not intent.get("latest_charge"):
        intent["latest_charge"] = charge
    return _payment(
        intent,
        metadata=intent.get("metadata") or charge.get("metadata") or {},
        livemode=bool(charge["livemode"]),
        customer_id=charge.get("customer"),
        claim=_claim(intent),
    )


def _claim(intent: Json) -> Json | None:
    """The invoice that an intent pays. What was given once says so itself: nothing is asked."""
    if not intent.get("id") or (intent.get("metadata") or {}).get("gift"):
        return None
    return invoices.invoice_of_intent(intent["id"])


def _payment_of_refund(refund_id: str) -> Payment:
    refund = api().v1.refunds.retrieve(refund_id).to_dict()
    return _payment_of_charge(id_of(refund["charge"]))


def _payment_of_dispute(dispute_id: str) -> Payment:
    dispute = api().v1.disputes.retrieve(dispute_id).to_dict()
    return _payment_of_charge(id_of(dispute["charge"]))


def _payment(
    intent: Json,
    *,
    metadata: dict[str, str],
    livemode: bool,
    customer_id: str | None = None,
    email: str | None = None,
    claim: Json | None = None,
) -> Payment:
    raw = intent.get("latest_charge")
    raw = raw if isinstance(raw, dict) else {}
    billing = raw.get("billing_details") or {}
    charge = _charge(raw) if raw.get("paid") and raw.get("captured") else None
    invoice = invoices.read(claim, intent_status=intent.get("status")) if claim else None
    if invoice is not None:
        # A month is booked from its paid invoice only, at the time that this one says.
        paid_at = invoice.paid_at if invoice.is_paid else None
        charge = dataclasses.replace(charge, created=paid_at) if charge and paid_at else None
    gift_id = metadata.get("gift")
    if invoice is not None:
        gift_id = invoice.gift_id if invoice.is_first else None
    return Payment(
        gift_id=gift_id,
        livemode=livemode,
        payment_intent_id=intent.get("id"),
        intent_status=intent.get("status"),
        customer_id=id_of(customer_id) if customer_id else None,
        email=email or billing.get("email"),
        charge=charge,
        invoice=invoice,
        subscription_id=invoice.subscription_id if invoice else metadata.get("subscription"),
        subscription_ref=invoice.subscription_ref if invoice else None,
    )


def _charge(raw: Json) -> Charge:
    transaction = raw.get("balance_transaction")
    fee = None
    if isinstance(transaction, dict):
        fee = ProcessorFee(
            transaction_id=transaction["id"],
            amount_cents=int(transaction["fee"]),
            occurred_at=moment(transaction["created"]),
        )
    refunded = bool((raw.get("refunds") or {}).get("data")) or raw.get("amount_refunded", 0) > 0
    return Charge(
        charge_id=raw["id"],
        amount_cents=int(raw["amount"]),
        currency=str(raw["currency"]),
        created=moment(raw["created"]),
        fee=fee,
        means=str((raw.get("payment_method_details") or {}).get("type") or ""),
        refunds=_refunds(raw["id"]) if refunded else (),
        disputes=_disputes(raw["id"]) if raw.get("disputed") else (),
    )


def _refunds(charge_id: str) -> tuple[Refund, ...]:
    """All refunds of a charge, oldest first: their order decides how cents are shared out.

    Stripe lists the newest first. Of two in the same second only that order tells, and it stays.
    """
    pages = api().v1.refunds.list(
        {
            "charge": charge_id,
            "limit": 100,
            "expand": ["data.balance_transaction", "data.failure_balance_transaction"],
        }
    )
    found = []
    for refund in pages.auto_paging_iter():
        raw = refund.to_dict()
        failure = raw.get("failure_balance_transaction")
        bounced = raw["status"] in {"failed", "canceled"}
        found.append(
            Refund(
                refund_id=raw["id"],
                amount_cents=int(raw["amount"]),
                created=moment(raw["created"]),
                # A refund moves our balance when it is made, not when the bank confirms it.
                moved=bool(raw.get("balance_transaction")) or raw["status"] == "succeeded",
                failed_at=moment(failure["created"] if failure else raw["created"])
                if bounced
                else None,
                order_id=str((raw.get("metadata") or {}).get("order") or ""),
                failure=str(raw.get("failure_reason") or ""),
            )
        )
    found.reverse()
    return tuple(sorted(found, key=lambda refund: refund.created))


def _disputes(charge_id: str) -> tuple[DisputeMovement, ...]:
    """What banks took back and returned. https://docs.stripe.com/api/disputes/object"""
    pages = api().v1.disputes.list({"charge": charge_id, "limit": 100})
    return tuple(
        DisputeMovement(
            transaction_id=transaction["id"],
            amount_cents=int(transaction["amount"]),
            fee_cents=int(transaction["fee"]),
            occurred_at=moment(transaction["created"]),
        )
        for dispute in pages.auto_paging_iter()
        for transaction in dispute.to_dict().get("balance_transactions") or []
    )
