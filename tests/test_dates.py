"""Dates as one says them in French, the same way on every page."""

import datetime as dt

import pytest
from django.template import Context, Template
from django.test import Client

from tests.broadcasts.pages import Page
from tests.donations.factories import month_with_lines
from tests.environment import ROOT
from tests.factories import BroadcastFactory, SeriesFactory

PAGES = ["/", "/emissions", "/emissions/premier", "/series", "/series/causerie"]
# What spells a day out by itself forgets that the first of a month is « 1er ».
SPELT_OUT = ('date:"j F', "date:'j F", 'date:"j N', "date:'j N", "date:'DATE", 'date:"DATE')


@pytest.mark.django_db
@pytest.mark.parametrize("address", PAGES)
def test_the_first_of_a_month_is_an_ordinal(address: str, visitor: Client) -> None:
    # Late in the evening of the 31st in UTC: in Paris the month has begun.
    BroadcastFactory(
        slug="premier",
        series=SeriesFactory(slug="causerie"),
        published_at=dt.datetime(2025, 7, 31, 22, 30, tzinfo=dt.UTC),
    )
    page = Page(visitor.get(address))
    assert "1er août 2025" in page.text
    assert "1 août" not in page.text
    assert "2025-08-01" in {time["datetime"] for time in page.all("time")}


@pytest.mark.parametrize(
    ("last", "said"),
    [
        (dt.date(2026, 8, 1), "le 1er août 2026"),
        (dt.date(2026, 8, 31), "du 1er au 31 août 2026"),
        (dt.date(2026, 9, 2), "du 1er août au 2 septembre 2026"),
        (dt.date(2027, 8, 1), "du 1er août 2026 au 1er août 2027"),
    ],
)
def test_from_day_to_day_nothing_is_said_twice(last: dt.date, said: str) -> None:
    template = Template("{% french_days first last %}")
    assert template.render(Context({"first": dt.date(2026, 8, 1), "last": last})) == said


@pytest.mark.django_db
def test_so_it_is_where_the_admin_writes_a_day_by_itself(owner: Client) -> None:
    campaign = month_with_lines(at=dt.datetime(2025, 6, 15, tzinfo=dt.UTC))
    BroadcastFactory(published_at=dt.datetime(2025, 7, 31, 22, 30, tzinfo=dt.UTC))
    months = Page(owner.get("/admin/donations/campaign/")).text
    assert "du 1er au 30 juin 2025" in months
    its_page = owner.get(f"/admin/donations/campaign/{campaign.pk}/change/")
    assert "1er juin 2025" in Page(its_page).text
    assert "1er août 2025 00:30" in Page(owner.get("/admin/broadcasts/broadcast/")).text


def test_templates_leave_it_to_the_filter() -> None:
    templates = [*ROOT.glob("templates/**/*.html"), *ROOT.glob("templates/**/*.txt")]
    assert templates
    for template in templates:
        text = template.read_text()
        assert not [way for way in SPELT_OUT if way in text], template
