"""What the stand-in takes and refuses: keys, versions, shapes, and Stripe's own rules."""

from __future__ import annotations

import base64
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
import stripe
from stripe.params import EventListParams
from stripe.params.checkout import SessionCreateParams

from sandbox.stripe import StripeStandIn
from sandbox.stripe.account import API_VERSION
from sandbox.stripe.errors import StripeError
from sandbox.stripe.request_shapes import conform, read_form

Gift = Callable[..., Any]


def price(**changes: Any) -> list[dict[str, Any]]:
    data: dict[str, Any] = {
        "currency": "eur",
        "unit_amount": 1000,
        "product_data": {"name": "Don"},
    } | changes
    return [{"price_data": data, "quantity": 1}]


def test_a_gift_as_the_site_sends_it_is_taken_without_violation(
    client: stripe.StripeClient, standin: StripeStandIn, gift: Gift
) -> None:
    items = gift()["line_items"] + price(unit_amount=45, product_data={"name": "Frais"})
    session = client.v1.checkout.sessions.create(
        gift(line_items=items, custom_text={"submit": {"message": "Merci."}})
    )
    assert (session.status, session.payment_status) == ("open", "unpaid")
    assert session.amount_total == 1045
    assert session.payment_intent is None
    assert session.url == f"{standin.url}/c/pay/{session.id}"
    assert session.metadata is not None
    assert session.metadata["gift"] == "7d3c"
    assert standin.violations() == []


@pytest.mark.parametrize(
    ("changes", "code", "param"),
    [
        ({"payment_intent_dat": {"x": "1"}}, "parameter_unknown", "payment_intent_dat"),
        (
            {"line_items": [{"amount": 1000, "quantity": 1}]},
            "parameter_unknown",
            "line_items[0][amount]",
        ),
        (
            {"line_items": price(unit_amount="dix")},
            "parameter_invalid_integer",
            "line_items[0][price_data][unit_amount]",
        ),
        (
            {"line_items": price(unit_amount=10.5)},
            "parameter_invalid_integer",
            "line_items[0][price_data][unit_amount]",
        ),
        ({"adaptive_pricing": {"enabled": "oui"}}, None, "adaptive_pricing[enabled]"),
        ({"locale": "klingon"}, None, "locale"),
        ({"payment_method_types": ["card"]}, "parameter_unknown", "payment_method_types"),
        (
            {"allowed_payment_method_types": ["card", "cheque"]},
            None,
            "allowed_payment_method_types[1]",
        ),
        ({"customer_email": ""}, "parameter_invalid_empty", "customer_email"),
        ({"line_items": None}, "parameter_missing", "line_items"),
        ({"mode": None}, "parameter_missing", "mode"),
        (
            {"line_items": price(product_data={"description": "x"})},
            "parameter_missing",
            "line_items[0][price_data][product_data][name]",
        ),
        ({"metadata": "gift"}, None, "metadata"),
        ({"expires_at": "demain"}, "parameter_invalid_integer", "expires_at"),
        ({"idempotency_key_": "x"}, "parameter_unknown", "idempotency_key_"),
    ],
)
def test_parameters_that_the_sdk_does_not_know_are_refused_and_remembered(
    client: stripe.StripeClient,
    standin: StripeStandIn,
    gift: Gift,
    changes: dict[str, Any],
    code: str | None,
    param: str,
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.create(gift(**changes))
    assert refusal.value.http_status == 400
    assert (refusal.value.code, refusal.value.param) == (code, param)
    assert [violation["param"] for violation in standin.violations()] == [param]
    assert standin.events() == []


def test_an_address_that_is_none_is_refused_and_no_fault_of_the_site(
    client: stripe.StripeClient, standin: StripeStandIn, gift: Gift
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="Invalid email") as refusal:
        client.v1.checkout.sessions.create(gift(customer_email="a@localhost"))
    assert (refusal.value.code, refusal.value.param) == ("email_invalid", "customer_email")
    assert standin.violations() == []


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"line_items": price(unit_amount=49)}, "at least"),
        ({"line_items": price(unit_amount=100_000_000)}, "no more than"),
        ({"line_items": price(unit_amount=-1000)}, "positive"),
        ({"metadata": {f"k{n}": "v" for n in range(51)}}, "50 keys"),
        ({"metadata": {"k" * 41: "v"}}, "40 characters"),
        ({"payment_intent_data": {"metadata": {"k": "v" * 501}}}, "500 characters"),
        ({"success_url": "/don/merci"}, "Not a valid URL"),
        ({"cancel_url": "javascript:alert(1)"}, "Not a valid URL"),
        ({"payment_intent_data": {"statement_descriptor_suffix": "DON A AU POSTE"}}, "over 22"),
        ({"payment_intent_data": {"statement_descriptor_suffix": "1234"}}, "one letter"),
        ({"payment_intent_data": {"statement_descriptor_suffix": "DON*1"}}, "Latin"),
        ({"payment_intent_data": {"statement_descriptor": "AU POSTE"}}, "not supported"),
        ({"customer": "cus_1"}, "only specify one"),
        ({"expires_at": int(time.time()) + 29 * 60}, "at least 30 minutes"),
        ({"expires_at": int(time.time()) + 25 * 3600}, "less than 24 hours"),
        ({"allowed_payment_method_types": ["paypal"]}, "No payment method types are left"),
        (
            {
                "allowed_payment_method_types": ["card"],
                "excluded_payment_method_types": ["sepa_debit"],
            },
            "only specify one",
        ),
        ({"custom_text": {"submit": {"message": "x" * 1201}}}, "1200"),
        ({"line_items": price(recurring={"interval": "month"})}, "recurring"),
    ],
)
def test_stripes_own_rules_are_kept(
    client: stripe.StripeClient,
    standin: StripeStandIn,
    gift: Gift,
    changes: dict[str, Any],
    words: str,
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match=words):
        client.v1.checkout.sessions.create(gift(**changes))
    assert len(standin.violations()) == 1


