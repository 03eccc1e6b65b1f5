"""The account's balance: payouts and their members, Stripe's own fees; warnings of fraud."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from sandbox.stripe import StripeStandIn
from sandbox.stripe.errors import StripeError
from tests.sandbox.monthly import DAY


def test_a_payout_and_its_members_add_up_to_zero(
    client: stripe.StripeClient, standin: StripeStandIn, paid: Any, gift: Any
) -> None:
    standin.balance(paid.id)
    standin.refund(paid.id, 200)
    with pytest.raises(StripeError, match="nothing to pay out"):
        standin.payout()
    standin.advance(7 * DAY)
    later = client.v1.checkout.sessions.create(gift(5000)).id
    standin.pay(later)
    standin.balance(later)
    made = standin.payout()
    assert (made["amount"], made["status"]) == (1000 - 40 - 200, "paid")
    assert made["arrival_date"] > made["created"]
    members = client.v1.balance_transactions.list({"payout": made["id"], "limit": 100}).data
    assert [(row.type, row.net) for row in members] == [
        ("payout", -760),
        ("refund", -200),
        ("charge", 960),
    ]
    assert {row.status for row in members} == {"available"}
    assert members[0].id == made["balance_transaction"]
    read: Any = client.v1.payouts.retrieve(made["id"], {"expand": ["balance_transaction"]})
    assert read.balance_transaction.source == made["id"]
    assert [event["data"]["object"]["id"] for event in standin.events("payout.paid")] == [
        made["id"]
    ]
    second = standin.payout(at=standin.now() + 8 * DAY)
    assert second["amount"] == 5000 - 100
    members = client.v1.balance_transactions.list({"payout": second["id"]}).data
    assert [(row.type, row.net) for row in members] == [("payout", -4900), ("charge", 4900)]
    listed = client.v1.payouts.list({"arrival_date": {"gte": second["arrival_date"]}}).data
    assert [row.id for row in listed] == [second["id"]]
    pending = client.v1.balance_transactions.list({"source": read.id}).data
    assert [row.amount for row in pending] == [-760]


def test_a_fee_of_stripes_own_has_no_source(
    client: stripe.StripeClient, standin: StripeStandIn, paid: Any
) -> None:
    standin.balance(paid.id)
    fee = standin.stripe_fee(150, description="Radar for Fraud Teams")
    assert (fee["amount"], fee["net"], fee["fee"], fee["source"]) == (-150, -150, 0, None)
    assert [row.id for row in client.v1.balance_transactions.list({"type": "stripe_fee"}).data] == [
        fee["id"]
    ]
    assert standin.payout(at=standin.now() + 8 * DAY)["amount"] == 1000 - 40 - 150
    with pytest.raises(StripeError, match="positive"):
        standin.stripe_fee(0)


def test_money_that_a_dispute_took_is_missing_from_the_payout(
    standin: StripeStandIn, paid: Any
) -> None:
    standin.balance(paid.id)
    standin.close_dispute(standin.dispute(paid.id, amount=100)["id"], "lost")
    with pytest.raises(StripeError, match="-1140 cents"):
        standin.payout(at=standin.now() + 8 * DAY)


def test_an_issuer_warns_of_fraud(
    client: stripe.StripeClient, standin: StripeStandIn, paid: Any
) -> None:
    warning = standin.fraud_warning(paid.id)
    charge = paid.payment_intent.latest_charge.id
    assert (warning["charge"], warning["actionable"]) == (charge, True)
    found = client.v1.radar.early_fraud_warnings.list({"charge": charge}).data
    assert [row.id for row in found] == [warning["id"]]
    assert client.v1.radar.early_fraud_warnings.retrieve(warning["id"]).fraud_type == (
        "made_with_stolen_card"
    )
    assert standin.events("radar.early_fraud_warning.created")[0]["data"]["object"] == warning
    standin.refund(paid.id)
    assert not standin.fraud_warning(paid.id)["actionable"]
