"""The hosted checkout page and the controls, as a browser and another process use them."""

from __future__ import annotations

import html.parser
import http.client
import json
import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode, urlsplit

import pytest
import stripe

from sandbox.stripe import StripeStandIn
from sandbox.stripe.page_parts import euros

Gift = Callable[..., Any]


class Reply(NamedTuple):
    status: int
    headers: dict[str, str]
    text: str

    @property
    def json(self) -> Any:
        return json.loads(self.text)


def ask(url: str, fields: dict[str, str] | None = None, **headers: str) -> Reply:
    """GET, or POST when there are fields; redirects are not followed."""
    target = urlsplit(url)
    connection = http.client.HTTPConnection(target.netloc, timeout=60)
    path = target.path + (f"?{target.query}" if target.query else "")
    if fields is None:
        connection.request("GET", path, headers=headers)
    else:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request("POST", path, urlencode(fields), headers)
    answer = connection.getresponse()
    reply = Reply(answer.status, dict(answer.headers), answer.read().decode())
    connection.close()
    return reply


class Page(html.parser.HTMLParser):
    """Collects forms, fields, labels and what a strict policy forbids."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.fields: set[str] = set()
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.forbidden: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag in ("input", "select", "button") and given.get("name"):
            self.fields.add(str(given["name"]))
        if given.get("id"):
            self.ids.append(str(given["id"]))
        if tag == "label":
            self.labels.add(str(given.get("for")))
        if tag in ("script", "style") or any(
            name == "style" or name.startswith("on") for name in given
        ):
            self.forbidden.append(tag)


@pytest.fixture
def session(client: stripe.StripeClient, gift: Gift) -> Any:
    """Return an open session."""
    return client.v1.checkout.sessions.create(
        gift(
            123450,
            customer_email="a&b@example.org",
            custom_text={"submit": {"message": "<b>Merci</b>"}},
        )
    )


def card(number: str = "4242 4242 4242 4242") -> dict[str, str]:
    return {"method": "card", "card_number": number, "card_expiry": "12/34", "card_cvc": "123"}


def test_the_page_shows_what_is_paid_and_that_it_is_a_simulation(session: Any) -> None:
    reply = ask(session.url)
    assert reply.status == 200
    assert "1\u202f234,50\u00a0€" in reply.text
    assert "Don à Au Poste" in reply.text
    assert "a&amp;b@example.org" in reply.text
    assert "&lt;b&gt;Merci&lt;/b&gt;" in reply.text
    assert "Aucun argent ne circule" in reply.text
    assert 'href="http://127.0.0.1:8000/don"' in reply.text


def test_the_page_keeps_a_strict_policy_and_labels_its_fields(session: Any) -> None:
    reply = ask(session.url)
    page = Page(reply.text)
    assert page.forbidden == []
    assert len(page.ids) == len(set(page.ids))
    assert page.labels <= set(page.ids)
    assert {"card_number", "card_expiry", "card_cvc", "iban", "name", "method"} <= page.fields
    policy = reply.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self' http://127.0.0.1:8000" in policy
    styles = re.findall(r'<link rel="stylesheet" href="([^"]+)"', reply.text)
    sheet = ask(f"{urlsplit(session.url)._replace(path=styles[0]).geturl()}")
    assert sheet.headers["Content-Type"].startswith("text/css")


def test_paying_redirects_to_the_success_url(standin: StripeStandIn, session: Any) -> None:
    reply = ask(session.url, card())
    assert reply.status == 303
    assert reply.headers["Location"] == f"http://127.0.0.1:8000/don/merci?session={session.id}"
    assert standin.get(session.id)["payment_status"] == "paid"
    second_click = ask(session.url, card())
    assert second_click.headers["Location"] == reply.headers["Location"]
    assert len(standin.events("charge.succeeded")) == 1
    assert "déjà fait" in ask(session.url).text


def test_a_declined_card_says_so_and_lets_one_try_again(
    standin: StripeStandIn, session: Any
) -> None:
    reply = ask(session.url, card("4000000000000002"))
    assert (reply.status, reply.headers["Location"]) == (303, urlsplit(session.url).path)
    page = ask(session.url)
    assert "Votre carte a été refusée." in page.text
    assert "Rien n’a été prélevé." in page.text
    assert len(standin.events("payment_intent.payment_failed")) == 1
    assert ask(session.url, card()).headers["Location"].endswith(session.id)


@pytest.mark.parametrize("number", ["", "12", "4111111111111111", "4242424242424242x"])
def test_another_number_is_no_attempt(standin: StripeStandIn, session: Any, number: str) -> None:
    reply = ask(session.url, card(number))
    assert reply.status == 422
    assert 'id="error"' in reply.text
    assert standin.events() == []


def test_3d_secure_has_a_page_of_its_own(standin: StripeStandIn, session: Any) -> None:
    where = f"{session.url}/authenticate"
    assert ask(where).headers["Location"] == urlsplit(session.url).path
    assert ask(session.url, card("4000002760003184")).headers["Location"] == urlsplit(where).path
    assert {"decision"} <= Page(ask(where).text).fields
    refused = ask(where, {"decision": "refuse"})
    assert refused.headers["Location"] == urlsplit(session.url).path
    assert "authentification a échoué" in ask(session.url).text
    ask(session.url, card("4000002760003184"))
    confirmed = ask(where, {"decision": "confirm"})
    assert confirmed.headers["Location"].startswith("http://127.0.0.1:8000/don/merci")
    assert standin.get(session.id)["status"] == "complete"


def test_a_direct_debit_leaves_the_session_unpaid(standin: StripeStandIn, session: Any) -> None:
    fields = {"method": "sepa_debit", "iban": "FR1420041010050500013M02606"}
    reply = ask(session.url, fields)
    assert reply.headers["Location"].endswith(session.id)
    assert standin.get(session.id)["payment_status"] == "unpaid"


def test_an_expired_session_takes_no_payment(standin: StripeStandIn, session: Any) -> None:
    standin.expire(session.id)
    assert "a expiré" in ask(session.url).text
    reply = ask(session.url, card())
    assert reply.status == 410
    assert standin.get(session.id)["payment_status"] == "unpaid"


def test_the_address_is_asked_for_when_it_is_not_known(
    client: stripe.StripeClient, standin: StripeStandIn, gift: Gift
) -> None:
    session: Any = client.v1.checkout.sessions.create(gift(customer_email=None))
    assert "email" in Page(ask(session.url).text).fields
    assert ask(session.url, card()).status == 422
    ask(session.url, card() | {"email": "x@example.org", "name": "Ida B."})
    details = standin.get(session.id)["customer_details"]
    assert (details["email"], details["name"]) == ("x@example.org", "Ida B.")


def test_only_offered_ways_to_pay_are_shown(client: stripe.StripeClient, gift: Gift) -> None:
    session: Any = client.v1.checkout.sessions.create(
        gift(allowed_payment_method_types=["sepa_debit"])
    )
    page = Page(ask(session.url).text)
    assert "iban" in page.fields
    assert "card_number" not in page.fields


@pytest.mark.parametrize("path", ["/", "/c/pay/cs_test_none", "/c/", "/c/pay/", "/x"])
def test_unknown_pages_are_404(standin: StripeStandIn, path: str) -> None:
    assert ask(f"{standin.url}{path}").status == 404


@pytest.mark.parametrize(
    ("cents", "text"),
    [
        (5, "0,05\u00a0€"),
        (1000, "10,00\u00a0€"),
        (123456789, "1\u202f234\u202f567,89\u00a0€"),
    ],
)
def test_amounts_are_written_as_french_writes_them(cents: int, text: str) -> None:
    assert euros(cents) == text


def test_controls_over_http(
    client: stripe.StripeClient, standin: StripeStandIn, gift: Gift
) -> None:
    def act(name: str, **fields: str) -> Any:
        reply = ask(f"{standin.url}/_/{name}", fields)
        assert reply.status == 200, reply.text
        return reply.json

    def read(name: str) -> Any:
        return ask(f"{standin.url}/_/{name}").json

    assert read("health") == {"status": "ok"}
    paid, debit, late = (client.v1.checkout.sessions.create(gift()).id for _ in range(3))
    assert act("pay", session=paid, card="4242424242424242") == {"outcome": "succeeded"}
    assert act("pay", session=debit, iban="FR1420041010050500013M02606") == {
        "outcome": "processing"
    }
    assert act("settle", session=debit, outcome="failed")["status"] == "failed"
    assert act("expire", session=late)["status"] == "expired"
    charge = act("balance", session=paid)
    assert charge["balance_transaction"].startswith("txn_")
    refund = act("refund", charge=charge["id"], amount="100")
    assert act("fail-refund", refund=refund["id"])["status"] == "failed"
    pending = act("refund", charge=charge["id"], amount="100", status="pending")
    assert act("settle-refund", refund=pending["id"])["status"] == "succeeded"
    dispute = act("dispute", charge=charge["id"], withdraw="false")["id"]
    assert len(act("dispute/withdraw", dispute=dispute)["balance_transactions"]) == 1
    assert len(act("dispute/reinstate", dispute=dispute)["balance_transactions"]) == 2
    assert act("dispute/close", dispute=dispute, outcome="lost")["status"] == "lost"
    act("deliveries", duplicate="2", drop="all", types="charge.refunded,charge.updated")
    act("hold", path="/v1/refunds*", count="1", stage="before")
    assert read("waiting") == []
    act("release")
    act("fail", count="1", status="429", retry_after="3")
    with pytest.raises(stripe.RateLimitError):
        client.v1.events.list()
    act("clock", offset="60")
    assert read("events")[-1]["type"] == "charge.dispute.closed"
    assert len(ask(f"{standin.url}/_/events?types=charge.refunded,refund.failed").json) == 3
    assert read("requests")[-1]["status"] == 429
    assert read("deliveries") == []
    assert read("violations") == []
    challenged = client.v1.checkout.sessions.create(gift(expires_at=None)).id
    outcome = act("pay", session=challenged, card="4000002760003184", authenticate="wait")
    assert outcome == {"outcome": "authenticate"}
    assert act("authenticate", session=challenged) == {"outcome": "succeeded"}
    act("reset")
    assert read("events") == []


@pytest.mark.parametrize(
    ("name", "fields", "status"),
    [
        ("pay", {"card": "4242424242424242"}, 400),
        ("pay", {"session": "cs_test_none", "card": "4242424242424242"}, 400),
        ("settle", {"session": "cs_test_none"}, 400),
        ("refund", {"charge": "ch_none", "amount": "dix"}, 400),
        ("deliveries", {"speed": "1"}, 400),
        ("fail", {"count": "x"}, 400),
        ("dispute/close", {"dispute": "dp_1", "outcome": "draw"}, 400),
        ("deliver", {"event": "evt_1"}, 400),
        ("nothing", {}, 404),
        ("health", {}, 404),
    ],
)
def test_wrong_controls_say_why(
    standin: StripeStandIn, name: str, fields: dict[str, str], status: int
) -> None:
    reply = ask(f"{standin.url}/_/{name}", fields)
    assert reply.status == status
    assert reply.json["error"]["message"]


def test_a_foreign_page_cannot_use_the_controls(standin: StripeStandIn, paid: Any) -> None:
    reply = ask(f"{standin.url}/_/reset", {}, Origin="https://example.org")
    assert reply.status == 403
    assert standin.events()
