"""The years that a shelf of the archive spans, as a line of bars."""

from dataclasses import dataclass

from broadcasts.filters import Filters, toggled
from broadcasts.services.facets import Found


@dataclass(frozen=True, kw_only=True)
class Year:
    """`height` in percent of the fullest year's; no address where there is nothing."""

    year: int
    broadcasts: int
    height: int
    address: str


def timeline(filters: Filters, found: Found) -> list[Year]:
    """From the first year to the last, none left out; nothing when that is a single one."""
    counts = {int(count.value): count.broadcasts for count in found.of("annee")}
    if len(counts) < 2:
        return []
    most, pairs = max(counts.values()), filters.pairs
    return [
        Year(
            year=year,
            broadcasts=counts.get(year, 0),
            height=max(round(100 * counts.get(year, 0) / most), 2) if year in counts else 0,
            address=toggled(pairs, "annee", str(year)) if year in counts else "",
        )
        for year in range(min(counts), max(counts) + 1)
    ]
