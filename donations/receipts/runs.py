"""A year's papers in one go, donor by donor, that can be interrupted at any moment.

Each donor is a transaction of its own, under the lock of the run's row: two workers take turns,
and pausing holds from the next donor on. What is left to do is asked of the database each time,
so that a run that was killed goes on where it stood: nobody has two papers, nobody is left out.
"""

import datetime as dt
import time
from dataclasses import dataclass

from django.db import transaction
from django.db.models import F, Max, Q, QuerySet
from django.utils import timezone

from donations.models import Donor, Gift, Receipt, ReceiptIssuer, ReceiptRun
from donations.receipts.amounts import gifts_of_year, without_paper
from donations.receipts.issuing import ReceiptError, issue_for_year, not_entitled

DONORS_A_SLICE = 25
SECONDS_A_SLICE = 10.0
# A run that has given out nothing for as long has lost its worker.
SILENCE_SECONDS = 60

State = ReceiptRun.State
NAMED = ~Q(donor__name="") | Q(donor__email__isnull=False)
ADDRESSED = ~(
    Q(donor__name="") | Q(donor__street="") | Q(donor__postal_code="") | Q(donor__city="")
)


@dataclass(frozen=True, kw_only=True)
class Slice:
    """What a worker did of a run: new papers' ids, and whether it has nothing more to do."""

    receipt_ids: list[str]
    is_over: bool


def waiting_gifts(year: int, kind: str) -> "QuerySet[Gift]":
    """Gifts of the year that have no paper, of donors who can have one of this kind."""
    able = ADDRESSED if kind == Receipt.Kind.FISCAL else NAMED
    return without_paper(gifts_of_year(year)).filter(able)


def waiting_donors(year: int, kind: str) -> int:
    """How many people a run would give a paper."""
    return waiting_gifts(year, kind).order_by().values("donor").distinct().count()


def start(*, issuer: ReceiptIssuer, kind: str, year: int, user_id: int | None) -> ReceiptRun:
    """Begin a year's run, or take up the one that is not over. Raises ReceiptError."""
    if kind == Receipt.Kind.FISCAL and not issuer.is_entitled:
        raise ReceiptError(not_entitled(issuer))
    total = waiting_donors(year, kind)
    if not total:
        raise ReceiptError(f"Personne n’attend ce document pour {year}.")
    ReceiptRun.objects.bulk_create(
        [ReceiptRun(issuer=issuer, kind=kind, year=year, total=total, started_by_id=user_id)],
        ignore_conflicts=True,
    )
    unfinished = ReceiptRun.objects.exclude(state=State.DONE)
    run = unfinished.filter(issuer=issuer, kind=kind, year=year).first()
    if run is None:  # somebody else's has ended in between, and has given them all
        raise ReceiptError(f"Personne n’attend plus ce document pour {year}.")
    return run


def pause(run_id: int) -> bool:
    """Stop a run after the donor in hand. False when it was not running."""
    running = ReceiptRun.objects.filter(pk=run_id, state=State.RUNNING)
    return bool(running.update(state=State.PAUSED))


def resume(run_id: int) -> bool:
    """Let a paused run go on. False when it was not paused."""
    run = ReceiptRun.objects.filter(pk=run_id, state=State.PAUSED).first()
    if run is None:
        return False
    left = waiting_donors(run.year, run.kind)
    paused = ReceiptRun.objects.filter(pk=run_id, state=State.PAUSED)
    return bool(paused.update(state=State.RUNNING, total=F("done") + left))


def stalled() -> list[int]:
    """Runs that should be going on and have lost their worker."""
    silent_since = timezone.now() - dt.timedelta(seconds=SILENCE_SECONDS)
    runs = ReceiptRun.objects.filter(state=State.RUNNING, started_at__lt=silent_since)
    newest = runs.annotate(newest=Max("receipts__issued_at"))
    silent = newest.filter(Q(newest__isnull=True) | Q(newest__lt=silent_since))
    return list(silent.order_by("pk").values_list("pk", flat=True))


def issue_slice(run_id: int) -> Slice:
    """Give out some papers of a run: 25 donors, or ten seconds. Over when paused or done."""
    ends_at = time.monotonic() + SECONDS_A_SLICE
    run = ReceiptRun.objects.get(pk=run_id)
    waiting = waiting_gifts(run.year, run.kind).order_by("donor").values("donor").distinct()
    donor_ids = [row["donor"] for row in waiting[:DONORS_A_SLICE]]
    made: list[str] = []
    for donor_id in donor_ids:
        state, receipt_id = _one(run_id, donor_id)
        if receipt_id:
            made.append(receipt_id)
        if state != State.RUNNING:
            return Slice(receipt_ids=made, is_over=True)
        if time.monotonic() > ends_at:
            break
    if donor_ids:
        # Where another worker has been faster everywhere, it is the one that goes on.
        return Slice(receipt_ids=made, is_over=not made)
    over = ReceiptRun.objects.filter(pk=run_id, state=State.RUNNING)
    over.update(state=State.DONE, ended_at=timezone.now(), total=F("done"))
    return Slice(receipt_ids=made, is_over=True)


@transaction.atomic
def _one(run_id: int, donor_id: int) -> tuple[str, str]:
    """One donor's paper. The run's state, and the paper's id ("" when somebody was faster)."""
    run = ReceiptRun.objects.select_for_update(of=("self",)).get(pk=run_id)
    if run.state != State.RUNNING:
        return run.state, ""
    try:
        with transaction.atomic():
            receipt = issue_for_year(
                donor=Donor.objects.get(pk=donor_id),
                year=run.year,
                issuer=run.issuer,
                kind=run.kind,
                run=run,
            )
    except ReceiptError:
        return run.state, ""
    ReceiptRun.objects.filter(pk=run_id).update(done=F("done") + 1)
    return run.state, str(receipt.pk)
