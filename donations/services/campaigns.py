"""The running campaign, and its progress kept equal to the ledger."""

import calendar
import contextlib
import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection, transaction
from django.db.models import Case, Count, Exists, F, OuterRef, Q, QuerySet, Sum, When
from django.utils import timezone

from auposte.alongside import Alongside
from auposte.written_once import WrittenOnce
from broadcasts.models import Broadcast
from broadcasts.services import reading
from donations.models import (
    BudgetChange,
    BudgetLine,
    Campaign,
    Gift,
    LedgerEntry,
    Progress,
    Subscription,
)
from donations.progress import Fundraising, LineProgress, waterfall
from donations.services import paliers, provisions

PARIS = ZoneInfo("Europe/Paris")
MONTHS = (
    "janvier", "février", "mars", "avril", "mai", "juin",
    "juillet", "août", "septembre", "octobre", "novembre", "décembre",
)  # fmt: skip


def midnight(day: dt.date) -> dt.datetime:
    """When `day` begins in Paris."""
    return dt.datetime.combine(day, dt.time.min, tzinfo=PARIS)


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
            is_provision=line.is_provision,
        )
        for line in model.lines.all()
    )


def prepare_next_month(at: dt.datetime | None = None) -> Campaign:
    """The campaign of the month after that of `at` (default: now), to be edited ahead.

    Made from the lines of the running month; once it is there, it is left as it is.
    """
    running = current_campaign(at)
    following = running.ends_on + dt.timedelta(days=1)
    return Campaign.objects.of_month(following).first() or _make_month(following)


def paris_day(at: dt.datetime | None = None) -> dt.date:
    """The day that it is in Paris at `at` (aware; default: now)."""
    return (at or timezone.now()).astimezone(PARIS).date()


def is_past(campaign: Campaign, at: dt.datetime | None = None) -> bool:
    """Whether its last day is over in Paris: from then on a trigger holds its budget as it was."""
    return campaign.ends_on < paris_day(at)


def is_running(campaign: Campaign, at: dt.datetime | None = None) -> bool:
    """Whether `at` (default: now) falls into its days, in Paris."""
    return campaign.starts_on <= paris_day(at) <= campaign.ends_on


def running_collection(pk: int, at: dt.datetime | None = None) -> Campaign | None:
    """The special collection of that key, while it takes gifts."""
    return Campaign.objects.special_on(paris_day(at)).filter(pk=pk).first()


def campaign_for(gift: Gift, at: dt.datetime) -> Campaign:
    """Where money of `gift` that came at `at` belongs: the special collection that its form was
    about, if that ran on the day in Paris, else the month.
    """
    if gift.collection is not None and is_running(gift.collection, at):
        return gift.collection
    return current_campaign(at)


# By this name a broadcast that was read for its page knows the campaign that it shows.
SHOWN = "campaign_rows"
_LINES = Alongside(BudgetLine)
_CAMPAIGNS = Alongside(
    Campaign,
    only=("id", "kind", "title", "ends_on"),
    also=("raised_cents", "donors", "line_rows", "saved_rows"),
)


def _with_lines(month: dt.date, specials: "QuerySet[Campaign] | None" = None) -> QuerySet[Campaign]:
    """The month, and these special collections, where they have lines; with all that is shown.

    Special collections before the month, the newest first.
    """
    wanted = Q(kind=Campaign.Kind.MONTH, starts_on=month)
    if specials is not None:
        wanted |= Q(pk__in=specials)
    lines = BudgetLine.objects.filter(campaign=OuterRef("pk"))
    return (
        Campaign.objects.filter(wanted)
        .filter(Exists(lines))
        .annotate(
            raised_cents=F("progress__raised_cents"),
            donors=F("progress__donors"),
            line_rows=_LINES.read_by(lines),
            # Worked out for months that have provisions, and for no others.
            saved_rows=Case(
                When(
                    Exists(lines.filter(is_provision=True)), kind=Campaign.Kind.MONTH,
                    then=provisions.saved_as_json(),
                ),
            ),
        )
        .order_by("-kind", "-starts_on", "-pk")
    )  # fmt: skip


_BLANK_MONTH, _BLANK_DAY = dt.date(1900, 1, 1), dt.date(1900, 1, 2)
_of_month = WrittenOnce(_with_lines, month=_BLANK_MONTH)
_of_collection = WrittenOnce(
    lambda month, day, collection: _with_lines(
        month, Campaign.objects.special_on(day).filter(pk=collection)
    ),
    month=_BLANK_MONTH, day=_BLANK_DAY, collection=-1,
)  # fmt: skip
_on_page = WrittenOnce(
    lambda month, day, broadcast: _with_lines(
        month, Campaign.objects.special_on(day).filter(broadcasts=broadcast)
    ),
    month=_BLANK_MONTH, day=_BLANK_DAY, broadcast=-1,
)  # fmt: skip


