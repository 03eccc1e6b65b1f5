"""A donor without an account: the link by mail, the cookie, and what is done behind it."""

import datetime as dt
import json
import re
import uuid

import pytest
from django.core import mail, signing
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from auposte.http import form_stamp
from donations import donor_session, tasks
from donations.models import (
    Donor,
    DonorAction,
    DonorLink,
    Gift,
    LinkRequest,
    OutgoingEmail,
    Receipt,
    ReceiptFile,
    ReceiptIssuer,
    Subscription,
)
from donations.services import donor_space
from donations.services.offline import record_offline_gift
from sandbox.stripe import StripeStandIn
from tests.donations.factories import month_with_lines
from tests.donations.pages import Page, says
from tests.donations.steps import deliver, start, work_off

pytestmark = pytest.mark.django_db

HOME = {"sec-fetch-site": "same-origin"}
EMAIL = "lectrice@example.org"


def given(email: str = EMAIL, cents: int = 1000, days: int = 1, **facts: object) -> Gift:
    """A gift of a donor, paid `days` ago."""
    gift = record_offline_gift(
        key=str(uuid.uuid4()),
        amount_cents=cents,
        occurred_at=timezone.now() - dt.timedelta(days=days),
        donor_email=email,
    )
    Gift.objects.filter(pk=gift.pk).update(**facts)
    return gift


def ask(client: Client, email: str = EMAIL, **fields: str) -> object:
    data = {"email": email, "stamp": form_stamp(), **fields}
    return client.post("/don/gerer", data, headers=HOME)


def letter_link() -> str:
    """The path in the letter that was sent last."""
    work_off()
    found = re.search(r"/don/gerer/[\w-]{43}", mail.outbox[-1].body)
    assert found
    return found[0]


def sign_in(client: Client, email: str = EMAIL) -> None:
    """By the letter, as a person does."""
    ask(client, email)
    assert client.post(letter_link(), headers=HOME).status_code == 303


def send(client: Client, path: str, **fields: str) -> object:
    """Send a form of the space, with the stamp that its pages carry."""
    stamps = {field["value"] for field in Page(client.get("/don/gerer")).all("input", name="stamp")}
    (stamp,) = stamps
    return client.post(path, {"stamp": stamp or "", **fields}, headers=HOME)


# --- The door ------------------------------------------------------------------------------------


def test_the_door_is_one_plain_form_without_cookie(visitor: Client) -> None:
    response = visitor.get("/don/gerer")
    page = Page(response)
    assert (response.status_code, len(page.all("h1"))) == (200, 1)
    assert page.one("form")["action"] == "/don/gerer"
    assert response["Cache-Control"] == "no-store"
    assert not response.cookies


def test_nobody_learns_whether_an_address_gave(visitor: Client) -> None:
    given()
    answers, queries = [], []
    for email in (EMAIL, "inconnue@example.org"):
        with CaptureQueriesContext(
            connection,
        ) as seen:
            answers.append(ask(visitor, email))
        queries.append([re.sub(r"'[^']*'|\d+", "?", query["sql"]) for query in seen])
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert answers[0].headers == answers[1].headers
    assert queries[0] == queries[1] != []
    assert says(answers[0], "Si cette adresse est celle d’un don, un lien vous attend")
    assert LinkRequest.objects.count() == 2
    work_off()
    assert not LinkRequest.objects.exists()
    assert [letter.to for letter in mail.outbox] == [[EMAIL]]
    assert DonorLink.objects.count() == 1


def test_an_address_is_found_whatever_its_case(visitor: Client) -> None:
    given()
    ask(visitor, "Lectrice@Example.ORG")
    assert letter_link()


def test_a_lost_request_is_found_by_the_sweeper_for_a_day(visitor: Client) -> None:
    given()
    ask(visitor)
    LinkRequest.objects.update(created_at=timezone.now() - dt.timedelta(hours=25))
    work_off()
    assert not LinkRequest.objects.exists()
    assert not mail.outbox


def test_a_request_is_answered_once(visitor: Client) -> None:
    given()
    ask(visitor)
    request_id = LinkRequest.objects.get().pk
    for _ in range(3):
        tasks.answer_link_request(request_id)
    assert DonorLink.objects.count() == OutgoingEmail.objects.count() == 1


@pytest.mark.parametrize("known", [True, False])
def test_too_many_requests_are_told_so(known: bool, visitor: Client) -> None:
    if known:
        given()
    statuses = [ask(visitor).status_code for _ in range(6)]
    assert statuses == [200] * 5 + [429]
    assert says(ask(visitor), "Trop de demandes.")
    assert ask(visitor, "une.autre@example.org").status_code == 200


def test_one_machine_does_not_try_many_addresses(visitor: Client) -> None:
    statuses = [ask(visitor, f"n{n}@example.org").status_code for n in range(31)]
    assert statuses == [200] * 30 + [429]


