"""Amounts: typed, written, shared out. Integer cents throughout."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from auposte.money import NBSP, NNBSP, euros, parse_euros, percent
from donations.fees import FIXED_CENTS, RATE_PER_TEN_THOUSAND, fee_cover_cents
from donations.models import BudgetLine
from donations.progress import waterfall
from tests.donations.factories import SEED_LINES


@pytest.mark.parametrize(
    ("typed", "cents"),
    [
        ("10", 1000),
        ("12,50", 1250),
        ("12.50", 1250),
        ("12,5", 1250),
        (" 1 000 ", 100_000),
        (f"1{NNBSP}000,01{NBSP}€", 100_001),
        ("10€", 1000),
        ("0", 0),
        ("0,01", 1),
    ],
)
def test_amounts_are_read_as_people_type_them(typed: str, cents: int) -> None:
    assert parse_euros(typed) == cents


@pytest.mark.parametrize(
    "typed",
    ["", "dix", "-5", "1e9", "NaN", "inf", "1,234", "12,50,3", "١٢", "10 00", "1_000", "9" * 400],
)
def test_anything_else_is_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="not an amount"):
        parse_euros(typed)


def test_amounts_are_written_as_french_print_does() -> None:
    assert euros(3_000_000) == f"30{NNBSP}000,00{NBSP}€"
    assert euros(1000) == f"10,00{NBSP}€"


@given(st.integers(min_value=0, max_value=99_999_999_999))
def test_what_is_written_reads_back(cents: int) -> None:
    assert parse_euros(euros(cents)) == cents


@pytest.mark.parametrize(
    ("part", "whole", "text"),
    [
        (1000, 3_000_000, f"0,03{NBSP}%"),
        (3_120_000, 3_000_000, f"104,00{NBSP}%"),
        (2_999_999, 3_000_000, f"99,99{NBSP}%"),
        (1000, 0, f"0,00{NBSP}%"),
        (-5, 100, f"0,00{NBSP}%"),
    ],
)
def test_percent_has_two_decimals_rounded_down(part: int, whole: int, text: str) -> None:
    assert percent(part, whole) == text


@given(st.integers(min_value=50, max_value=5_000_000))
def test_fee_cover_is_the_least_that_covers(amount: int) -> None:
    def left(total: int) -> int:
        return total * (10_000 - RATE_PER_TEN_THOUSAND) - FIXED_CENTS * 10_000

    total = amount + fee_cover_cents(amount)
    assert left(total) >= amount * 10_000 > left(total - 1)


def lines(*amounts: int) -> list[BudgetLine]:
    return [
        BudgetLine(position=position, label=f"L{position}", amount_cents=amount)
        for position, amount in enumerate(amounts, start=1)
    ]


def test_lines_fill_in_their_order() -> None:
    shown = waterfall(
        lines=lines(*(cents for _, cents in SEED_LINES)), raised_cents=285_000, donors=9
    )
    assert [line.state for line in shown.lines[:4]] == ["funded", "funded", "current", "ahead"]
    assert [line.funded_cents for line in shown.lines] == [190_000, 90_000, 5_000, 0, 0, 0, 0]
    assert shown.goal_cents == 3_000_000


def test_above_the_goal_every_line_is_funded() -> None:
    shown = waterfall(lines=lines(100, 200), raised_cents=312, donors=1)
    assert shown.is_over_goal
    assert shown.over_percent == 104
    assert shown.current_line is None
    assert not waterfall(lines=lines(100, 200), raised_cents=300, donors=1).is_over_goal


def test_a_campaign_without_lines_shows_nothing_and_breaks_nothing() -> None:
    shown = waterfall(lines=[], raised_cents=500, donors=1)
    assert (shown.goal_cents, shown.lines, shown.is_over_goal) == (0, (), False)
    assert shown.percent == f"0,00{NBSP}%"


@given(
    st.lists(st.integers(min_value=1, max_value=10_000_000), min_size=1, max_size=12),
    st.integers(min_value=-10_000, max_value=150_000_000),
)
def test_the_waterfall_loses_no_cent(amounts: list[int], raised: int) -> None:
    shown = waterfall(lines=lines(*amounts), raised_cents=raised, donors=0)
    poured = [line.funded_cents for line in shown.lines]
    assert sum(poured) == min(max(raised, 0), sum(amounts))
    # No line has anything while one before it lacks something.
    states = [line.state for line in shown.lines]
    assert states == sorted(states, key=["funded", "current", "ahead"].index)
    assert states.count("current") == (0 if raised >= sum(amounts) else 1)
    assert all(float(line.fill_width) <= float(line.slot_width) + 0.1 for line in shown.lines)
    assert float(shown.lines[-1].slot_x) + float(shown.lines[-1].slot_width) <= 1001
