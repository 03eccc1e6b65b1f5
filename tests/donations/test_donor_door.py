"""The door of a donor's space: the link by mail, used up once, and the cookie that it brings."""

import datetime as dt
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
    DonorLink,
    LinkRequest,
    OutgoingEmail,
)
from donations.services import donor_space
from tests.donations.donor_steps import EMAIL, HOME, ask, given, letter_link, send, sign_in
from tests.donations.pages import Page, says
from tests.donations.steps import work_off

pytestmark = pytest.mark.django_db

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
