"""The published accounts: equal to the ledger, and silent about any one person."""

import datetime as dt
import itertools
import re
from collections import defaultdict
from fractions import Fraction
from typing import Any

import pytest
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from donations.models import Donor, Gift, LedgerEntry
from donations.services.accounts import FEWEST_PEOPLE
from donations.services.campaigns import PARIS, ledger_fundraising
from tests.donations.books import Book, special_campaign
from tests.donations.factories import month_with_lines
from tests.donations.pages import says
from tests.donations.told import address, crowd, facts_of, open_month, read

pytestmark = pytest.mark.django_db
Kind = LedgerEntry.Kind


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
        "Rendu \u221212,00 €",
        "Dont après la fin de la période \u221212,00 €",
        "Récolté 159,00 €",
        "Frais couverts par les donateur·ices 4,92 €",
        "Commissions de paiement \u22124,80 €",
        "Net pour Au Poste 159,12 €",
        "Donateur·ices 14",
        "Dons ponctuels 84,00 €",
        "Dons mensuels 75,00 €",
        "Après la fin de la période, \u221212,00 € de corrections postérieures",
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
    assert says(
        visitor.get(address(campaign)), "Commissions, moins ce qui en est couvert \u22122,79 €"
    )


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
