"""The life of a subscription but for its money: periods, changes, another card, the end.

https://docs.stripe.com/billing/subscriptions/overview
"""

from __future__ import annotations

import calendar
import datetime as dt
from typing import Any

from sandbox.stripe import billing_objects, catalog, payments, rules
from sandbox.stripe.account import Change
from sandbox.stripe.errors import StripeError, misuse, no_such
from sandbox.stripe.objects import metadata
from sandbox.stripe.store import Json

SIMULATED_UPDATE = frozenset(
    {
        "cancel_at_period_end",
        "cancellation_details",
        "default_payment_method",
        "description",
        "expand",
        "items",
        "metadata",
        "proration_behavior",
    }
)
SIMULATED_ITEM = frozenset({"deleted", "id", "metadata", "price_data", "quantity"})
# All that Stripe still takes once a subscription has ended.
AFTER_THE_END = frozenset({"cancellation_details", "expand", "metadata"})


def period_end(anchor: int, recurring: Json, after: int) -> int:
    """Return the first end of a period after `after`, in Unix seconds.

    Months are those of the calendar in UTC, counted from the anchor: after 31 January come
    28 February and 31 March. https://docs.stripe.com/billing/subscriptions/billing-cycle
    """
    number = 1
    while (
        end := _shifted(anchor, recurring["interval"], number * recurring["interval_count"])
    ) <= (after):
        number += 1
    return end


def _shifted(anchor: int, interval: str, count: int) -> int:
    if interval in ("day", "week"):
        return anchor + count * 86400 * (7 if interval == "week" else 1)
    at = dt.datetime.fromtimestamp(anchor, tz=dt.UTC)
    months = at.month - 1 + count * (12 if interval == "year" else 1)
    year, month = at.year + months // 12, months % 12 + 1
    day = min(at.day, calendar.monthrange(year, month)[1])
    return int(at.replace(year=year, month=month, day=day).timestamp())


def current_period(subscription: Json) -> tuple[int, int]:
    """Return the start and the end of the period that is under way."""
    item = subscription["items"]["data"][0]
    return item["current_period_start"], item["current_period_end"]


def alter(change: Change, subscription: Json, **values: Any) -> None:
    """Change fields of a subscription, and tell of it; nothing when they are so already."""
    before = {
        name: subscription[name] for name, value in values.items() if subscription[name] != value
    }
    if before:
        subscription |= values
        change.emit("customer.subscription.updated", subscription, before)


def update(change: Change, params: Json, key: str) -> Json:
    """Change a subscription as `subscriptions.update` asks; the period goes on as it is."""
    rules.simulated(params, SIMULATED_UPDATE, "")
    subscription = change.get("subscription", key, in_path=True)
    if subscription["status"] == "canceled" and params.keys() - AFTER_THE_END:
        raise StripeError(
            "A canceled subscription can only update its cancellation_details and metadata."
        )
    values: Json = {}
    if "items" in params:
        values["items"] = _items(change, subscription, params)
    if "metadata" in params:
        rules.check_metadata(params["metadata"], "metadata")
        given = params["metadata"]
        values["metadata"] = given and metadata({"metadata": subscription["metadata"] | given})
        values["metadata"] = values["metadata"] or {}
    if "description" in params:
        values["description"] = params["description"] or None
    if "default_payment_method" in params:
        method = change.get(
            "payment_method", params["default_payment_method"], param="default_payment_method"
        )
        if method["customer"] != subscription["customer"]:
            raise misuse(
                "The payment method must belong to the subscription's customer.",
                param="default_payment_method",
            )
        values["default_payment_method"] = method["id"]
    if "cancel_at_period_end" in params:
        values |= _ending(change, subscription, ends=params["cancel_at_period_end"])
    if "cancellation_details" in params:
        values["cancellation_details"] = _said(
            values.get("cancellation_details") or subscription["cancellation_details"],
            params["cancellation_details"],
        )
    alter(change, subscription, **values)
    return subscription


