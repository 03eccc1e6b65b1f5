"""Attacks on the giving page are stopped, givers still give, and the treasurer is told once."""

import datetime as dt
import threading

import pytest
from django.conf import settings as site_settings
from django.db import connection
from django.db.models import F
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from donations import tasks
from donations.models import Gift, GivingSettings, OutgoingEmail, StripeEvent
from donations.services import shield
from sandbox.services import Services
from sandbox.stripe import StripeStandIn
from tests.donations.attackers import Attack, fill_in
from tests.donations.factories import month_with_lines
from tests.donations.pages import Page, says

pytestmark = pytest.mark.django_db
DONOR = "198.51.100.7"
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)
NOTICE = "Le don commence pour l’instant à 10,00 €."


@pytest.fixture(autouse=True)
def usual_limits(settings: Settings) -> None:
    """The defaults, which the suite widens elsewhere."""
    settings.GIFT_SESSIONS_PER_TEN_MINUTES = 40
    settings.GIFT_FORM_MINIMUM_SECONDS = 3
    settings.TRUST_PROXY = True


@pytest.fixture
def attack(visitor: Client, stripe: StripeStandIn) -> Attack:
    month_with_lines()
    return Attack(visitor, stripe)


def letters(key: str = "") -> "list[OutgoingEmail]":
    told = OutgoingEmail.objects.filter(to=site_settings.TREASURER_EMAIL, key__startswith=key)
    return list(told)


def source(number: int) -> str:
    return f"203.0.{number // 250}.{number % 250}"


def give(attack: Attack) -> Gift:
    """A donor fills in the form in a minute, with 20 €, and pays."""
    response = fill_in(attack.client, source=DONOR, email="zoe@example.org")
    assert response.status_code == 303, response.content.decode()[:3000]
    gift = Gift.objects.get(contact_email="zoe@example.org")
    attack.stripe.pay(gift.checkout_session_id or "")
    attack.let_events_arrive()
    gift.refresh_from_db()
    assert gift.status == Gift.Status.SUCCEEDED
    return gift


def let_pass(time: dt.timedelta) -> None:
    """All that the shield looks at becomes older."""
    StripeEvent.objects.update(created=F("created") - time)
    Gift.objects.update(created_at=F("created_at") - time, paid_at=F("paid_at") - time)
    GivingSettings.objects.update(shield_until=F("shield_until") - time)


def raise_shield() -> None:
    """Twenty cards were refused just now."""
    refuse(20)
    assert shield.watch()


def refuse(count: int) -> None:
    event("payment_intent.payment_failed", [f"pi_{n}" for n in range(count)])


def event(kind: str, objects: list[str]) -> None:
    now = timezone.now()
    StripeEvent.objects.bulk_create(
        StripeEvent(
            id=f"evt_{key}", type=kind, object_id=key, livemode=False, created=now, processed_at=now
        )
        for key in objects
    )


def shield_is_up(client: Client) -> bool:
    return says(client.get("/don"), NOTICE)


# --- The three attacks -------------------------------------------------------------------------


