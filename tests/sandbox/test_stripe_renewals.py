"""A clock that is advanced, and what monthly gifts do meanwhile: renewed, failed, ended."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from sandbox.stripe import StripeStandIn
from sandbox.stripe.errors import StripeError
from sandbox.stripe.subscriptions import period_end
from tests.sandbox.monthly import DAY, begin, day, noon, open_session, types

CHALLENGE, DECLINE, LATER = "4000002760003184", "4000000000000002", "4000000000000341"
IBAN, EMPTY_IBAN = "FR1420041010050500013M02606", "FR8420041010050500013M02607"
FAILURE = ["charge.failed", "payment_intent.payment_failed", "invoice.payment_failed"]


@pytest.fixture
def pledge(client: stripe.StripeClient, standin: StripeStandIn) -> str:
    """Return the id of a subscription that began on 31 January."""
    standin.advance(to=noon("2030-01-31"))
    return begin(client, standin)


def billed(standin: StripeStandIn, subscription: str) -> list[tuple[str, str, str]]:
    return [
        (row["billing_reason"].removeprefix("subscription_"), row["status"], day(row["created"]))
        for row in standin.invoices_of(subscription)
    ]


@pytest.mark.parametrize(
    ("anchor", "ends"),
    [
        ("2030-01-31", ["2030-02-28", "2030-03-31", "2030-04-30", "2030-05-31"]),
        ("2031-12-30", ["2032-01-30", "2032-02-29", "2032-03-30"]),
    ],
)
def test_months_are_those_of_the_calendar(anchor: str, ends: list[str]) -> None:
    start = at = int(noon(anchor))
    found = []
    for _ in ends:
        at = period_end(start, {"interval": "month", "interval_count": 1}, at)
        found.append(day(at))
    assert found == ends
    assert day(period_end(start, {"interval": "week", "interval_count": 2}, start)) > anchor


def test_each_month_is_billed_at_its_own_time(
    client: stripe.StripeClient, standin: StripeStandIn, pledge: str
) -> None:
    standin.advance(to=noon("2030-05-01"))
    assert billed(standin, pledge) == [
        ("create", "paid", "2030-01-31"),
        ("cycle", "paid", "2030-02-28"),
        ("cycle", "paid", "2030-03-31"),
        ("cycle", "paid", "2030-04-30"),
    ]
    last = standin.invoices_of(pledge)[-1]
    assert last["status_transitions"]["paid_at"] == last["created"]
    line = last["lines"]["data"][0]
    assert (day(line["period"]["start"]), day(line["period"]["end"])) == (
        "2030-04-30",
        "2030-05-31",
    )
    assert day(last["period_start"]) == "2030-03-31"
    item = standin.get(pledge)["items"]["data"][0]
    assert day(item["current_period_end"]) == "2030-05-31"
    # The balance transactions have come too, an hour after each charge.
    rows = client.v1.balance_transactions.list({"type": "charge"}).data
    assert len(rows) == 4
    times = [event["created"] for event in standin.events()]
    assert times == sorted(times)


def test_a_renewal_is_told_as_stripe_tells_it(standin: StripeStandIn, pledge: str) -> None:
    seen = len(types(standin))
    standin.renew(pledge)
    told = types(standin, seen)
    assert told[0] == "charge.updated"
    assert told[1:] == [
        "invoice.created",
        "invoice.finalized",
        "customer.subscription.updated",
        "payment_intent.created",
        "charge.succeeded",
        "payment_intent.succeeded",
        "invoice_payment.paid",
        "invoice.paid",
        "invoice.payment_succeeded",
    ]


def test_the_clock_only_goes_forward(standin: StripeStandIn, pledge: str) -> None:
    assert day(standin.now()) == "2030-01-31"
    with pytest.raises(StripeError, match="past"):
        standin.advance(to=noon("2030-01-30"))
    with pytest.raises(ValueError, match="either"):
        standin.advance()


def test_an_invoice_keeps_the_metadata_of_its_day(
    client: stripe.StripeClient, standin: StripeStandIn, pledge: str
) -> None:
    client.v1.subscriptions.update(pledge, {"metadata": {"pledge": "p2", "more": "x"}})
    standin.renew(pledge)
    kept = [
        row["parent"]["subscription_details"]["metadata"] for row in standin.invoices_of(pledge)
    ]
    assert kept == [{"pledge": "p1"}, {"pledge": "p2", "more": "x"}]


def test_failures_are_retried_and_end_the_subscription(standin: StripeStandIn, pledge: str) -> None:
    standin.set_card(pledge, LATER)
    standin.advance(to=noon("2030-02-28") + 60)
    subscription = standin.get(pledge)
    invoice = standin.get(subscription["latest_invoice"])
    assert subscription["status"] == "past_due"
    assert (invoice["attempt_count"], day(invoice["next_payment_attempt"])) == (1, "2030-03-03")
    seen = len(types(standin))
    standin.advance(to=noon("2030-03-30"))
    failures = standin.events("invoice.payment_failed")
    assert [day(event["created"]) for event in failures] == [
        "2030-02-28",
        "2030-03-03",
        "2030-03-08",
        "2030-03-15",
    ]
    assert types(standin, seen) == [
        *FAILURE * 3,
        "invoice.updated",
        "customer.subscription.deleted",
    ]
    subscription = standin.get(pledge)
    assert subscription["status"] == "canceled"
    assert subscription["cancellation_details"]["reason"] == "payment_failed"
    assert day(subscription["ended_at"]) == "2030-03-15"
    standin.advance(60 * DAY)
    assert len(standin.invoices_of(pledge)) == 2


def test_a_retry_that_succeeds_puts_things_right(standin: StripeStandIn, pledge: str) -> None:
    standin.decline_renewals(pledge, 2, reason="insufficient_funds")
    standin.renew(pledge)
    assert standin.get(pledge)["status"] == "past_due"
    standin.advance(4 * DAY)
    assert standin.get(pledge)["status"] == "past_due"
    standin.advance(5 * DAY)
    assert standin.get(pledge)["status"] == "active"
    assert billed(standin, pledge)[-1] == ("cycle", "paid", "2030-02-28")
    assert standin.charge_of(pledge)["status"] == "succeeded"


def test_a_new_card_is_used_at_the_next_attempt(
    client: stripe.StripeClient, standin: StripeStandIn, pledge: str
) -> None:
    standin.decline_renewals(pledge)
    standin.renew(pledge)
    with pytest.raises(StripeError, match="declined"):
        standin.set_card(pledge, DECLINE)
    standin.set_card(pledge, "5555555555554444")
    assert standin.retry(pledge)["status"] == "paid"
    assert standin.charge_of(pledge)["payment_method_details"]["card"]["last4"] == "4444"
    customer = client.v1.customers.retrieve(standin.get(pledge)["customer"])
    assert customer.invoice_settings is not None
    assert (
        customer.invoice_settings.default_payment_method
        == standin.get(pledge)["default_payment_method"]
    )
    with pytest.raises(StripeError, match="is paid"):
        standin.retry(pledge)


def test_a_bank_that_asks_again_is_answered_on_the_invoices_page(
    standin: StripeStandIn, pledge: str
) -> None:
    standin.set_card(pledge, CHALLENGE)
    seen = len(types(standin))
    standin.renew(pledge)
    assert types(standin, seen)[-3:] == [
        "payment_intent.requires_action",
        "invoice.payment_action_required",
        "customer.subscription.updated",
    ]
    invoice = standin.get(standin.get(pledge)["latest_invoice"])
    assert (invoice["status"], standin.get(pledge)["status"]) == ("open", "past_due")
    assert invoice["hosted_invoice_url"] == f"{standin.url}/i/{invoice['id']}"
    assert standin.authenticate(pledge) == "succeeded"
    assert standin.get(pledge)["status"] == "active"
    assert standin.get(invoice["id"])["status"] == "paid"
    standin.advance(20 * DAY)
    assert len(standin.events("invoice.payment_action_required")) == 1


def test_a_card_that_asked_once_is_not_asked_again(
    client: stripe.StripeClient, standin: StripeStandIn
) -> None:
    subscription = begin(client, standin, "4000002500003155")
    standin.renew(subscription)
    assert [row[1] for row in billed(standin, subscription)] == ["paid", "paid"]


@pytest.mark.parametrize(
    ("iban", "status", "paid"), [(IBAN, "active", 2), (EMPTY_IBAN, "canceled", 0)]
)
def test_debits_settle_days_later(
    client: stripe.StripeClient, standin: StripeStandIn, iban: str, status: str, paid: int
) -> None:
    subscription = begin(client, standin, iban)
    standin.advance(50 * DAY)
    found = standin.get(subscription)
    assert found["status"] == status
    invoices = client.v1.invoices.list({"subscription": subscription, "status": "paid"}).data
    assert len(invoices) == paid
    for row in invoices:
        assert row.status_transitions.paid_at == row.created + 5 * DAY


def test_a_cancelled_subscription_ends_at_once_or_with_its_period(
    client: stripe.StripeClient, standin: StripeStandIn
) -> None:
    now, later, kept = (begin(client, standin) for _ in range(3))
    ended = client.v1.subscriptions.cancel(now, {"cancellation_details": {"comment": "Merci"}})
    assert ended.status == "canceled"
    assert ended.cancellation_details is not None
    assert ended.cancellation_details.comment == "Merci"
    assert ended.cancellation_details.reason == "cancellation_requested"
    with pytest.raises(stripe.InvalidRequestError) as gone:
        client.v1.subscriptions.cancel(now)
    assert gone.value.http_status == 404
    for key in (later, kept):
        client.v1.subscriptions.update(key, {"cancel_at_period_end": True})
    waiting = standin.get(later)
    assert waiting["cancel_at"] == waiting["items"]["data"][0]["current_period_end"]
    assert standin.get(kept)["status"] == "active"
    client.v1.subscriptions.update(kept, {"cancel_at_period_end": False})
    standin.advance(32 * DAY)
    assert standin.get(later)["status"] == "canceled"
    assert standin.get(later)["ended_at"] == waiting["cancel_at"]
    assert [len(standin.invoices_of(key)) for key in (now, later, kept)] == [1, 1, 2]
    assert len(standin.events("customer.subscription.deleted")) == 2
    assert standin.violations() == []


def test_an_ended_subscription_leaves_its_unpaid_invoice(
    client: stripe.StripeClient, standin: StripeStandIn, pledge: str
) -> None:
    standin.decline_renewals(pledge)
    standin.renew(pledge)
    client.v1.subscriptions.cancel(pledge)
    invoice = standin.invoices_of(pledge)[-1]
    assert (invoice["status"], invoice["next_payment_attempt"]) == ("open", None)
    standin.advance(10 * DAY)
    assert standin.invoices_of(pledge)[-1]["attempt_count"] == 1
    assert standin.pay_invoice(pledge) == "succeeded"
    assert standin.get(pledge)["status"] == "canceled"
    with pytest.raises(stripe.InvalidRequestError, match="canceled subscription"):
        client.v1.subscriptions.update(pledge, {"cancel_at_period_end": True})


def price(amount: int, product: str, interval: Any = "month") -> dict[str, Any]:
    return {
        "currency": "eur",
        "product": product,
        "unit_amount": amount,
        "recurring": {"interval": interval},
    }


def test_an_amount_is_changed_from_the_next_period_on(
    client: stripe.StripeClient, standin: StripeStandIn, pledge: str
) -> None:
    item = standin.get(pledge)["items"]["data"][0]
    product = item["price"]["product"]
    changed = client.v1.subscriptions.update(
        pledge,
        {
            "items": [
                {"id": item["id"], "price_data": price(2000, product)},  # type: ignore[typeddict-item]
                {"price_data": price(55, product)},  # type: ignore[typeddict-item]
            ],
            "proration_behavior": "none",
        },
    )
    assert len(standin.invoices_of(pledge)) == 1
    rows: Any = changed["items"]
    assert [row.price.unit_amount for row in rows.data] == [2000, 55]
    assert rows.data[0].id == item["id"]
    assert rows.data[0].current_period_end == item["current_period_end"]
    event = standin.events("customer.subscription.updated")[-1]["data"]
    before = event["previous_attributes"]["items"]["data"]
    assert [row["price"]["unit_amount"] for row in before] == [1000]
    standin.renew(pledge)
    assert standin.invoices_of(pledge)[-1]["total"] == 2055
    client.v1.subscriptions.update(
        pledge,
        {"items": [{"id": rows.data[1].id, "deleted": True}], "proration_behavior": "none"},
    )
    standin.renew(pledge)
    assert standin.invoices_of(pledge)[-1]["total"] == 2000
    assert standin.violations() == []


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda item, _: {"items": [{"id": item, "quantity": 2}]}, "proration_behavior=none"),
        (lambda item, _: {"items": [{"id": item, "deleted": True}]}, "at least one active"),
        (lambda _, __: {"items": [{"id": "si_none", "quantity": 1}]}, "No such subscription_item"),
        (lambda _, __: {"items": [{"quantity": 1}]}, "price_data"),
        (lambda item, p: {"items": [{"id": item, "price_data": price(5, p, "year")}]}, "recurring"),
        (lambda _, __: {"days_until_due": 3}, "does not simulate `days_until_due`"),
        (lambda _, __: {"default_payment_method": "pm_none"}, "No such payment_method"),
    ],
)
def test_what_a_subscription_does_not_take(
    client: stripe.StripeClient,
    standin: StripeStandIn,
    pledge: str,
    change: Callable[[str, str], dict[str, Any]],
    message: str,
) -> None:
    item = standin.get(pledge)["items"]["data"][0]
    params = change(item["id"], item["price"]["product"])
    if "items" in params and "=none" not in message:
        params["proration_behavior"] = "none"
    with pytest.raises(stripe.InvalidRequestError, match=message):
        client.v1.subscriptions.update(pledge, params)  # type: ignore[arg-type]
    assert standin.get(pledge)["items"]["data"] == [item]


def test_a_card_of_another_customer_is_refused(
    client: stripe.StripeClient, standin: StripeStandIn, pledge: str
) -> None:
    other = standin.get(begin(client, standin))["default_payment_method"]
    with pytest.raises(stripe.InvalidRequestError, match="must belong"):
        client.v1.subscriptions.update(pledge, {"default_payment_method": other})


def test_a_restart_keeps_the_clock_and_what_is_to_come(
    start: Callable[..., StripeStandIn], connect: Callable[..., stripe.StripeClient]
) -> None:
    first = start()
    subscription = begin(connect(first), first)
    first.advance(40 * DAY)
    first.decline_renewals(subscription)
    before, journal = first.now(), first.events()
    first.stop()
    second = start()
    assert 0 <= second.now() - before < 60
    assert second.events() == journal
    second.renew(subscription)
    assert second.get(subscription)["status"] == "past_due"
    second.advance(4 * DAY)
    assert second.get(subscription)["status"] == "active"


def test_writes_are_idempotent_and_faults_concern_them(
    client: stripe.StripeClient, standin: StripeStandIn, pledge: str
) -> None:
    standin.fail(status=503, applied=True, method="DELETE", count=1)
    with pytest.raises(stripe.APIError):
        client.v1.subscriptions.cancel(pledge)
    assert standin.get(pledge)["status"] == "canceled"
    key: Any = {"idempotency_key": "portal-1"}
    params: Any = {"metadata": {"pledge": "p9"}}
    first = client.v1.subscriptions.update(pledge, params, key)
    seen = len(types(standin))
    assert client.v1.subscriptions.update(pledge, params, key).id == first.id
    assert len(types(standin)) == seen


def test_the_clock_runs_with_what_waits_for_a_control(
    client: stripe.StripeClient, standin: StripeStandIn
) -> None:
    standin.pay(open_session(client))
    standin.set_clock(2 * 3600)
    assert client.v1.balance_transactions.list().data == []
    standin.advance(0)
    assert len(client.v1.balance_transactions.list().data) == 1
