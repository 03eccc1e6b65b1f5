"""The ledger held against Stripe: what is missing is booked, what differs is told, with cents."""

import datetime as dt
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, connections
from django.test import Client
from django.utils import timezone

from auposte.money import NBSP
from donations import tasks
from donations.models import (
    Discrepancy,
    Gift,
    LedgerEntry,
    OutgoingEmail,
    Payout,
    Progress,
    ReconciliationRun,
)
from donations.services import reconciling
from sandbox.stripe import StripeStandIn
from tests.donations.factories import month_with_lines
from tests.donations.steps import Started, post_event, start, work_off

pytestmark = pytest.mark.django_db(transaction=True)
State = ReconciliationRun.State


@pytest.fixture(autouse=True)
def month(db: None) -> None:
    month_with_lines()


def reconcile(*arguments: str) -> tuple[int, str]:
    """The command's exit code and all that it says."""
    out = StringIO()
    try:
        call_command("reconcile_stripe", *arguments, stdout=out)
    except CommandError as error:
        return error.returncode, out.getvalue() + str(error)
    return 0, out.getvalue()


def paid(client: Client, stripe: StripeStandIn, **fields: str) -> Started:
    """A gift that is paid at Stripe, with its movement; no event has been delivered."""
    started = start(client, **fields)
    stripe.pay(started.session)
    stripe.balance(started.session)
    return started


def told(client: Client, stripe: StripeStandIn) -> None:
    for event in stripe.events():
        post_event(client, stripe, event)
    work_off()


def net_at_stripe(stripe: StripeStandIn) -> int:
    with stripe.change() as change:
        return sum(row["net"] for row in change.batch.rows("balance_transaction"))


def differences() -> list[tuple[str, str, int, int]]:
    run = ReconciliationRun.objects.order_by("pk").last()
    return list(run.discrepancies.values_list("kind", "source", "stripe_cents", "ledger_cents"))


def false_entry(gift: Gift, **facts: Any) -> LedgerEntry:
    """An entry that nobody at Stripe has ever heard of, old enough not to be awaited."""
    old = timezone.now() - dt.timedelta(hours=3)
    gift.refresh_from_db()
    return LedgerEntry.objects.create(
        **{
            "kind": "gift",
            "amount_cents": 700,
            "occurred_at": old,
            "recorded_at": old,
            "campaign_id": gift.campaign_id,
            "gift": gift,
            "source": "stripe:ch_faux:gift",
            **facts,
        }
    )


def test_nothing_to_say(client: Client, stripe: StripeStandIn) -> None:
    assert reconcile()[0] == 0
    paid(client, stripe)
    told(client, stripe)
    before = LedgerEntry.objects.count()
    code, words = reconcile()
    assert (code, LedgerEntry.objects.count()) == (0, before)
    assert "Aucun écart." in words
    run = ReconciliationRun.objects.latest("pk")
    assert (run.state, run.transactions, run.filed, run.pending) == (State.CLEAN, 1, 0, 0)
    assert not OutgoingEmail.objects.filter(key__startswith="reconciliation").exists()


def test_all_events_lost_and_all_money_filed(client: Client, stripe: StripeStandIn) -> None:
    plain = paid(client, stripe, cover_fee="on")
    refunded = paid(client, stripe, email="deux@example.org", amount="20")
    stripe.refund(refunded.session, 500)
    bounced = paid(client, stripe, email="trois@example.org", cover_fee="on")
    stripe.fail_refund(stripe.refund(bounced.session, 400)["id"])
    disputed = paid(client, stripe, email="quatre@example.org")
    stripe.close_dispute(stripe.dispute(disputed.session)["id"], "won")
    lost = paid(client, stripe, email="cinq@example.org")
    stripe.close_dispute(stripe.dispute(lost.session)["id"], "lost")
    promised = paid(client, stripe, email="six@example.org", cover_fee="on", rhythm="monthly")
    stripe.stripe_fee(150)
    assert not LedgerEntry.objects.exists()

    code, words = reconcile()
    assert code == 0, words
    assert LedgerEntry.objects.total_cents() == net_at_stripe(stripe)
    run = ReconciliationRun.objects.latest("pk")
    # Six charges, a refund, one that came back, a dispute won, one lost, a fee of Stripe's own.
    assert (run.transactions, run.difference_cents) == (6 + 1 + 2 + 2 + 1 + 1, 0)
    assert run.filed == 11
    fee = LedgerEntry.objects.get(gift=None)
    assert (fee.kind, fee.amount_cents) == ("fee", -150)
    assert {Gift.objects.get(pk=each.gift.pk).status for each in (plain, lost, promised)} == {
        "succeeded"
    }
    assert OutgoingEmail.objects.filter(key=f"thanks:{plain.gift.pk}").exists()
    work_off()
    assert Progress.objects.get().raised_cents == LedgerEntry.objects.raised().total_cents()
    assert reconcile()[0] == 0
    assert ReconciliationRun.objects.latest("pk").filed == 0


