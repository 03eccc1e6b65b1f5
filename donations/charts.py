"""Charts as numbers: the template writes them as SVG attributes, and nothing is drawn by script."""

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH = 360
ROW, TOP = 40, 4
LABEL_DOWN, BAR_DOWN, BAR_HEIGHT = 13, 19, 11
# Ten euros of thirty thousand is a tenth of a unit: what has come must be seen.
LEAST_FILL = 2.0


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One period: texts above a bar that fills towards its goal. In the chart's units."""

    label: str
    raised_cents: int
    goal_cents: int
    text_y: int
    y: int
    fill_width: str
    slot_width: str


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Bars from top to bottom, in a box of `width` × `height` units."""

    bars: tuple[Bar, ...]
    height: int
    width: int = WIDTH
    bar_height: int = BAR_HEIGHT


def bars(periods: Sequence[tuple[str, int, int]]) -> Chart:
    """A bar for each (label, raised, goal), both in cents, on one scale for all.

    What was raised may be negative, which draws nothing, or above its goal, which goes past it.
    """
    most = max((max(raised, goal) for _, raised, goal in periods), default=0)
    return Chart(
        bars=tuple(
            Bar(
                label=label,
                raised_cents=raised,
                goal_cents=goal,
                text_y=TOP + index * ROW + LABEL_DOWN,
                y=TOP + index * ROW + BAR_DOWN,
                fill_width=_width(raised, most, least=LEAST_FILL),
                slot_width=_width(goal, most, least=0.0),
            )
            for index, (label, raised, goal) in enumerate(periods)
        ),
        height=TOP + ROW * len(periods),
    )


def _width(cents: int, most: int, *, least: float) -> str:
    return f"{max(least, WIDTH * cents / most):.1f}" if cents > 0 else "0"
