"""The pages of monthly givers, and the controls that other processes use for them."""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from sandbox.stripe import StripeStandIn
from tests.sandbox.monthly import DAY, SITE, begin, line, open_session
from tests.sandbox.test_stripe_page import Page, Reply, ask, card

CHALLENGE, DECLINE = "4000002760003184", "4000000000000002"


@pytest.fixture
def pledge(client: stripe.StripeClient, standin: StripeStandIn) -> str:
    """Return the id of a subscription of 1 234,50 € a month."""
    return begin(client, standin, amount=123450)


@pytest.fixture
def portal(client: stripe.StripeClient, standin: StripeStandIn, pledge: str) -> str:
    """Return the address of its giver's portal."""
    session = client.v1.billing_portal.sessions.create(
        {
            "customer": standin.get(pledge)["customer"],
            "return_url": f"{SITE}/don/gerer",
            "locale": "fr",
        }
    )
    assert session.url.startswith(standin.url)
    return session.url


def strict(reply: Reply) -> Page:
    page = Page(reply.text)
    assert page.forbidden == []
    assert len(page.ids) == len(set(page.ids))
    assert page.labels <= set(page.ids)
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
    assert "Aucun argent ne circule" in reply.text
    return page


def test_the_checkout_says_how_often(client: stripe.StripeClient, standin: StripeStandIn) -> None:
    session = open_session(client, line_items=[line(1000), line(45, "Frais")])
    url = standin.get(session)["url"]
    text = ask(url).text
    assert "10,45\u00a0€ par mois</p>" in text
    assert "10,00\u00a0€ par mois</span>" in text
    assert "Donner 10,45\u00a0€ par mois</button>" in text
    strict(ask(url))
    assert ask(url, card(DECLINE)).status == 303
    assert "Votre carte a été refusée" in ask(url).text
    challenged = ask(url, card(CHALLENGE))
    assert challenged.headers["Location"].endswith("/authenticate")
    done = ask(f"{url}/authenticate", {"decision": "confirm"})
    assert done.headers["Location"] == f"{SITE}/don/merci?session={session}"
    assert standin.subscription_of(session)["status"] == "active"


def test_the_portal_shows_what_is_given(portal: str, pledge: str) -> None:
    reply = ask(portal)
    page = strict(reply)
    assert {"card_number", "action"} <= page.fields
    assert "1\u202f234,50\u00a0€ par mois" in reply.text
    assert "•••• 4242" in reply.text
    assert f'href="{SITE}/don/gerer"' in reply.text
    assert f"form-action 'self' {SITE}" in reply.headers["Content-Security-Policy"]


def test_a_card_is_changed_in_the_portal(standin: StripeStandIn, portal: str, pledge: str) -> None:
    fields = {"subscription": pledge, "action": "card"}
    for number in (DECLINE, "4111111111111111"):
        refused = ask(portal, fields | {"card_number": number})
        assert refused.status == 422
        assert 'role="alert"' in refused.text
    assert ask(portal, fields | {"card_number": "5555 5555 5555 4444"}).status == 303
    assert "•••• 4444" in ask(portal).text
    standin.renew(pledge)
    assert standin.charge_of(pledge)["payment_method_details"]["card"]["brand"] == "mastercard"


def test_a_gift_is_stopped_in_the_portal_and_taken_up_again(
    standin: StripeStandIn, portal: str, pledge: str
) -> None:
    assert ask(portal, {"subscription": pledge, "action": "cancel"}).status == 303
    assert standin.get(pledge)["cancel_at_period_end"] is True
    assert "S’arrête le" in ask(portal).text
    ask(portal, {"subscription": pledge, "action": "resume"})
    assert standin.get(pledge)["cancel_at_period_end"] is False
    ask(portal, {"subscription": pledge, "action": "cancel"})
    standin.advance(32 * DAY)
    text = ask(portal).text
    assert "arrêté" in text
    assert "<form" not in text


def test_the_portal_is_its_customers_own(
    client: stripe.StripeClient, standin: StripeStandIn, portal: str
) -> None:
    other = begin(client, standin)
    assert other not in ask(portal).text
    assert ask(portal, {"subscription": other, "action": "cancel"}).status == 404
    assert standin.get(other)["cancel_at_period_end"] is False
    assert ask(f"{portal}x").status == 404


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"customer": "cus_none"}, "No such customer"),
        ({"return_url": "/don"}, "Not a valid URL"),
        ({"locale": "klingon"}, "locale"),
        ({"flow_data": {"type": "customer_update"}}, "does not simulate `flow_data`"),
    ],
)
def test_what_the_portal_refuses(
    client: stripe.StripeClient,
    standin: StripeStandIn,
    pledge: str,
    changes: dict[str, Any],
    message: str,
) -> None:
    params: Any = {"customer": standin.get(pledge)["customer"]} | changes
    with pytest.raises(stripe.InvalidRequestError, match=message):
        client.v1.billing_portal.sessions.create(params)


def test_an_invoice_is_confirmed_on_its_page(standin: StripeStandIn, pledge: str) -> None:
    standin.set_card(pledge, CHALLENGE)
    standin.renew(pledge)
    url = standin.invoices_of(pledge)[-1]["hosted_invoice_url"]
    assert "Confirmer le paiement" in ask(url).text
    strict(ask(url))
    refused = ask(url, {"decision": "refuse"})
    assert (refused.status, "Rien n’a été prélevé" in refused.text) == (422, True)
    assert ask(url, {"card_number": DECLINE}).status == 422
    assert ask(url, {"card_number": "nonsense"}).status == 422
    assert ask(url, {"card_number": CHALLENGE}).status == 303
    assert ask(url, {"decision": "confirm"}).status == 303
    assert "Ce paiement est fait" in ask(url).text
    assert standin.get(pledge)["status"] == "active"
    assert ask(url, {"card_number": "4242"}).status == 200
    assert ask(f"{standin.url}/i/in_none").status == 404


def test_other_processes_have_the_controls_too(standin: StripeStandIn, pledge: str) -> None:
    def act(name: str, **fields: str) -> Any:
        reply = ask(f"{standin.url}/_/{name}", fields)
        assert reply.status == 200, reply.text
        return reply.json

    before = standin.now()
    assert act("advance", seconds="3600")["now"] - before in (3600, 3601)
    act("decline-renewals", subscription=pledge)
    assert act("renew", subscription=pledge)["status"] == "past_due"
    act("set-card", subscription=pledge, card="5555555555554444")
    assert act("retry", subscription=pledge)["status"] == "paid"
    assert act("fraud-warning", subscription=pledge)["object"] == "radar.early_fraud_warning"
    assert act("stripe-fee", amount="150")["net"] == -150
    act("advance", to=str(standin.now() + 8 * DAY))
    assert act("payout")["status"] == "paid"
    standin.decline_renewals(pledge)
    standin.renew(pledge)
    assert act("pay-invoice", subscription=pledge, card="4242424242424242") == {
        "outcome": "succeeded"
    }
    assert act("cancel", subscription=pledge, at_period_end="true")["cancel_at_period_end"]
    assert act("cancel", subscription=pledge)["status"] == "canceled"
    assert ask(f"{standin.url}/_/advance", {"to": "5"}).status == 400
