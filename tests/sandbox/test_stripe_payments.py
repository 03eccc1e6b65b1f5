"""The life of payments: what each step leaves behind, and the events that tell of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import stripe

from sandbox.stripe import StripeStandIn
from sandbox.stripe.aftermath import processing_fee
from sandbox.stripe.errors import StripeError

Gift = Callable[..., Any]

CARD_EVENTS = [
    "payment_intent.created",
    "customer.created",
    "charge.succeeded",
    "payment_intent.succeeded",
    "checkout.session.completed",
]
IBAN = "FR14 2004 1010 0505 0001 3M02 606"


@pytest.fixture
def session_id(client: stripe.StripeClient, gift: Gift) -> str:
    """Return the id of an open session of 10,00 €."""
    return client.v1.checkout.sessions.create(gift()).id


def types(standin: StripeStandIn, after: int = 0) -> list[str]:
    return [event["type"] for event in standin.events()][after:]


def movements(client: stripe.StripeClient) -> list[tuple[str, int, int]]:
    rows = client.v1.balance_transactions.list({"limit": 100}).data
    return [(row.reporting_category, row.amount, row.fee) for row in reversed(rows)]


def test_a_card_payment_completes_the_session(
    client: stripe.StripeClient, standin: StripeStandIn, paid: Any
) -> None:
    intent, charge = paid.payment_intent, paid.payment_intent.latest_charge
    assert (paid.status, paid.payment_status, paid.url) == ("complete", "paid", None)
    assert (intent.status, intent.amount_received) == ("succeeded", 1000)
    assert (charge.status, charge.paid, charge.amount_captured) == ("succeeded", True, 1000)
    assert intent.metadata["gift"] == charge.metadata["gift"] == "7d3c"
    assert charge.calculated_statement_descriptor == "AU POSTE* DON"
    assert charge.balance_transaction is None
    assert client.v1.customers.retrieve(paid.customer).email == "donatrice@example.org"
    assert types(standin) == CARD_EVENTS
    assert not charge.livemode


def test_the_balance_transaction_comes_later(
    client: stripe.StripeClient, standin: StripeStandIn, paid: Any
) -> None:
    assert movements(client) == []
    standin.balance(paid.id)
    charge = client.v1.charges.retrieve(
        paid.payment_intent.latest_charge.id, {"expand": ["balance_transaction"]}
    )
    movement = charge.balance_transaction
    assert isinstance(movement, stripe.BalanceTransaction)
    assert (movement.amount, movement.fee, movement.net) == (1000, 40, 960)
    assert (movement.type, movement.source) == ("charge", charge.id)
    event = standin.events()[-1]
    assert event["type"] == "charge.updated"
    assert event["data"]["previous_attributes"] == {"balance_transaction": None}
    standin.balance(paid.id)
    assert movements(client) == [("charge", 1000, 40)]


@pytest.mark.parametrize(
    ("amount", "fee"), [(50, 26), (1000, 40), (1030, 40), (1034, 41), (99_999_999, 1_500_025)]
)
def test_the_fee_is_rounded_half_up(amount: int, fee: int) -> None:
    assert processing_fee(amount) == fee


def test_the_balance_transaction_arrives_by_itself_after_its_delay(
    start: Callable[..., StripeStandIn],
    connect: Callable[..., stripe.StripeClient],
    gift: Gift,
) -> None:
    standin = start(balance_delay=3600.0)
    session = connect(standin).v1.checkout.sessions.create(gift(expires_at=None))
    standin.pay(session.id)
    assert types(standin) == CARD_EVENTS
    standin.set_clock(3601)
    assert standin.wait_for("charge.updated")
    assert connect(standin).v1.balance_transactions.list().data[0].net == 960


def test_a_declined_card_leaves_the_session_open_for_another(
    client: stripe.StripeClient, standin: StripeStandIn, session_id: str
) -> None:
    assert standin.pay(session_id, "4000 0000 0000 0002") == "declined"
    session = client.v1.checkout.sessions.retrieve(session_id, {"expand": ["payment_intent"]})
    intent = session.payment_intent
    assert isinstance(intent, stripe.PaymentIntent)
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert intent.status == "requires_payment_method"
    assert intent.last_payment_error is not None
    assert intent.last_payment_error.decline_code == "generic_decline"
    assert standin.pay(session_id) == "succeeded"
    after = client.v1.payment_intents.retrieve(intent.id)
    assert (after.status, after.last_payment_error) == ("succeeded", None)
    assert client.v1.checkout.sessions.retrieve(session_id).payment_intent == intent.id
    assert types(standin) == [
        "payment_intent.created",
        "charge.failed",
        "payment_intent.payment_failed",
        *CARD_EVENTS[1:],
    ]


def test_3d_secure_confirmed_or_refused(
    client: stripe.StripeClient, standin: StripeStandIn, session_id: str
) -> None:
    card = "4000002760003184"
    assert standin.pay(session_id, card, authenticate=None) == "authenticate"
    assert types(standin) == ["payment_intent.created", "payment_intent.requires_action"]
    assert standin.authenticate(session_id, confirm=False) == "declined"
    assert types(standin)[-1] == "payment_intent.payment_failed"
    assert client.v1.charges.list().data == []
    with pytest.raises(StripeError, match="awaits no authentication"):
        standin.authenticate(session_id)
    assert standin.pay(session_id, card) == "succeeded"
    assert client.v1.checkout.sessions.retrieve(session_id).payment_status == "paid"


def test_3d_secure_then_declined(standin: StripeStandIn, session_id: str) -> None:
    assert standin.pay(session_id, "4000008400001629") == "declined"
    assert types(standin)[-2:] == ["charge.failed", "payment_intent.payment_failed"]


def test_a_direct_debit_completes_unpaid_and_settles_later(
    client: stripe.StripeClient, standin: StripeStandIn, session_id: str
) -> None:
    assert standin.pay(session_id, IBAN) == "processing"
    session = client.v1.checkout.sessions.retrieve(
        session_id, {"expand": ["payment_intent.latest_charge"]}
    )
    intent: Any = session.payment_intent
    assert (session.status, session.payment_status) == ("complete", "unpaid")
    assert (intent.status, intent.latest_charge.status) == ("processing", "pending")
    assert intent.latest_charge.id.startswith("py_")
    seen = len(types(standin))
    standin.settle(session_id)
    assert types(standin, seen) == [
        "charge.succeeded",
        "payment_intent.succeeded",
        "checkout.session.async_payment_succeeded",
    ]
    assert client.v1.checkout.sessions.retrieve(session_id).payment_status == "paid"
    standin.balance(session_id)
    assert client.v1.balance_transactions.list().data[0].type == "payment"
    with pytest.raises(StripeError, match="already succeeded"):
        standin.settle(session_id, "failed")


def test_a_direct_debit_may_fail(
    client: stripe.StripeClient, standin: StripeStandIn, session_id: str
) -> None:
    standin.pay(session_id, IBAN)
    seen = len(types(standin))
    standin.settle(session_id, "failed")
    assert types(standin, seen) == [
        "charge.failed",
        "payment_intent.payment_failed",
        "checkout.session.async_payment_failed",
    ]
    session = client.v1.checkout.sessions.retrieve(session_id)
    assert (session.status, session.payment_status) == ("complete", "unpaid")


@pytest.mark.parametrize(
    ("iban", "ending"),
    [
        ("FR1420041010050500013M02606", "checkout.session.async_payment_succeeded"),
        ("FR8420041010050500013M02607", "checkout.session.async_payment_failed"),
    ],
)
def test_the_iban_says_how_a_direct_debit_ends_by_itself(
    start: Callable[..., StripeStandIn],
    connect: Callable[..., stripe.StripeClient],
    gift: Gift,
    iban: str,
    ending: str,
) -> None:
    standin = start(sepa_delay=0.01)
    standin.pay(connect(standin).v1.checkout.sessions.create(gift()).id, iban)
    assert standin.wait_for(ending)


def test_a_session_expires_on_request_and_cannot_be_paid(
    client: stripe.StripeClient, standin: StripeStandIn, session_id: str
) -> None:
    standin.pay(session_id, "4000000000000002")
    session = client.v1.checkout.sessions.expire(session_id)
    assert (session.status, session.url) == ("expired", None)
    assert types(standin)[-2:] == ["payment_intent.canceled", "checkout.session.expired"]
    with pytest.raises(StripeError, match="is expired"):
        standin.pay(session_id)
    with pytest.raises(stripe.InvalidRequestError, match="can be expired"):
        client.v1.checkout.sessions.expire(session_id)


def test_a_session_expires_by_itself_and_a_paid_one_does_not(
    client: stripe.StripeClient, standin: StripeStandIn, gift: Gift, paid: Any, session_id: str
) -> None:
    standin.set_clock(3599)
    assert standin.events("checkout.session.expired") == []
    standin.set_clock(3601)
    assert standin.wait_for("checkout.session.expired")
    expired = standin.events("checkout.session.expired")
    assert [event["data"]["object"]["id"] for event in expired] == [session_id]
    assert client.v1.checkout.sessions.retrieve(paid.id).status == "complete"


def test_a_timer_that_has_lost_its_point_is_dropped(
    standin: StripeStandIn, session_id: str
) -> None:
    standin.pay(session_id, IBAN)
    with standin.change() as change:
        change.set_timer("balance", standin.get(session_id)["payment_intent"], 0, 0)
        change.set_timer("settle_succeeded", standin.charge_of(session_id)["id"], 0, 0)
    assert standin.wait_for("checkout.session.async_payment_succeeded")


def test_partial_then_full_refund(
    client: stripe.StripeClient, standin: StripeStandIn, paid: Any
) -> None:
    charge = paid.payment_intent.latest_charge.id
    seen = len(types(standin))
    first = client.v1.refunds.create({"charge": charge, "amount": 300})
    assert (first.status, first.amount) == ("succeeded", 300)
    part = client.v1.charges.retrieve(charge)
    assert (part.amount_refunded, part.refunded) == (300, False)
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded"):
        client.v1.refunds.create({"charge": charge, "amount": 701})
    client.v1.refunds.create({"payment_intent": paid.payment_intent.id})
    whole = client.v1.charges.retrieve(charge, {"expand": ["refunds.data.balance_transaction"]})
    assert (whole.amount_refunded, whole.refunded) == (1000, True)
    assert whole.refunds is not None
    assert [refund.amount for refund in whole.refunds.data] == [700, 300]
    assert movements(client) == [("refund", -300, 0), ("refund", -700, 0)]
    assert types(standin, seen) == ["refund.created", "charge.refunded"] * 2
    with pytest.raises(stripe.InvalidRequestError) as done:
        client.v1.refunds.create({"charge": charge})
    assert done.value.code == "charge_already_refunded"
    assert standin.violations() == []


def test_a_refund_needs_exactly_one_target(
    client: stripe.StripeClient, standin: StripeStandIn, paid: Any
) -> None:
    charge = paid.payment_intent.latest_charge.id
    with pytest.raises(stripe.InvalidRequestError, match="exactly one"):
        client.v1.refunds.create({"charge": charge, "payment_intent": paid.payment_intent.id})
    with pytest.raises(stripe.InvalidRequestError, match="exactly one"):
        client.v1.refunds.create({"amount": 100})
    with pytest.raises(stripe.InvalidRequestError, match="positive"):
        client.v1.refunds.create({"charge": charge, "amount": 0})


def test_a_refund_that_fails_gives_the_money_back(
    client: stripe.StripeClient, standin: StripeStandIn, paid: Any
) -> None:
    refund = standin.refund(paid.id, 400)
    seen = len(types(standin))
    failed = standin.fail_refund(refund["id"])
    assert failed["status"] == "failed"
    assert movements(client) == [("refund", -400, 0), ("refund_failure", 400, 0)]
    assert client.v1.charges.retrieve(refund["charge"]).amount_refunded == 0
    assert types(standin, seen) == ["refund.updated", "refund.failed"]
    with pytest.raises(StripeError, match="is failed"):
        standin.fail_refund(refund["id"])


def test_a_direct_debits_refund_is_pending_at_first(
    client: stripe.StripeClient, standin: StripeStandIn, session_id: str
) -> None:
    standin.pay(session_id, IBAN)
    with pytest.raises(StripeError, match="not succeeded"):
        standin.refund(session_id)
    standin.settle(session_id)
    refund = standin.refund(session_id)
    assert refund["status"] == "pending"
    assert refund["id"].startswith("pyr_")
    standin.settle_refund(refund["id"])
    assert client.v1.refunds.retrieve(refund["id"]).status == "succeeded"
    assert types(standin)[-1] == "refund.updated"


def test_a_lost_dispute_keeps_the_money_and_the_fee(
    client: stripe.StripeClient, standin: StripeStandIn, paid: Any
) -> None:
    seen = len(types(standin))
    dispute = standin.dispute(paid.id)
    assert client.v1.charges.retrieve(dispute["charge"]).disputed
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.refunds.create({"charge": dispute["charge"]})
    assert refusal.value.code == "charge_disputed"
    standin.close_dispute(dispute["id"], "lost")
    assert client.v1.disputes.retrieve(dispute["id"]).status == "lost"
    assert types(standin, seen) == [
        "charge.updated",
        "charge.dispute.created",
        "charge.dispute.funds_withdrawn",
        "charge.dispute.closed",
    ]
    assert movements(client) == [("dispute", -1000, 2000)]


def test_a_won_dispute_gives_the_money_back(
    client: stripe.StripeClient, standin: StripeStandIn, paid: Any
) -> None:
    standin.refund(paid.id, 250)
    dispute = standin.dispute(paid.id, withdraw=False)
    assert dispute["amount"] == 750
    assert dispute["balance_transactions"] == []
    with pytest.raises(StripeError, match="not been withdrawn"):
        standin.reinstate(dispute["id"])
    standin.withdraw(dispute["id"])
    standin.close_dispute(dispute["id"], "won")
    assert types(standin)[-2:] == ["charge.dispute.closed", "charge.dispute.funds_reinstated"]
    known = client.v1.disputes.retrieve(dispute["id"])
    assert [row.amount for row in known.balance_transactions] == [-750, 750]
    assert movements(client)[1:] == [("dispute", -750, 2000), ("dispute_reversal", 750, 0)]


def test_no_customer_unless_asked(
    client: stripe.StripeClient, standin: StripeStandIn, gift: Gift
) -> None:
    session = client.v1.checkout.sessions.create(gift(customer_creation=None))
    standin.pay(session.id)
    paid = client.v1.checkout.sessions.retrieve(session.id)
    assert paid.customer is None
    assert paid.customer_details is not None
    assert paid.customer_details.email == "donatrice@example.org"


def test_events_are_snapshots(standin: StripeStandIn, session_id: str) -> None:
    standin.pay(session_id, "4000000000000002")
    standin.pay(session_id)
    created = standin.events("payment_intent.created")[0]["data"]["object"]
    failed = standin.events("payment_intent.payment_failed")[0]["data"]["object"]
    assert (created["status"], failed["status"]) == (
        "requires_payment_method",
        "requires_payment_method",
    )
    assert created["last_payment_error"] is None
    assert standin.get(created["id"])["status"] == "succeeded"


def test_a_number_that_is_no_test_number_is_refused(
    standin: StripeStandIn, session_id: str
) -> None:
    with pytest.raises(StripeError, match="Not a test number"):
        standin.pay(session_id, "4111111111111111")
    assert standin.events() == []
