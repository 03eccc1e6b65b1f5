"""Builds the objects of repeated payments: subscriptions, their items, invoices, their payments.

As in objects.py, fields are those of the SDK's classes. Amounts are cents, times Unix seconds.
"""

from __future__ import annotations

from sandbox.stripe.catalog import plan
from sandbox.stripe.objects import listing, metadata
from sandbox.stripe.store import Json

SELF = {"account": None, "type": "self"}


def subscription_item(
    key: str, subscription: str, price: Json, *, quantity: int, now: int, period: tuple[int, int]
) -> Json:
    """Build one item of a subscription; `period` is its current start and end."""
    return {
        "id": key,
        "object": "subscription_item",
        "billed_until": None,
        "billing_thresholds": None,
        "created": now,
        "current_period_end": period[1],
        "current_period_start": period[0],
        "discounts": [],
        "metadata": {},
        "plan": plan(price),
        "price": price,
        "quantity": quantity,
        "subscription": subscription,
        "tax_rates": [],
    }


def subscription(
    key: str, items: list[Json], *, customer: str, method: str, now: int, data: Json
) -> Json:
    """Build an active subscription; `data` is a session's `subscription_data`."""
    return {
        "id": key,
        "object": "subscription",
        "application": None,
        "application_fee_percent": None,
        "automatic_tax": {"disabled_reason": None, "enabled": False, "liability": None},
        "billing_cycle_anchor": now,
        "billing_cycle_anchor_config": None,
        "billing_mode": {
            "flexible": {"proration_discounts": "included"},
            "type": "flexible",
            "updated_at": None,
        },
        "billing_schedules": [],
        "billing_thresholds": None,
        "cancel_at": None,
        "cancel_at_period_end": False,
        "canceled_at": None,
        "cancellation_details": {
            "comment": None,
            "feedback": None,
            "feedback_option": None,
            "reason": None,
        },
        "collection_method": "charge_automatically",
        "created": now,
        "currency": "eur",
        "customer": customer,
        "customer_account": None,
        "days_until_due": None,
        "default_payment_method": method,
        "default_source": None,
        "default_tax_rates": [],
        "description": data.get("description"),
        "discounts": [],
        "ended_at": None,
        "invoice_settings": {
            "account_tax_ids": None,
            "custom_fields": None,
            "description": None,
            "footer": None,
            "issuer": SELF,
        },
        "items": listing(f"/v1/subscription_items?subscription={key}", items),
        "latest_invoice": None,
        "livemode": False,
        "metadata": metadata(data),
        "next_pending_invoice_item_invoice": None,
        "on_behalf_of": None,
        "pause_collection": None,
        "payment_settings": {
            "payment_method_options": None,
            "payment_method_types": None,
            "save_default_payment_method": "off",
        },
        "pending_invoice_item_interval": None,
        "pending_setup_intent": None,
        "pending_update": None,
        "schedule": None,
        "start_date": now,
        "status": "active",
        "test_clock": None,
        "transfer_data": None,
        "trial_end": None,
        "trial_settings": {
            "end_behavior": {
                "billing_cycle_anchor": None,
                "missing_payment_method": "create_invoice",
            }
        },
        "trial_start": None,
    }


def invoice_line(
    key: str, invoice: str, price: Json, *, quantity: int, name: str, period: tuple[int, int]
) -> Json:
    """Build a line of an invoice, without its parent."""
    amount = price["unit_amount"] * quantity
    return {
        "id": key,
        "object": "line_item",
        "amount": amount,
        "currency": price["currency"],
        "description": f"{quantity} × {name}",
        "discount_amounts": [],
        "discountable": True,
        "discounts": [],
        "invoice": invoice,
        "livemode": False,
        "metadata": {},
        "parent": None,
        "period": {"end": period[1], "start": period[0]},
        "pretax_credit_amounts": [],
        "pricing": {
            "price_details": {"price": price["id"], "product": price["product"]},
            "type": "price_details",
            "unit_amount_decimal": price["unit_amount_decimal"],
        },
        "quantity": quantity,
        "quantity_decimal": str(quantity),
        "subscription": None,
        "subtotal": amount,
        "taxes": [],
    }


def of_item(line: Json, item: Json) -> Json:
    """Tie an invoice's line to the subscription item that it bills."""
    details = {
        "invoice_item": None,
        "proration": False,
        "proration_details": {"credited_items": None},
        "subscription": item["subscription"],
        "subscription_item": item["id"],
    }
    return line | {
        "metadata": item["metadata"],
        "parent": {
            "invoice_item_details": None,
            "subscription_item_details": details,
            "type": "subscription_item_details",
        },
        "subscription": item["subscription"],
    }