def test_the_shortest_and_longest_descriptor_and_amount_are_taken(
    client: stripe.StripeClient, gift: Gift
) -> None:
    session = client.v1.checkout.sessions.create(
        gift(
            50,
            payment_intent_data={"statement_descriptor_suffix": "DON LIBRE 12"},
            metadata={"k" * 40: "v" * 500},
        )
    )
    assert session.amount_total == 50


def test_exactly_thirty_minutes_is_refused_each_time(
    client: stripe.StripeClient, gift: Gift
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="at least 30 minutes"):
        client.v1.checkout.sessions.create(gift(expires_at=int(time.time()) + 1800))


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "setup"},
        {"allow_promotion_codes": True},
        {"line_items": [{"price": "price_1", "quantity": 1}]},
        {"line_items": price(currency="usd")},
        {"ui_mode": "embedded_page"},
    ],
)
def test_what_is_not_simulated_is_refused_rather_than_ignored(
    client: stripe.StripeClient, standin: StripeStandIn, gift: Gift, changes: dict[str, Any]
) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="stand-in"):
        client.v1.checkout.sessions.create(gift(**changes))
    assert standin.violations() == []


@pytest.mark.parametrize(
    ("filters", "offered"),
    [
        ({}, ["card", "sepa_debit"]),
        ({"allowed_payment_method_types": ["paypal", "card"]}, ["card"]),
        ({"excluded_payment_method_types": ["card"]}, ["sepa_debit"]),
    ],
)
def test_ways_to_pay_are_filtered(
    client: stripe.StripeClient, gift: Gift, filters: dict[str, Any], offered: list[str]
) -> None:
    session = client.v1.checkout.sessions.create(gift(**filters))
    assert session.payment_method_types == offered


def test_an_unknown_customer_is_refused(client: stripe.StripeClient, gift: Gift) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.checkout.sessions.create(
            gift(customer_email=None, customer_creation=None, customer="cus_none")
        )
    assert (refusal.value.code, refusal.value.param) == ("resource_missing", "customer")


def test_a_known_customer_pays_under_their_own_address(
    client: stripe.StripeClient, standin: StripeStandIn, gift: Gift
) -> None:
    customer = client.v1.customers.create({"email": "fidele@example.org", "name": "Ida"})
    session = client.v1.checkout.sessions.create(
        gift(customer_email=None, customer_creation=None, customer=customer.id)
    )
    standin.pay(session.id)
    paid = client.v1.checkout.sessions.retrieve(session.id, {"expand": ["customer"]})
    assert isinstance(paid.customer, stripe.Customer)
    assert paid.customer.email == "fidele@example.org"
    assert paid.customer_details is not None
    assert paid.customer_details.email == "fidele@example.org"
    assert len(standin.events("customer.created")) == 1


