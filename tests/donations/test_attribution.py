"""What episodes bring: a number for readers, amounts for the treasury."""

import csv
import datetime as dt
import io
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from auposte.money import NBSP
from broadcasts.models import Broadcast
from donations.models import Donor, Gift, GivingSettings, LedgerEntry, Subscription
from sandbox.stripe import StripeStandIn
from tests.admin.html import form_of, text_of
from tests.donations.books import Book
from tests.donations.factories import month_with_lines
from tests.donations.pages import says
from tests.donations.steps import post_event, start, work_off
from tests.factories import BroadcastFactory, SeriesFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


@pytest.fixture
def book() -> Book:
    return Book(month_with_lines())


@pytest.fixture
def episode() -> Broadcast:
    return BroadcastFactory(title="Bassines", slug="bassines", series=SeriesFactory(title="Eaux"))


def give(book: Book, broadcast: Broadcast | None, people: int, **facts: object) -> list[Gift]:
    return [book.gift(1000, broadcast=broadcast, **facts) for _ in range(people)]


def told(visitor: Client, broadcast: Broadcast) -> bool:
    return b"a suscit\xc3\xa9" in visitor.get(broadcast.get_absolute_url()).content


# --- For readers ---------------------------------------------------------------------------------


def test_gifts_through_an_episode_are_told_from_five_donors_up(
    visitor: Client, stripe: StripeStandIn, episode: Broadcast
) -> None:
    month_with_lines()
    for number in range(5):
        assert not told(visitor, episode)
        given = start(Client(), emission=episode.slug, email=f"don{number}@example.org")
        stripe.pay(given.session)
        for event in stripe.events():
            post_event(visitor, stripe, event)
        work_off()
    assert says(visitor.get("/emissions/bassines"), f"Ce texte a suscité 5{NBSP}dons.")
    stripe.refund(given.session)
    for event in stripe.events():
        post_event(visitor, stripe, event)
    work_off()
    assert not told(visitor, episode)


def test_people_count_and_not_their_gifts(visitor: Client, book: Book, episode: Broadcast) -> None:
    give(book, episode, 4)
    give(book, episode, 6, donor=book.gifts[0].donor)
    book.close()
    assert not told(visitor, episode)
    more = Book(book.campaign)
    give(more, episode, 1)
    more.close()
    assert says(visitor.get(episode.get_absolute_url()), f"a suscité 11{NBSP}dons.")


def test_gifts_that_went_back_do_not_count(visitor: Client, book: Book, episode: Broadcast) -> None:
    gifts = give(book, episode, 7)
    book.entry(gifts[0], LedgerEntry.Kind.REFUND, -1000)
    book.entry(gifts[1], LedgerEntry.Kind.DISPUTE, -1000)
    book.entry(gifts[2], LedgerEntry.Kind.REFUND, -400)
    book.close()
    assert says(visitor.get(episode.get_absolute_url()), f"a suscité 5{NBSP}dons.")


def test_a_promise_is_one_gift_however_often_it_paid(
    visitor: Client, book: Book, episode: Broadcast
) -> None:
    for number in range(5):
        donor = Donor.objects.create()
        promise = Subscription.objects.create(
            amount_cents=1000,
            donor=donor,
            subscription_id=f"sub_{number}",
            status=Subscription.Status.ACTIVE,
        )
        for gift in give(book, episode, 3, donor=donor, kind=Gift.Kind.MONTHLY):
            gift.subscription = promise
    book.close()
    assert says(visitor.get(episode.get_absolute_url()), f"a suscité 5{NBSP}dons.")


def test_the_treasury_sets_from_how_many(
    visitor: Client,
    treasurer: Client,
    book: Book,
    episode: Broadcast,
) -> None:
    give(book, episode, 6)
    book.close()
    GivingSettings.objects.create(pk=1)
    form = reverse("admin:donations_givingsettings_change", args=[1])
    for least, speaks in ((7, False), (6, True)):
        fields = {**form_of(treasurer.get(form)), "gifts_shown_from": str(least)}
        assert treasurer.post(form, fields).status_code == 302
        assert told(visitor, episode) is speaks


def test_other_episodes_and_waiting_gifts_do_not_count(
    visitor: Client, book: Book, episode: Broadcast
) -> None:
    give(book, BroadcastFactory(), 6)
    give(book, None, 6)
    for number in range(6):
        Gift.objects.create(
            amount_cents=1000, broadcast=episode, contact_email=f"p{number}@example.org"
        )
    book.close()
    assert not told(visitor, episode)


