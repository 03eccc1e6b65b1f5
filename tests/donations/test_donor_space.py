"""A donor without an account: what they see and change in their space."""

import datetime as dt
import json

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from donations.models import (
    Donor,
    DonorAction,
    DonorLink,
    Gift,
    Receipt,
    ReceiptFile,
    ReceiptIssuer,
    Subscription,
)
from sandbox.stripe import StripeStandIn
from tests.donations.donor_steps import EMAIL, given, send, sign_in
from tests.donations.factories import month_with_lines
from tests.donations.pages import Page, says
from tests.donations.steps import deliver, start

pytestmark = pytest.mark.django_db

# --- The space -----------------------------------------------------------------------------------


def test_gifts_stand_by_year_net_of_what_went_back(visitor: Client, stripe: StripeStandIn) -> None:
    month_with_lines()
    given(days=800, cents=5000)
    once = start(visitor, amount="10", cover_fee="on", email=EMAIL)
    stripe.pay(once.session)
    deliver(visitor, stripe)
    stripe.refund(once.session, amount=500)
    deliver(visitor, stripe)
    given("autre@example.org", cents=77_700)
    Gift.objects.create(amount_cents=3000, contact_email=EMAIL, status=Gift.Status.PROCESSING)
    sign_in(visitor)
    response = visitor.get("/don/gerer")
    this_year, then = timezone.localdate().year, timezone.localdate() - dt.timedelta(days=800)
    for sentence in (
        f"Versé en {then.year} 50,00 €",
        f"Versé en {this_year} 5,41 €",
        "10,00 €, et 0,41 € de frais",
        "5,00 € vous ont été rendus",
        "en cours d’encaissement",
    ):
        assert says(response, sentence), sentence
    assert not says(response, "777,00 €")


def test_the_page_s_queries_do_not_grow(visitor: Client) -> None:
    for days in (1, 400):
        given(days=days)
    sign_in(visitor)
    with CaptureQueriesContext(connection) as few:
        visitor.get("/don/gerer")
    for days in range(10, 1500, 100):
        given(days=days)
    with CaptureQueriesContext(connection) as many:
        visitor.get("/don/gerer")
    assert len(many) == len(few) <= 8


def test_a_name_is_hidden_at_once_and_a_new_one_is_read_again(visitor: Client) -> None:
    approved = {"public_name": "Jeanne", "name_state": Gift.Shown.APPROVED}
    gift, other = given(**approved), given(days=2, **approved)
    stranger = given("autre@example.org", **approved)
    sign_in(visitor)
    path = f"/don/gerer/noms/{gift.pk}"
    assert Page(visitor.get(path)).one("input", name="public_name")["value"] == "Jeanne"
    send(visitor, path, public_name="Jeanne")
    gift.refresh_from_db()
    assert gift.public_name == "", "the box was not ticked"
    send(visitor, path, show_name="on", public_name="Jeanne d’Arc")
    for row in (gift, other, stranger):
        row.refresh_from_db()
    assert (gift.public_name, gift.name_state) == ("Jeanne d’Arc", "waiting")
    assert (other.public_name, other.name_state) == ("Jeanne", "approved")
    response = send(visitor, f"/don/gerer/noms/{stranger.pk}", public_name="")
    assert response.status_code == 404
    assert send(visitor, path, show_name="on").status_code == 422


def test_a_name_for_all_gifts_and_the_months_to_come(
    visitor: Client, stripe: StripeStandIn
) -> None:
    month_with_lines()
    approved = {"public_name": "Jeanne", "name_state": Gift.Shown.APPROVED}
    same, other = given(**approved), given(days=2, public_name="Autre")
    monthly(visitor, stripe)
    sign_in(visitor)
    send(visitor, "/don/gerer/noms", show_name="on", public_name="Jeanne")
    for row in (same, other):
        row.refresh_from_db()
    assert (same.public_name, same.name_state) == ("Jeanne", "approved"), "nothing new to read"
    assert (other.public_name, other.name_state) == ("Jeanne", "waiting")
    assert Subscription.objects.get().public_name == "Jeanne"
    send(visitor, "/don/gerer/noms")
    assert set(Gift.objects.values_list("public_name", flat=True)) == {""}
    assert Subscription.objects.get().public_name == ""


