"""Special collections beside the month: what episodes show, and where gifts go."""

import datetime as dt
import re
import threading
from html import unescape

import pytest
from django.conf import settings
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from broadcasts.models import Broadcast
from donations import tasks
from donations.models import BudgetLine, Campaign, Gift, LedgerEntry, OutgoingEmail
from donations.services.campaigns import (
    campaign_for,
    current_campaign,
    paris_day,
    prepare_next_month,
    recompute_progress,
)
from donations.services.offline import record_offline_gift
from sandbox.stripe import StripeStandIn
from tests.donations.factories import month_with_lines
from tests.donations.pages import says, spaced, text_of
from tests.donations.steps import post_event, send_form, start

pytestmark = pytest.mark.django_db


@pytest.fixture
def broadcast() -> Broadcast:
    month_with_lines()
    return Broadcast.objects.create(
        title="Sur la route",
        slug="sur-la-route",
        status=Broadcast.Status.PUBLISHED,
        published_at=timezone.now() - dt.timedelta(days=1),
    )


@pytest.fixture
def collection(broadcast: Broadcast) -> Campaign:
    today = paris_day()
    campaign = Campaign.objects.create(
        title="Un camion", kind="special", starts_on=today, ends_on=today + dt.timedelta(days=5)
    )
    campaign.broadcasts.add(broadcast)
    BudgetLine.objects.create(campaign=campaign, position=1, label="Moteur", amount_cents=500_00)
    record_offline_gift(
        key="camion", amount_cents=50_00, occurred_at=timezone.now(), collection=campaign
    )
    recompute_progress(campaign.pk)
    return campaign


def over(campaign: Campaign) -> None:
    """Its last day was yesterday."""
    today = paris_day()
    Campaign.objects.filter(pk=campaign.pk).update(
        starts_on=today - dt.timedelta(days=5), ends_on=today - dt.timedelta(days=1)
    )


def read(client: Client, address: str) -> tuple[str, str]:
    """A page's till as text, and the page."""
    html = client.get(address).content.decode()
    till = re.search(r'<aside class="till".*?</aside>', html, re.DOTALL)
    assert till
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", "", till[0]))), html


def test_its_episode_shows_it_and_no_other_page_does(
    client: Client, broadcast: Broadcast, collection: Campaign
) -> None:
    text, html = read(client, "/emissions/sur-la-route")
    assert "Un camion : 50,00 € récoltés / objectif 500,00 € (10,00 %) – 1 donateur·ice" in text
    assert "Moteur en cours : 50,00 € sur 500,00 €" in text
    assert "Loyer" not in text
    assert f"/fragments/collecte?collecte={collection.pk}" in html
    link = f"/don?emission=sur-la-route&amp;collecte={collection.pk}"
    assert html.count(f'href="{link}"') == 2
    for address in ("/", "/fragments/collecte", "/don"):
        assert "Loyer" in read(client, address)[0]
    text, _ = read(client, f"/fragments/collecte?collecte={collection.pk}")
    assert "Moteur" in text


def test_the_month_is_back_when_it_is_over(
    client: Client, broadcast: Broadcast, collection: Campaign
) -> None:
    over(collection)
    text, html = read(client, "/emissions/sur-la-route")
    assert "Loyer" in text
    assert "collecte=" not in html
    for address in (
        f"/fragments/collecte?collecte={collection.pk}",
        f"/don?collecte={collection.pk}",
    ):
        assert "Loyer" in read(client, address)[0]


@pytest.mark.parametrize("asked", ["abc", "", "9" * 30, "-1", "²", "999999"])
def test_what_is_no_collection_is_the_month(
    asked: str, client: Client, broadcast: Broadcast
) -> None:
    for page in ("/fragments/collecte", "/don"):
        response = client.get(page, {"collecte": asked})
        assert response.status_code == 200
        assert b"Loyer" in response.content


def test_a_month_is_no_collection(client: Client, broadcast: Broadcast) -> None:
    month = current_campaign()
    html = client.get(f"/don?collecte={month.pk}").content.decode()
    assert 'name="collecte"' not in html


def test_the_episode_takes_no_query_more(
    client: Client, broadcast: Broadcast, collection: Campaign
) -> None:
    client.get("/emissions/sur-la-route")
    with CaptureQueriesContext(connection) as shown:
        client.get("/emissions/sur-la-route")
    over(collection)
    with CaptureQueriesContext(connection) as plain:
        client.get("/emissions/sur-la-route")
    assert len(shown) == len(plain)
    assert sum("donations_budgetline" in query["sql"] for query in shown) == 1