def test_the_sentence_costs_no_query(visitor: Client, book: Book, episode: Broadcast) -> None:
    path = episode.get_absolute_url()
    visitor.get(path)
    with CaptureQueriesContext(connection) as without:
        visitor.get(path)
    give(book, episode, 6)
    book.close()
    with CaptureQueriesContext(connection) as with_gifts:
        assert told(visitor, episode)
    assert len(with_gifts) == len(without)


# --- For the treasury ----------------------------------------------------------------------------

TOTALS = "admin:donations_gift_by_broadcast"


def rows(client: Client, which: str, **period: str) -> dict[str, list[str]]:
    """The download's rows by title."""
    response = client.get(reverse(TOTALS), {"csv": which, **period})
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert "no-store" in response["Cache-Control"]
    text = response.content.decode("utf-8-sig")
    return {row[0]: row[1:] for row in csv.reader(io.StringIO(text), delimiter=";")}


def test_totals_by_episode_and_series(treasurer: Client, book: Book, episode: Broadcast) -> None:
    other = BroadcastFactory(title="=1+1", series=episode.series)
    gifts = give(book, episode, 2)
    give(book, episode, 1, kind=Gift.Kind.MONTHLY)
    give(book, other, 1, donor=gifts[0].donor)
    give(book, None, 3)
    book.entry(gifts[1], LedgerEntry.Kind.REFUND, -1000)
    book.entry(gifts[0], LedgerEntry.Kind.FEE, -40)
    book.entry(gifts[0], LedgerEntry.Kind.FEE_COVER, 41)
    book.close()
    by_episode = rows(treasurer, "emissions")
    assert by_episode["Bassines"] == ["2", "2", "10,00", "10,00", "20,00"]
    assert by_episode["'=1+1"] == ["1", "1", "10,00", "0,00", "10,00"]
    assert by_episode["Sans émission"] == ["3", "3", "30,00", "0,00", "30,00"]
    by_series = rows(treasurer, "series")
    assert by_series["Eaux"] == ["3", "2", "20,00", "10,00", "30,00"]
    page = text_of(treasurer.get(reverse(TOTALS)))
    for words in ("Bassines 2 2 10,00 € 10,00 € 20,00 €", "Eaux 3 2", "Sans émission 3 3"):
        assert words in page, words


def test_the_period_is_of_days_in_paris(treasurer: Client, episode: Broadcast) -> None:
    campaign = month_with_lines(at=dt.datetime(2026, 3, 15, tzinfo=dt.UTC))
    book = Book(campaign)
    give(book, episode, 2)
    # 23:30 of the 31st in Paris, and half an hour into April, both on the 31st in UTC.
    for entry, hour in zip(book.entries, ((21, 30), (22, 30)), strict=True):
        entry.occurred_at = dt.datetime(2026, 3, 31, *hour, tzinfo=dt.UTC)
    book.close()
    assert rows(treasurer, "emissions", du="2026-03-31", au="2026-03-31")["Bassines"][0] == "1"
    assert rows(treasurer, "emissions", du="2026-04-01")["Bassines"][0] == "1"
    assert "Bassines" not in rows(treasurer, "emissions", au="2026-03-30")
    page = treasurer.get(reverse(TOTALS), {"du": "2026-04-02"})
    assert "Aucun don dans cette période." in text_of(page)


@pytest.mark.parametrize(
    "period",
    [
        {"du": "hier"},
        {"du": "2026-05-02", "au": "2026-05-01"},
        {"du": "0001-01-01"},
        {"au": "9999-12-31"},
    ],
)
def test_a_period_that_is_none_is_refused_in_words(treasurer: Client, period: object) -> None:
    response = treasurer.get(reverse(TOTALS), period)
    assert response.status_code == 400
    assert "errorlist" in response.content.decode()


@pytest.mark.parametrize(
    ("role", "status"),
    [("outsider", 302), ("reader", 302), ("editor", 403), ("moderator", 403), ("owner", 200)],
)
def test_amounts_are_for_the_treasury(staff: SignIn, role: str, status: int) -> None:
    client = staff(role)
    for query in ({}, {"csv": "emissions"}, {"csv": "series"}):
        assert client.get(reverse(TOTALS), query).status_code == status
    listed = client.get(reverse("admin:donations_gift_changelist"))
    assert ("Dons par émission" in listed.content.decode()) == (role == "owner")


def test_queries_do_not_grow_with_episodes(treasurer: Client, book: Book) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            treasurer.get(reverse(TOTALS), {"au": timezone.localdate().isoformat()})
        return len(queries)

    give(book, BroadcastFactory(), 1)
    book.close()
    few = count()
    more = Book(book.campaign)
    for _ in range(5):
        give(more, BroadcastFactory(series=SeriesFactory()), 2)
    more.close()
    assert count() == few
