"""Months that are published, and how tests read them."""

import datetime as dt
import json
from typing import Any

from django.test import Client
from django.utils import timezone

from donations.models import Campaign, Gift
from donations.services.accounts import Accounts, accounts_of, published_campaigns
from tests.donations.books import Book
from tests.donations.factories import month_with_lines


def open_month(months_ago: int = 0, **facts: Any) -> Campaign:
    """The campaign of this month, or of one before it, with the usual lines."""
    day = timezone.localdate().replace(day=15)
    for _ in range(months_ago):
        day = (day.replace(day=1) - dt.timedelta(days=1)).replace(day=15)
    moment = dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)
    return month_with_lines(at=moment, **facts)


def crowd(book: Book, people: int = 6, cents: int = 1000, **facts: Any) -> list[Gift]:
    return [book.gift(cents + 100 * number, **facts) for number in range(people)]


def read(campaign: Campaign) -> Accounts:
    return accounts_of([published_campaigns().get(pk=campaign.pk)])[0]


def address(campaign: Campaign, ending: str = "") -> str:
    return f"/transparence/{campaign.starts_on:%Y-%m}{ending}"


def facts_of(client: Client, campaign: Campaign) -> dict[str, Any]:
    (facts,) = json.loads(client.get(address(campaign, ".json")).content)["campaigns"]
    return dict(facts)


# --- Equal to the ledger, silent about people ----------------------------------------------------
