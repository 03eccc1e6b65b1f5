"""The pages and files of the published accounts."""

import csv
import datetime as dt
import html
import io
import json
import re

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from donations import charts
from donations.models import BudgetChange, Campaign, Crossing, LedgerEntry
from donations.services.campaigns import current_campaign
from tests.donations.books import Book, special_campaign
from tests.donations.factories import month_with_lines
from tests.donations.pages import Page, says, spaced, text_of
from tests.donations.told import address, crowd, open_month
from tests.factories import MottoFactory

pytestmark = pytest.mark.django_db
Kind = LedgerEntry.Kind


def test_the_overview_lists_months_and_draws_them(visitor: Client) -> None:
    for ago, people in ((2, 7), (1, 6), (0, 5)):
        book = Book(open_month(ago))
        crowd(book, people, cents=10_000)
        book.close()
    ahead = (timezone.localdate().replace(day=28) + dt.timedelta(days=10)).replace(day=1)
    month_with_lines(at=dt.datetime.combine(ahead, dt.time(12), tzinfo=dt.UTC))
    response = visitor.get("/transparence")
    page, text = Page(response), text_of(response.content.decode())
    months = list(Campaign.objects.filter(starts_on__lt=ahead))
    table = text[text.index("Don. ") :]
    places = [table.index(month.title) for month in months]
    assert places == sorted(places)
    assert Campaign.objects.get(starts_on=ahead).title not in text
    drawing = page.one("svg", role="img")
    assert drawing["aria-labelledby"] == "graphique-titre graphique-detail"
    assert {"graphique-titre", "graphique-detail"} <= set(page.ids)
    described = re.search(r"<desc[^>]*>(.*?)</desc>", response.content.decode(), re.DOTALL)
    for month in months:
        row = f"{month.title} : "
        assert described
        assert spaced(row) in html.unescape(described[1])
        raised = spaced(f"{month.progress.raised_cents // 100},00 €")
        assert text.count(raised) >= 2, "in the chart and in its table"
    assert len(page.all("h1")) == 1
    assert "style=" not in response.content.decode()


def test_a_month_shows_its_budget_changes_crossings_and_collections(visitor: Client) -> None:
    campaign = current_campaign()
    month_with_lines()
    line = campaign.lines.first()
    assert line is not None
    Crossing.objects.create(line=line, crossed_at=dt.datetime(2026, 3, 4, 23, 30, tzinfo=dt.UTC))
    change = spaced("Transport : 1 000,00 € → 1 200,00 €")
    BudgetChange.objects.create(campaign=campaign, text=change)
    today = timezone.localdate()
    collection = Campaign.objects.create(
        title="Un camion", kind=Campaign.Kind.SPECIAL, starts_on=today, ends_on=today
    )
    Campaign.objects.create(
        title="Plus tard",
        kind=Campaign.Kind.SPECIAL,
        starts_on=today + dt.timedelta(days=1),
        ends_on=today + dt.timedelta(days=1),
    )
    response = visitor.get(address(campaign))
    assert says(response, "5 mars 2026 Loyer")
    assert change in text_of(response.content.decode())
    assert says(response, "Un camion")
    assert not says(response, "Plus tard")
    assert says(visitor.get(f"/transparence/collectes/{collection.pk}"), "Un camion")
    for ending in ("", ".csv", ".json"):
        # One address each: others would be kept as pages of their own.
        assert visitor.get(f"/transparence/collectes/0{collection.pk}{ending}").status_code == 404


# --- Files ---------------------------------------------------------------------------------------


def test_csv_opens_in_a_french_spreadsheet(visitor: Client) -> None:
    campaign = open_month(1)
    book = Book(campaign)
    crowd(book, 6, cents=123_456)
    book.close()
    Campaign.objects.filter(pk=campaign.pk).update(title="=cmd|' /C calc'!A0")
    response = visitor.get("/transparence.csv")
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response.content.startswith(b"\xef\xbb\xbf")
    rows = csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";")
    by_day = {row["Du"]: row for row in rows}
    row = by_day[campaign.starts_on.isoformat()]
    assert row["Campagne"].startswith("'=cmd")
    assert (row["Objectif"], row["Récolté"]) == ("30000,00", "7422,36")
    assert (row["Remboursements"], row["Dons mensuels"], row["Donateur·ices"]) == (
        "0,00", "0,00", "6",
    )  # fmt: skip
    one = visitor.get(address(campaign, ".csv")).content.decode("utf-8-sig")
    assert "Budget;Gestion;900,00;900,00;franchi\r\n" in one
    assert "Compte;Net pour Au Poste;7422,36;;\r\n" in one


