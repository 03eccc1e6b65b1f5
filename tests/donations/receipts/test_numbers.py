"""Numbers without gaps or doubles, whoever gives them out at the same time."""

import threading

import pytest
from django.db import connection, transaction

from donations.models import Receipt, ReceiptCounter, ReceiptIssuer, ReceiptItem
from donations.receipts.issuing import ReceiptError, issue_for_gift
from tests.donations.receipts.world import donor, gift, numbers
from tests.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


class RolledBackError(Exception):
    pass


def in_thread(work: object) -> threading.Thread:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def waits_for_a_lock() -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND wait_event_type = 'Lock'"
        )
        return bool(cursor.fetchone()[0])


def test_a_number_that_is_rolled_back_goes_to_whoever_waits(entity: ReceiptIssuer) -> None:
    gifts = [gift(donor(f"d{number}@example.org")) for number in range(3)]
    issue_for_gift(gift_id=gifts[0].pk, issuer=entity, kind="attestation")
    taken, may_fail = threading.Event(), threading.Event()
    seen: list[int] = []

    def fails() -> None:
        try:
            with transaction.atomic():
                paper = issue_for_gift(gift_id=gifts[1].pk, issuer=entity, kind="attestation")
                seen.append(paper.number)
                taken.set()
                may_fail.wait(60)
                raise RolledBackError
        except RolledBackError:
            pass

    def waits() -> None:
        paper = issue_for_gift(gift_id=gifts[2].pk, issuer=entity, kind="attestation")
        seen.append(paper.number)

    first = in_thread(fails)
    assert taken.wait(60)
    second = in_thread(waits)
    wait_until(waits_for_a_lock, "the second to wait for the first one's number")
    may_fail.set()
    first.join()
    second.join()
    assert seen == [2, 2]
    assert numbers() == [1, 2]
    assert ReceiptCounter.objects.get().last_number == 2


def test_many_at_once_have_neither_gaps_nor_doubles(entity: ReceiptIssuer) -> None:
    gifts = [gift(donor(f"d{number}@example.org")) for number in range(12)]
    start = threading.Barrier(4)

    def issue(mine: list[object]) -> None:
        start.wait()
        for position, given in enumerate(mine):
            try:
                with transaction.atomic():
                    issue_for_gift(gift_id=given.pk, issuer=entity, kind="attestation")
                    if position == 1:
                        raise RolledBackError
            except RolledBackError:
                pass

    threads = [in_thread(lambda part=part: issue(gifts[part::4])) for part in range(4)]
    for thread in threads:
        thread.join()
    assert numbers() == list(range(1, 9))


def test_two_clicks_make_one_paper(entity: ReceiptIssuer) -> None:
    given = gift(donor())
    start = threading.Barrier(2)
    refused: list[str] = []

    def click() -> None:
        start.wait()
        try:
            issue_for_gift(gift_id=given.pk, issuer=entity, kind="attestation")
        except ReceiptError as refusal:
            refused.append(str(refusal))

    for thread in [in_thread(click), in_thread(click)]:
        thread.join()
    assert refused == ["Ce don a déjà un document en vigueur."]
    assert numbers() == [1]
    assert ReceiptItem.objects.filter(is_live=True).count() == 1
    assert ReceiptCounter.objects.get().last_number == 1


def test_each_entity_kind_and_year_counts_for_itself(entitled: ReceiptIssuer) -> None:
    from tests.donations.receipts.world import ADDRESS, PARIS_NOON, issuer

    other = issuer(name="Autre entité", is_default=False)
    who = donor(**ADDRESS)
    for entity, kind, year in (
        (entitled, "attestation", 2026),
        (entitled, "fiscal", 2026),
        (entitled, "fiscal", 2025),
        (other, "attestation", 2026),
        (entitled, "fiscal", 2026),
    ):
        given = gift(who, at=PARIS_NOON.replace(year=year))
        issue_for_gift(gift_id=given.pk, issuer=entity, kind=kind)
    found = Receipt.objects.order_by("issued_at").values_list("year", "kind", "number")
    assert list(found) == [
        (2026, "attestation", 1),
        (2026, "fiscal", 1),
        (2025, "fiscal", 1),
        (2026, "attestation", 1),
        (2026, "fiscal", 2),
    ]