def of_order(line: Json, invoice_item: str, subscription_id: str) -> Json:
    """Tie an invoice's line to what was ordered once, beside the subscription."""
    details = {
        "invoice_item": invoice_item,
        "proration": False,
        "proration_details": {"credited_items": None},
        "subscription": subscription_id,
    }
    return line | {
        "parent": {
            "invoice_item_details": details,
            "subscription_item_details": None,
            "type": "invoice_item_details",
        },
        "subscription": subscription_id,
    }


def invoice(
    key: str,
    source: Json,
    customer: Json,
    lines: list[Json],
    *,
    reason: str,
    now: int,
    period: tuple[int, int],
) -> Json:
    """Build the draft of a subscription's invoice.

    It keeps the subscription's metadata as they are now. `period` is the one that has ended:
    what is paid for stands in the lines.
    """
    total = sum(line["amount"] for line in lines)
    return {
        "id": key,
        "object": "invoice",
        "account_country": "FR",
        "account_name": "Au Poste",
        "account_tax_ids": None,
        "amount_due": total,
        "amount_overpaid": 0,
        "amount_paid": 0,
        "amount_paid_off_stripe": 0,
        "amount_remaining": total,
        "amount_shipping": 0,
        "application": None,
        "attempt_count": 0,
        "attempted": False,
        "auto_advance": True,
        "automatic_tax": {
            "disabled_reason": None,
            "enabled": False,
            "liability": None,
            "provider": None,
            "status": None,
        },
        "automatically_finalizes_at": now + 3600,
        "billing_reason": reason,
        "collection_method": "charge_automatically",
        "created": now,
        "currency": "eur",
        "custom_fields": None,
        "customer": customer["id"],
        "customer_account": None,
        "customer_address": None,
        "customer_email": customer["email"],
        "customer_name": customer["name"],
        "customer_phone": None,
        "customer_shipping": None,
        "customer_tax_exempt": "none",
        "customer_tax_ids": [],
        "default_payment_method": None,
        "default_source": None,
        "default_tax_rates": [],
        "description": None,
        "discounts": [],
        "due_date": None,
        "effective_at": None,
        "ending_balance": None,
        "footer": None,
        "from_invoice": None,
        "hosted_invoice_url": None,
        "invoice_pdf": None,
        "issuer": SELF,
        "last_finalization_error": None,
        "latest_revision": None,
        "lines": listing(f"/v1/invoices/{key}/lines", lines),
        "livemode": False,
        "metadata": {},
        "next_payment_attempt": now + 3600,
        "number": None,
        "on_behalf_of": None,
        "parent": {
            "quote_details": None,
            "subscription_details": {
                "metadata": source["metadata"],
                "subscription": source["id"],
            },
            "type": "subscription_details",
        },
        "payment_settings": {
            "default_mandate": None,
            "payment_method_options": None,
            "payment_method_types": None,
        },
        "period_end": period[1],
        "period_start": period[0],
        "post_payment_credit_notes_amount": 0,
        "pre_payment_credit_notes_amount": 0,
        "receipt_number": None,
        "rendering": None,
        "shipping_cost": None,
        "shipping_details": None,
        "starting_balance": 0,
        "statement_descriptor": None,
        "status": "draft",
        "status_transitions": {
            "finalized_at": None,
            "marked_uncollectible_at": None,
            "paid_at": None,
            "voided_at": None,
        },
        "subtotal": total,
        "subtotal_excluding_tax": total,
        "test_clock": None,
        "total": total,
        "total_discount_amounts": [],
        "total_excluding_tax": total,
        "total_pretax_credit_amounts": [],
        "total_taxes": [],
        "webhooks_delivered_at": now,
    }


def invoice_payment(key: str, source: Json, intent: str, *, now: int) -> Json:
    """Build the tie between an invoice and the PaymentIntent that pays it."""
    return {
        "id": key,
        "object": "invoice_payment",
        "amount_paid": None,
        "amount_requested": source["total"],
        "created": now,
        "currency": "eur",
        "invoice": source["id"],
        "is_default": True,
        "livemode": False,
        "payment": {"payment_intent": intent, "type": "payment_intent"},
        "status": "open",
        "status_transitions": {"canceled_at": None, "paid_at": None},
    }


def portal_session(key: str, params: Json, *, now: int, url: str) -> Json:
    """Build a visit to the billing portal."""
    return {
        "id": key,
        "object": "billing_portal.session",
        "configuration": "bpc_simulation",
        "created": now,
        "customer": params["customer"],
        "customer_account": None,
        "flow": None,
        "livemode": False,
        "locale": params.get("locale"),
        "on_behalf_of": None,
        "return_url": params.get("return_url"),
        "url": url,
    }
