"""How far a campaign has come: arithmetic on integer cents, nothing else.

Lines fill in the order of their position, not by earmark: at 2 850 € « Loyer » (1 900 €) and
« Gestion » (900 €) are funded, and « Transport » has 50 €.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from auposte import money
from donations.models import BudgetLine

BAR_WIDTH, BAR_GAP = 1000, 2
# Ten euros of thirty thousand is a third of a unit: what has come must be seen.
LEAST_FILL = 4.0


@dataclass(frozen=True, kw_only=True)
class LineProgress:
    """A budget line and what the waterfall has brought it, in cents; slots in the bar's units.

    `saved_cents` is what a provision has put aside over the months, since that of `saved_since`.
    """

    position: int
    label: str
    description: str
    amount_cents: int
    funded_cents: int
    slot_x: str
    slot_width: str
    fill_width: str
    state: Literal["funded", "current", "ahead"]
    is_provision: bool = False
    saved_cents: int = 0
    saved_since: dt.date | None = None

    @property
    def remaining_cents(self) -> int:
        return self.amount_cents - self.funded_cents


@dataclass(frozen=True, kw_only=True)
class Fundraising:
    """What a page shows of a campaign. Cents; `raised_cents` may be negative after reversals.

    `collection_id` and `title` are set for a special collection, shown in the month's place.
    """

    raised_cents: int
    goal_cents: int
    donors: int
    lines: tuple[LineProgress, ...]
    collection_id: int | None = None
    title: str = ""
    ends_on: dt.date | None = None

    @property
    def percent(self) -> str:
        """`0,03 %`, rounded down."""
        return money.percent(self.raised_cents, self.goal_cents)

    @property
    def is_over_goal(self) -> bool:
        return self.goal_cents > 0 and self.raised_cents > self.goal_cents

    @property
    def over_percent(self) -> int:
        """104 for 31 200 € of 30 000 €; rounded down."""
        return self.raised_cents * 100 // self.goal_cents if self.goal_cents else 0

    @property
    def current_line(self) -> LineProgress | None:
        """The line that is filling now; None when all are funded or there is none."""
        return next((line for line in self.lines if line.state == "current"), None)


def waterfall(*, lines: Iterable[BudgetLine], raised_cents: int, donors: int) -> Fundraising:
    """Pour `raised_cents` over the lines in their order."""
    ordered = sorted(lines, key=lambda line: line.position)
    goal = sum(line.amount_cents for line in ordered)
    usable = BAR_WIDTH - BAR_GAP * max(len(ordered) - 1, 0)
    left, x, seen_open = max(raised_cents, 0), 0.0, False
    shown = []
    for line in ordered:
        funded = min(left, line.amount_cents)
        left -= funded
        width = usable * line.amount_cents / goal
        fill = min(width, max(LEAST_FILL, width * funded / line.amount_cents)) if funded else 0.0
        state: Literal["funded", "current", "ahead"] = "ahead"
        if funded == line.amount_cents:
            state = "funded"
        elif not seen_open:
            state, seen_open = "current", True
        shown.append(
            LineProgress(
                position=line.position,
                label=line.label,
                description=line.description,
                amount_cents=line.amount_cents,
                funded_cents=funded,
                slot_x=f"{x:.1f}",
                slot_width=f"{width:.1f}",
                fill_width=f"{fill:.1f}",
                state=state,
                is_provision=line.is_provision,
            )
        )
        x += width + BAR_GAP
    return Fundraising(
        raised_cents=raised_cents, goal_cents=goal, donors=donors, lines=tuple(shown)
    )
