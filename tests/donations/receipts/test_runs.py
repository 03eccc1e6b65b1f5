"""A year in one go: interrupted, resumed, killed; nobody has two papers, nobody is left out."""

import datetime as dt
import threading
from pathlib import Path

import pytest
from django.core import mail
from django.db import connection, transaction
from django.utils import timezone

from auposte.celery import app
from donations import tasks
from donations.models import (
    Donor,
    Gift,
    OutgoingEmail,
    Receipt,
    ReceiptIssuer,
    ReceiptItem,
    ReceiptRun,
)
from donations.receipts import runs
from donations.receipts.issuing import ReceiptError
from tests import processes
from tests.donations.receipts.test_numbers import waits_for_a_lock
from tests.donations.receipts.world import ADDRESS, PARIS_NOON, donor, gift, numbers
from tests.processes import wait_until


def crowd(size: int, **facts: object) -> list[Donor]:
    people = [donor(f"d{number}@example.org", **facts) for number in range(size)]
    for who in people:
        gift(who)
        gift(who, 500)
    return people


def start(entity: ReceiptIssuer, kind: str = "attestation") -> ReceiptRun:
    return runs.start(issuer=entity, kind=kind, year=2026, user_id=None)


def worker_is_lost() -> None:
    """Long enough ago for the sweeper to notice."""
    ago = timezone.now() - dt.timedelta(minutes=5)
    ReceiptRun.objects.update(started_at=ago)
    Receipt.objects.update(issued_at=ago)


def everybody_has_one(people: list[Donor]) -> None:
    assert Receipt.objects.count() == len(people)
    assert set(Receipt.objects.values_list("donor", flat=True)) == {who.pk for who in people}
    assert numbers() == list(range(1, len(people) + 1))
    assert ReceiptItem.objects.filter(is_live=True).count() == Gift.objects.count()
    assert OutgoingEmail.objects.filter(key__startswith="receipt:").count() == len(people)


@pytest.mark.django_db
def test_a_run_is_interrupted_and_resumed(
    entity: ReceiptIssuer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runs, "DONORS_A_SLICE", 2)
    people = crowd(5)
    run = start(entity)
    assert run.total == 5
    first = runs.issue_slice(run.pk)
    assert (len(first.receipt_ids), first.is_over) == (2, False)
    assert runs.pause(run.pk)
    assert not runs.pause(run.pk)
    stopped = runs.issue_slice(run.pk)
    assert (stopped.receipt_ids, stopped.is_over) == ([], True)
    worker_is_lost()
    tasks.sweep()
    assert Receipt.objects.count() == 2, "the sweeper leaves a paused run alone"
    people.append(donor("nouvelle@example.org"))
    gift(people[-1])
    assert runs.resume(run.pk)
    assert not runs.resume(run.pk)
    run.refresh_from_db()
    assert (run.done, run.total) == (2, 6)
    while not runs.issue_slice(run.pk).is_over:
        pass
    run.refresh_from_db()
    assert (run.state, run.done, run.total) == ("done", 6, 6)
    assert run.ended_at is not None
    everybody_has_one(people)


@pytest.mark.django_db
def test_a_run_whose_worker_never_came_is_swept(entity: ReceiptIssuer) -> None:
    people = crowd(3)
    run = start(entity)
    tasks.sweep()
    assert not Receipt.objects.exists(), "its worker may still come"
    for _ in range(3):
        worker_is_lost()
        tasks.sweep()
    run.refresh_from_db()
    assert run.state == "done"
    everybody_has_one(people)
    assert len(mail.outbox) == 3


@pytest.mark.django_db
def test_who_cannot_have_one_is_left_for_later(entitled: ReceiptIssuer) -> None:
    known = crowd(2, **ADDRESS)
    gift(known[0], at=PARIS_NOON.replace(year=2025))
    bare = donor("sans@example.org")
    gift(bare)
    nobody = donor(None, name="")
    gift(nobody)
    gone = donor("efface@example.org", **ADDRESS)
    gift(gone)
    Donor.objects.filter(pk=gone.pk).update(erased_at=timezone.now())
    run = start(entitled, "fiscal")
    while not runs.issue_slice(run.pk).is_over:
        pass
    assert set(Receipt.objects.values_list("donor", flat=True)) == {who.pk for who in known}
    with pytest.raises(ReceiptError, match="Personne n’attend"):
        start(entitled, "fiscal")
    Donor.objects.filter(pk=bare.pk).update(**ADDRESS)
    again = start(entitled, "fiscal")
    assert (again.total, again.pk != run.pk) == (1, True)


@pytest.mark.django_db
def test_a_second_start_is_the_first_run(entity: ReceiptIssuer) -> None:
    crowd(1)
    assert start(entity) == start(entity)
    with pytest.raises(ReceiptError, match="habilitée"):
        start(entity, "fiscal")


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_a_run(entity: ReceiptIssuer) -> None:
    people = crowd(12)
    run = start(entity)
    barrier = threading.Barrier(2)

    def work() -> None:
        barrier.wait()
        while not runs.issue_slice(run.pk).is_over:
            pass
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    while not runs.issue_slice(run.pk).is_over:
        pass
    run.refresh_from_db()
    assert (run.state, run.done) == ("done", 12)
    everybody_has_one(people)


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(120)
def test_killed_in_the_middle_it_goes_on(entity: ReceiptIssuer, tmp_path: Path) -> None:
    app.control.purge()
    people = crowd(6)
    stuck = Gift.objects.filter(donor=people[3]).order_by("pk").first()
    run = start(entity)
    with processes.worker(tmp_path / "first.log") as doomed, transaction.atomic():
        # Held here, the worker stands between a paper and the next one.
        Gift.objects.select_for_update().get(pk=stuck.pk)
        tasks.issue_slice.delay(run.pk)
        wait_until(lambda: Receipt.objects.count() == 3, "three papers to be given out")
        wait_until(waits_for_a_lock, "the worker to be at the fourth")
        processes.kill_hard(doomed)
    app.control.purge()
    wait_until(lambda: not waits_for_a_lock(), "the dead worker's session to end")
    run.refresh_from_db()
    assert (run.state, run.done) == ("running", 3)
    for _ in range(3):
        worker_is_lost()
        tasks.sweep()
    run.refresh_from_db()
    assert (run.state, run.done) == ("done", 6)
    everybody_has_one(people)
