"""What the unique source and the gift's lock are for: without either, this is what breaks."""

import threading
from collections.abc import Iterator

import pytest
from django.db import connection, connections
from django.test import Client

from auposte.external import ExternalServiceError
from donations import stripe_client
from donations.models import Gift, LedgerEntry
from donations.services import booking
from sandbox.stripe import StripeStandIn
from tests.donations.factories import month_with_lines
from tests.donations.steps import offer_debits, start

pytestmark = pytest.mark.django_db(transaction=True)
IBAN = "FR1420041010050500013M02606"


@pytest.fixture
def without_unique_sources() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE donations_ledgerentry DROP CONSTRAINT ledger_source_once")
    yield
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE donations_ledgerentry")
        cursor.execute(
            "ALTER TABLE donations_ledgerentry ADD CONSTRAINT ledger_source_once UNIQUE (source)"
        )


def book_twice(client: Client, stripe: StripeStandIn) -> int:
    """Book one payment of 10 € twice; the cents in the ledger."""
    month_with_lines()
    session = start(client).session
    stripe.pay(session)
    for _ in range(2):
        booking.book_payment(stripe_client.payment_of(session))
    return LedgerEntry.objects.filter(kind="gift").total_cents()


def test_booking_twice_counts_once(client: Client, stripe: StripeStandIn) -> None:
    assert book_twice(client, stripe) == 1000


def test_without_the_unique_source_the_money_counts_twice(
    client: Client, stripe: StripeStandIn, without_unique_sources: None
) -> None:
    assert book_twice(client, stripe) == 2000


@pytest.fixture
def slow_writer() -> Iterator[None]:
    """Connections named "slow" wait at advisory lock 7 before they write to a gift."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION wait_if_slow() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF current_setting('application_name') = 'slow' THEN
                    PERFORM pg_advisory_xact_lock(7);
                END IF;
                RETURN NULL;
            END $$;
            CREATE TRIGGER wait_if_slow BEFORE UPDATE ON donations_gift
                FOR EACH STATEMENT EXECUTE FUNCTION wait_if_slow();
            """
        )
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER wait_if_slow ON donations_gift; DROP FUNCTION wait_if_slow()")


def waits_for_lock_7() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
        return bool(cursor.fetchone()[0])


def race(client: Client, stripe: StripeStandIn) -> str:
    """Old news ("the bank is still at it") is written while new news (the money) comes in.

    The slow worker has read the gift and stands before its write; the fast one books the money,
    or waits for the slow one's lock. Returns the gift's final status.
    """
    month_with_lines()
    offer_debits()
    started = start(client)
    stripe.pay(started.session, IBAN)
    old_news = stripe_client.payment_of(started.session)
    stripe.settle(started.session)
    new_news = stripe_client.payment_of(started.session)

    def slow() -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET application_name = 'slow'")
            booking.book_payment(old_news)
        finally:
            connections.close_all()

    def fast() -> None:
        try:
            booking.book_payment(new_news)
        finally:
            connections.close_all()

    first, second = threading.Thread(target=slow), threading.Thread(target=fast)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(7)")
        first.start()
        while not waits_for_lock_7():
            first.join(0.01)
            assert first.is_alive()
        second.start()
        # Without the gift's lock the fast worker ends now; with it, it waits for the slow one.
        second.join(1)
        cursor.execute("SELECT pg_advisory_unlock(7)")
    first.join()
    second.join()
    return Gift.objects.get(pk=started.gift.pk).status


def test_old_news_never_takes_a_paid_gift_back(
    client: Client, stripe: StripeStandIn, slow_writer: None
) -> None:
    assert race(client, stripe) == Gift.Status.SUCCEEDED


def test_without_the_gifts_lock_a_paid_gift_is_taken_back(
    client: Client,
    stripe: StripeStandIn,
    slow_writer: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(booking, "lock_gift", lambda gift_id: Gift.objects.get(pk=gift_id))
    assert race(client, stripe) == Gift.Status.PROCESSING
    assert LedgerEntry.objects.filter(kind="gift").exists(), "paid, and shown as unpaid"


def test_a_ledger_that_disagrees_with_stripe_is_told_not_hidden(
    client: Client, stripe: StripeStandIn
) -> None:
    campaign = month_with_lines()
    started = start(client)
    stripe.pay(started.session)
    payment = stripe_client.payment_of(started.session)
    assert payment.charge is not None
    LedgerEntry.objects.create(
        kind="gift",
        amount_cents=999,
        occurred_at=payment.charge.created,
        campaign=campaign,
        gift=started.gift,
        source=f"stripe:{payment.charge.charge_id}:gift",
    )
    with pytest.raises(booking.BookingError, match="999 au grand livre"):
        booking.book_payment(payment)


def test_money_of_the_other_mode_is_never_booked(
    client: Client, stripe: StripeStandIn, settings: object
) -> None:
    started = start(client)
    stripe.pay(started.session)
    payment = stripe_client.payment_of(started.session)
    settings.STRIPE_LIVEMODE = True  # type: ignore[attr-defined]
    with pytest.raises(booking.BookingError):
        booking.book_payment(payment)
    assert not LedgerEntry.objects.exists()


def test_an_object_that_is_no_payment_is_refused(stripe: StripeStandIn) -> None:
    with pytest.raises(ExternalServiceError) as caught:
        stripe_client.payment_of("prod_123")
    assert caught.value.permanent
