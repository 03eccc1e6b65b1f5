"""What provisions have saved over the months, and where it is shown."""

import datetime as dt
import re
from html import unescape

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from donations.models import BudgetLine, Campaign
from donations.services.campaigns import ledger_fundraising, past_budget_open, recompute_progress
from donations.services.offline import record_offline_gift
from donations.services.provisions import saved_by_label
from tests.donations.factories import month_with_lines

pytestmark = pytest.mark.django_db
LINES = (("Loyer", 100_00), ("Site", 50_00), ("Camion", 80_00))


def raise_in(
    at: dt.datetime, cents: int, saving: tuple[str, ...], lines: object = LINES
) -> Campaign:
    """A month with `lines` that got `cents`; those named in `saving` are provisions."""
    campaign = month_with_lines(lines, at=at)
    with transaction.atomic(), past_budget_open():
        campaign.lines.filter(label__in=saving).update(is_provision=True)
    record_offline_gift(key=f"{at}", amount_cents=cents, occurred_at=at)
    recompute_progress(campaign.pk)
    return campaign


def day(month: int) -> dt.datetime:
    return dt.datetime(2026, month, 15, tzinfo=dt.UTC)


def test_each_month_gives_what_its_waterfall_gives() -> None:
    raise_in(day(3), 90_00, ("Site", "Camion"))  # nothing left for either
    raise_in(day(4), 120_00, ("Site", "Camion"))  # Site 20
    raise_in(
        day(5), 190_00, ("SITE", "Camion"), (("Loyer", 100_00), ("SITE", 50_00), ("Camion", 80_00))
    )
    raise_in(day(6), 500_00, ("Camion",))  # Site is no provision this month; Camion is full
    saved = saved_by_label()
    assert {name: (one.cents, one.since.month) for name, one in saved.items()} == {
        "site": (70_00, 4),
        "camion": (40_00 + 80_00, 5),
    }


def test_the_sum_is_the_sum_of_the_months_shown() -> None:
    for month, cents in ((1, 130_00), (2, 151_00), (3, 999_00)):
        raise_in(day(month), cents, ("Site", "Camion"))
    shown = [ledger_fundraising(campaign) for campaign in Campaign.objects.all()]
    for label in ("Site", "Camion"):
        poured = sum(
            line.funded_cents for one in shown for line in one.lines if line.label == label
        )
        assert saved_by_label()[label.casefold()].cents == poured


def test_special_collections_save_for_themselves() -> None:
    today = timezone.localdate()
    special = Campaign.objects.create(
        title="Un camion", kind="special", starts_on=today, ends_on=today
    )
    BudgetLine.objects.create(
        campaign=special, position=1, label="Camion", amount_cents=100, is_provision=True
    )
    record_offline_gift(key="x", amount_cents=100, occurred_at=timezone.now(), collection=special)
    recompute_progress(special.pk)
    assert special.progress.raised_cents == 100
    assert saved_by_label() == {}


def test_the_till_says_it_without_another_query(client: Client) -> None:
    raise_in(day(3), 190_00, ("Camion",))
    month_with_lines(LINES)
    with CaptureQueriesContext(connection) as without:
        assert "de côté" not in client.get("/fragments/collecte").content.decode()
    BudgetLine.objects.filter(campaign__starts_on__gt="2026-10-01", label="Camion").update(
        is_provision=True
    )
    with CaptureQueriesContext(connection) as queries:
        page = unescape(client.get("/fragments/collecte").content.decode())
    assert len(queries) == len(without)
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", page))
    assert "Camion à franchir : 80,00 € 40,00 € mis de côté depuis mars 2026" in text
