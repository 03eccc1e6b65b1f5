"""Payments read back: whatever object an event names, the whole payment that it belongs to."""

from collections.abc import Callable

from auposte.external import ExternalServiceError
from donations.payments import Charge, DisputeMovement, Payment, ProcessorFee, Refund
from donations.stripe_client.connection import Json, api, asked, id_of, moment


def payment_of(object_id: str) -> Payment:
    """The payment that a session, intent, charge, refund or dispute belongs to, as it is now.

    One read (two when money went back). `missing` errors: Stripe knows no such object, yet.
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
    }
    reader = readers.get(prefix)
    if reader is None:
        raise ExternalServiceError(f"Objet Stripe inconnu : {object_id}", permanent=True)
    return asked(lambda: reader(object_id))


def _payment_of_checkout(checkout_id: str) -> Payment:
    session = (
        api()
        .v1.checkout.sessions.retrieve(
            checkout_id,
            {
                "expand": [
                    "payment_intent.latest_charge.balance_transaction",
                    "payment_intent.latest_charge.refunds",
                ]
            },
        )
        .to_dict()
    )
    intent = session.get("payment_intent")
    details = session.get("customer_details") or {}
    return _payment(
        intent if isinstance(intent, dict) else {},
        metadata=session.get("metadata") or {},
        livemode=bool(session["livemode"]),
        checkout_id=session["id"],
        checkout_status=session["status"],
        customer_id=session.get("customer"),
        email=details.get("email") or session.get("customer_email"),
    )


def _payment_of_intent(intent_id: str) -> Payment:
    intent = (
        api()
        .v1.payment_intents.retrieve(
            intent_id,
            {"expand": ["latest_charge.balance_transaction", "latest_charge.refunds"]},
        )
        .to_dict()
    )
    return _payment(
        intent,
        metadata=intent.get("metadata") or {},
        livemode=bool(intent["livemode"]),
        customer_id=intent.get("customer"),
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
    )


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
    checkout_id: str | None = None,
    checkout_status: str | None = None,
    customer_id: str | None = None,
    email: str | None = None,
) -> Payment:
    raw = intent.get("latest_charge")
    raw = raw if isinstance(raw, dict) else {}
    billing = raw.get("billing_details") or {}
    return Payment(
        gift_id=metadata.get("gift"),
        livemode=livemode,
        payment_intent_id=intent.get("id"),
        intent_status=intent.get("status"),
        checkout_id=checkout_id,
        checkout_status=checkout_status,
        customer_id=id_of(customer_id) if customer_id else None,
        email=email or billing.get("email"),
        charge=_charge(raw) if raw.get("paid") and raw.get("captured") else None,
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
        refunds=_refunds(raw["id"]) if refunded else (),
        disputes=_disputes(raw["id"]) if raw.get("disputed") else (),
    )


def _refunds(charge_id: str) -> tuple[Refund, ...]:
    """All refunds of a charge, oldest first: their order decides how cents are shared out."""
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
            )
        )
    return tuple(sorted(found, key=lambda refund: (refund.created, refund.refund_id)))


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