def test_a_dry_run_books_nothing(client: Client, stripe: StripeStandIn) -> None:
    paid(client, stripe)
    stripe.advance(8 * 86400)
    stripe.payout()
    code, words = reconcile("--dry-run")
    assert code == 1
    assert "rien n’est inscrit" in words
    assert not LedgerEntry.objects.exists()
    assert not Payout.objects.exists()
    assert not OutgoingEmail.objects.exists()
    charge = next(iter(differences()))
    assert (charge[0], charge[2:]) == ("missing", (1000, 0))
    run = ReconciliationRun.objects.get()
    assert (run.dry_run, run.state, run.difference_cents) == (True, State.DIFFERENT, 1040)


def test_an_entry_without_a_movement_is_told(
    client: Client, stripe: StripeStandIn, settings: Any
) -> None:
    settings.TREASURER_EMAIL = "tresoriere@example.org"
    gift = paid(client, stripe).gift
    told(client, stripe)
    false_entry(gift)
    code, _words = reconcile("--since", f"{timezone.now() - dt.timedelta(days=2):%Y-%m-%d}")
    assert code == 1
    assert differences() == [("not_at_stripe", "stripe:ch_faux:gift", 0, 700)]
    run = ReconciliationRun.objects.get()
    assert (run.state, run.difference_cents) == (State.DIFFERENT, 700)
    assert run.discrepancies.get().gift == gift
    letter = OutgoingEmail.objects.get(key=f"reconciliation:{run.pk}")
    assert letter.to == "tresoriere@example.org"
    assert letter.subject == f"Rapprochement avec Stripe{NBSP}: 1 écart, 7,00{NBSP}€"
    assert "stripe:ch_faux:gift" in letter.text
    assert f"/admin/donations/reconciliationrun/{run.pk}/change/" in letter.text


@pytest.mark.parametrize("cents", [1, -1])
def test_a_cent_is_enough(cents: int, client: Client, stripe: StripeStandIn) -> None:
    gift = paid(client, stripe).gift
    told(client, stripe)
    charge = stripe.charge_of(Gift.objects.get(pk=gift.pk).payment_intent_id)["id"]
    now = timezone.now()
    false_entry(
        gift, kind="fee_cover", amount_cents=cents, source=f"stripe:{charge}:fee_cover",
        occurred_at=now, recorded_at=now,
    )  # fmt: skip
    assert reconcile()[0] == 1
    ((kind, source, at_stripe, here),) = differences()
    assert (kind, at_stripe, here) == ("amount", 1000, 1000 + cents)
    assert source == f"stripe:{charge}:gift + stripe:{charge}:fee_cover"
    assert ReconciliationRun.objects.get().difference_cents == 1


def test_a_payment_of_somebody_else_is_told(client: Client, stripe: StripeStandIn) -> None:
    gift = paid(client, stripe).gift
    Gift.objects.filter(pk=gift.pk).delete()
    assert reconcile("--since", "2026-01-01")[0] == 1
    ((kind, source, at_stripe, here),) = differences()
    assert (kind, at_stripe, here) == ("unknown", 1000 - 40, 0)
    assert source.startswith("charge ch_")
    assert not LedgerEntry.objects.exists()


def test_what_the_account_did_before_is_not_ours(client: Client, stripe: StripeStandIn) -> None:
    stripe.set_clock(-3 * 86400)
    stripe.stripe_fee(150)
    stripe.set_clock(0)
    paid(client, stripe)
    assert reconcile()[0] == 0
    assert not LedgerEntry.objects.filter(gift=None).exists()


