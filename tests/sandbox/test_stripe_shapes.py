"""Every object that the stand-in makes has the fields that the installed SDK's classes declare."""

from __future__ import annotations

import inspect
import typing
from collections.abc import Callable, Iterator
from typing import Any, Literal, Union

import pytest
import stripe
from stripe import billing_portal, checkout, radar

from sandbox.stripe import StripeStandIn
from tests.sandbox.monthly import begin

CLASSES: dict[str, Any] = {
    cls.OBJECT_NAME: cls
    for cls in (
        billing_portal.Session,
        checkout.Session,
        radar.EarlyFraudWarning,
        stripe.BalanceTransaction,
        stripe.Charge,
        stripe.Customer,
        stripe.Dispute,
        stripe.Event,
        stripe.Invoice,
        stripe.InvoiceLineItem,
        stripe.InvoicePayment,
        stripe.LineItem,
        stripe.ListObject,
        stripe.PaymentIntent,
        stripe.PaymentMethod,
        stripe.Payout,
        stripe.Plan,
        stripe.Price,
        stripe.Product,
        stripe.Refund,
        stripe.Subscription,
        stripe.SubscriptionItem,
    )
}


# Each is in the SDK's own enumeration of event types: `faults` sees to that.
EVENTS = {
    "charge.dispute.closed",
    "charge.dispute.created",
    "charge.dispute.funds_reinstated",
    "charge.dispute.funds_withdrawn",
    "charge.failed",
    "charge.pending",
    "charge.refunded",
    "charge.succeeded",
    "charge.updated",
    "checkout.session.async_payment_failed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.completed",
    "checkout.session.expired",
    "customer.created",
    "customer.subscription.created",
    "customer.subscription.deleted",
    "customer.subscription.updated",
    "customer.updated",
    "invoice.created",
    "invoice.finalized",
    "invoice.paid",
    "invoice.payment_action_required",
    "invoice.payment_failed",
    "invoice.payment_succeeded",
    "invoice.updated",
    "invoice_payment.paid",
    "payment_intent.canceled",
    "payment_intent.created",
    "payment_intent.payment_failed",
    "payment_intent.processing",
    "payment_intent.requires_action",
    "payment_intent.succeeded",
    "payment_method.attached",
    "payout.created",
    "payout.paid",
    "price.created",
    "product.created",
    "radar.early_fraud_warning.created",
    "refund.created",
    "refund.failed",
    "refund.updated",
}


def faults(record: dict[str, Any], cls: Any, path: str) -> Iterator[str]:
    """Yield what is wrong with a record, held against a class of the SDK."""
    hints: dict[str, Any] = {}
    for base in reversed(inspect.getmro(cls)):
        hints |= {
            name: hint
            for name, hint in inspect.get_annotations(base).items()
            if not name.startswith("_") and name != "OBJECT_NAME"
        }
    # The SDK does not declare `object` on its list objects, which it makes from it.
    for name in record.keys() - hints.keys() - {"object" if cls is stripe.ListObject else ""}:
        yield f"{path}.{name} is unknown"
    for name, hint in hints.items():
        if name not in record:
            if not allows_none(hint):
                yield f"{path}.{name} is missing"
            continue
        yield from value_faults(record[name], hint, f"{path}.{name}")


def value_faults(value: Any, hint: Any, path: str) -> Iterator[str]:
    kinds = list(typing.get_args(hint)) if typing.get_origin(hint) is Union else [hint]
    if value is None:
        if not allows_none(hint):
            yield f"{path} is null"
        return
    if isinstance(value, dict):
        known = CLASSES.get(str(value.get("object")))
        structures = [known] if known else [kind for kind in kinds if is_structure(kind)]
        if structures:
            yield from faults(value, structures[0], path)
        elif not any("Untyped" in str(kind) for kind in kinds):
            yield f"{path} is no object"
        return
    if isinstance(value, list):
        lists = [kind for kind in kinds if typing.get_origin(kind) is list]
        if not lists:
            yield f"{path} is no list"
        for number, item in enumerate(value):
            yield from value_faults(item, typing.get_args(lists[0])[0], f"{path}[{number}]")
        return
    choices = [c for k in kinds if typing.get_origin(k) is Literal for c in typing.get_args(k)]
    if choices and value not in choices:
        yield f"{path} is {value!r}, not of its enumeration"
    scalars = {kind for kind in kinds if kind in (str, int, bool, float)}
    if not choices and scalars and type(value) not in scalars:
        yield f"{path} is a {type(value).__name__}"


def is_structure(kind: Any) -> bool:
    return (
        inspect.isclass(kind)
        and issubclass(kind, stripe.StripeObject)
        and "Untyped" not in kind.__name__
    )


def allows_none(hint: Any) -> bool:
    return type(None) in typing.get_args(hint)