def shown_on_page(clock: reading.Clock) -> ArraySubquery:
    """For a query of broadcasts: what the page of each shows, as `shown_fundraising` reads it."""
    specials = Campaign.objects.special_on(clock.day).filter(broadcasts=OuterRef(OuterRef("pk")))
    return _CAMPAIGNS.read_by(_with_lines(clock.month, specials)[:1])


def shown_fundraising(
    at: dt.datetime | None = None,
    *,
    broadcast: Broadcast | None = None,
    collection_id: int | None = None,
) -> Fundraising:
    """What pages show, from the progress computed ahead: the month, or a special collection.

    A collection stands in the month's place while it runs and has lines: the one of
    `collection_id`, or the newest that `broadcast` shows. One query; none where `broadcast` was
    read for its page.
    """
    month, day = paris_month(at or timezone.now()), paris_day(at)
    if collection_id is not None:
        found = _of_collection(month=month, day=day, collection=collection_id)
    elif hasattr(broadcast, SHOWN):
        found = list(_CAMPAIGNS.instances(getattr(broadcast, SHOWN)))
    elif broadcast is not None:
        found = _on_page(month=month, day=day, broadcast=broadcast.pk)
    else:
        found = _of_month(month=month)
    if not found:
        campaign = current_campaign(at)
        return _fundraising(campaign, [], Progress.objects.filter(campaign=campaign).first())
    shown: Any = found[0]
    return _fundraising(
        shown,
        _LINES.instances(shown.line_rows),
        Progress(raised_cents=shown.raised_cents or 0, donors=shown.donors or 0),
        provisions.told(shown.saved_rows),
    )


def ledger_fundraising(campaign: Campaign) -> Fundraising:
    """The same, added up from the ledger now: what the progress must equal."""
    entries = LedgerEntry.objects.filter(campaign=campaign)
    counted = Progress(raised_cents=entries.raised().total_cents(), donors=entries.donors())
    return _fundraising(campaign, list(campaign.lines.all()), counted)


def _fundraising(
    campaign: Campaign,
    lines: Sequence[BudgetLine],
    progress: Progress | None,
    saved: dict[str, provisions.Saved] | None = None,
) -> Fundraising:
    """`saved` is read where it is not given."""
    shown = waterfall(
        lines=lines,
        raised_cents=progress.raised_cents if progress else 0,
        donors=progress.donors if progress else 0,
    )
    if campaign.kind == Campaign.Kind.SPECIAL:
        return replace(
            shown, collection_id=campaign.pk, title=campaign.title, ends_on=campaign.ends_on
        )
    return with_savings(shown, saved)


def with_savings(
    shown: Fundraising, saved: dict[str, provisions.Saved] | None = None
) -> Fundraising:
    """The same, its provisions with what they have put aside: one query unless it is given."""
    if not any(line.is_provision for line in shown.lines):
        return shown
    found = provisions.saved_by_label() if saved is None else saved
    return replace(shown, lines=tuple(_with_savings(line, found) for line in shown.lines))


def _with_savings(line: LineProgress, saved: dict[str, provisions.Saved]) -> LineProgress:
    found = saved.get(line.label.casefold()) if line.is_provision else None
    return replace(line, saved_cents=found.cents, saved_since=found.since) if found else line


def changes_of(campaign: Campaign) -> "QuerySet[BudgetChange]":
    """What was changed in this budget while it ran, the newest first, for everybody to read."""
    return campaign.changes.all()


@dataclass(frozen=True, kw_only=True)
class Expected:
    """Money that has not come: cents of gifts (no fee cover), counted in nothing else.

    `count` monthly gifts of `cents` in all are due up to `until` (a Paris day, the month's last);
    `processing_cents` is what banks are being asked for now. The numbers of people are by donor.
    """

    count: int
    cents: int
    people: int
    until: dt.date
    processing_cents: int
    processing_people: int


def expected(now: dt.datetime | None = None) -> Expected:
    """What is still to come this month. Two queries."""
    month = paris_month(now or timezone.now())
    last_day = month.replace(day=calendar.monthrange(month.year, month.month)[1])
    end = dt.datetime.combine(last_day + dt.timedelta(days=1), dt.time(), PARIS)
    due = Subscription.objects.running().filter(next_payment_at__lt=end)
    coming = due.aggregate(
        count=Count("pk"), cents=Sum("amount_cents"), people=Count("donor", distinct=True)
    )
    processing = Gift.objects.filter(status=Gift.Status.PROCESSING).aggregate(
        cents=Sum("amount_cents"),
        known=Count("donor", distinct=True),
        new=Count("contact_email", distinct=True, filter=Q(donor=None)),
    )
    return Expected(
        count=coming["count"],
        cents=coming["cents"] or 0,
        people=coming["people"],
        until=last_day,
        processing_cents=processing["cents"] or 0,
        processing_people=processing["known"] + processing["new"],
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
        paliers.note_crossings(progress.campaign)
    return progress