@pytest.mark.timeout(300)
@pytest.mark.parametrize("attempts", [500, pytest.param(5000, marks=pytest.mark.deep)])
def test_many_attempts_from_one_source(attack: Attack, attempts: int) -> None:
    """A patient program: it waits a minute, gives 20 €, and has a new e-mail each time."""
    for number in range(attempts // 2):
        attack.attempt(number, source="192.0.2.66")
    give(attack)
    for number in range(attempts // 2, attempts):
        attack.attempt(number, source="192.0.2.66")
    assert (len(attack.pages), attack.tried) == (20, 20)
    assert attack.answers == {303: 20, 429: attempts - 20}
    assert_told_once_and_over_in_an_hour(attack)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("sources", "likely"), [(600, 10), pytest.param(5000, 100, marks=pytest.mark.deep)]
)
def test_many_sources_with_one_attempt_each(attack: Attack, sources: int, likely: int) -> None:
    """Small sums, as card testers like them; one in so many tries what a giver would."""
    for number in range(sources):
        amount = "20" if number % likely == likely - 1 else str(number % 9 + 1)
        attack.attempt(number, source=source(number), amount=amount)
        if number == sources // 2:
            give(attack)
    # Twenty before the shield; then those that no limit tells from givers, up to its ceiling.
    assert attack.tried == len(attack.pages) == site_settings.SHIELD_SESSIONS_IN_ALL == 60
    turned_away = sources - 60 - shield.WRONG_FORMS
    assert attack.answers == {303: 60, 422: shield.WRONG_FORMS, 429: turned_away}
    assert_told_once_and_over_in_an_hour(attack)


@pytest.mark.parametrize("rhythm", ["once", "monthly"])
def test_one_page_with_fifty_cards(attack: Attack, rhythm: str) -> None:
    response = fill_in(attack.client, rhythm=rhythm)
    session = response["Location"].rpartition("/")[2]
    for _ in range(50):
        attack.try_card(session)
    assert (attack.tried, attack.turned_away) == (10, 40)
    assert attack.stripe.get(session)["status"] == "expired"
    gift = Gift.objects.get()
    assert (gift.status, gift.declines, gift.contact_email) == ("expired", 10, "")
    (letter,) = letters()
    assert letter.key == f"cards:{gift.pk}"
    assert f"/admin/donations/gift/{gift.pk}/change/" in letter.text
    give(attack)
    tasks.sweep()
    assert len(letters()) == 1
    assert not shield_is_up(attack.client)


def assert_told_once_and_over_in_an_hour(attack: Attack) -> None:
    tasks.sweep()
    (letter,) = letters()
    assert letter.key.startswith("shield:")
    assert letter.sent_at, "it has left"
    assert shield_is_up(attack.client)
    let_pass(HOUR + MINUTE)
    assert not shield_is_up(attack.client)
    assert fill_in(attack.client, amount="1", after=4, source="192.0.2.9").status_code == 303
    tasks.sweep()
    assert len(letters()) == 1


# --- What the shield does ----------------------------------------------------------------------


def test_a_crowd_that_behaves_finds_a_ceiling(
    attack: Attack, settings: Settings, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """Patient programs from everywhere are like givers: so few get in, and givers are told why."""
    settings.SHIELD_SESSIONS_IN_ALL = 30
    for number in range(50):
        attack.attempt(number, source=source(number))
    assert attack.tried == len(attack.pages) == 30
    with django_assert_max_num_queries(4):
        response = fill_in(attack.client, source=DONOR)
    assert (response.status_code, response["Retry-After"]) == (429, "600")
    assert says(response, "occupent toutes les places. Revenez dans dix minutes")
    assert Page(response).all("a", href="/don/bulletin")
    # Ten minutes later the shield is still up, and whoever comes back gets in.
    let_pass(11 * MINUTE)
    assert shield_is_up(attack.client)
    give(attack)
    assert [letter.key[:7] for letter in letters()] == ["shield:"]


def test_pages_that_were_closed_count_on(attack: Attack, settings: Settings) -> None:
    settings.SHIELD_SESSIONS_IN_ALL = 4
    raise_shield()
    for number in range(6):
        attack.attempt(number, source=source(number))
        for session in attack.pages:
            attack.try_card(session)
            attack.try_card(session)
    assert len(attack.pages) == 4
    assert attack.tried == 4 * site_settings.SHIELD_DECLINES_LIMIT


def test_pages_opened_by_the_hundred_and_left_raise_it(attack: Attack, settings: Settings) -> None:
    settings.SHIELD_SESSIONS = 20
    for number in range(20):
        assert fill_in(attack.client, source=source(number)).status_code == 303
    assert not letters()
    assert fill_in(attack.client, source=source(21)).status_code == 303
    (letter,) = letters()
    assert "21 pages de paiement ouvertes en dix minutes, dont 0 payées" in letter.text


def test_pages_that_are_paid_do_not(attack: Attack, settings: Settings) -> None:
    settings.SHIELD_SESSIONS = 5
    for number in range(8):
        fill_in(attack.client, source=source(number), email=f"m{number}@example.org")
        if number % 3 == 0:
            gift = Gift.objects.get(contact_email=f"m{number}@example.org")
            attack.stripe.pay(gift.checkout_session_id or "")
            attack.let_events_arrive()
    assert not letters()


def test_refused_cards_on_a_good_evening_do_not(attack: Attack) -> None:
    refuse(25)
    event("charge.succeeded", [f"ch_{n}" for n in range(25)])
    assert not shield.watch()


def test_monthly_gifts_that_stripe_retries_do_not() -> None:
    refuse(25)
    for number in range(25):
        Gift.objects.create(
            amount_cents=1000, kind="monthly", status="failed",
            payment_intent_id=f"pi_{number}", invoice_id=f"in_{number}",
        )  # fmt: skip
    assert not shield.watch()


def test_old_refusals_do_not() -> None:
    refuse(25)
    let_pass(11 * MINUTE)
    assert not shield.watch()


def test_the_form_says_why_and_offers_what_it_takes(attack: Attack) -> None:
    assert not shield_is_up(attack.client)
    raise_shield()
    response = attack.client.get("/don?montant=5")
    page = Page(response)
    assert says(response, NOTICE)
    assert says(response, "Des robots essaient ici des cartes volées")
    assert page.one("input", name="amount")["value"] == "10"
    offered = [chip["data-amount"] for chip in page.all("a", class_="chip")]
    assert offered == ["10", "20", "50"]
    assert says(response, "dès 10,00 €")


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"amount": "9,99"}, "Le don commence à 10,00 €."),
        ({"after": 8}, "ce formulaire attend 15 secondes. Renvoyez-le dans un instant."),
    ],
)
def test_a_form_that_it_refuses_comes_back_whole(
    attack: Attack, fields: dict[str, object], words: str
) -> None:
    raise_shield()
    response = fill_in(attack.client, message="Tenez bon", **fields)  # type: ignore[arg-type]
    assert response.status_code == 422
    assert says(response, words)
    assert says(response, "Tenez bon")
    assert fill_in(attack.client, amount="10", after=15).status_code == 303


