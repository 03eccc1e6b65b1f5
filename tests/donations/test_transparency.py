"""The published accounts: equal to the ledger, and silent about any one person."""

import csv
import datetime as dt
import html
import io
import itertools
import json
import re
from collections import defaultdict
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from donations import charts
from donations.models import BudgetChange, Campaign, Crossing, Donor, Gift, LedgerEntry
from donations.services.accounts import FEWEST_PEOPLE, Accounts, accounts_of, published_campaigns
from donations.services.campaigns import PARIS, current_campaign, ledger_fundraising
from tests.donations.books import Book, special_campaign
from tests.donations.factories import month_with_lines
from tests.donations.pages import Page, says, spaced, text_of

pytestmark = pytest.mark.django_db
Kind = LedgerEntry.Kind


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

# What one gift's life may hold; each is a column of what a reader could try to work out.
PERSON = st.fixed_dictionaries(
    {
        "kind": st.sampled_from([Gift.Kind.ONCE, Gift.Kind.ONCE, Gift.Kind.MONTHLY]),
        "cents": st.integers(100, 50_000),
        "offline": st.sampled_from([False, False, True]),
        "cover": st.booleans(),
        "back": st.sets(
            st.tuples(st.sampled_from([Kind.REFUND, Kind.DISPUTE, Kind.ADJUSTMENT]), st.booleans()),
            max_size=2,
        ),
    }
)
CALM = PERSON.map(lambda person: {**person, "back": set(), "cover": False})
# Crowds of a kind, so that parts of every size come about, and not only months of noise.
MONTHS = st.lists(
    st.tuples(st.one_of(PERSON, CALM), st.integers(1, 7)), min_size=1, max_size=4
).map(lambda groups: [person for person, size in groups for _ in range(size)])

Cell = tuple[Any, ...]