def test_a_gift_for_it_lands_in_it(
    client: Client, stripe: StripeStandIn, broadcast: Broadcast, collection: Campaign
) -> None:
    page = client.get(f"/don?emission=sur-la-route&collecte={collection.pk}").content.decode()
    assert f'name="collecte" value="{collection.pk}"' in page
    assert "Votre don va à la collecte" in page
    started = start(client, emission="sur-la-route", collecte=str(collection.pk))
    assert started.gift.collection == collection
    dropped = client.get(f"/don?annule={started.gift.pk}").content.decode()
    assert f'name="collecte" value="{collection.pk}"' in dropped
    stripe.pay(started.session)
    for event in stripe.events():
        post_event(client, stripe, event)
    tasks.sweep()
    assert LedgerEntry.objects.get(kind="gift").campaign == collection
    thanks, _ = read(client, f"/don/merci?session={started.session}")
    assert "Un camion : 60,00 €" in thanks
    page = client.get(f"/don/merci?session={started.session}")
    assert says(page, "votre don rejoint la collecte « Un camion », il n’est réservé à aucun poste")
    assert not says(page, "votre don rejoint le budget du mois")
    letter = OutgoingEmail.objects.get(key=f"thanks:{started.gift.pk}")
    for said in (re.sub(r"\n+", " ", letter.text), text_of(letter.html)):
        assert spaced("Votre don va à la collecte « Un camion », à côté du budget du mois.") in said
        assert "Chaque mois a son budget" not in said
    for written in (letter.text, letter.html):
        assert f"{settings.SITE_URL}/don?collecte={collection.pk}" in written
    collection.refresh_from_db()
    assert (collection.progress.raised_cents, collection.progress.donors) == (6000, 2)


def test_money_that_comes_after_its_end_goes_to_the_month(
    client: Client, stripe: StripeStandIn, broadcast: Broadcast, collection: Campaign
) -> None:
    started = start(client, collecte=str(collection.pk))
    over(collection)
    stripe.pay(started.session)
    for event in stripe.events():
        post_event(client, stripe, event)
    tasks.sweep()
    assert LedgerEntry.objects.get(kind="gift").campaign == current_campaign()
    page = client.get(f"/don/merci?session={started.session}")
    assert says(page, "votre don rejoint le budget du mois, il n’est réservé à aucun poste")
    letter = OutgoingEmail.objects.get(key=f"thanks:{started.gift.pk}")
    for said in (letter.text, text_of(letter.html)):
        assert "Chaque mois a son budget, poste par poste." in said
        assert "Un camion" not in said


def test_a_form_of_a_collection_that_has_ended_gives_to_the_month(
    client: Client, stripe: StripeStandIn, broadcast: Broadcast, collection: Campaign
) -> None:
    over(collection)
    send_form(client, collecte=str(collection.pk))
    assert Gift.objects.get(channel="stripe").collection is None


@pytest.mark.parametrize(
    ("moment", "inside"),
    [
        (dt.datetime(2026, 10, 31, 22, 59, 59, tzinfo=dt.UTC), True),
        (dt.datetime(2026, 10, 31, 23, 0, 0, tzinfo=dt.UTC), False),
        (dt.datetime(2026, 9, 30, 22, 0, 0, tzinfo=dt.UTC), True),
        (dt.datetime(2026, 9, 30, 21, 59, 59, tzinfo=dt.UTC), False),
    ],
)
def test_its_days_are_paris_days(moment: dt.datetime, inside: bool) -> None:
    special = Campaign.objects.create(
        title="Octobre", kind="special", starts_on="2026-10-01", ends_on="2026-10-31"
    )
    special.refresh_from_db()
    found = campaign_for(Gift(collection=special), moment)
    assert (found == special) is inside


@pytest.mark.django_db(transaction=True)
def test_two_hands_prepare_one_month_with_its_lines_once() -> None:
    month_with_lines()
    together = threading.Barrier(3)

    def prepare() -> None:
        try:
            together.wait()
            prepare_next_month()
        finally:
            connections.close_all()

    threads = [threading.Thread(target=prepare) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ahead = Campaign.objects.get(starts_on__gt=paris_day())
    assert (ahead.lines.count(), ahead.goal_cents) == (7, 3_000_000)