@pytest.fixture
def history(
    client: stripe.StripeClient, standin: StripeStandIn, gift: Callable[..., Any]
) -> list[dict[str, Any]]:
    """Return all events of an account to which everything has happened."""

    def session(**changes: Any) -> str:
        return client.v1.checkout.sessions.create(gift(**changes)).id

    declined = session(allowed_payment_method_types=["card"])
    standin.pay(declined, "4000000000000002")
    standin.pay(declined, "4000002760003184", authenticate="refuse")
    standin.expire(declined)
    card = session(custom_text={"submit": {"message": "Merci."}})
    standin.pay(card)
    standin.balance(card)
    standin.fail_refund(standin.refund(card, 100, reason="requested_by_customer")["id"])
    standin.close_dispute(standin.dispute(card)["id"], "won")
    for outcome in ("succeeded", "failed"):
        debit = session(customer_email=None)
        standin.pay(debit, "FR1420041010050500013M02606", email="x@example.org")
        standin.settle(debit, outcome)
        if outcome == "succeeded":
            standin.balance(debit)
            standin.settle_refund(standin.refund(debit)["id"])
    standin.fraud_warning(card)
    live_monthly(client, standin)
    return standin.events()


def live_monthly(client: stripe.StripeClient, standin: StripeStandIn) -> None:
    """Have everything happen to subscriptions, in three months."""
    product = client.v1.products.create({"name": "Don"}).id
    price = {"currency": "eur", "unit_amount": 500, "product": product}
    client.v1.prices.create(price)  # type: ignore[arg-type]
    going = begin(client, standin)
    client.v1.subscriptions.update(going, {"cancel_at_period_end": True})
    client.v1.subscriptions.update(going, {"cancel_at_period_end": False})
    standin.set_card(going, "4000002760003184")
    standin.renew(going)
    standin.authenticate(going)
    begin(client, standin, "FR1420041010050500013M02606")
    failing = begin(client, standin, "4000000000000341")
    customer = standin.get(failing)["customer"]
    portal = client.v1.billing_portal.sessions.create({"customer": customer})
    assert list(faults(portal.to_dict(), billing_portal.Session, "portal")) == []
    standin.advance(70 * 86400)
    standin.stripe_fee(100)
    standin.payout()


def test_objects_and_events_are_shaped_as_the_sdk_declares(
    history: list[dict[str, Any]],
) -> None:
    wrong = [fault for event in history for fault in faults(event, stripe.Event, event["type"])]
    for event in history:
        record = event["data"]["object"]
        wrong += faults(record, CLASSES[record["object"]], event["type"])
    assert sorted(set(wrong)) == []
    assert {event["type"] for event in history} == EVENTS


def test_what_is_read_is_shaped_as_the_sdk_declares(
    history: list[dict[str, Any]], client: stripe.StripeClient, standin: StripeStandIn
) -> None:
    lists: list[Any] = [
        client.v1.checkout.sessions.list(
            {
                "limit": 100,
                "expand": [
                    "data.line_items",
                    "data.customer",
                    "data.payment_intent.latest_charge",
                ],
            }
        ),
        client.v1.charges.list({"limit": 100, "expand": ["data.refunds"]}),
        client.v1.balance_transactions.list({"limit": 100, "expand": ["data.source"]}),
        client.v1.disputes.list({"expand": ["data.charge"]}),
        client.v1.refunds.list({"expand": ["data.failure_balance_transaction"]}),
        client.v1.payment_intents.list({"limit": 100, "expand": ["data.payment_method"]}),
        client.v1.customers.list(),
        client.v1.invoice_payments.list({"expand": ["data.invoice"]}),
        client.v1.invoices.list({"limit": 100, "expand": ["data.payments"]}),
        client.v1.payouts.list({"expand": ["data.balance_transaction"]}),
        client.v1.prices.list({"limit": 100, "expand": ["data.product"]}),
        client.v1.products.list({"limit": 100}),
        client.v1.radar.early_fraud_warnings.list({"expand": ["data.charge"]}),
        client.v1.subscriptions.list({"status": "all", "expand": ["data.latest_invoice"]}),
    ]
    wrong: list[str] = []
    for page in lists:
        assert page.data
        wrong += faults(page.to_dict(), stripe.ListObject, page.data[0].object)
        for record in page.data:
            wrong += faults(record.to_dict(), CLASSES[record.object], record.object)
    assert sorted(set(wrong)) == []
    assert standin.violations() == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda charge: charge.pop("amount"), "charge.amount is missing"),
        (lambda charge: charge.update(invoice=None), "charge.invoice is unknown"),
        (lambda charge: charge.update(status="paid"), "not of its enumeration"),
        (lambda charge: charge.update(amount="1000"), "charge.amount is a str"),
        (lambda charge: charge["outcome"].pop("type"), "charge.outcome.type is missing"),
        (lambda charge: charge.update(metadata=None), "charge.metadata is null"),
    ],
)
def test_the_comparison_finds_what_is_wrong(
    paid: Any, standin: StripeStandIn, change: Callable[[Any], object], fault: str
) -> None:
    charge = standin.events("charge.succeeded")[0]["data"]["object"]
    assert list(faults(charge, stripe.Charge, "charge")) == []
    change(charge)
    found = list(faults(charge, stripe.Charge, "charge"))
    assert len(found) == 1
    assert fault in found[0]