def write(book: Book, people: list[dict[str, Any]]) -> dict[Cell, set[int]]:
    """Book these lives; for each kind of cell of theirs, who has one."""
    cells: dict[Cell, set[int]] = defaultdict(set)
    for who, person in enumerate(people):
        gift = book.gift(person["cents"], kind=person["kind"], offline=person["offline"])
        cells["gross", person["kind"]].add(who)
        for kind, late in sorted(person["back"]):
            book.entry(gift, kind, -max(1, person["cents"] // 3), late=late)
            cells["back", person["kind"], kind, late].add(who)
        if not person["offline"]:
            book.entry(gift, Kind.FEE, -25 - person["cents"] * 15 // 1000)
            cells["fee", person["kind"]].add(who)
            if person["cover"]:
                book.entry(gift, Kind.FEE_COVER, 26 + person["cents"] * 15 // 1000)
                cells["cover", person["kind"]].add(who)
    return cells


# Which cells each published number adds up.
ADDS = {
    "raised": lambda cell: cell[0] in {"gross", "back"},
    "gross": lambda cell: cell[0] == "gross",
    "returned": lambda cell: cell[0] == "back",
    "refunds": lambda cell: cell[0] == "back" and cell[2] == Kind.REFUND,
    "disputes": lambda cell: cell[0] == "back" and cell[2] == Kind.DISPUTE,
    "adjustments": lambda cell: cell[0] == "back" and cell[2] == Kind.ADJUSTMENT,
    "late": lambda cell: cell[0] == "back" and cell[3],
    "fee_cover": lambda cell: cell[0] == "cover",
    "fees": lambda cell: cell[0] == "fee",
    "costs": lambda cell: cell[0] in {"cover", "fee"},
    "net": lambda cell: True,
    "once": lambda cell: cell[0] in {"gross", "back"} and cell[1] == Gift.Kind.ONCE,
    "monthly": lambda cell: cell[0] in {"gross", "back"} and cell[1] == Gift.Kind.MONTHLY,
}


def rank(rows: list[list[int]]) -> int:
    left = [[Fraction(value) for value in row] for row in rows]
    found = 0
    for column in range(len(left[0]) if left else 0):
        pivot = next((row for row in left[found:] if row[column]), None)
        if pivot is None:
            continue
        left.remove(pivot)
        left.insert(found, pivot)
        for row in left[found + 1 :]:
            factor = row[column] / pivot[column]
            row[:] = [value - factor * other for value, other in zip(row, pivot, strict=True)]
        found += 1
    return found


def betrayed(told: list[str], cells: dict[Cell, set[int]]) -> list[tuple[Cell, ...]]:
    """Sets of cells about too few people of which the numbers told give some sum away.

    By adding and subtracting them: there is such a sum when fewer unknowns are left without
    these cells than the numbers told are about.
    """
    columns = list(cells)
    rows = [[int(ADDS[name](cell)) for cell in columns] for name in told]
    whole = rank(rows)
    few = [cell for cell in columns if len(cells[cell]) < FEWEST_PEOPLE]
    found = []
    for size in range(1, len(few) + 1):
        for chosen in itertools.combinations(few, size):
            if len(set.union(*(cells[cell] for cell in chosen))) >= FEWEST_PEOPLE:
                continue
            kept = [place for place, cell in enumerate(columns) if cell not in chosen]
            if rank([[row[place] for place in kept] for row in rows]) < whole:
                found.append(chosen)
    return found


@settings(
    max_examples=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(people=MONTHS)
def test_numbers_equal_the_ledger_and_betray_nobody(people: list[dict[str, Any]]) -> None:
    campaign = special_campaign()
    book = Book(campaign)
    cells = write(book, people)
    book.close()
    accounts = read(campaign)
    told = accounts.told
    entries = LedgerEntry.objects.filter(campaign=campaign)

    assert told["raised"] == accounts.shown.raised_cents == entries.raised().total_cents()
    ledger = ledger_fundraising(campaign)
    assert (accounts.shown.donors, accounts.shown.lines) == (ledger.donors, ledger.lines)
    amounts = {
        "gross": entries.filter(kind__in=["gift", "offline"]),
        "returned": entries.filter(kind__in=["refund", "dispute", "adjustment"]),
        "refunds": entries.filter(kind="refund"),
        "disputes": entries.filter(kind="dispute"),
        "adjustments": entries.filter(kind="adjustment"),
        "late": entries.filter(occurred_at__gte=book.after),
        "fee_cover": entries.filter(kind="fee_cover"),
        "fees": entries.filter(kind="fee"),
        "costs": entries.filter(kind__in=["fee", "fee_cover"]),
        "net": entries,
        "once": entries.raised().filter(gift__kind="once"),
        "monthly": entries.raised().filter(gift__kind="monthly"),
    }
    for name, cents in told.items():
        if name in amounts:
            assert cents == amounts[name].total_cents(), name

    if accounts.shown.donors < FEWEST_PEOPLE:
        assert told.keys() == {"raised"}
    else:
        assert betrayed(list(told), cells) == []


def test_what_is_subtracted_from_each_other_betrays_nobody_either() -> None:
    """Five refunds in time, five disputes after the end, and one refund after the end: its sum is
    what the late ones have more than the disputes, were both told."""
    campaign = special_campaign()
    book = Book(campaign)
    gifts = crowd(book, 11)
    for gift in gifts[:5]:
        book.entry(gift, Kind.REFUND, -100)
    for gift in gifts[5:10]:
        book.entry(gift, Kind.DISPUTE, -100, late=True)
    book.entry(gifts[0], Kind.REFUND, -77, late=True)
    book.close()
    told = read(campaign).told
    assert (told["refunds"], told["disputes"]) == (-577, -500)
    assert "late" not in told


# --- What a reader sees --------------------------------------------------------------------------


def test_a_month_of_many_shows_everything(visitor: Client) -> None:
    campaign = open_month(1)
    book = Book(campaign)
    for gift in crowd(book, 6) + crowd(book, 6, kind=Gift.Kind.MONTHLY):
        book.entry(gift, Kind.FEE, -40)
        book.entry(gift, Kind.FEE_COVER, 41)
    crowd(book, 2, offline=True)
    for gift in book.gifts[:6]:
        book.entry(gift, Kind.REFUND, -200, late=True)
    book.close()
    response = visitor.get(address(campaign))
    for sentence in (
        "Dons reçus 171,00 €",
        "Rendu -12,00 €",
        "Dont après la fin de la période -12,00 €",
        "Récolté 159,00 €",
        "Frais couverts par les donateur·ices 4,92 €",
        "Commissions de paiement -4,80 €",
        "Net pour Au Poste 159,12 €",
        "Donateur·ices 14",
        "Dons ponctuels 84,00 €",
        "Dons mensuels 75,00 €",
        "Après la fin de la période, -12,00 € de corrections postérieures",
        "1. Loyer 159,00 € sur 1 900,00 €",
    ):
        assert says(response, sentence), sentence
    assert not says(response, "n’est pas montré")
    assert not response.cookies


@pytest.mark.parametrize("people", [1, 4])
def test_a_month_of_few_shows_its_total_alone(visitor: Client, people: int) -> None:
    campaign = open_month(1)
    book = Book(campaign)
    for gift in crowd(book, people):
        book.entry(gift, Kind.FEE, -44)
        book.entry(gift, Kind.FEE_COVER, 43)
    book.close()
    raised = sum(gift.amount_cents for gift in book.gifts)
    facts = facts_of(visitor, campaign)
    cents = {key for key, value in facts.items() if key.endswith("_cents") and value is not None}
    assert cents == {"goal_cents", "raised_cents"}
    assert (facts["raised_cents"], facts["donors"]) == (raised, people)
    response = visitor.get(address(campaign))
    assert says(response, f"Récolté {raised // 100},00 €")
    assert says(response, "il faut être 5 au moins derrière chaque somme")
    for word in ("Commissions de paiement", "Net pour", "Dons ponctuels", "Dons reçus"):
        assert word not in response.content.decode()
    table = visitor.get(address(campaign, ".csv")).content.decode("utf-8-sig")
    assert table.count("non publié") == 13
    assert not re.search(r"0,4[34]", table)


def test_the_only_monthly_gift_is_not_told_apart(visitor: Client) -> None:
    campaign = open_month(1)
    book = Book(campaign)
    crowd(book, 8)
    book.gift(3333, kind=Gift.Kind.MONTHLY)
    book.close()
    facts = facts_of(visitor, campaign)
    assert (facts["once_cents"], facts["monthly_cents"]) == (None, None)
    assert facts["gross_cents"] == facts["raised_cents"] == 10_800 + 3333
    assert not says(visitor.get(address(campaign)), "Dons mensuels 33,33 €")


def test_donors_who_took_all_back_hide_nobody() -> None:
    campaign = special_campaign()
    book = Book(campaign)
    crowd(book, 8)
    for gift in crowd(book, 5, kind=Gift.Kind.MONTHLY)[1:]:
        book.entry(gift, Kind.REFUND, -gift.amount_cents)
    book.close()
    assert "monthly" not in read(campaign).told


def test_the_last_evening_in_paris_is_not_late() -> None:
    campaign = open_month(1)
    midnight = dt.datetime.combine(campaign.ends_on, dt.time(), PARIS) + dt.timedelta(days=1)
    book = Book(campaign)
    for number, gift in enumerate(crowd(book, 10)):
        book.entry(gift, Kind.REFUND, -100)
        book.entries[-1].occurred_at = midnight - dt.timedelta(seconds=number % 2)
    book.close()
    assert read(campaign).told["late"] == -500


def test_one_person_with_many_gifts_is_one_person() -> None:
    campaign = special_campaign()
    book = Book(campaign)
    crowd(book, 8)
    faithful = Donor.objects.create()
    crowd(book, 6, kind=Gift.Kind.MONTHLY, donor=faithful)
    book.close()
    told = read(campaign).told
    assert "monthly" not in told
    assert "gross" in told


def test_a_single_refund_stays_within_the_total(visitor: Client) -> None:
    campaign = open_month(1)
    book = Book(campaign)
    gifts = crowd(book, 8)
    book.entry(gifts[0], Kind.REFUND, -1000, late=True)
    book.close()
    facts = facts_of(visitor, campaign)
    assert facts["raised_cents"] == 10_800 - 1000
    for key in ("gross_cents", "returned_cents", "refunds_cents", "late_cents"):
        assert facts[key] is None
    assert not says(visitor.get(address(campaign)), "10,00 €")


def test_the_only_one_who_covers_fees_is_not_told_apart(visitor: Client) -> None:
    campaign = open_month(1)
    book = Book(campaign)
    for gift in crowd(book, 8):
        book.entry(gift, Kind.FEE, -40)
    book.entry(book.gifts[0], Kind.FEE_COVER, 41)
    book.close()
    facts = facts_of(visitor, campaign)
    assert (facts["fee_cover_cents"], facts["fees_cents"]) == (None, None)
    assert facts["costs_cents"] == 41 - 320
    assert facts["net_cents"] == facts["raised_cents"] + 41 - 320
    assert says(visitor.get(address(campaign)), "Commissions, moins ce qui en est couvert -2,79 €")


def test_expected_gifts_of_few_are_not_told(visitor: Client) -> None:
    month_with_lines()

    def wait(number: int) -> None:
        Gift.objects.create(
            amount_cents=2000,
            status=Gift.Status.PROCESSING,
            contact_email=f"debit{number}@example.org",
        )

    for number in range(4):
        wait(number)
    assert not says(visitor.get("/transparence"), "En cours d’encaissement")
    wait(5)
    assert says(visitor.get("/transparence"), "En cours d’encaissement : 100,00 €")


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
