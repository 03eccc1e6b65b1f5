"""Runs of the comparison with Stripe: one at a time, each with its row, its result, its letter."""

import datetime as dt

from django.db import transaction
from django.db.models import Min
from django.urls import reverse
from django.utils import timezone

from auposte.external import ExternalServiceError
from auposte.locks import advisory_lock
from auposte.money import NBSP, euros
from donations.models import Discrepancy, Gift, ReconciliationRun
from donations.services import letters, payouts
from donations.services.comparing import Findings, compare

LOCK = 0x5261_7070  # "Rapp"
LOOK_BACK = dt.timedelta(days=35)
# A run that nobody works on is taken over after a minute, given up after a quarter of an hour.
LOST_AFTER, GIVEN_UP_AFTER = dt.timedelta(minutes=1), dt.timedelta(minutes=15)
CUT_SHORT = "Interrompu avant la fin."
LISTED_IN_LETTER = 50

State = ReconciliationRun.State


class AlreadyRunningError(Exception):
    """Another run is at work; two would book and report the same things."""


def begin(
    *, since: dt.datetime | None = None, dry_run: bool = False, user_id: int | None = None
) -> ReconciliationRun:
    """Write down that a comparison is wanted: the row that `carry_out` works on.

    By default it goes back 35 days, or to the first gift that was promised here if that is later:
    what the Stripe account did before is not this site's.
    """
    now = timezone.now()
    if since is None:
        first = Gift.objects.filter(channel=Gift.Channel.STRIPE).aggregate(at=Min("created_at"))
        since = max(now - LOOK_BACK, first["at"] or now - LOOK_BACK)
    return ReconciliationRun.objects.create(
        since=since, until=now, dry_run=dry_run, started_by_id=user_id
    )


def carry_out(run_id: int) -> ReconciliationRun:
    """Do what `begin` wrote down and note the result in its row; one that has ended stays as it is.

    A dry run books nothing, files no payout and writes no letter. Raises AlreadyRunningError, and
    ExternalServiceError when Stripe cannot be read (which the row says too).
    """
    with advisory_lock(LOCK) as free:
        if not free:
            raise AlreadyRunningError
        run = ReconciliationRun.objects.get(pk=run_id)
        if run.state != State.RUNNING:
            return run
        # With the lock ours, whoever else is said to be at work is dead.
        others = ReconciliationRun.objects.filter(state=State.RUNNING).exclude(pk=run.pk)
        others.update(state=State.FAILED, error=CUT_SHORT, ended_at=timezone.now())
        if run.started_at < timezone.now() - GIVEN_UP_AFTER:
            return _fail(run, CUT_SHORT)
        try:
            findings = compare(since=run.since, book_missing=not run.dry_run)
            if not run.dry_run:
                payouts.file_since(findings.since)
            return _finish(run, findings)
        except ExternalServiceError as error:
            _fail(run, str(error))
            raise
        except Exception as error:
            _fail(run, f"Erreur{NBSP}: {type(error).__name__}")
            raise


def lost_runs(now: dt.datetime | None = None) -> list[int]:
    """Runs that were asked for and whose worker never came, or died."""
    late = (now or timezone.now()) - LOST_AFTER
    lost = ReconciliationRun.objects.filter(state=State.RUNNING, started_at__lt=late)
    return list(lost.order_by("started_at").values_list("pk", flat=True))


def newest_complete() -> ReconciliationRun | None:
    """The last run that came to its end and was no trial."""
    done = ReconciliationRun.objects.filter(dry_run=False, state__in=[State.CLEAN, State.DIFFERENT])
    return done.order_by("-ended_at").first()


def is_recent(*, hours: int) -> bool:
    """Whether a run, no trial, came to its end within the last `hours`."""
    newest = newest_complete()
    at = newest.ended_at if newest else None
    return at is not None and at >= timezone.now() - dt.timedelta(hours=hours)


def _fail(run: ReconciliationRun, reason: str) -> ReconciliationRun:
    run.state, run.error, run.ended_at = State.FAILED, reason[:500], timezone.now()
    run.save()
    return run


@transaction.atomic
def _finish(run: ReconciliationRun, findings: Findings) -> ReconciliationRun:
    """The result, its differences and the letter about them: all or nothing."""
    rows = [
        Discrepancy(
            run=run,
            kind=difference.kind,
            stripe_id=difference.transaction_id,
            source=" + ".join(difference.sources)[:255],
            stripe_cents=difference.stripe_cents,
            ledger_cents=difference.ledger_cents,
            gift_id=difference.gift_id,
        )
        for difference in findings.differences
    ]
    Discrepancy.objects.bulk_create(rows)
    run.since, run.ended_at = findings.since, timezone.now()
    run.transactions, run.filed = findings.transactions, findings.filed
    run.pending = findings.pending
    run.difference_cents = sum(abs(row.difference_cents) for row in rows)
    run.state = State.DIFFERENT if rows else State.CLEAN
    run.save()
    if rows and not run.dry_run:
        _tell(run, rows)
    return run


def _tell(run: ReconciliationRun, rows: list[Discrepancy]) -> None:
    count = "1 écart" if len(rows) == 1 else f"{len(rows)} écarts"
    letters.tell_treasurer(
        key=f"reconciliation:{run.pk}",
        subject=f"Rapprochement avec Stripe{NBSP}: {count}, {euros(run.difference_cents)}",
        template="reconciliation",
        context={
            "run": run,
            "rows": rows[:LISTED_IN_LETTER],
            "left_off": max(len(rows) - LISTED_IN_LETTER, 0),
            "page": reverse("admin:donations_reconciliationrun_change", args=[run.pk]),
        },
    )