def _items(change: Change, subscription: Json, params: Json) -> Json:
    if params.get("proration_behavior") != "none":
        raise StripeError(
            "The stand-in for Stripe changes items with `proration_behavior=none` only",
            param="proration_behavior",
        )
    listed: Json = subscription["items"]
    items = {item["id"]: item for item in listed["data"]}
    period = current_period(subscription)
    rhythm = listed["data"][0]["price"]["recurring"]
    for number, given in enumerate(params["items"]):
        path = f"items[{number}]"
        rules.simulated(given, SIMULATED_ITEM, path)
        rules.check_metadata(given.get("metadata"), f"{path}[metadata]")
        if "id" in given and given["id"] not in items:
            raise no_such("subscription_item", given["id"], param=f"{path}[id]")
        if given.get("deleted"):
            rules.require(given, "id", path=path)
            del items[given["id"]]
            continue
        item = items.get(given.get("id", ""))
        if item is None:
            rules.require(given, "price_data", path=path)
        if "price_data" in given:
            rules.check_price(given["price_data"], f"{path}[price_data]")
            price = catalog.price_of(change, given["price_data"])
            if price["recurring"] != rhythm:
                raise rules.not_simulated(f"{path}[price_data][recurring]")
            if item is None:
                item = billing_objects.subscription_item(
                    change.new_id("si", 14),
                    subscription["id"],
                    price,
                    quantity=1,
                    now=change.now,
                    period=period,
                )
            item = item | {"price": price, "plan": catalog.plan(price)}
        assert item is not None
        item = item | {"quantity": given.get("quantity", item["quantity"])}
        if "metadata" in given:
            item["metadata"] = metadata({"metadata": item["metadata"] | (given["metadata"] or {})})
        items[item["id"]] = item
    if not items:
        raise misuse("A subscription must have at least one active item.", param="items")
    return listed | {"data": list(items.values())}


def _ending(change: Change, subscription: Json, *, ends: bool) -> Json:
    details = subscription["cancellation_details"]
    if not ends:
        return {
            "cancel_at": None,
            "cancel_at_period_end": False,
            "canceled_at": None,
            "cancellation_details": details | {"reason": None},
        }
    return {
        "cancel_at": current_period(subscription)[1],
        "cancel_at_period_end": True,
        "canceled_at": subscription["canceled_at"] or change.now,
        "cancellation_details": details | {"reason": "cancellation_requested"},
    }


def _said(details: Json, given: Json) -> Json:
    rules.simulated(given, frozenset({"comment"}), "cancellation_details")
    return details | {"comment": given.get("comment") or None}


def cancel(change: Change, params: Json, key: str) -> Json:
    """End a subscription now, as `subscriptions.cancel` asks; nothing is given back."""
    rules.simulated(params, frozenset({"cancellation_details", "expand"}), "")
    subscription = change.get("subscription", key, in_path=True)
    if subscription["status"] == "canceled":
        raise no_such("subscription", key, in_path=True)
    if "cancellation_details" in params:
        details = _said(subscription["cancellation_details"], params["cancellation_details"])
        subscription["cancellation_details"] = details
    end(change, subscription, "cancellation_requested")
    return subscription


def end(change: Change, subscription: Json, reason: str) -> None:
    """End a subscription. Its unpaid invoices stay, but Stripe tries them no more."""
    change.cancel_timer("renew", subscription["id"])
    for row in change.batch.rows("invoice"):
        if row["status"] == "open" and subscription_id(row) == subscription["id"]:
            change.cancel_timer("retry", row["id"])
            invoice = change.get("invoice", row["id"])
            before = {name: invoice[name] for name in ("auto_advance", "next_payment_attempt")}
            invoice |= {"auto_advance": False, "next_payment_attempt": None}
            change.emit("invoice.updated", invoice, before)
    subscription |= {
        "status": "canceled",
        "ended_at": change.now,
        "canceled_at": subscription["canceled_at"] or change.now,
        "cancellation_details": subscription["cancellation_details"] | {"reason": reason},
    }
    change.emit("customer.subscription.deleted", subscription)


def subscription_id(invoice: Json) -> str:
    """Return the id of the subscription that an invoice bills."""
    key: str = invoice["parent"]["subscription_details"]["subscription"]
    return key


def attach(change: Change, customer_id: str, number: str) -> Json:
    """Attach a test card or account to a customer; StripeError when the bank declines that."""
    number = payments.plain(number)
    kind = payments.check_number(number)
    if kind == "card" and (reason := payments.CARDS[number].decline):
        raise StripeError(
            f"Your card was declined. ({reason})",
            status=402,
            kind="card_error",
            code="card_declined",
        )
    customer = change.get("customer", customer_id)
    method = payments.new_method(
        change, number, email=customer["email"], name=customer["name"], customer=customer_id
    )
    change.emit("payment_method.attached", method)
    return method


def set_card(change: Change, key: str, number: str) -> Json:
    """Pay a subscription with another card from now on, as the portal does; return it."""
    subscription = change.get("subscription", key)
    if subscription["status"] == "canceled":
        raise StripeError(f"{key} has ended")
    method = attach(change, subscription["customer"], number)
    customer = change.get("customer", subscription["customer"])
    settings = customer["invoice_settings"]
    customer["invoice_settings"] = settings | {"default_payment_method": method["id"]}
    change.emit("customer.updated", customer, {"invoice_settings": settings})
    alter(change, subscription, default_payment_method=method["id"])
    return subscription
