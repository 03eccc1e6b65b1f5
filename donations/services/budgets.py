"""Changes of a running budget, put into words: what was promised in public changes in public."""

import datetime as dt
from dataclasses import dataclass

from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db import transaction

from auposte.money import NBSP, euros
from donations.models import BudgetChange, BudgetLine, Campaign
from donations.services import campaigns

LONGEST = 300


@dataclass(frozen=True, kw_only=True)
class Budget:
    """A budget at a moment: its period and its lines by key, in their order."""

    starts_on: dt.date
    ends_on: dt.date
    lines: dict[int, BudgetLine]


def budget_of(campaign_id: int) -> Budget:
    """The budget as the database has it. Call it in the transaction that changes it: the
    campaign's row is held, so that two people's changes are told one after the other.
    """
    campaign = Campaign.objects.select_for_update().get(pk=campaign_id)
    lines = {line.pk: line for line in campaign.lines.order_by("position")}
    return Budget(starts_on=campaign.starts_on, ends_on=campaign.ends_on, lines=lines)


@transaction.atomic
def record_changes(
    *, campaign: Campaign, before: Budget, user: AbstractBaseUser | AnonymousUser | None = None
) -> list[str]:
    """Write down what differs from `before`, in words; returns them. A month ahead has none yet:
    nobody has been promised anything.
    """
    if not campaigns.is_running(campaign):
        return []
    words = changes(before=before, after=budget_of(campaign.pk))
    BudgetChange.objects.bulk_create(
        BudgetChange(
            campaign=campaign,
            text=text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…",
            made_by_id=user.pk if user is not None else None,
        )
        for text in words
    )
    if words:
        # Lines that were crossed may no longer be, and the reverse.
        campaigns.mark_dirty(campaign.pk)
    return words


def changes(*, before: Budget, after: Budget) -> list[str]:
    """The differences, one sentence each. Amounts are cents before, euros in the words."""
    kept = [pk for pk in after.lines if pk in before.lines]
    words = [
        f"Ligne retirée{NBSP}: {line.label}, {euros(line.amount_cents)}"
        for pk, line in before.lines.items()
        if pk not in after.lines
    ]
    words += [
        f"Ligne ajoutée{NBSP}: {line.label}, {euros(line.amount_cents)}"
        for pk, line in after.lines.items()
        if pk not in before.lines
    ]
    for pk in kept:
        words += _of_line(before.lines[pk], after.lines[pk])
    if [pk for pk in before.lines if pk in after.lines] != kept:
        order = ", ".join(line.label for line in after.lines.values())
        words.append(f"Nouvel ordre{NBSP}: {order}")
    goals = [sum(line.amount_cents for line in one.lines.values()) for one in (before, after)]
    if goals[0] != goals[1]:
        words.append(f"Objectif{NBSP}: {euros(goals[0])} → {euros(goals[1])}")
    if (before.starts_on, before.ends_on) != (after.starts_on, after.ends_on):
        days = [f"du {one.starts_on:%d/%m/%Y} au {one.ends_on:%d/%m/%Y}" for one in (before, after)]
        words.append(f"Dates{NBSP}: {days[0]} → {days[1]}")
    return words


def _of_line(before: BudgetLine, after: BudgetLine) -> list[str]:
    name, words = after.label, []
    if before.label != after.label:
        words.append(f"Poste renommé{NBSP}: {before.label} → {after.label}")
    if before.amount_cents != after.amount_cents:
        words.append(f"{name}{NBSP}: {euros(before.amount_cents)} → {euros(after.amount_cents)}")
    if before.description != after.description:
        was, now = before.description or "(vide)", after.description or "(vide)"
        words.append(f"{name}, détail{NBSP}: {was} → {now}")
    if before.is_provision != after.is_provision:
        is_now = "devient une provision" if after.is_provision else "n’est plus une provision"
        words.append(f"{name} {is_now}")
    return words
