"""What the API has: the objects that can be read and listed, and the requests that change some."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Callable
from typing import Any, NamedTuple

import stripe.params as shapes
import stripe.params.billing_portal as portal_shapes
import stripe.params.checkout as checkout_shapes
import stripe.params.radar as radar_shapes

from sandbox.stripe import aftermath, catalog, checkout, objects, portal, rules, subscriptions
from sandbox.stripe.account import Change
from sandbox.stripe.errors import StripeError, misuse
from sandbox.stripe.expansion import Source, within
from sandbox.stripe.store import Json

PAGING = frozenset({"ending_before", "expand", "limit", "starting_after"})


class Resource(NamedTuple):
    """A kind of object that can be read: by id, and where `listed` is given, as a list."""

    kind: str
    retrieved: Any
    listed: Any = None
    filters: frozenset[str] = frozenset()


def _resource(kind: str, retrieved: Any, listed: Any = None, *filters: str) -> Resource:
    return Resource(kind, retrieved, listed, frozenset(filters))


RESOURCES = {
    "balance_transactions": _resource(
        "balance_transaction",
        shapes.BalanceTransactionRetrieveParams,
        shapes.BalanceTransactionListParams,
        *("currency", "payout", "source", "type"),
    ),
    "charges": _resource(
        "charge",
        shapes.ChargeRetrieveParams,
        shapes.ChargeListParams,
        *("customer", "payment_intent"),
    ),
    "checkout/sessions": _resource(
        "checkout.session",
        checkout_shapes.SessionRetrieveParams,
        checkout_shapes.SessionListParams,
        *("customer", "customer_details", "payment_intent", "status", "subscription"),
    ),
    "customers": _resource(
        "customer", shapes.CustomerRetrieveParams, shapes.CustomerListParams, "email"
    ),
    "disputes": _resource(
        "dispute",
        shapes.DisputeRetrieveParams,
        shapes.DisputeListParams,
        *("charge", "payment_intent"),
    ),
    "events": _resource(
        "event", shapes.EventRetrieveParams, shapes.EventListParams, "type", "types"
    ),
    "invoice_payments": _resource(
        "invoice_payment",
        shapes.InvoicePaymentRetrieveParams,
        shapes.InvoicePaymentListParams,
        *("invoice", "payment", "status"),
    ),
    "invoices": _resource(
        "invoice",
        shapes.InvoiceRetrieveParams,
        shapes.InvoiceListParams,
        *("customer", "status", "subscription"),
    ),
    "payment_intents": _resource(
        "payment_intent",
        shapes.PaymentIntentRetrieveParams,
        shapes.PaymentIntentListParams,
        "customer",
    ),
    "payment_methods": _resource(
        "payment_method",
        shapes.PaymentMethodRetrieveParams,
        shapes.PaymentMethodListParams,
        *("customer", "type"),
    ),
    "payouts": _resource(
        "payout",
        shapes.PayoutRetrieveParams,
        shapes.PayoutListParams,
        *("arrival_date", "status"),
    ),
    "prices": _resource(
        "price",
        shapes.PriceRetrieveParams,
        shapes.PriceListParams,
        *("active", "product", "type"),
    ),
    "products": _resource(
        "product", shapes.ProductRetrieveParams, shapes.ProductListParams, "active", "ids"
    ),
    "radar/early_fraud_warnings": _resource(
        "radar.early_fraud_warning",
        radar_shapes.EarlyFraudWarningRetrieveParams,
        radar_shapes.EarlyFraudWarningListParams,
        *("charge", "payment_intent"),
    ),
    "refunds": _resource(
        "refund",
        shapes.RefundRetrieveParams,
        shapes.RefundListParams,
        *("charge", "payment_intent"),
    ),
    "subscriptions": _resource(
        "subscription",
        shapes.SubscriptionRetrieveParams,
        shapes.SubscriptionListParams,
        *("customer", "status"),
    ),
}

Action = Callable[[Change, Json, str], Json]


def _create_customer(change: Change, params: Json, _key: str) -> Json:
    rules.check_customer(params)
    customer = objects.customer(change.new_id("cus", 14), now=change.now, params=params)
    change.emit("customer.created", customer)
    return customer


# Method, path pattern (its group is the object's id), request type, what it does.
ACTIONS: list[tuple[str, str, Any, Action]] = [
    (
        "POST",
        "/v1/billing_portal/sessions()",
        portal_shapes.SessionCreateParams,
        lambda change, params, _key: portal.create_session(change, params),
    ),
    (
        "POST",
        "/v1/checkout/sessions()",
        checkout_shapes.SessionCreateParams,
        lambda change, params, _key: checkout.create_session(change, params),
    ),
    (
        "POST",
        "/v1/checkout/sessions/([^/]+)/expire",
        checkout_shapes.SessionExpireParams,
        lambda change, _params, key: checkout.expire(change, key, in_path=True),
    ),
    ("POST", "/v1/customers()", shapes.CustomerCreateParams, _create_customer),
    (
        "POST",
        "/v1/prices()",
        shapes.PriceCreateParams,
        lambda change, params, _key: catalog.create_price(change, params),
    ),
    (
        "POST",
        "/v1/products()",
        shapes.ProductCreateParams,
        lambda change, params, _key: catalog.create_product(change, params),
    ),
    (
        "POST",
        "/v1/refunds()",
        shapes.RefundCreateParams,
        lambda change, params, _key: aftermath.refund(change, params),
    ),
    (
        "POST",
        "/v1/subscriptions/([^/]+)",
        shapes.SubscriptionUpdateParams,
        subscriptions.update,
    ),
    (
        "DELETE",
        "/v1/subscriptions/([^/]+)",
        shapes.SubscriptionCancelParams,
        subscriptions.cancel,
    ),
]


def action_at(method: str, path: str) -> tuple[Any, Action, str] | None:
    """Return the request type, the action and the id that a request names, or None."""
    for verb, pattern, shape, action in ACTIONS:
        match = re.fullmatch(pattern, path)
        if match and verb == method:
            return shape, action, match[1]
    return None


def listed(resource: Resource, params: Json, source: Source) -> list[Json]:
    """Return the objects that a list's parameters ask for, oldest first.

    Raises StripeError for a filter that Stripe has and the stand-in does not.
    """
    for name in params:
        if name not in PAGING | resource.filters | {"created"}:
            raise StripeError(f"The stand-in does not filter by `{name}`", param=name)
    if len(params.get("types", ())) > 20:
        raise misuse("`types` takes up to 20 event types", param="types")
    wanted = {name: value for name, value in params.items() if name not in PAGING}
    if resource.kind == "subscription":
        wanted.setdefault("status", "unended")
    return [
        row
        for row in source.rows(resource.kind)
        if all(_matches(row, name, value, source) for name, value in wanted.items())
    ]


def _matches(row: Json, name: str, value: Any, source: Source) -> bool:
    special = SPECIAL.get((row["object"], name)) or SPECIAL.get(("", name))
    return special(row, value, source) if special else bool(row[name] == value)


def _of_payment(row: Json, value: Any, _source: Source) -> bool:
    payment = row["payment"]
    if payment["type"] != value["type"]:
        return False
    return bool(payment["payment_intent"] == value.get("payment_intent", payment["payment_intent"]))


def _status_of_subscription(row: Json, value: Any, _source: Source) -> bool:
    ended = row["status"] in ("canceled", "incomplete_expired")
    wider = {"all": True, "ended": ended, "unended": not ended}
    return bool(wider.get(value, row["status"] == value))


def _paid_out(row: Json, value: Any, source: Source) -> bool:
    member = source.get("payout_member", row["id"])
    return member is not None and bool(member["payout"] == value)


# Filters that are more than the comparison of a field, by kind ("": any) and name.
SPECIAL: dict[tuple[str, str], Callable[[Json, Any, Source], bool]] = {
    ("", "created"): lambda row, value, _: within(row["created"], value),
    ("balance_transaction", "payout"): _paid_out,
    ("checkout.session", "customer_details"): lambda row, value, _: (
        (row["customer_details"] or {}).get("email") == value["email"]
    ),
    ("event", "type"): lambda row, value, _: fnmatch.fnmatchcase(row["type"], value),
    ("event", "types"): lambda row, value, _: row["type"] in value,
    ("invoice", "subscription"): lambda row, value, _: subscriptions.subscription_id(row) == value,
    ("invoice_payment", "payment"): _of_payment,
    ("payout", "arrival_date"): lambda row, value, _: within(row["arrival_date"], value),
    ("product", "ids"): lambda row, value, _: row["id"] in value,
    ("subscription", "status"): _status_of_subscription,
}
