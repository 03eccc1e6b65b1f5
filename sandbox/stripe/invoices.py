"""The life of an invoice: made, finalised, tried, paid or failed, tried again.

https://docs.stripe.com/billing/subscriptions/webhooks
"""

from __future__ import annotations

from sandbox.stripe import billing_objects, objects, payments, subscriptions
from sandbox.stripe.account import Change
from sandbox.stripe.errors import StripeError
from sandbox.stripe.store import Json, Store

# Days from each failure to the next attempt; after the last one the subscription ends.
RETRY_DAYS = (3, 5, 7)


def issue(
    change: Change, subscription: Json, *, reason: str, once: list[Json], period: tuple[int, int]
) -> Json:
    """Make and finalise the invoice of a subscription's current period; return it.

    `once` are line items of the order that are billed this time only. Stripe leaves a renewal's
    draft open for an hour; here it is finalised at once.
    """
    key = change.new_id("in")
    now, span = change.now, subscriptions.current_period(subscription)
    lines = [
        billing_objects.of_item(_line(change, key, item["price"], item["quantity"], span), item)
        for item in subscription["items"]["data"]
    ]
    lines += [
        billing_objects.of_order(
            _line(change, key, item["price"], item["quantity"], (now, now)),
            change.new_id("ii"),
            subscription["id"],
        )
        for item in once
    ]
    customer = change.get("customer", subscription["customer"])
    number = f"{customer['invoice_prefix']}-{customer['next_invoice_sequence']:04d}"
    customer |= {
        "currency": "eur",
        "next_invoice_sequence": customer["next_invoice_sequence"] + 1,
    }
    change.put(customer)
    invoice = billing_objects.invoice(
        key, subscription, customer, lines, reason=reason, now=now, period=period
    )
    change.emit("invoice.created", invoice)
    subscription["latest_invoice"] = key
    invoice |= {
        "status": "open",
        "number": number,
        "effective_at": now,
        "automatically_finalizes_at": None,
        "ending_balance": 0,
        "hosted_invoice_url": f"{change.settings.public_url}/i/{key}",
        "status_transitions": invoice["status_transitions"] | {"finalized_at": now},
    }
    change.emit("invoice.finalized", invoice)
    return invoice


def _line(
    change: Change, invoice: str, price: Json, quantity: int, period: tuple[int, int]
) -> Json:
    name = change.get("product", price["product"])["name"]
    return billing_objects.invoice_line(
        change.new_id("il"), invoice, price, quantity=quantity, name=name, period=period
    )


def tie(change: Change, invoice: Json, intent: Json) -> None:
    """Make an intent the one that pays an invoice."""
    change.put(
        billing_objects.invoice_payment(
            change.new_id("inpay"), invoice, intent["id"], now=change.now
        )
    )


def payment_of(source: Change | Store, invoice_id: str) -> Json | None:
    """Return the payment of an invoice: the row that names its intent."""
    rows = (source.batch if isinstance(source, Change) else source).rows("invoice_payment")
    return next((row for row in rows if row["invoice"] == invoice_id), None)


def of_intent(change: Change, intent_id: str) -> Json | None:
    """Return the invoice that an intent pays, if it pays one."""
    for row in change.batch.rows("invoice_payment"):
        if row["payment"]["payment_intent"] == intent_id:
            return change.get("invoice", row["invoice"])
    return None


def collect(change: Change, invoice_id: str) -> payments.Outcome:
    """Try to take an open invoice's money while the payer is away."""
    invoice = _open(change, invoice_id)
    subscription = change.get("subscription", subscriptions.subscription_id(invoice))
    change.cancel_timer("retry", invoice_id)
    intent = _intent(change, invoice, subscription)
    method = change.get("payment_method", subscription["default_payment_method"])
    intent |= {"payment_method": method["id"], "next_action": None}
    change.batch.delete("challenge", intent["id"])
    _count_attempt(invoice)
    if method["type"] == "sepa_debit":
        invoice["next_payment_attempt"] = None
        payments.start_debit(change, intent, method)
        change.emit("invoice.updated", invoice)
        return "processing"
    number = payments.number_of(change, method["id"])
    card = payments.CARDS[number]
    reason = _planned_decline(change, subscription["id"]) or card.decline_later or card.decline
    if reason:
        payments.decline(change, intent, method, reason)
        failed(change, invoice)
        return "declined"
    if card.challenge_again:
        _ask(change, invoice, intent, number)
        failed(change, invoice, event="invoice.payment_action_required")
        return "authenticate"
    payments.charge_card(change, intent, method)
    paid(change, invoice)
    return "succeeded"


def pay(change: Change, invoice_id: str, number: str) -> payments.Outcome:
    """Pay an open invoice by hand, on its hosted page, with a test card."""
    invoice = _open(change, invoice_id)
    subscription = change.get("subscription", subscriptions.subscription_id(invoice))
    number = payments.plain(number)
    if payments.check_number(number) != "card":
        raise StripeError("The hosted invoice page takes cards only")
    intent = _intent(change, invoice, subscription)
    method = payments.new_method(
        change,
        number,
        email=invoice["customer_email"],
        name=invoice["customer_name"],
        customer=invoice["customer"],
    )
    intent |= {"payment_method": method["id"], "next_action": None}
    change.batch.delete("challenge", intent["id"])
    card = payments.CARDS[number]
    if card.challenge:
        _ask(change, invoice, intent, number)
        return "authenticate"
    return _charge(change, invoice, intent, method, card.decline)


