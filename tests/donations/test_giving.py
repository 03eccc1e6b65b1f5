"""The giving form's door: what it takes, what it refuses, and what it never loses."""

import time

import pytest
from django.conf import settings as site_settings
from django.core import signing
from django.test import Client, override_settings

from auposte.http import STAMP_SALT, form_stamp
from donations import tasks
from donations.fees import fee_cover_cents
from donations.models import Donor, Gift, GivingSettings, LedgerEntry
from sandbox.stripe import StripeStandIn
from tests.donations.factories import month_with_lines
from tests.donations.pages import Page, says
from tests.donations.steps import post_event, send_form, start

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(("typed", "cents"), [("12,50", 1250), ("12.50", 1250), ("1", 100)])
def test_a_gift_starts_with_stripes_page(
    visitor: Client, stripe: StripeStandIn, typed: str, cents: int
) -> None:
    response = send_form(visitor, amount=typed, message="Bravo", show_name="on", public_name="Zoé")
    assert response.status_code == 303
    gift = Gift.objects.get()
    assert response["Location"] == gift.checkout_url
    assert response["Location"].startswith(site_settings.STRIPE_API_BASE)
    assert (gift.amount_cents, gift.status, gift.donor) == (cents, "pending", None)
    assert (gift.message, gift.public_name) == ("Bravo", "Zoé")
    session = stripe.get(gift.checkout_session_id)
    assert session["amount_total"] == cents
    assert session["metadata"] == {"gift": str(gift.pk)}
    assert not LedgerEntry.objects.exists()
    assert not Donor.objects.exists(), "nobody is a donor before money has come"
    assert response.cookies == {}


@pytest.mark.parametrize(
    ("rhythm", "asked", "statement"),
    [
        ("once", {"mode": "payment", "submit_type": "donate"}, site_settings.STRIPE_STATEMENT),
        (
            "monthly",
            {"mode": "subscription", "submit_type": None},
            site_settings.STRIPE_STATEMENT_PREFIX,
        ),
    ],
)
def test_the_payment_page_says_what_it_is_for_and_the_bank_says_what_it_was(
    visitor: Client, stripe: StripeStandIn, rhythm: str, asked: dict[str, object], statement: str
) -> None:
    started = start(visitor, rhythm=rhythm)
    # In whichever language a browser is; and whoever gives is found again as a customer.
    asked = asked | {"locale": "fr", "customer_creation": "always"}
    session = stripe.get(started.session)
    assert {name: session[name] for name in asked} == asked
    stripe.pay(started.session)
    assert stripe.get(started.session)["customer"]
    assert stripe.charge_of(started.session)["calculated_statement_descriptor"] == statement


def test_anonymous_is_the_default(visitor: Client, stripe: StripeStandIn) -> None:
    gift = start(visitor, public_name="Zoé").gift
    assert gift.public_name == ""


def test_the_fee_cover_is_a_line_of_its_own(visitor: Client, stripe: StripeStandIn) -> None:
    gift = start(visitor, amount="10", cover_fee="on").gift
    assert (gift.amount_cents, gift.fee_cover_cents) == (1000, fee_cover_cents(1000))
    assert stripe.get(gift.checkout_session_id)["amount_total"] == 1041


@pytest.mark.parametrize(
    "amount",
    ["", "dix", "0", "0,99", "-5", "1e9", "NaN", "Infinity", "9" * 400, "10001", "1;2", "<b>"],
)
def test_a_bad_amount_is_explained(visitor: Client, amount: str) -> None:
    response = send_form(visitor, amount=amount)
    assert response.status_code == 422
    html = response.content.decode()
    assert 'id="id_amount_error"' in html
    assert "lectrice@example.org" in html, "what was typed is kept"
    assert not Gift.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"email": ""},
        {"email": "pas une adresse"},
        {"email": "a" * 300 + "@example.org"},
        {"message": "m" * 501},
        {"public_name": "n" * 81, "show_name": "on"},
        {"show_name": "on", "public_name": ""},
        {"message": "nul \x00 octet"},
        {"amount": "10\x00"},
        {"website": "https://spam.example"},
        {"stamp": ""},
        {"stamp": "form:1:forged"},
        {"stamp": signing.TimestampSigner(salt="other").sign("form")},
    ],
)
def test_other_bad_input_is_explained(visitor: Client, fields: dict[str, str]) -> None:
    response = send_form(visitor, **fields)
    assert response.status_code == 422
    assert not Gift.objects.exists()