def test_a_letter_box_is_not_flooded_even_without_counters(visitor: Client) -> None:
    given()
    for _ in range(donor_space.LINKS_AN_HOUR + 2):
        donor_space.answer(donor_space.ask_for_link(EMAIL))
    assert OutgoingEmail.objects.count() == donor_space.LINKS_AN_HOUR


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"email": "lectrice@"}, "Cette adresse électronique est incomplète."),
        ({"email": ""}, "Indiquez votre adresse électronique."),
        ({"website": "https://spam.example"}, "Ce formulaire n’a pas été rempli par une personne."),
        ({"stamp": "faux"}, "Cette page a vieilli."),
    ],
)
def test_a_bad_request_asks_for_nothing(
    fields: dict[str, str], words: str, visitor: Client
) -> None:
    response = ask(visitor, **fields)
    assert response.status_code == 422
    assert says(response, words)
    assert not LinkRequest.objects.exists()


def test_a_form_from_elsewhere_asks_for_nothing(visitor: Client) -> None:
    data = {"email": EMAIL, "stamp": form_stamp()}
    response = visitor.post("/don/gerer", data, headers={"origin": "https://ailleurs.example"})
    assert response.status_code == 403
    assert not LinkRequest.objects.exists()


# --- The link ------------------------------------------------------------------------------------


def test_opening_a_link_uses_nothing_up_and_tells_nothing(visitor: Client) -> None:
    given(public_name="Jeanne Lectrice")
    ask(visitor)
    path = letter_link()
    scanner = Client()
    for _ in range(3):
        scanner.head(path)
        response = scanner.get(path)
    assert response.status_code == 200
    assert not response.cookies
    for personal in (EMAIL, "Jeanne", "10,00"):
        assert personal not in response.content.decode()
    assert path.rpartition("/")[2] not in response.content.decode()
    assert (response["Cache-Control"], response["Referrer-Policy"]) == ("no-store", "no-referrer")
    entered = visitor.post(path, headers=HOME)
    assert (entered.status_code, entered["Location"]) == (303, "/don/gerer")
    assert says(visitor.get("/don/gerer"), EMAIL)


def test_only_the_digest_is_kept_and_the_letter_is_emptied(visitor: Client) -> None:
    given()
    ask(visitor)
    secret = letter_link().rpartition("/")[2]
    assert secret not in str(list(DonorLink.objects.values()))
    letter = OutgoingEmail.objects.get()
    assert letter.sent_at
    assert (letter.key, letter.to, letter.text, letter.html) == (
        f"link:{DonorLink.objects.get().pk}", "", "", "",
    )  # fmt: skip


def test_a_letter_that_cannot_leave_in_time_goes(visitor: Client, settings: Settings) -> None:
    given()
    ask(visitor)
    settings.EMAIL_BACKEND = "nowhere.EmailBackend"
    work_off()
    assert OutgoingEmail.objects.exclude(text="").exists()
    OutgoingEmail.objects.update(created_at=timezone.now() - dt.timedelta(minutes=31))
    work_off()
    assert not OutgoingEmail.objects.exists()


def test_a_link_works_once(visitor: Client) -> None:
    given()
    ask(visitor)
    path = letter_link()
    assert visitor.post(path, headers=HOME).status_code == 303
    second = Client()
    response = second.post(path, headers=HOME)
    assert (response.status_code, len(response.cookies)) == (410, 0)
    assert says(response, "Ce lien a déjà servi")
    assert Page(second.get(path)).one("a", class_="button")["href"] == "/don/gerer"


def test_an_old_link_says_so(visitor: Client) -> None:
    given()
    ask(visitor)
    path = letter_link()
    DonorLink.objects.update(expires_at=timezone.now())
    for response in (visitor.get(path), visitor.post(path, headers=HOME)):
        assert response.status_code == 410
        assert says(response, "Ce lien a expiré")
        assert not response.cookies


@pytest.mark.parametrize("secret", ["x" * 43, "coupé", "x" * 3000])
def test_an_unknown_link_says_so(secret: str, visitor: Client) -> None:
    for response in (visitor.get(f"/don/gerer/{secret}"), visitor.post(f"/don/gerer/{secret}")):
        assert response.status_code == 410
        assert says(response, "Ce lien n’ouvre rien")
        assert not response.cookies


# --- The session ---------------------------------------------------------------------------------


