"""Deliveries: signed as Stripe signs, retried, and misbehaving when told to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from sandbox.stripe import StripeStandIn

Gift = Callable[..., Any]
Start = Callable[..., StripeStandIn]
Connect = Callable[..., stripe.StripeClient]

CARD_EVENTS = [
    "payment_intent.created",
    "customer.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]


@pytest.fixture
def pay(connect: Connect, gift: Gift) -> Callable[[StripeStandIn], str]:
    """Return a function that pays a new session by card."""

    def pay_one(standin: StripeStandIn) -> str:
        session = connect(standin).v1.checkout.sessions.create(gift())
        standin.pay(session.id)
        return session.id

    return pay_one


@pytest.fixture
def delivering(start: Start, receiver: Any) -> StripeStandIn:
    """Return a stand-in that delivers to the receiver, with quick retries."""
    return start(webhook_url=receiver.url, webhook_secret="whsec_test", retry_base=0.02)


def settled(standin: StripeStandIn) -> list[str]:
    """Wait until no delivery is pending; return their states."""
    assert standin.wait_until_delivered(), standin.deliveries()
    return [delivery["state"] for delivery in standin.deliveries()]


def pending(standin: StripeStandIn) -> list[str]:
    return [row["type"] for row in standin.deliveries() if row["state"] == "pending"]


def test_events_are_delivered_in_order_and_signed(
    delivering: StripeStandIn, receiver: Any, pay: Callable[[StripeStandIn], str]
) -> None:
    session = pay(delivering)
    events = receiver.events(5, "whsec_test")
    assert [event.type for event in events] == CARD_EVENTS
    assert events[-1].data.object["id"] == session
    assert events[-1].data.object["payment_status"] == "paid"
    assert (events[-1].livemode, events[-1].api_version) == (False, "2026-10-28.endive")
    assert settled(delivering) == ["delivered"] * 5
    assert all(event["pending_webhooks"] == 0 for event in delivering.events())


def test_another_secret_does_not_verify(
    delivering: StripeStandIn, receiver: Any, pay: Callable[[StripeStandIn], str]
) -> None:
    pay(delivering)
    with pytest.raises(stripe.SignatureVerificationError):
        receiver.events(1, "whsec_other")


def test_a_refused_delivery_is_tried_again_later(
    delivering: StripeStandIn, receiver: Any, pay: Callable[[StripeStandIn], str]
) -> None:
    receiver.statuses = [500, 302, 200]
    pay(delivering)
    settled(delivering)
    kinds = [event.type for event in receiver.events(7, "whsec_test")]
    assert sorted(set(kinds)) == sorted(CARD_EVENTS)
    attempts = [delivery["attempts"] for delivery in delivering.deliveries()]
    assert sum(attempts) == 7
    assert delivering.deliveries()[0]["attempts"] > 1


def test_an_unreachable_site_gets_its_events_once_it_is_back(
    start: Start, receiver: Any, pay: Callable[[StripeStandIn], str]
) -> None:
    standin = start(
        webhook_url="http://127.0.0.1:9/stripe/webhook",
        webhook_secret="whsec_test",
        retry_base=60.0,
    )
    pay(standin)
    tried = [1, 1, 1, 1, 1]
    assert standin.wait_until(lambda: [d["attempts"] for d in standin.deliveries()] == tried)
    standin.stop()
    assert pending(standin) == CARD_EVENTS
    again = start(webhook_url=receiver.url, webhook_secret="whsec_test")
    kinds = [event.type for event in receiver.events(5, "whsec_test")]
    assert sorted(kinds) == sorted(CARD_EVENTS)
    assert settled(again) == ["delivered"] * 5


def test_duplicates(
    delivering: StripeStandIn, receiver: Any, pay: Callable[[StripeStandIn], str]
) -> None:
    delivering.set_deliveries(duplicate=3)
    pay(delivering)
    ids = [event.id for event in receiver.events(15, "whsec_test")]
    assert {ids.count(event["id"]) for event in delivering.events()} == {3}


def test_reordered_deliveries_come_newest_first(
    delivering: StripeStandIn, receiver: Any, pay: Callable[[StripeStandIn], str]
) -> None:
    # A window so long that all five events surely fall into one; it ends when the test says so.
    delivering.set_deliveries(reorder=10**9)
    pay(delivering)
    assert receiver.received == []
    delivering.hurry_deliveries()
    kinds = [event.type for event in receiver.events(5, "whsec_test")]
    assert kinds == CARD_EVENTS[::-1]


def test_delayed_deliveries_wait(
    delivering: StripeStandIn, receiver: Any, pay: Callable[[StripeStandIn], str]
) -> None:
    delivering.set_deliveries(delay=3600, types=frozenset({"checkout.session.completed"}))
    pay(delivering)
    kinds = [event.type for event in receiver.events(4, "whsec_test")]
    assert kinds == CARD_EVENTS[:4]
    assert delivering.wait_until(lambda: pending(delivering) == ["checkout.session.completed"])


def test_dropped_events_are_never_delivered_but_can_be_read(
    delivering: StripeStandIn,
    receiver: Any,
    connect: Connect,
    pay: Callable[[StripeStandIn], str],
) -> None:
    delivering.set_deliveries(drop=1, types=frozenset({"checkout.session.completed"}))
    pay(delivering)
    pay(delivering)
    kinds = [event.type for event in receiver.events(9, "whsec_test")]
    assert kinds == CARD_EVENTS[:4] + CARD_EVENTS
    assert settled(delivering).count("dropped") == 1
    listed = connect(delivering).v1.events.list({"type": "checkout.session.completed"})
    assert len(listed.data) == 2


def test_one_event_can_be_delivered_again(
    delivering: StripeStandIn, receiver: Any, pay: Callable[[StripeStandIn], str]
) -> None:
    pay(delivering)
    receiver.events(5, "whsec_test")
    event = delivering.events("checkout.session.completed")[0]
    assert delivering.deliver(event["id"]) == 200
    assert receiver.events(6, "whsec_test")[-1].id == event["id"]


def test_without_a_url_events_wait_to_be_pulled(
    standin: StripeStandIn, receiver: Any, pay: Callable[[StripeStandIn], str]
) -> None:
    pay(standin)
    assert standin.deliveries() == []
    body, header = standin.signed(standin.events()[-1])
    event = stripe.Webhook.construct_event(body, header, standin.webhook_secret)
    assert event.type == "checkout.session.completed"
    backwards = standin.events()[::-1]
    assert standin.deliver_to(receiver.url, backwards) == [200] * 5
    kinds = [event.type for event in receiver.events(5, standin.webhook_secret)]
    assert kinds == CARD_EVENTS[::-1]


def test_an_error_says_why_a_delivery_did_not_arrive(
    standin: StripeStandIn, pay: Callable[[StripeStandIn], str]
) -> None:
    pay(standin)
    answers = standin.deliver_to("http://127.0.0.1:9/", standin.events()[:1])
    assert "Connection" in str(answers[0])


def test_an_event_names_the_request_that_caused_it(
    standin: StripeStandIn, connect: Connect, pay: Callable[[StripeStandIn], str]
) -> None:
    charge = standin.get(standin.get(pay(standin))["payment_intent"])["latest_charge"]
    refund = connect(standin).v1.refunds.create({"charge": charge}, {"idempotency_key": "r-1"})
    assert refund.last_response is not None
    event = standin.events("refund.created")[0]
    assert event["request"] == {
        "id": refund.last_response.request_id,
        "idempotency_key": "r-1",
    }
    assert standin.events("charge.succeeded")[0]["request"]["id"] is None