def test_faster_than_three_seconds_is_refused_and_then_works(
    visitor: Client, stripe: StripeStandIn
) -> None:
    with override_settings(GIFT_FORM_MINIMUM_SECONDS=3):
        assert send_form(visitor, stamp=form_stamp()).status_code == 422
        then = signing.b62_encode(int(time.time()) - 4)
        signer = signing.TimestampSigner(salt=STAMP_SALT)
        old = f"form:{then}"
        assert send_form(visitor, stamp=f"{old}:{signer.signature(old)}").status_code == 303


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"origin": "https://evil.example"}, 403),
        ({"origin": "null"}, 403),
        ({"sec-fetch-site": "cross-site"}, 403),
        ({"sec-fetch-site": "same-site"}, 403),
        ({"referer": "https://evil.example/page"}, 403),
        ({"origin": "null", "sec-fetch-site": "same-origin"}, 303),
        ({"origin": site_settings.SITE_URL}, 303),
        ({"referer": f"{site_settings.SITE_URL}/don"}, 303),
        ({}, 303),
    ],
)
def test_forms_of_other_sites_are_refused(
    visitor: Client, stripe: StripeStandIn, headers: dict[str, str], status: int
) -> None:
    data = {"amount": "10", "email": "a@example.org", "stamp": form_stamp()}
    assert visitor.post("/don", data, headers=headers).status_code == status


def test_forty_pages_an_address_in_ten_minutes(visitor: Client, stripe: StripeStandIn) -> None:
    with override_settings(GIFT_SESSIONS_PER_TEN_MINUTES=3):
        statuses = [send_form(visitor, email=f"carte{n}@example.org").status_code for n in range(4)]
        assert statuses == [303, 303, 303, 429]
    assert Gift.objects.count() == 3


def test_the_same_address_changing_its_ip_is_still_one(
    visitor: Client, stripe: StripeStandIn
) -> None:
    with override_settings(GIFT_SESSIONS_PER_TEN_MINUTES=2, TRUST_PROXY=True):
        statuses = []
        for n in range(3):
            response = visitor.post(
                "/don",
                {"amount": "1", "email": "Carte@example.org", "stamp": form_stamp()},
                headers={"x-forwarded-for": f"203.0.113.{n}"},
            )
            statuses.append(response.status_code)
    assert statuses == [303, 303, 429]


@pytest.mark.parametrize("failure", [{"status": 500}, {"status": 429}])
def test_stripe_out_of_order_is_said_and_the_form_kept(
    visitor: Client, stripe: StripeStandIn, failure: dict[str, int]
) -> None:
    stripe.fail(count=5, **failure)
    response = send_form(visitor, message="À bientôt")
    assert response.status_code == 503
    html = response.content.decode()
    assert "Le service de paiement ne répond pas" in html
    assert "À bientôt" in html
    assert Gift.objects.get().status == "pending"


@pytest.mark.parametrize("email", ["a@localhost", "A@LocalHost"])
@pytest.mark.parametrize("rhythm", ["once", "monthly"])
def test_an_address_that_stripe_refuses_is_said_at_its_field(
    visitor: Client, stripe: StripeStandIn, email: str, rhythm: str
) -> None:
    response = send_form(visitor, email=email, rhythm=rhythm, message="À bientôt")
    assert response.status_code == 422
    page = Page(response)
    assert page.one("span", id="id_email_error")
    assert page.one("input", name="email")["aria-invalid"] == "true"
    assert says(response, "Le service de paiement refuse cette adresse : corrigez-la")
    assert says(response, "À bientôt")
    assert not says(response, "ne répond pas")
    nothing_waits()


