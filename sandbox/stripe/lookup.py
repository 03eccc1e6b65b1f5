"""Finds the charge or the invoice that a test means when it names something that led to it."""

from __future__ import annotations

from sandbox.stripe import checkout, invoices
from sandbox.stripe.account import Change
from sandbox.stripe.errors import StripeError, no_such


def charge_id(change: Change, key: str) -> str:
    """Return the id of the charge of a session, an intent, an invoice or a subscription (its last).

    A charge's own id will do. Raises StripeError when there is none, or none yet.
    """
    found = change.find(key)
    if found is None:
        raise no_such("object", key)
    if found["object"] == "checkout.session":
        found = change.find(checkout.intent_id(change.batch, found))
    elif found["object"] in ("invoice", "subscription"):
        row = invoices.payment_of(change, invoice_id(change, key))
        found = change.find(row["payment"]["payment_intent"]) if row else None
    if found and found["object"] == "payment_intent":
        found = change.find(found["latest_charge"] or "")
    if found is None or found["object"] != "charge":
        raise StripeError(f"{key} has no charge yet")
    charge: str = found["id"]
    return charge


def invoice_id(change: Change, key: str) -> str:
    """Return the id of an invoice, or of the latest one of a session or a subscription."""
    found = change.find(key)
    if found is None:
        raise no_such("object", key)
    if found["object"] == "checkout.session":
        found = change.find(found["subscription"] or "")
    if found and found["object"] == "subscription":
        found = change.find(found["latest_invoice"])
    if found is None or found["object"] != "invoice":
        raise StripeError(f"{key} has no invoice")
    invoice: str = found["id"]
    return invoice
