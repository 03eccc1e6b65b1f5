"""The ledger cannot be changed, by any road; and it holds only what fits."""

import datetime as dt

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.utils import timezone

from donations.models import Gift, LedgerEntry
from donations.services.offline import record_offline_gift
from tests.donations.factories import month_with_lines

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def entry() -> LedgerEntry:
    month_with_lines()
    gift = record_offline_gift(key="cheque-1", amount_cents=1000, occurred_at=timezone.now())
    return LedgerEntry.objects.get(gift=gift)


def refused(statement: str) -> str:
    """The database's words as it refuses a statement from a connection that is not a test's."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL auposte.ledger_may_be_truncated = 'off'")
        with pytest.raises(DatabaseError) as caught, transaction.atomic():
            cursor.execute(statement)
    return str(caught.value)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE donations_ledgerentry SET amount_cents = 1",
        "UPDATE donations_ledgerentry SET amount_cents = 1 WHERE false",
        "DELETE FROM donations_ledgerentry",
        "TRUNCATE donations_ledgerentry",
        "TRUNCATE donations_gift CASCADE",
    ],
)
def test_sql_cannot_change_it(entry: LedgerEntry, statement: str) -> None:
    assert "append-only" in refused(statement)
    assert LedgerEntry.objects.get().amount_cents == 1000


def test_the_orm_cannot_change_it(entry: LedgerEntry) -> None:
    entry.amount_cents = 5
    for attempt in (
        entry.save,
        entry.delete,
        lambda: LedgerEntry.objects.update(amount_cents=5),
        lambda: LedgerEntry.objects.all().delete(),
    ):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            attempt()
    assert LedgerEntry.objects.get().amount_cents == 1000


def test_a_gift_with_money_cannot_be_deleted(entry: LedgerEntry) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        entry.gift.delete()
    assert Gift.objects.exists()


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "gift", "amount_cents": -1},
        {"kind": "offline", "amount_cents": -1},
        {"kind": "dispute", "amount_cents": 1},
        {"kind": "dispute_reversal", "amount_cents": -1},
        {"kind": "tip", "amount_cents": 1},
        {"amount_cents": 0},
        {"currency": "USD"},
        {"source": ""},
        {"gift": None},
        {"source": "offline:cheque-1"},
    ],
)
def test_the_database_refuses_what_does_not_fit(
    entry: LedgerEntry, wrong: dict[str, object]
) -> None:
    fields = {
        "kind": "gift",
        "amount_cents": 500,
        "occurred_at": timezone.now(),
        "campaign": entry.campaign,
        "gift": entry.gift,
        "source": "stripe:ch_x:gift",
    }
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.create(**{**fields, **wrong})


def test_the_same_offline_gift_is_booked_once(entry: LedgerEntry) -> None:
    again = record_offline_gift(
        key="cheque-1", amount_cents=1000, occurred_at=timezone.now() - dt.timedelta(days=1)
    )
    assert again == entry.gift
    assert LedgerEntry.objects.count() == 1