def test_a_refusal_for_good_asks_for_no_other_try(visitor: Client, stripe: StripeStandIn) -> None:
    stripe.fail(path="/v1/checkout/sessions", count=1, status=401)
    response = send_form(visitor, rhythm="monthly", message="À bientôt")
    assert response.status_code == 503
    assert says(response, "Le service de paiement refuse ce don, et réessayer n’y changera rien.")
    assert says(response, f"Écrivez-nous : {site_settings.CONTACT_EMAIL}. Rien n’a été prélevé.")
    assert says(response, "À bientôt")
    assert not says(response, "Réessayez")
    nothing_waits()


def nothing_waits() -> None:
    """The gift is closed, with the promise that it would have begun, and keeps no address."""
    gift = Gift.objects.get()
    assert (gift.status, gift.contact_email) == ("expired", "")
    assert gift.subscription is None or gift.subscription.status == "ended"


def test_the_closed_till_takes_no_gift(visitor: Client) -> None:
    GivingSettings.objects.create(pk=1, is_open=False, closed_message="Fermé pour travaux.")
    assert "Fermé pour travaux." in visitor.get("/don").content.decode()
    assert send_form(visitor).status_code == 503
    assert not Gift.objects.exists()


@pytest.mark.parametrize(
    "path",
    ["/don?montant=abc", "/don?emission=nope", f"/don?emission={'x' * 5000}", "/don?montant=1e9"],
)
def test_odd_addresses_of_the_form_are_fine(visitor: Client, path: str) -> None:
    assert visitor.get(path).status_code == 200


@pytest.mark.parametrize("path", ["/don?emission=%00", "/don/merci?session=%00", "/don%00"])
def test_null_bytes_are_a_bad_request(visitor: Client, path: str) -> None:
    assert visitor.get(path).status_code == 400


@pytest.mark.django_db(transaction=True)
def test_the_thanks_page_books_by_itself(visitor: Client, stripe: StripeStandIn) -> None:
    month_with_lines()
    started = start(visitor)
    page = f"/don/merci?session={started.session}"
    assert "Vos 10,00" not in visitor.get(page).content.decode()
    stripe.pay(started.session)
    html = visitor.get(page).content.decode()
    assert "Vos 10,00" in html
    assert "1\u202f890,00" in html
    reads = len(stripe.requests())
    visitor.get(page)
    assert len(stripe.requests()) == reads, "a settled gift is not asked for again"
    tasks.sweep()
    assert LedgerEntry.objects.filter(kind="gift").total_cents() == 1000


def test_the_thanks_page_asks_stripe_only_about_our_sessions(
    visitor: Client, stripe: StripeStandIn
) -> None:
    assert visitor.get("/don/merci?session=cs_test_guess").status_code == 404
    assert visitor.get("/don/merci").status_code == 404
    assert stripe.requests() == []


@pytest.mark.django_db(transaction=True)
def test_card_testers_lose_their_page(visitor: Client, stripe: StripeStandIn) -> None:
    started = start(visitor)
    with override_settings(GIFT_DECLINES_LIMIT=3):
        for _ in range(3):
            stripe.pay(started.session, "4000000000000002")
        for event in stripe.events("payment_intent.payment_failed"):
            post_event(visitor, stripe, event)
            post_event(visitor, stripe, event)
        tasks.sweep()
        tasks.sweep()
    assert Gift.objects.get().declines == 3
    assert stripe.get(started.session)["status"] == "expired"


def test_a_thanks_page_in_a_loop_does_not_use_up_stripes_reads(
    visitor: Client, stripe: StripeStandIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("donations.views.giving.THANKS_A_MINUTE", 3)
    page = f"/don/merci?session={start(visitor).session}"
    before = len(stripe.requests())
    assert [visitor.get(page).status_code for _ in range(6)] == [200] * 6
    assert len(stripe.requests()) - before == 3