def test_a_wrong_key_is_401_and_no_key_too(
    standin: StripeStandIn, connect: Callable[..., stripe.StripeClient]
) -> None:
    other = stripe.StripeClient(
        "sk_test_other", base_addresses={"api": standin.url}, max_network_retries=0
    )
    with pytest.raises(stripe.AuthenticationError) as refusal:
        other.v1.charges.retrieve("ch_1")
    assert refusal.value.http_status == 401
    with pytest.raises(urllib.error.HTTPError) as bare:
        urllib.request.urlopen(f"{standin.url}/v1/charges")
    assert bare.value.code == 401
    bare.value.close()


def test_a_key_may_come_as_a_basic_user_name(standin: StripeStandIn) -> None:
    user = base64.b64encode(f"{standin.api_key}:".encode()).decode()
    headers = {"Authorization": f"Basic {user}", "Stripe-Version": API_VERSION}
    request = urllib.request.Request(f"{standin.url}/v1/charges", headers=headers)
    with urllib.request.urlopen(request) as answer:
        assert answer.status == 200


def test_another_api_version_is_a_violation(
    standin: StripeStandIn, connect: Callable[..., stripe.StripeClient]
) -> None:
    old = connect(standin, stripe_version="2024-06-20")
    with pytest.raises(stripe.InvalidRequestError, match="2024-06-20"):
        old.v1.events.list()
    assert "2024-06-20" in standin.violations()[0]["message"]


def test_the_sdk_and_the_stand_in_speak_the_same_version() -> None:
    assert stripe.api_version == API_VERSION


def test_what_is_missing_is_404_and_an_unknown_url_a_violation(
    client: stripe.StripeClient, standin: StripeStandIn
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as missing:
        client.v1.charges.retrieve("ch_none")
    assert (missing.value.http_status, missing.value.code) == (404, "resource_missing")
    assert missing.value.request_id is not None
    assert standin.violations() == []
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        client.v1.coupons.list()
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        client.v1.customers.delete("cus_1")
    assert [violation["path"] for violation in standin.violations()] == [
        "/v1/coupons",
        "/v1/customers/cus_1",
    ]


def test_query_parameters_are_held_against_the_sdk_too(
    client: stripe.StripeClient, standin: StripeStandIn
) -> None:
    wrong: Any = {"created": {"after": 1}}
    with pytest.raises(stripe.InvalidRequestError) as refusal:
        client.v1.events.list(wrong)
    assert refusal.value.param == "created[after]"
    with pytest.raises(stripe.InvalidRequestError, match="limit"):
        client.v1.events.list({"limit": 101})
    with pytest.raises(stripe.InvalidRequestError, match="20 event types"):
        client.v1.events.list({"types": ["charge.succeeded"] * 21})
    assert len(standin.violations()) == 3


def test_forms_become_typed_trees() -> None:
    tree = read_form("created[gte]=12&limit=5&types[1]=b&types[0]=a&delivery_success=true")
    assert conform(tree, EventListParams) == {
        "created": {"gte": 12},
        "limit": 5,
        "types": ["a", "b"],
        "delivery_success": True,
    }


def test_empty_values_unset_metadata_but_nothing_else() -> None:
    tree = read_form("metadata[a]=&metadata[b]=2")
    assert conform(tree, SessionCreateParams) == {"metadata": {"a": "", "b": "2"}}


@pytest.mark.parametrize(
    "form",
    [
        "metadata=1&metadata[a]=2",
        "metadata[a]=2&metadata=1",
        "[a]=1",
        "metadata[a=1",
        "line_items[x][quantity]=1",
        "line_items=1",
        "mode[a]=payment",
        "expires_at=٣",
        "api_key=sk_test_1",
    ],
)
def test_malformed_forms_are_misuse(form: str) -> None:
    with pytest.raises(StripeError) as refusal:
        conform(read_form(form), SessionCreateParams)
    assert refusal.value.misuse
