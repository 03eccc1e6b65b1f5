"""Monthly giving through Checkout: what is refused, what a payment starts, and what is read."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from sandbox.stripe import StripeStandIn
from tests.sandbox.monthly import begin, line, open_session, order, types

CHALLENGE, DECLINE = "4000002760003184", "4000000000000002"
IBAN, EMPTY_IBAN = "FR1420041010050500013M02606", "FR8420041010050500013M02607"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"submit_type": "donate"}, "submit_type"),
        ({"customer_creation": "always"}, "customer_creation"),
        ({"payment_intent_data": {"description": "Don"}}, "payment_intent_data"),
        ({"line_items": [line(40)]}, "at least €0.50"),
        ({"line_items": [line(500), line(45, interval="year")]}, "the same interval"),
        ({"line_items": [line(500, interval_count=0)]}, "positive integer"),
        ({"subscription_data": {"metadata": {"k" * 41: "x"}}}, "40 characters"),
        ({"subscription_data": {"description": "x" * 501}}, "500 characters"),
    ],
)
def test_what_stripe_refuses_of_a_monthly_gift(
    client: stripe.StripeClient, standin: StripeStandIn, changes: dict[str, Any], message: str
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=message):
        client.v1.checkout.sessions.create(order(**changes))  # type: ignore[arg-type]
    assert len(standin.violations()) == 1


def test_a_monthly_gift_needs_a_recurring_price_and_may_have_others(
    client: stripe.StripeClient, standin: StripeStandIn
) -> None:
    once = line(700, "Un livre")
    del once["price_data"]["recurring"]
    with pytest.raises(stripe.InvalidRequestError, match="at least one recurring price"):
        open_session(client, line_items=[once])
    session = open_session(client, line_items=[line(1000), once])
    standin.pay(session)
    subscription = standin.subscription_of(session)
    assert len(subscription["items"]["data"]) == 1
    standin.renew(subscription["id"])
    assert [row["total"] for row in standin.invoices_of(subscription["id"])] == [1700, 1000]


def test_one_time_sessions_take_no_subscription_data(
    client: stripe.StripeClient, gift: Any
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="subscription_data"):
        client.v1.checkout.sessions.create(gift(subscription_data={"description": "Don"}))


def test_a_payment_starts_a_subscription(
    client: stripe.StripeClient, standin: StripeStandIn
) -> None:
    key = open_session(client, line_items=[line(1000), line(45, "Frais")])
    before = client.v1.checkout.sessions.retrieve(key)
    assert (before.subscription, before.invoice, before.amount_total) == (None, None, 1045)
    assert standin.pay(key) == "succeeded"
    session: Any = client.v1.checkout.sessions.retrieve(
        key, {"expand": ["subscription.default_payment_method", "invoice.payments"]}
    )
    assert (session.status, session.payment_status) == ("complete", "paid")
    assert session.payment_intent is None
    subscription, invoice = session.subscription, session.invoice
    assert (subscription.status, subscription.latest_invoice) == ("active", invoice.id)
    assert subscription.metadata.to_dict() == {"pledge": "p1"}
    assert subscription.default_payment_method.card.last4 == "4242"
    assert "current_period_end" not in subscription.to_dict()
    item = subscription.items.data[0]
    assert (item.price.unit_amount, item.price.recurring.interval) == (1000, "month")
    assert 28 <= (item.current_period_end - item.current_period_start) / 86400 <= 31
    assert (invoice.status, invoice.amount_paid) == ("paid", 1045)
    assert invoice.billing_reason == "subscription_create"
    assert invoice.status_transitions.paid_at == invoice.created
    assert invoice.parent.subscription_details.subscription == subscription.id
    assert invoice.parent.subscription_details.metadata.to_dict() == {"pledge": "p1"}
    assert [row.amount for row in invoice.lines.data] == [1000, 45]
    payment = invoice.payments.data[0]
    assert (payment.status, payment.amount_paid) == ("paid", 1045)
    assert not {"subscription", "charge", "payment_intent"} & invoice.to_dict().keys()
    assert types(standin) == [
        "payment_intent.created",
        "customer.created",
        "payment_method.attached",
        "invoice.created",
        "invoice.finalized",
        "customer.subscription.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "checkout.session.completed",
    ]
    assert standin.violations() == []


def test_the_intent_and_the_charge_know_nothing_of_ours(
    client: stripe.StripeClient, standin: StripeStandIn
) -> None:
    subscription = begin(client, standin)
    charge = client.v1.charges.retrieve(
        standin.charge_of(subscription)["id"], {"expand": ["payment_intent"]}
    ).to_dict()
    assert charge["metadata"] == charge["payment_intent"]["metadata"] == {}
    assert "invoice" not in charge
    rows = client.v1.invoice_payments.list(
        {"payment": {"type": "payment_intent", "payment_intent": charge["payment_intent"]["id"]}}
    ).data
    assert [row.invoice for row in rows] == [standin.get(subscription)["latest_invoice"]]


def test_a_declined_card_starts_nothing(
    client: stripe.StripeClient, standin: StripeStandIn
) -> None:
    session = open_session(client)
    assert standin.pay(session, DECLINE) == "declined"
    assert client.v1.subscriptions.list().data == []
    assert client.v1.customers.list().data == []
    assert types(standin)[1:] == ["charge.failed", "payment_intent.payment_failed"]
    assert standin.pay(session) == "succeeded"
    assert len(client.v1.payment_intents.list().data) == 1
    assert len(client.v1.subscriptions.list().data) == 1


def test_a_bank_that_asks_is_answered(client: stripe.StripeClient, standin: StripeStandIn) -> None:
    session = open_session(client)
    assert standin.pay(session, CHALLENGE, authenticate=None) == "authenticate"
    assert client.v1.subscriptions.list().data == []
    assert standin.authenticate(session, confirm=False) == "declined"
    assert standin.pay(session, CHALLENGE) == "succeeded"
    assert standin.subscription_of(session)["status"] == "active"


def test_a_session_that_expires_starts_nothing(
    client: stripe.StripeClient, standin: StripeStandIn
) -> None:
    session = open_session(client)
    standin.pay(session, DECLINE)
    assert client.v1.checkout.sessions.expire(session).status == "expired"
    assert types(standin)[-2:] == ["payment_intent.canceled", "checkout.session.expired"]
    later = open_session(client)
    standin.advance(25 * 3600)
    assert client.v1.checkout.sessions.retrieve(later).status == "expired"


def test_a_debit_pays_the_invoice_when_it_settles(
    client: stripe.StripeClient, standin: StripeStandIn
) -> None:
    session = open_session(client)
    assert standin.pay(session, IBAN) == "processing"
    subscription = standin.subscription_of(session)
    assert subscription["status"] == "active"
    assert standin.get(subscription["latest_invoice"])["status"] == "open"
    seen = len(types(standin))
    standin.settle(session)
    assert standin.get(subscription["latest_invoice"])["status"] == "paid"
    assert types(standin, seen) == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
        "checkout.session.async_payment_succeeded",
    ]
    assert client.v1.checkout.sessions.retrieve(session).payment_status == "paid"


def test_a_debit_that_fails_leaves_the_subscription_past_due(
    client: stripe.StripeClient, standin: StripeStandIn
) -> None:
    session = open_session(client)
    standin.pay(session, EMPTY_IBAN)
    seen = len(types(standin))
    standin.settle(session, "failed")
    subscription = standin.subscription_of(session)
    invoice = standin.get(subscription["latest_invoice"])
    assert (subscription["status"], invoice["status"]) == ("past_due", "open")
    assert (invoice["attempt_count"], invoice["status_transitions"]["paid_at"]) == (1, None)
    assert types(standin, seen) == [
        "charge.failed",
        "payment_intent.payment_failed",
        "invoice.payment_failed",
        "customer.subscription.updated",
        "checkout.session.async_payment_failed",
    ]


def test_a_customer_gives_twice(client: stripe.StripeClient, standin: StripeStandIn) -> None:
    customer = client.v1.customers.create({"email": "ida@example.org"}).id
    for _ in range(2):
        standin.pay(open_session(client, customer_email=None, customer=customer))
    other = begin(client, standin)
    mine = client.v1.subscriptions.list({"customer": customer}).data
    assert len(mine) == 2
    assert other not in [row.id for row in mine]
    assert len(client.v1.invoices.list({"customer": customer, "status": "paid"}).data) == 2
    numbers = [row.number for row in client.v1.invoices.list({"customer": customer}).data]
    assert [number[-4:] for number in numbers if number] == ["0002", "0001"]


def test_subscriptions_are_found_by_status(
    client: stripe.StripeClient, standin: StripeStandIn
) -> None:
    ended, going = begin(client, standin), begin(client, standin)
    client.v1.subscriptions.cancel(ended)

    def found(**params: Any) -> list[str]:
        return [row.id for row in client.v1.subscriptions.list(params).data]  # type: ignore[arg-type]

    assert found() == found(status="active") == [going]
    assert found(status="canceled") == found(status="ended") == [ended]
    assert found(status="all") == [going, ended]
    sessions = client.v1.checkout.sessions.list({"subscription": going}).data
    assert [row.subscription for row in sessions] == [going]


def test_what_an_invoice_leads_to_is_expanded(
    client: stripe.StripeClient, standin: StripeStandIn
) -> None:
    key = standin.get(begin(client, standin))["latest_invoice"]
    invoice: Any = client.v1.invoices.retrieve(
        key,
        {
            "expand": [
                "payments.data.payment.payment_intent",
                "parent.subscription_details.subscription",
            ]
        },
    )
    assert invoice.payments.data[0].payment.payment_intent.status == "succeeded"
    assert invoice.parent.subscription_details.subscription.status == "active"
    subscription: Any = client.v1.subscriptions.retrieve(
        invoice.parent.subscription_details.subscription.id,
        {"expand": ["items.data.price.product"]},
    )
    assert subscription.items.data[0].price.product.metadata["part"] == "gift"
    assert client.v1.invoices.retrieve(key).to_dict().get("payments") is None


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("data.payments.data.payment.payment_intent", "more than 4 levels"),
        ("data.payment_intent", "cannot be expanded"),
        ("data.payments.data.payment", "cannot be expanded"),
        ("data.parent", "cannot be expanded"),
    ],
)
def test_what_an_invoice_does_not_expand(
    client: stripe.StripeClient, standin: StripeStandIn, path: str, message: str
) -> None:
    begin(client, standin)
    with pytest.raises(stripe.InvalidRequestError, match=message):
        client.v1.invoices.list({"expand": [path]})


def test_products_and_prices_are_made_and_used(
    client: stripe.StripeClient, standin: StripeStandIn
) -> None:
    product = client.v1.products.create({"id": "don-mensuel", "name": "Don"})
    with pytest.raises(stripe.InvalidRequestError, match="already exists"):
        client.v1.products.create({"id": "don-mensuel", "name": "Don"})
    price = client.v1.prices.create(
        {
            "currency": "eur",
            "unit_amount": 500,
            "product": product.id,
            "recurring": {"interval": "month"},
        }
    )
    assert (price.active, price.type) == (True, "recurring")
    chosen = line(800)
    del chosen["price_data"]["product_data"]
    chosen["price_data"]["product"] = product.id
    standin.pay(open_session(client, line_items=[chosen]))
    mine: Any = client.v1.subscriptions.list()
    assert mine.data[0].items.data[0].price.product == "don-mensuel"
    assert [row.unit_amount for row in client.v1.prices.list({"product": product.id}).data] == [
        800,
        500,
    ]
    chosen["price_data"]["product"] = "prod_none"
    with pytest.raises(stripe.InvalidRequestError, match="No such product"):
        open_session(client, line_items=[chosen])
    assert standin.violations() == []
