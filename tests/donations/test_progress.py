"""What the pages show equals the ledger, in the right month, counted by people."""

import datetime as dt
import re
import threading
from html import unescape
from zoneinfo import ZoneInfo

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from auposte.money import NBSP, NNBSP
from donations import tasks
from donations.models import BudgetLine, Campaign, Donor, LedgerEntry, Progress
from donations.services.campaigns import current_campaign, recompute_progress, shown_fundraising
from donations.services.offline import record_offline_gift
from sandbox.stripe import StripeStandIn
from tests.donations.factories import month_with_lines
from tests.donations.steps import post_event, start

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")


def text_of_till(client: Client) -> str:
    """The till as a reader hears it: tags dropped, spaces folded (the no-break ones kept)."""
    html = client.get("/fragments/collecte").content.decode()
    return re.sub(r"[ \n]+", " ", unescape(re.sub(r"<[^>]+>", "", html)))


def give_offline(cents: int, key: str, email: str | None = None) -> None:
    record_offline_gift(key=key, amount_cents=cents, occurred_at=timezone.now(), donor_email=email)
    tasks.sweep()


def test_ten_euros_of_thirty_thousand(client: Client) -> None:
    month_with_lines()
    give_offline(1000, "a", "a@example.org")
    assert (
        f"10,00{NBSP}€ récoltés / objectif 30{NNBSP}000,00{NBSP}€ (0,03{NBSP}%)"
        f" – 1{NBSP}donateur·ice"
    ) in text_of_till(client)


def test_two_gifts_of_one_person_are_one_donor(client: Client) -> None:
    month_with_lines()
    give_offline(1000, "a", "Lectrice@Example.org")
    give_offline(500, "b", "lectrice@example.org ")
    give_offline(500, "c", "autre@example.org")
    shown = shown_fundraising()
    assert (shown.raised_cents, shown.donors) == (2000, 2)
    assert f"2{NBSP}donateur·ices" in text_of_till(client)
    assert Donor.objects.count() == 2


def test_fees_and_their_cover_never_touch_the_bar(client: Client, stripe: StripeStandIn) -> None:
    month_with_lines()
    started = start(client, cover_fee="on")
    stripe.pay(started.session)
    stripe.balance(started.session)
    for event in stripe.events():
        post_event(client, stripe, event)
    tasks.sweep()
    kinds = dict(LedgerEntry.objects.values_list("kind", "amount_cents"))
    assert kinds == {"gift": 1000, "fee_cover": 41, "fee": -41}
    assert shown_fundraising().raised_cents == 1000


def test_above_the_goal(client: Client) -> None:
    month_with_lines((("Loyer", 100_00), ("Site", 200_00)))
    give_offline(312_00, "a")
    page = unescape(client.get("/fragments/collecte").content.decode())
    closed = re.findall(r"<summary.*?</summary>", page, re.DOTALL)
    assert len(closed) == page.count("<details>") == 1
    assert f"Objectif dépassé{NBSP}: 104{NBSP}%. Merci." in closed[0]
    assert page.count("Objectif dépassé") == 1


def test_an_empty_campaign_is_a_good_page(client: Client) -> None:
    month_with_lines(())
    response = client.get("/fragments/collecte")
    assert response.status_code == 200
    assert Campaign.objects.get().goal_cents == 0


@pytest.mark.parametrize(
    ("moment", "month"),
    [
        (dt.datetime(2026, 10, 31, 22, 59, 59, tzinfo=dt.UTC), dt.date(2026, 10, 1)),
        (dt.datetime(2026, 10, 31, 23, 0, 0, tzinfo=dt.UTC), dt.date(2026, 11, 1)),
        (dt.datetime(2026, 6, 30, 21, 59, 59, tzinfo=dt.UTC), dt.date(2026, 6, 1)),
        (dt.datetime(2026, 6, 30, 22, 0, 0, tzinfo=dt.UTC), dt.date(2026, 7, 1)),
        (dt.datetime(2026, 12, 31, 23, 0, 0, tzinfo=dt.UTC), dt.date(2027, 1, 1)),
    ],
)
def test_months_change_at_midnight_in_paris(moment: dt.datetime, month: dt.date) -> None:
    assert current_campaign(moment).starts_on == month


def test_a_gift_lands_in_the_month_of_its_money() -> None:
    before = dt.datetime(2026, 10, 31, 23, 59, 59, tzinfo=PARIS)
    after = dt.datetime(2026, 11, 1, 0, 0, 0, tzinfo=PARIS)
    for key, moment in (("before", before), ("after", after)):
        record_offline_gift(key=key, amount_cents=700, occurred_at=moment)
    months = LedgerEntry.objects.order_by("occurred_at").values_list(
        "campaign__starts_on", flat=True
    )
    assert list(months) == [dt.date(2026, 10, 1), dt.date(2026, 11, 1)]


@pytest.mark.django_db(transaction=True)
def test_a_new_month_takes_the_last_ones_lines_once() -> None:
    month_with_lines(at=dt.datetime(2026, 9, 15, tzinfo=dt.UTC))
    together = threading.Barrier(4)

    def open_month() -> None:
        try:
            together.wait()
            current_campaign(dt.datetime(2026, 10, 15, tzinfo=dt.UTC))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=open_month) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    october = Campaign.objects.get(starts_on=dt.date(2026, 10, 1))
    assert october.title == "Octobre 2026"
    assert october.ends_on == dt.date(2026, 10, 31)
    assert october.goal_cents == 3_000_000
    assert BudgetLine.objects.filter(campaign=october).count() == 7


def test_the_progress_can_be_rebuilt_from_nothing() -> None:
    campaign = month_with_lines()
    give_offline(1000, "a", "a@example.org")
    right = Progress.objects.values_list("raised_cents", "donors").get()
    Progress.objects.update(raised_cents=999_999, donors=77)
    recompute_progress(campaign.pk)
    assert Progress.objects.values_list("raised_cents", "donors").get() == right == (1000, 1)
    Progress.objects.all().delete()
    recompute_progress(campaign.pk)
    assert Progress.objects.values_list("raised_cents", "donors").get() == right


def test_a_donor_whose_money_went_back_is_no_donor(client: Client, stripe: StripeStandIn) -> None:
    month_with_lines()
    started = start(client, cover_fee="on", amount="33,33")
    stripe.pay(started.session)
    for amount in (1000, 1234, None):
        stripe.refund(started.session, amount)
    for event in stripe.events():
        post_event(client, stripe, event)
    tasks.sweep()
    shown = shown_fundraising()
    assert (shown.raised_cents, shown.donors) == (0, 0)
    assert LedgerEntry.objects.filter(kind="fee_cover").total_cents() == 0
    assert LedgerEntry.objects.filter(kind="fee_cover").count() == 4
