"""When a budget line is funded for the first time, and what was on air then."""

import datetime as dt
import itertools

from django.db.models import Sum, Window
from django.utils import timezone

from auposte.money import NBSP
from broadcasts.services.moments import note_moment, on_air_at
from donations.models import BudgetLine, Campaign, Crossing, LedgerEntry

# A crossing is computed seconds after its money is booked, or by the sweeper half a minute later.
# One that is found long after comes from a budget that was changed: nobody saw it on air.
SEEN_ON_AIR = dt.timedelta(minutes=15)
# How one says that the lines of a month's budget are paid; others are « Nom » est financé.
SAID = {
    "loyer": "le loyer est payé",
    "gestion": "la gestion est payée",
    "transport": "le transport est payé",
    "transports": "les transports sont payés",
    "salaire": "le salaire est payé",
    "salaires": "les salaires sont payés",
}


def note_crossings(campaign: Campaign) -> None:
    """Write down the lines that the ledger has funded since the last time, each once.

    Call it with the campaign's progress locked: one computation at a time notes them. The time is
    that of the entry, in the ledger's order, which carried the sum over the line's threshold; a
    refund that takes the money back changes nothing. What is crossed during a live also becomes a
    chapter of it, which names nobody.
    """
    crossed = []
    for line, threshold in _uncrossed(campaign):
        entry = _entry_that_reached(campaign, threshold)
        if entry is None:
            break  # the next thresholds are higher
        crossed.append((entry, line))
    for entry, found in itertools.groupby(crossed, key=lambda pair: pair[0]):
        _note(entry, [line for _, line in found])


def _uncrossed(campaign: Campaign) -> list[tuple[BudgetLine, int]]:
    """The lines without a crossing, each with the sum (cents) at which it is funded."""
    lines = campaign.lines.select_related("crossing").order_by("position")
    thresholds = itertools.accumulate(line.amount_cents for line in lines)
    return [
        (line, threshold)
        for line, threshold in zip(lines, thresholds, strict=True)
        if not hasattr(line, "crossing")
    ]


def _entry_that_reached(campaign: Campaign, threshold: int) -> LedgerEntry | None:
    return (
        LedgerEntry.objects.filter(campaign=campaign)
        .raised()
        .annotate(running=Window(Sum("amount_cents"), order_by="pk"))
        .filter(running__gte=threshold)
        .order_by("pk")
        .first()
    )


def _note(entry: LedgerEntry, lines: list[BudgetLine]) -> None:
    broadcast = on_air_at(entry.occurred_at) if _was_seen(entry) else None
    Crossing.objects.bulk_create(
        (
            Crossing(
                line=line,
                crossed_at=entry.occurred_at,
                broadcast=broadcast,
            )
            for line in lines
        ),
        ignore_conflicts=True,
    )
    if broadcast is not None:
        note_moment(broadcast=broadcast, at=entry.occurred_at, text=words_for(lines))


def _was_seen(entry: LedgerEntry) -> bool:
    """Whether the bar moved by itself when this came: a cheque has a day, and no hour."""
    just_booked = timezone.now() - entry.recorded_at < SEEN_ON_AIR
    return entry.kind == LedgerEntry.Kind.GIFT and just_booked


def words_for(lines: list[BudgetLine]) -> str:
    """`le loyer est payé`, `le loyer est payé et « Divers » est financé`."""
    said = [_said(line) for line in lines]
    if len(said) < 2:
        return "".join(said)
    if len(said) > 3:
        return f"{len(said)} paliers franchis d’un coup"
    return f"{', '.join(said[:-1])} et {said[-1]}"


def _said(line: BudgetLine) -> str:
    quoted = f"«{NBSP}{line.label}{NBSP}»"
    if line.is_provision:
        return f"la provision {quoted} est complète"
    return SAID.get(line.label.casefold(), f"{quoted} est financé")