def authenticate(change: Change, invoice_id: str, *, confirm: bool) -> payments.Outcome:
    """Answer the 3-D Secure challenge of an open invoice."""
    invoice = _open(change, invoice_id)
    row = payment_of(change, invoice_id)
    key = row["payment"]["payment_intent"] if row else ""
    number = payments.answer(change, key)
    intent = change.get("payment_intent", key)
    method = change.get("payment_method", intent["payment_method"])
    if confirm:
        return _charge(change, invoice, intent, method, payments.CARDS[number].decline)
    payments.refuse_challenge(change, intent, method)
    change.emit("invoice.payment_failed", invoice)
    return "declined"


def _charge(
    change: Change, invoice: Json, intent: Json, method: Json, reason: str | None
) -> payments.Outcome:
    # An attempt of the payer's own does not count among Stripe's, nor move the next of them.
    if reason:
        payments.decline(change, intent, method, reason)
        change.emit("invoice.payment_failed", invoice)
        return "declined"
    payments.charge_card(change, intent, method)
    invoice["attempted"] = True
    paid(change, invoice)
    return "succeeded"


def paid(change: Change, invoice: Json) -> None:
    """Mark an open invoice as paid now; its subscription is in order again."""
    change.cancel_timer("retry", invoice["id"])
    payment = payment_of(change, invoice["id"])
    if payment:
        change.emit(
            "invoice_payment.paid",
            payment
            | {
                "amount_paid": payment["amount_requested"],
                "status": "paid",
                "status_transitions": {"canceled_at": None, "paid_at": change.now},
            },
        )
    invoice |= {
        "status": "paid",
        "amount_paid": invoice["amount_due"],
        "amount_remaining": 0,
        "auto_advance": False,
        "next_payment_attempt": None,
        "status_transitions": invoice["status_transitions"] | {"paid_at": change.now},
    }
    change.emit("invoice.paid", invoice)
    change.emit("invoice.payment_succeeded", invoice)
    subscription = change.get("subscription", subscriptions.subscription_id(invoice))
    if subscription["status"] == "past_due":
        subscriptions.alter(change, subscription, status="active")


def failed(change: Change, invoice: Json, *, event: str = "invoice.payment_failed") -> None:
    """Book a failed attempt: the next one is planned, or the subscription ends."""
    subscription = change.get("subscription", subscriptions.subscription_id(invoice))
    following = None
    if subscription["status"] != "canceled" and invoice["attempt_count"] <= len(RETRY_DAYS):
        following = change.now + RETRY_DAYS[invoice["attempt_count"] - 1] * 86400
        change.set_alarm("retry", invoice["id"], following)
    invoice["next_payment_attempt"] = following
    change.emit(event, invoice)
    if subscription["status"] == "active":
        subscriptions.alter(change, subscription, status="past_due")
    if following is None and subscription["status"] != "canceled":
        subscriptions.end(change, subscription, "payment_failed")


def first_attempt(invoice: Json) -> None:
    """Count the payment at the checkout as the invoice's first attempt."""
    _count_attempt(invoice)
    invoice["next_payment_attempt"] = None


def _count_attempt(invoice: Json) -> None:
    invoice |= {"attempt_count": invoice["attempt_count"] + 1, "attempted": True}


def _ask(change: Change, invoice: Json, intent: Json, number: str) -> None:
    page = invoice["hosted_invoice_url"]
    payments.ask(change, intent, number, url=page, back=page)


def _open(change: Change, invoice_id: str) -> Json:
    invoice = change.get("invoice", invoice_id)
    if invoice["status"] != "open":
        raise StripeError(f"Invoice {invoice_id} is {invoice['status']}")
    return invoice


def _intent(change: Change, invoice: Json, subscription: Json) -> Json:
    """Return the invoice's intent, made at the first attempt; StripeError while it is under way."""
    row = payment_of(change, invoice["id"])
    if row:
        intent = change.get("payment_intent", row["payment"]["payment_intent"])
        if intent["status"] == "processing":
            raise StripeError(f"Invoice {invoice['id']} is being paid")
        return intent
    intent = objects.payment_intent(
        change.new_id("pi"),
        {
            "amount_total": invoice["amount_due"],
            "currency": invoice["currency"],
            "customer": subscription["customer"],
            "payment_method_types": ["card", "sepa_debit"],
        },
        {"description": "Subscription update"},
        now=change.now,
        secret=change.account.random_text(24),
    )
    change.emit("payment_intent.created", intent)
    tie(change, invoice, intent)
    return intent


def _planned_decline(change: Change, subscription_key: str) -> str | None:
    """Return why the next attempt declines, if a test has asked for that; one fewer is left."""
    plan = change.batch.get("declines", subscription_key)
    if plan is None:
        return None
    plan["count"] -= 1
    if plan["count"] > 0:
        change.batch.put("declines", subscription_key, plan)
    else:
        change.batch.delete("declines", subscription_key)
    reason: str = plan["reason"]
    return reason
