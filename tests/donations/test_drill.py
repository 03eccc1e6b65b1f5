"""A month computed anew from Stripe is the month in the books; a cent of difference is seen."""

import datetime as dt
from collections.abc import Iterator
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from donations.models import LedgerEntry
from donations.services.campaigns import PARIS
from donations.services.offline import record_offline_gift
from sandbox.stripe import StripeStandIn
from tests.donations.factories import month_with_lines
from tests.donations.steps import Started, offer_debits, post_event, start, work_off

pytestmark = pytest.mark.django_db(transaction=True)

IBAN = "FR1420041010050500013M02606"


def last_month() -> dt.date:
    return timezone.localdate().replace(day=1) - dt.timedelta(days=1)


def at(stripe: StripeStandIn, day: dt.date, hour: int = 12, minute: int = 0) -> None:
    """Set Stripe's clock to that hour of that day in Paris."""
    moment = dt.datetime.combine(day, dt.time(hour, minute), tzinfo=PARIS)
    stripe.set_clock((moment - timezone.now()).total_seconds())


def drill(month: dt.date | None = None) -> tuple[int, str]:
    out = StringIO()
    arguments = ["--month", f"{month:%Y-%m}"] if month else []
    try:
        call_command("drill_ledger", *arguments, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue() + str(error)
    return 0, out.getvalue()


def paid(client: Client, stripe: StripeStandIn, email: str, **fields: str) -> Started:
    started = start(client, email=email, **fields)
    stripe.pay(started.session)
    stripe.balance(started.session)
    return started


@pytest.fixture
def a_month(client: Client, stripe: StripeStandIn) -> dt.date:
    """Last month’s life: gifts at its very ends, refunds, disputes, a promise, a debit, a fee."""
    month = last_month()
    first = month.replace(day=1)
    for day in (first - dt.timedelta(days=1), month, timezone.localdate()):
        month_with_lines(at=dt.datetime.combine(day, dt.time(12), tzinfo=PARIS))
    at(stripe, first - dt.timedelta(days=1), 23, 59)
    before = paid(client, stripe, "avant@example.org", amount="30")
    at(stripe, first, 0, 0)
    paid(client, stripe, "minuit@example.org", cover_fee="on")
    at(stripe, first.replace(day=10))
    stripe.refund(before.session, 1000)
    bounced = paid(client, stripe, "revenu@example.org", cover_fee="on", amount="12,34")
    stripe.fail_refund(stripe.refund(bounced.session, 333)["id"])
    disputed = paid(client, stripe, "litige@example.org")
    stripe.close_dispute(stripe.dispute(disputed.session)["id"], "won")
    stripe.stripe_fee(150)
    promised = paid(client, stripe, "fidele@example.org", cover_fee="on", rhythm="monthly")
    # Or Stripe would take the next month while the test goes on.
    stripe.cancel_subscription(stripe.subscription_of(promised.session)["id"])
    offer_debits()
    at(stripe, month)
    debit = start(client, email="debit@example.org")
    stripe.pay(debit.session, IBAN)
    at(stripe, month + dt.timedelta(days=4))
    stripe.settle(debit.session)
    stripe.balance(debit.session)
    paid(client, stripe, "apres@example.org")
    stripe.set_clock(0)
    for event in stripe.events():
        assert post_event(client, stripe, event) == 200
    work_off()
    call_command("reconcile_stripe", "--since", f"{first:%Y-%m-%d}", stdout=StringIO())
    cheque = dt.datetime.combine(month, dt.time(12), tzinfo=PARIS)
    record_offline_gift(key="cheque-1", amount_cents=5000, occurred_at=cheque)
    return month


@pytest.fixture
def corruptible() -> Iterator[None]:
    """The ledger without its guard, as whoever owns the database could have it."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE donations_ledgerentry DISABLE TRIGGER ledger_append_only")
    yield
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE donations_ledgerentry ENABLE TRIGGER ledger_append_only")


def of_month(month: dt.date) -> list[LedgerEntry]:
    """The month's entries that Stripe knows of."""
    start_at = dt.datetime.combine(month.replace(day=1), dt.time.min, tzinfo=PARIS)
    end_at = dt.datetime.combine(month + dt.timedelta(days=1), dt.time.min, tzinfo=PARIS)
    entries = LedgerEntry.objects.filter(occurred_at__gte=start_at, occurred_at__lt=end_at)
    return list(entries.exclude(kind="offline").order_by("pk"))


def test_a_clean_month_has_no_difference(a_month: dt.date) -> None:
    kinds = {entry.kind for entry in of_month(a_month)}
    assert kinds == {"gift", "fee_cover", "refund", "dispute", "dispute_reversal", "fee"}
    before = list(LedgerEntry.objects.order_by("pk").values())
    code, words = drill(a_month)
    assert code == 0, words
    assert "Aucun écart." in words
    assert "laissées de côté\u00a0: 1, 50,00\u00a0€" in words
    assert f"{len([e for e in of_month(a_month) if e.kind == 'gift'])} · " in words
    assert list(LedgerEntry.objects.order_by("pk").values()) == before
    # The months beside it have the rest, and are as clean.
    assert drill()[0] == 0
    assert drill(a_month.replace(day=1) - dt.timedelta(days=1))[0] == 0


@pytest.mark.parametrize(
    "change",
    [
        "amount_cents = amount_cents + 1",
        "campaign_id = (SELECT max(id) FROM donations_campaign)",
        "occurred_at = occurred_at + interval '1 second'",
        "kind = 'adjustment'",
    ],
)
def test_a_changed_entry_is_found(change: str, a_month: dt.date, corruptible: None) -> None:
    entry = next(entry for entry in of_month(a_month) if entry.kind == "gift")
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE donations_ledgerentry SET {change} WHERE id = %s", [entry.pk])
    code, words = drill(a_month)
    assert code == 1
    assert words.count(entry.source) == 2, "what it should be, and what it is"
    assert "Seulement chez Stripe" in words
    assert "Seulement au grand livre" in words
    assert "Écritures en écart\u00a0: 2." in words


def test_a_vanished_entry_is_found(a_month: dt.date, corruptible: None) -> None:
    entry = next(entry for entry in of_month(a_month) if entry.kind == "refund")
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM donations_ledgerentry WHERE id = %s", [entry.pk])
    code, words = drill(a_month)
    assert code == 1
    assert entry.source in words
    assert "Seulement au grand livre" not in words


def test_an_invented_entry_is_found_and_a_young_one_awaited(a_month: dt.date) -> None:
    entry = next(entry for entry in of_month(a_month) if entry.kind == "gift")
    facts = {
        "kind": "gift", "amount_cents": 1, "occurred_at": entry.occurred_at,
        "campaign": entry.campaign, "gift": entry.gift,
    }  # fmt: skip
    LedgerEntry.objects.create(**facts, source="stripe:ch_jeune:gift")
    code, words = drill(a_month)
    assert (code, "doit encore annoncer le mouvement\u00a0: 1." in words) == (0, True)
    old = timezone.now() - dt.timedelta(hours=3)
    LedgerEntry.objects.create(**facts, source="stripe:ch_faux:gift", recorded_at=old)
    code, words = drill(a_month)
    assert (code, "stripe:ch_faux:gift" in words) == (1, True)
    assert "Seulement chez Stripe" not in words


def test_nothing_stays_of_the_shadow(a_month: dt.date) -> None:
    drill(a_month)
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("SELECT to_regclass('shadow_ledger')")
        assert cursor.fetchone() == (None,)


def test_what_cannot_be_done_is_said(stripe: StripeStandIn) -> None:
    stripe.fail(count=10, status=500)
    code, words = drill()
    assert (code, "Stripe n’a pas pu être lu" in words) == (2, True)
    with pytest.raises(CommandError, match="ce n’est pas un mois"):
        call_command("drill_ledger", "--month", "novembre")