def test_wrong_forms_by_the_hundred_get_a_short_answer(
    attack: Attack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shield, "WRONG_FORMS", 1)
    raise_shield()
    statuses = [fill_in(attack.client, amount="1").status_code for _ in range(2)]
    assert statuses == [422, 429]
    response = fill_in(attack.client, amount="1")
    assert says(response, "Votre don passera s’il est d’au moins 10,00 €")
    assert fill_in(attack.client, amount="10").status_code == 303


def test_three_pages_an_address(attack: Attack) -> None:
    raise_shield()
    statuses = [fill_in(attack.client, email=f"m{n}@example.org").status_code for n in range(4)]
    assert statuses == [303, 303, 303, 429]


def test_refusals_ask_nothing_of_the_till(
    attack: Attack, settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.GIFT_SESSIONS_PER_TEN_MINUTES = 1
    for _ in range(shield.FORMS_PER_PAGE):
        fill_in(attack.client, amount="rien")
    with django_assert_num_queries(0):
        response = fill_in(attack.client)
    assert response.status_code == 429
    assert says(response, "Trop d’essais depuis cette adresse. Revenez dans dix minutes.")
    assert not response.cookies


def test_a_page_left_open_by_a_dead_worker_is_closed_by_the_sweeper(attack: Attack) -> None:
    fill_in(attack.client)
    Gift.objects.update(declines=10)
    tasks.sweep()
    assert attack.stripe.get(Gift.objects.get().checkout_session_id)["status"] == "expired"


# --- Up and down -------------------------------------------------------------------------------


def test_it_stays_up_while_cards_are_refused(attack: Attack) -> None:
    raise_shield()
    let_pass(40 * MINUTE)
    event("payment_intent.payment_failed", [f"pi_more{n}" for n in range(20)])
    assert not shield.watch()
    let_pass(40 * MINUTE)
    assert shield_is_up(attack.client)
    assert len(letters()) == 1


def test_lowered_by_hand_it_rises_for_new_refusals_only(attack: Attack) -> None:
    raise_shield()
    assert shield.lower()
    assert not shield.lower()
    assert not shield_is_up(attack.client)
    assert not shield.watch(), "those were counted"
    event("payment_intent.payment_failed", [f"pi_more{n}" for n in range(20)])
    assert shield.watch()
    assert len(letters()) == 2


@pytest.mark.django_db(transaction=True)
def test_many_workers_see_the_same_and_one_tells() -> None:
    refuse(20)
    together = threading.Barrier(8)
    raised: list[bool] = []

    def look() -> None:
        together.wait()
        try:
            raised.append(shield.watch())
        finally:
            connection.close()

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (raised.count(True), len(raised), len(letters())) == (1, 8, 1)


def test_without_valkey_the_database_counts(
    attack: Attack, services: Services, settings: Settings
) -> None:
    settings.GIFT_SESSIONS_PER_TEN_MINUTES = 2
    settings.SHIELD_SESSIONS_IN_ALL = 4
    services.valkey.stop()
    try:
        statuses = [fill_in(attack.client, source=source(n)).status_code for n in range(3)]
        assert statuses == [303, 303, 429], "one e-mail from everywhere"
        raise_shield()
        for number in range(4):
            attack.attempt(number, source="192.0.2.66")
        assert attack.answers == {303: 2, 429: 2}, "nobody counts IPs, but all together"
    finally:
        services.valkey.start()