def test_json_has_its_documented_keys(visitor: Client) -> None:
    open_month(1)
    month_with_lines()
    response = visitor.get("/transparence.json")
    data = json.loads(response.content)
    assert response["Access-Control-Allow-Origin"] == "*"
    assert data["licence"].startswith("https://creativecommons.org/licenses/by-nc-sa/")
    assert [month["starts_on"] for month in data["campaigns"]] == sorted(
        (month["starts_on"] for month in data["campaigns"]), reverse=True
    )
    explained = set(
        re.findall(r"[a-z]\w+", " ".join(re.findall(r"<code>(.*?)</code>", explained_at(visitor))))
    )
    for month in data["campaigns"]:
        assert month.keys() <= explained
        assert all(type(v) in {int, type(None)} for k, v in month.items() if k.endswith("_cents"))
        assert [line["position"] for line in month["lines"]] == list(range(1, 8))


def explained_at(visitor: Client) -> str:
    return visitor.get("/transparence").content.decode()


@pytest.mark.parametrize("ending", [".csv", ".json"])
def test_files_are_sent_again_only_when_they_changed(visitor: Client, ending: str) -> None:
    campaign = open_month(1)
    for path in (f"/transparence{ending}", address(campaign, ending)):
        first = visitor.get(path)
        assert not first.cookies
        again = visitor.get(path, headers={"if-none-match": first["ETag"]})
        assert (again.status_code, again.content) == (304, b"")
    book = Book(campaign)
    crowd(book)
    book.close()
    changed = visitor.get(path, headers={"if-none-match": first["ETag"]})
    assert changed.status_code == 200


def test_what_is_to_come_or_never_was_is_not_found(visitor: Client) -> None:
    month_with_lines()
    ahead = (timezone.localdate().replace(day=28) + dt.timedelta(days=10)).replace(day=1)
    month_with_lines(at=dt.datetime.combine(ahead, dt.time(12), tzinfo=dt.UTC))
    tomorrow = timezone.localdate() + dt.timedelta(days=1)
    collection = Campaign.objects.create(
        title="Plus tard", kind=Campaign.Kind.SPECIAL, starts_on=tomorrow, ends_on=tomorrow
    )
    paths = [
        f"/transparence/{ahead:%Y-%m}", "/transparence/2019-03", "/transparence/2026-13",
        "/transparence/0000-01", "/transparence/2026-1", "/transparence/hier",
        f"/transparence/collectes/{collection.pk}", f"/transparence/collectes/{10**30}",
        f"/transparence/collectes/{current_campaign().pk}",
    ]  # fmt: skip
    for path in paths:
        for ending in ("", ".csv", ".json"):
            assert visitor.get(path + ending).status_code == 404, path + ending
    assert Client().post("/transparence").status_code == 405


@pytest.mark.parametrize("path", ["", ".csv", ".json", "/{month}", "/{month}.csv"])
def test_queries_do_not_grow(
    visitor: Client, django_assert_max_num_queries: DjangoAssertNumQueries, path: str
) -> None:
    MottoFactory()  # read along with what is on the air
    campaign = open_month(1)
    month_with_lines()
    where = f"/transparence{path.format(month=format(campaign.starts_on, '%Y-%m'))}"
    visitor.get(where)
    with django_assert_max_num_queries(12) as few:
        visitor.get(where)
    for ago in range(1, 7):
        book = Book(open_month(ago))
        crowd(book, 9)
        book.close()
        special_campaign(days=10 + 20 * ago)
    with django_assert_max_num_queries(12) as many:
        visitor.get(where)
    # A collection beside the month brings its lines along.
    assert len(many) <= len(few) + 1


# --- The drawing ---------------------------------------------------------------------------------


def test_bars_share_one_scale() -> None:
    chart = charts.bars([("a", 50, 100), ("b", 200, 100), ("c", -10, 100), ("d", 0, 0)])
    widths = [(bar.fill_width, bar.slot_width) for bar in chart.bars]
    assert widths == [("90.0", "180.0"), ("360.0", "180.0"), ("0", "180.0"), ("0", "0")]
    assert [bar.y for bar in chart.bars] == sorted({bar.y for bar in chart.bars})
    assert all(bar.y + chart.bar_height <= chart.height for bar in chart.bars)
    assert charts.bars([("a", 1000, 3_000_000)]).bars[0].fill_width == "2.0"
    assert charts.bars([]).bars == ()
