"""Sums in words: a slow reader of French gets the same number back, spelled as it should be."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from donations.receipts.words import MAXIMUM_CENTS, in_words

VALUES = {
    "un": 1, "deux": 2, "trois": 3, "quatre": 4, "cinq": 5, "six": 6, "sept": 7, "huit": 8,
    "neuf": 9, "dix": 10, "onze": 11, "douze": 12, "treize": 13, "quatorze": 14, "quinze": 15,
    "seize": 16, "vingt": 20, "vingts": 20, "trente": 30, "quarante": 40, "cinquante": 50,
    "soixante": 60, "cent": 100, "cents": 100, "mille": 1000,
}  # fmt: skip


def read_below_million(words: str) -> int:
    """Reads left to right: a small word before a bigger one multiplies, after it adds."""
    thousands, hundreds, rest = 0, 0, 0
    for word in words.split("-"):
        if word == "et":
            continue
        value = VALUES[word]
        if value == 1000:
            thousands, hundreds, rest = max(hundreds + rest, 1), 0, 0
        elif value == 100:
            hundreds, rest = max(rest, 1) * 100, 0
        elif value == 20 and rest == 4:
            rest = 80
        else:
            rest += value
    return thousands * 1000 + hundreds + rest


def read(words: str) -> int:
    found = re.fullmatch(r"(?:(.+?) (?:d’)?euros?)?(?: et )?(?:(\S+) centimes?)?", words)
    assert found, words
    total, counted = 0, 0
    for word in found[1].split(" ") if found[1] else []:
        if word.startswith("milli"):
            total += counted * (10**9 if word.startswith("milliard") else 10**6)
            counted = 0
        else:
            counted = read_below_million(word)
    return (total + counted) * 100 + (read_below_million(found[2]) if found[2] else 0)


@pytest.mark.parametrize(
    ("cents", "words"),
    [
        (1, "un centime"),
        (50, "cinquante centimes"),
        (100, "un euro"),
        (101, "un euro et un centime"),
        (1_000, "dix euros"),
        (1_700, "dix-sept euros"),
        (2_100, "vingt-et-un euros"),
        (7_100, "soixante-et-onze euros"),
        (7_700, "soixante-dix-sept euros"),
        (8_000, "quatre-vingts euros"),
        (8_100, "quatre-vingt-un euros"),
        (8_200, "quatre-vingt-deux euros"),
        (9_100, "quatre-vingt-onze euros"),
        (10_000, "cent euros"),
        (20_000, "deux-cents euros"),
        (20_100, "deux-cent-un euros"),
        (28_080, "deux-cent-quatre-vingts euros et quatre-vingts centimes"),
        (100_000, "mille euros"),
        (200_000, "deux-mille euros"),
        (123_045, "mille-deux-cent-trente euros et quarante-cinq centimes"),
        (8_000_000, "quatre-vingt-mille euros"),
        (20_000_000, "deux-cent-mille euros"),
        (2_100_000, "vingt-et-un-mille euros"),
        (100_000_000, "un million d’euros"),
        (100_000_050, "un million d’euros et cinquante centimes"),
        (200_000_000, "deux millions d’euros"),
        (8_000_000_000, "quatre-vingts millions d’euros"),
        (130_000_000, "un million trois-cent-mille euros"),
        (100_000_100, "un million un euros"),
    ],
)
def test_hard_ones(cents: int, words: str) -> None:
    assert in_words(cents) == words


@given(st.one_of(st.integers(1, 200_000), st.integers(1, MAXIMUM_CENTS)))
def test_every_sum_reads_back(cents: int) -> None:
    assert read(in_words(cents)) == cents


@pytest.mark.parametrize("cents", [0, -1, MAXIMUM_CENTS + 1])
def test_what_has_no_words(cents: int) -> None:
    with pytest.raises(ValueError, match="no words"):
        in_words(cents)