def test_the_cookie_is_for_these_pages_alone(visitor: Client) -> None:
    given()
    sign_in(visitor)
    cookie = visitor.cookies[donor_session.COOKIE]
    assert (cookie["path"], cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (
        "/don/gerer", True, "Lax", 3600,
    )  # fmt: skip
    assert EMAIL not in cookie.value
    assert set(visitor.cookies) == {donor_session.COOKIE}
    space = visitor.get("/don/gerer")
    assert (space["Cache-Control"], space["Referrer-Policy"]) == ("no-store", "no-referrer")


def test_the_cookie_is_secure_on_a_public_site(visitor: Client, settings: Settings) -> None:
    settings.SECURE = True
    given()
    sign_in(visitor)
    assert visitor.cookies[donor_session.COOKIE]["secure"]


def cookie_of(donor: Donor, *, salt: str = donor_session.SALT, age: int = 0) -> str:
    class Earlier(signing.TimestampSigner):
        def timestamp(self) -> str:
            return signing.b62_encode(int(timezone.now().timestamp()) - age)

    signer = Earlier(salt=salt)
    return signer.sign_object([donor.pk, donor.session_key.hex])


@pytest.mark.parametrize("fault", ["none", "old", "salt", "key", "unknown", "noise"])
def test_only_a_cookie_of_ours_opens(fault: str, visitor: Client) -> None:
    donor = given().donor
    values = {
        "none": cookie_of(donor),
        "old": cookie_of(donor, age=3601),
        "salt": cookie_of(donor, salt="donations.another"),
        "key": cookie_of(Donor(pk=donor.pk, session_key=uuid.uuid4())),
        "unknown": cookie_of(Donor(pk=0)),
        "noise": "bonjour",
    }
    visitor.cookies[donor_session.COOKIE] = values[fault]
    opened = EMAIL in visitor.get("/don/gerer").content.decode()
    assert opened == (fault == "none")


PAGES = ("mes-donnees", "noms", "adresse", "effacer")


@pytest.mark.parametrize("page", PAGES)
def test_strangers_are_led_to_the_door(page: str, visitor: Client) -> None:
    given()
    for response in (
        visitor.get(f"/don/gerer/{page}"),
        visitor.post(f"/don/gerer/{page}", {"word": "effacer"}, headers=HOME),
    ):
        assert response.status_code in {302, 405}
        if response.status_code == 302:
            assert response["Location"] == "/don/gerer?dit=session"
    assert Donor.objects.get().email == EMAIL


@pytest.mark.parametrize("stamp", ["", "0" * 64])
def test_a_form_needs_the_session_s_own_stamp(stamp: str, visitor: Client) -> None:
    given()
    sign_in(visitor)
    for page in ("quitter", "noms", "adresse", "effacer"):
        data = {"stamp": stamp, "word": "effacer", "city": "Lyon"}
        assert visitor.post(f"/don/gerer/{page}", data, headers=HOME).status_code == 403
    donor = Donor.objects.get()
    assert (donor.email, donor.city) == (EMAIL, "")


def test_the_stamp_of_one_session_is_not_that_of_another(visitor: Client) -> None:
    given()
    given("autre@example.org")
    other = Client(enforce_csrf_checks=True)
    sign_in(other, "autre@example.org")
    stamp = Page(other.get("/don/gerer")).all("input", name="stamp")[0]["value"] or ""
    sign_in(visitor)
    response = visitor.post("/don/gerer/effacer", {"stamp": stamp, "word": "effacer"}, headers=HOME)
    assert response.status_code == 403


def test_a_browser_that_hides_where_it_comes_from_may_still_enter(visitor: Client) -> None:
    """Pages without a referrer make browsers send `Origin: null`, and older ones nothing else."""
    given()
    ask(visitor)
    path = letter_link()
    assert visitor.post(path, headers={"origin": "https://ailleurs.example"}).status_code == 403
    other_site = {"origin": "null", "sec-fetch-site": "cross-site"}
    assert visitor.post(path, headers=other_site).status_code == 403
    assert visitor.post(path, headers={"origin": "null"}).status_code == 303


def test_leaving_takes_the_cookie_back(visitor: Client) -> None:
    given()
    sign_in(visitor)
    kept = visitor.cookies[donor_session.COOKIE].value
    assert send(visitor, "/don/gerer/quitter").status_code == 303
    assert says(visitor.get("/don/gerer?dit=sorti"), "Vous êtes déconnecté·e.")
    visitor.cookies[donor_session.COOKIE] = kept
    assert says(visitor.get("/don/gerer"), EMAIL), "elsewhere it still holds"


def test_leaving_everywhere_ends_every_session_and_link(visitor: Client) -> None:
    given()
    sign_in(visitor)
    ask(Client())
    unused = letter_link()
    kept = visitor.cookies[donor_session.COOKIE].value
    send(visitor, "/don/gerer/quitter", partout="1")
    visitor.cookies[donor_session.COOKIE] = kept
    assert not says(visitor.get("/don/gerer"), EMAIL)
    assert says(Client().get(unused), "Ce lien n’ouvre rien")


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
    assert len(many) == len(few) <= 6


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
