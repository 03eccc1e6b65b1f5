"""The running campaign, and its progress kept equal to the ledger."""

import calendar
import contextlib
import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from django.db import connection, transaction
from django.db.models import Count, Sum
from django.utils import timezone

from donations.models import BudgetLine, Campaign, Gift, LedgerEntry, Progress, Subscription
from donations.progress import Fundraising, waterfall

PARIS = ZoneInfo("Europe/Paris")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def paris_month(moment: dt.datetime) -> dt.date:
    """The first day of the month that it was in Paris at `moment` (aware)."""
    return moment.astimezone(PARIS).date().replace(day=1)


def current_campaign(at: dt.datetime | None = None) -> Campaign:
    """The campaign of the month that `at` (default: now) falls in, in Paris time.

    Made on first use from the lines of the last month before it, so that nothing breaks on the
    1st. Idempotent under concurrency: the unique month decides who makes it.
    """
    month = paris_month(at or timezone.now())
    found = Campaign.objects.of_month(month).first()
    return found or _make_month(month)


def _make_month(month: dt.date) -> Campaign:
    last_day = calendar.monthrange(month.year, month.month)[1]
    title = f"{MONTHS[month.month - 1].capitalize()} {month.year}"
    with transaction.atomic():
        Campaign.objects.bulk_create(
            [
                Campaign(
                    title=title,
                    kind=Campaign.Kind.MONTH,
                    starts_on=month,
                    ends_on=month.replace(day=last_day),
                )
            ],
            ignore_conflicts=True,
        )
        # Whoever lost the race waits here, and then finds the winner's lines.
        campaign = Campaign.objects.select_for_update().of_month(month).get()
        if not campaign.lines.exists():
            with past_budget_open():
                _copy_lines(campaign)
        Progress.objects.bulk_create([Progress(campaign=campaign)], ignore_conflicts=True)
    return campaign


@contextlib.contextmanager
def past_budget_open() -> Iterator[None]:
    """Let lines of a past period be written, inside a transaction: for months made late."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('auposte.past_budget_may_change', 'on', true)")
        yield
        cursor.execute("SELECT set_config('auposte.past_budget_may_change', '', true)")


def _copy_lines(campaign: Campaign) -> None:
    model = (
        Campaign.objects.filter(
            kind=Campaign.Kind.MONTH, starts_on__lt=campaign.starts_on, lines__isnull=False
        )
        .order_by("-starts_on")
        .first()
    )
    if model is None:
        return
    BudgetLine.objects.bulk_create(
        BudgetLine(
            campaign=campaign,
            position=line.position,
            label=line.label,
            description=line.description,
            amount_cents=line.amount_cents,
        )
        for line in model.lines.all()
    )


def shown_fundraising(at: dt.datetime | None = None) -> Fundraising:
    """What pages show of the running month: one query, from the progress computed ahead."""
    month = paris_month(at or timezone.now())
    lines = list(
        BudgetLine.objects.filter(
            campaign__kind=Campaign.Kind.MONTH, campaign__starts_on=month
        ).select_related("campaign__progress")
    )
    campaign = lines[0].campaign if lines else current_campaign(at)
    if not lines:
        lines = list(campaign.lines.all())
    progress = (
        Progress.objects.filter(campaign=campaign).first()
        if not hasattr(campaign, "progress")
        else campaign.progress
    )
    return waterfall(
        lines=lines,
        raised_cents=progress.raised_cents if progress else 0,
        donors=progress.donors if progress else 0,
    )


def ledger_fundraising(campaign: Campaign) -> Fundraising:
    """The same, added up from the ledger now: what the progress must equal."""
    entries = LedgerEntry.objects.filter(campaign=campaign)
    return waterfall(
        lines=campaign.lines.all(),
        raised_cents=entries.raised().total_cents(),
        donors=entries.donors(),
    )


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Money that has not come: cents of gifts (no fee cover), counted in nothing else.

    `count` monthly gifts of `cents` in all are due up to `until` (a Paris day, the month's last);
    `processing_cents` is what banks are being asked for now.
    """

    count: int
    cents: int
    until: dt.date
    processing_cents: int


def expected(now: dt.datetime | None = None) -> Expected:
    """What is still to come this month. Two queries."""
    month = paris_month(now or timezone.now())
    last_day = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    end = dt.datetime.combine(last_day + dt.timedelta(days=1), dt.time(), PARIS)
    due = Subscription.objects.running().filter(next_payment_at__lt=end)
    coming = due.aggregate(count=Count("pk"), cents=Sum("amount_cents"))
    processing = Gift.objects.filter(status=Gift.Status.PROCESSING)
    return Expected(
        count=coming["count"],
        cents=coming["cents"] or 0,
        until=last_day,
        processing_cents=processing.aggregate(cents=Sum("amount_cents"))["cents"] or 0,
    )


def mark_dirty(campaign_id: int) -> None:
    """Ask for a recomputation. Call it in the transaction that books: both commit or neither."""
    Progress.objects.bulk_create([Progress(campaign_id=campaign_id)], ignore_conflicts=True)
    Progress.objects.filter(campaign_id=campaign_id).update(dirty_since=timezone.now())


def recompute_progress(campaign_id: int) -> Progress:
    """Make the campaign's progress equal to its ledger; any number of workers, any number of times.

    The row's lock makes a booking and a computation wait for each other: what is cleared from
    `dirty_since` has been seen.
    """
    Progress.objects.bulk_create([Progress(campaign_id=campaign_id)], ignore_conflicts=True)
    with transaction.atomic():
        progress = Progress.objects.select_for_update().get(campaign_id=campaign_id)
        entries = LedgerEntry.objects.filter(campaign_id=campaign_id)
        progress.raised_cents = entries.raised().total_cents()
        progress.donors = entries.donors()
        progress.dirty_since = None
        progress.computed_at = timezone.now()
        progress.save()
    return progress
