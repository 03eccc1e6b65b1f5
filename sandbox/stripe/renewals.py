"""Subscriptions in time: the start, each period's renewal, the retries of what failed."""

from __future__ import annotations

from sandbox.stripe import billing_objects, invoices, subscriptions
from sandbox.stripe.account import Change
from sandbox.stripe.errors import StripeError
from sandbox.stripe.store import Json


def start(
    change: Change, session: Json, extra: Json, intent: Json, method: Json
) -> tuple[Json, Json]:
    """Start the subscription that a session orders; return it and its first invoice, unpaid.

    Stripe does so once the payer has paid, or has sent a direct debit, never before.
    """
    key, now = change.new_id("sub"), change.now
    ordered = [item for item in extra["line_items"] if item["price"]["recurring"]]
    rhythm = ordered[0]["price"]["recurring"]
    period = (now, subscriptions.period_end(now, rhythm, now))
    items = [
        billing_objects.subscription_item(
            change.new_id("si", 14),
            key,
            item["price"],
            quantity=item["quantity"],
            now=now,
            period=period,
        )
        for item in ordered
    ]
    subscription = billing_objects.subscription(
        key,
        items,
        customer=session["customer"],
        method=method["id"],
        now=now,
        data=extra["subscription_data"],
    )
    once = [item for item in extra["line_items"] if not item["price"]["recurring"]]
    invoice = invoices.issue(
        change, subscription, reason="subscription_create", once=once, period=(now, now)
    )
    invoices.tie(change, invoice, intent)
    invoices.first_attempt(invoice)
    change.put(invoice)
    change.emit("customer.subscription.created", subscription)
    change.set_alarm("renew", key, period[1])
    session |= {"subscription": key, "invoice": invoice["id"]}
    return subscription, invoice


def renew(change: Change, subscription_id: str) -> Json:
    """Begin a subscription's next period, or end it when that was wished; return it."""
    subscription = change.get("subscription", subscription_id)
    if subscription["status"] == "canceled":
        raise StripeError(f"{subscription_id} has ended")
    if subscription["cancel_at_period_end"]:
        subscriptions.end(change, subscription, "cancellation_requested")
        return subscription
    ended = subscriptions.current_period(subscription)
    rhythm = subscription["items"]["data"][0]["price"]["recurring"]
    following = subscriptions.period_end(subscription["billing_cycle_anchor"], rhythm, ended[1])
    before = {name: subscription[name] for name in ("items", "latest_invoice")}
    items = [
        item | {"current_period_start": ended[1], "current_period_end": following}
        for item in subscription["items"]["data"]
    ]
    subscription["items"] = subscription["items"] | {"data": items}
    invoice = invoices.issue(
        change, subscription, reason="subscription_cycle", once=[], period=ended
    )
    change.emit("customer.subscription.updated", subscription, before)
    change.set_alarm("renew", subscription_id, following)
    invoices.collect(change, invoice["id"])
    return change.get("subscription", subscription_id)


def retry(change: Change, invoice_id: str) -> Json:
    """Try an unpaid invoice again, now; return it."""
    invoices.collect(change, invoice_id)
    return change.get("invoice", invoice_id)


def decline_renewals(change: Change, subscription_id: str, count: int, reason: str) -> None:
    """Have a subscription's next `count` attempts declined, whatever its card; 0: none."""
    change.get("subscription", subscription_id)
    if count:
        plan = {"id": subscription_id, "count": count, "reason": reason}
        change.batch.put("declines", subscription_id, plan)
    else:
        change.batch.delete("declines", subscription_id)
