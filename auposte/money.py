"""Money is integer cents, from the form to the page; Babel only writes it."""

import functools
import re
from decimal import Decimal

from babel.numbers import format_currency, format_decimal

NBSP, NNBSP, MINUS = "\u00a0", "\u202f", "\u2212"
AMOUNT = re.compile(r"^(\d{1,3}(?: \d{3}){1,2}|\d{1,9})(?:[.,](\d{1,2}))?$", re.ASCII)


# A page writes a dozen sums, most of them on every page.
@functools.lru_cache(maxsize=4096)
def euros(cents: int) -> str:
    """`3000000` → `30 000,00 €` (narrow no-break space in the number, no-break before €)."""
    return format_currency(Decimal(cents) / 100, "EUR", locale="fr_FR").replace("-", MINUS)


def parse_euros(text: str) -> int:
    """Cents from what a person types: `12,50`, `12.50`, `1 000`, `10 €`. ValueError otherwise.

    Nine digits at most before the comma, grouped or not: the sum fits into every column.
    """
    cleaned = re.sub(rf"[\s{NBSP}{NNBSP}]+", " ", text).strip().removesuffix("€").strip()
    match = AMOUNT.match(cleaned)
    if not match:
        raise ValueError(f"not an amount: {text!r}")
    whole, fraction = match.groups()
    return int(whole.replace(" ", "")) * 100 + int((fraction or "").ljust(2, "0"))


def typed(cents: int) -> str:
    """An amount as one would type it: `10`, `12,50`."""
    whole, rest = divmod(cents, 100)
    return f"{whole},{rest:02d}" if rest else str(whole)


@functools.lru_cache(maxsize=4096)
def percent(part: int, whole: int) -> str:
    """`percent(1000, 3000000)` → `0,03 %`: two decimals, rounded down, no floats.

    Both in cents. A `whole` of 0 gives `0,00 %`; a negative part counts as 0.
    """
    hundredths = max(part, 0) * 10_000 // whole if whole > 0 else 0
    number = format_decimal(Decimal(hundredths) / 100, format="#,##0.00", locale="fr_FR")
    return f"{number}{NBSP}%"