def test_an_address_is_written_down_and_taken_back(visitor: Client) -> None:
    given()
    sign_in(visitor)
    where = {"name": "Jeanne D.", "street": "3, rue du Lac", "postal_code": "69003", "city": "Lyon"}
    assert send(visitor, "/don/gerer/adresse", **where).status_code == 303
    assert Donor.objects.get().has_address
    page = visitor.get("/don/gerer/adresse")
    assert Page(page).one("input", name="street")["value"] == "3, rue du Lac"
    send(visitor, "/don/gerer/adresse")
    assert not Donor.objects.get().has_address
    assert DonorAction.objects.count() == 2


def test_all_data_can_be_downloaded(visitor: Client) -> None:
    given(public_name="Jeanne", message="Tenez bon", note="Chèque nº 12")
    given("autre@example.org", public_name="Paul")
    sign_in(visitor)
    send(visitor, "/don/gerer/adresse", name="Jeanne D.", city="Lyon")
    response = visitor.get("/don/gerer/mes-donnees")
    assert response["Content-Disposition"].startswith("attachment;")
    text = response.content.decode()
    data = json.loads(text)
    assert data["personne"]["adresse électronique"] == EMAIL
    assert [gift["message"] for gift in data["dons"]] == ["Tenez bon"]
    assert [entry["montant (centimes)"] for entry in data["grand livre"]] == [1000]
    for words in ("Jeanne D.", "Lyon", "Chèque nº 12", "Nom et adresse postale mis à jour"):
        assert words in text, words
    for secret in ("Paul", DonorLink.objects.get().digest, str(Donor.objects.first().session_key)):
        assert secret not in text


# --- The monthly gift ----------------------------------------------------------------------------


def monthly(client: Client, stripe: StripeStandIn) -> Subscription:
    started = start(client, rhythm="monthly", amount="10", email=EMAIL)
    stripe.pay(started.session)
    deliver(client, stripe)
    return Subscription.objects.get()


@pytest.fixture
def promise(visitor: Client, stripe: StripeStandIn) -> Subscription:
    month_with_lines()
    subscription = monthly(visitor, stripe)
    sign_in(visitor)
    return subscription


def test_a_monthly_gift_stops_in_two_clicks(
    promise: Subscription, visitor: Client, stripe: StripeStandIn
) -> None:
    page = visitor.get("/don/gerer")
    assert says(page, "10,00 € par mois")
    assert says(page, "Carte qui finit par 4242")
    path = f"/don/gerer/mensuel/{promise.pk}/arreter"
    assert path in [link["href"] for link in Page(page).all("a")]
    assert says(visitor.get(path), "Arrêter maintenant")
    promise.refresh_from_db()
    assert promise.status == "active", "looking stops nothing"
    assert send(visitor, path)["Location"] == "/don/gerer?dit=arrete"
    promise.refresh_from_db()
    assert (promise.status, promise.ending) == ("ended", "donor")
    assert stripe.get(promise.subscription_id)["status"] == "canceled"
    assert DonorAction.objects.get().text == "Don mensuel arrêté"
    assert send(visitor, path).status_code == 303, "a second click finds it stopped"
    assert visitor.get(path).status_code == 404


def test_another_amount_holds_from_the_next_month(
    promise: Subscription, visitor: Client, stripe: StripeStandIn
) -> None:
    path = f"/don/gerer/mensuel/{promise.pk}/montant"
    assert Page(visitor.get(path)).one("input", name="amount")["value"] == "10"
    refused = send(visitor, path, amount="dix")
    assert refused.status_code == 422
    assert says(refused, "Écrivez le montant en chiffres")
    assert send(visitor, path, amount="12,50", cover_fee="on").status_code == 303
    promise.refresh_from_db()
    assert (promise.amount_cents, promise.fee_cover_cents) == (1250, 45)
    stripe.renew(promise.subscription_id)
    deliver(visitor, stripe)
    assert set(Gift.objects.values_list("amount_cents", flat=True)) == {1000, 1250}