def test_a_movement_is_awaited_for_two_hours(client: Client, stripe: StripeStandIn) -> None:
    """The charge has succeeded and is booked; its balance transaction has not come."""
    started = start(client)
    stripe.pay(started.session)
    told(client, stripe)
    assert reconcile()[0] == 0
    run = ReconciliationRun.objects.latest("pk")
    assert (run.state, run.transactions, run.pending) == (State.CLEAN, 0, 1)
    started.gift.refresh_from_db()
    almost, over = (timezone.now() - dt.timedelta(hours=2, minutes=minutes) for minutes in (-1, 1))
    young = false_entry(started.gift, source="stripe:ch_jeune:gift", recorded_at=almost)
    false_entry(started.gift, source="stripe:ch_vieux:gift", recorded_at=over)
    assert reconcile("--since", "2026-01-01")[0] == 1
    assert [source for _, source, _, _ in differences()] == ["stripe:ch_vieux:gift"]
    assert ReconciliationRun.objects.latest("pk").pending == 2
    assert young.source not in str(differences())


def test_old_money_that_was_filed_late_is_explained(client: Client, stripe: StripeStandIn) -> None:
    """Recorded within the period, moved before it: its movement is looked for where it is."""
    stripe.set_clock(-60 * 86400)
    paid(client, stripe)
    stripe.set_clock(0)
    told(client, stripe)
    assert reconcile()[0] == 0
    run = ReconciliationRun.objects.get()
    assert (run.transactions, run.pending) == (1, 0)
    assert run.since < timezone.now() - dt.timedelta(days=59)


def test_stripe_that_is_away_ends_in_one_line(client: Client, stripe: StripeStandIn) -> None:
    stripe.fail(count=100, status=500)
    code, words = reconcile()
    assert code == 2
    assert "Stripe n’a pas pu être lu" in words
    run = ReconciliationRun.objects.get()
    assert run.state == State.FAILED
    assert run.error
    assert run.ended_at


def test_a_moment_of_too_many_questions_is_waited_for(
    client: Client, stripe: StripeStandIn
) -> None:
    paid(client, stripe)
    stripe.fail(count=2, status=429)
    assert reconcile()[0] == 0
    assert LedgerEntry.objects.exists()


@pytest.mark.parametrize("wrong", ["hier", "2999-01-01", "2026-13-01"])
def test_a_wrong_date_is_refused(wrong: str) -> None:
    code, words = reconcile("--since", wrong)
    assert code == 1
    assert "ce n’est pas une date passée" in words
    assert not ReconciliationRun.objects.exists()


@pytest.fixture
def somebody_else_at_work() -> Iterator[None]:
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [reconciling.LOCK])
        yield
    other.close()


def test_one_at_a_time(stripe: StripeStandIn, somebody_else_at_work: None) -> None:
    code, words = reconcile()
    assert (code, "déjà en cours" in words) == (2, True)
    assert not ReconciliationRun.objects.exists()
    assert stripe.requests() == []


def test_a_killed_run_is_said_to_have_failed(stripe: StripeStandIn) -> None:
    killed = reconciling.begin()
    assert reconcile()[0] == 0
    killed.refresh_from_db()
    assert (killed.state, killed.error) == (State.FAILED, "Interrompu avant la fin.")


def test_the_sweeper_takes_a_lost_run_up_and_lets_an_old_one_go(stripe: StripeStandIn) -> None:
    run = reconciling.begin()
    work_off()
    run.refresh_from_db()
    assert run.state == State.RUNNING, "its worker has a minute to come"
    now = timezone.now()
    ReconciliationRun.objects.update(started_at=now - dt.timedelta(minutes=2))
    work_off()
    run.refresh_from_db()
    assert run.state == State.CLEAN
    old = reconciling.begin()
    ReconciliationRun.objects.filter(pk=old.pk).update(started_at=now - dt.timedelta(hours=1))
    work_off()
    old.refresh_from_db()
    assert (old.state, old.transactions) == (State.FAILED, 0)


def test_the_night_tries_again_only_after_a_failure(stripe: StripeStandIn) -> None:
    stripe.fail(count=2, status=500)
    tasks.reconcile_nightly()
    tasks.reconcile_nightly()
    tasks.reconcile_nightly()
    states = list(ReconciliationRun.objects.order_by("pk").values_list("state", flat=True))
    assert states == [State.FAILED, State.CLEAN]


def test_one_list_for_the_whole_period(client: Client, stripe: StripeStandIn) -> None:
    """Reads do not grow with what is in order: Stripe allows 25 a second."""
    for number in range(3):
        paid(client, stripe, email=f"fidele{number}@example.org")
    told(client, stripe)
    before = len(stripe.requests())
    assert reconcile()[0] == 0
    paths = [entry["path"] for entry in stripe.requests()[before:]]
    assert paths == ["/v1/balance_transactions", "/v1/payouts"]
    assert not Discrepancy.objects.exists()
    assert connection.in_atomic_block is False
