"""Invoices: the months of monthly gifts. https://docs.stripe.com/api/invoices/object

A payment says nothing of the invoice that it pays; an invoice lists its payments:
https://docs.stripe.com/api/invoice-payment
"""

from typing import Any

from donations.monthly_facts import Invoice
from donations.stripe_client.connection import Json, api, id_of, moment


def invoice(invoice_id: str) -> Json:
    """One invoice with its payments. One read."""
    return api().v1.invoices.retrieve(invoice_id, {"expand": ["payments"]}).to_dict()


def invoice_of_intent(intent_id: str) -> Json | None:
    """The invoice that a payment intent pays, without its payments; None: it pays none. One read.

    https://docs.stripe.com/api/invoice-payment/list
    """
    params: Any = {
        "payment": {"type": "payment_intent", "payment_intent": intent_id},
        "expand": ["data.invoice"],
        "limit": 1,
    }
    found = api().v1.invoice_payments.list(params).to_dict()["data"]
    return found[0]["invoice"] if found else None


def intent_id_of(raw: Json) -> str | None:
    """The intent that has paid an invoice, or is meant to."""
    payments = [
        payment
        for payment in (raw.get("payments") or {}).get("data") or []
        if payment["payment"].get("payment_intent")
    ]
    payments.sort(key=lambda each: (each["status"] == "paid", each["is_default"]), reverse=True)
    return id_of(payments[0]["payment"]["payment_intent"]) if payments else None


def read(raw: Json, *, intent_status: str | None) -> Invoice | None:
    """An invoice of a subscription as our words; None for any other invoice."""
    details = (raw.get("parent") or {}).get("subscription_details")
    if not details:
        return None
    metadata = details.get("metadata") or {}
    cover = str(metadata.get("fee_cover_cents") or "0")
    paid_at = raw["status_transitions"]["paid_at"]
    following = raw.get("next_payment_attempt")
    return Invoice(
        invoice_id=raw["id"],
        status=str(raw["status"]),
        is_first=raw.get("billing_reason") == "subscription_create",
        subscription_ref=id_of(details["subscription"]),
        subscription_id=metadata.get("subscription"),
        gift_id=metadata.get("gift"),
        total_cents=int(raw["total"]),
        fee_cover_cents=int(cover) if cover.isdecimal() else 0,
        created=moment(raw["created"]),
        paid_at=moment(paid_at) if paid_at else None,
        attempts=int(raw["attempt_count"]),
        next_attempt_at=moment(following) if following else None,
        hosted_url=raw.get("hosted_invoice_url") or "",
        intent_status=intent_status,
    )