def test_the_card_is_changed_at_stripe(promise: Subscription, visitor: Client) -> None:
    page = visitor.get("/don/gerer")
    response = send(visitor, f"/don/gerer/mensuel/{promise.pk}/stripe")
    assert response.status_code == 303
    origin = "/".join(response["Location"].split("/")[:3])
    (actions,) = [
        part for part in page["Content-Security-Policy"].split("; ") if "form-action" in part
    ]
    assert origin in actions


def test_a_late_month_is_told_with_a_way_to_pay(
    promise: Subscription, visitor: Client, stripe: StripeStandIn
) -> None:
    stripe.decline_renewals(promise.subscription_id)
    stripe.renew(promise.subscription_id)
    deliver(visitor, stripe)
    page = visitor.get("/don/gerer")
    assert says(page, "Le dernier prélèvement de 10,00 € a été refusé par votre banque.")
    promise.refresh_from_db()
    assert promise.hosted_invoice_url in [link["href"] for link in Page(page).all("a")]


@pytest.mark.parametrize("page", ["arreter", "montant", "stripe"])
def test_stripe_away_is_told_and_nothing_has_changed(
    page: str, promise: Subscription, visitor: Client, stripe: StripeStandIn
) -> None:
    stripe.fail(path="/v1/*", count=20)
    response = send(visitor, f"/don/gerer/mensuel/{promise.pk}/{page}", amount="20")
    assert response["Location"] == "/don/gerer?dit=stripe"
    assert says(visitor.get(response["Location"]), "Stripe ne répond pas. Rien n’a changé.")
    promise.refresh_from_db()
    assert (promise.status, promise.amount_cents) == ("active", 1000)


@pytest.mark.parametrize("page", ["arreter", "montant", "stripe"])
def test_nobody_touches_another_s_monthly_gift(
    page: str, promise: Subscription, stripe: StripeStandIn
) -> None:
    given("autre@example.org")
    stranger = Client(enforce_csrf_checks=True)
    sign_in(stranger, "autre@example.org")
    path = f"/don/gerer/mensuel/{promise.pk}/{page}"
    assert stranger.get(path).status_code in {404, 405}
    assert send(stranger, path, amount="20").status_code == 404
    promise.refresh_from_db()
    assert (promise.status, promise.amount_cents) == ("active", 1000)


# --- Papers --------------------------------------------------------------------------------------


def paper_of(gift: Gift, number: int, **facts: object) -> Receipt:
    """An attestation with its PDF, as the treasury issues them."""
    issuer, _made = ReceiptIssuer.objects.get_or_create(
        name="Au Poste", street="1, rue Là", postal_code="75020", city="Paris"
    )
    paper = Receipt.objects.create(
        issuer=issuer, kind="attestation", year=2026, number=number, donor=gift.donor,
        amount_cents=1000, issued_at=timezone.now(), rendered_at=timezone.now(), **facts,
    )  # fmt: skip
    ReceiptFile.objects.create(receipt=paper, pdf=b"%PDF-1.7 " + str(number).encode())
    return paper


def test_a_paper_is_for_the_person_whose_it_is(visitor: Client) -> None:
    mine, hers = paper_of(given(), 1), paper_of(given("autre@example.org"), 2)
    cancelled = paper_of(given(), 3, cancelled_at=timezone.now())
    assert visitor.get(f"/don/gerer/recus/{mine.pk}.pdf").status_code == 302
    sign_in(visitor)
    page = visitor.get("/don/gerer")
    links = [link["href"] for link in Page(page).all("a")]
    assert [link for link in links if "recus" in (link or "")] == [
        f"/don/gerer/recus/{mine.pk}.pdf"
    ]
    response = visitor.get(f"/don/gerer/recus/{mine.pk}.pdf")
    assert (response.content, response["Content-Type"]) == (b"%PDF-1.7 1", "application/pdf")
    assert response["Cache-Control"] == "no-store"
    for other in (hers, cancelled):
        assert visitor.get(f"/don/gerer/recus/{other.pk}.pdf").status_code == 404
