"""Commands that prove things: the progress equals the ledger, and events can be replayed."""

import datetime as dt
from collections.abc import Callable
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from donations.models import LedgerEntry, Progress, StripeEvent
from donations.services.campaigns import current_campaign
from donations.services.offline import record_offline_gift
from sandbox.stripe import StripeStandIn
from tests.donations.factories import month_with_lines
from tests.donations.steps import ledger_of, post_event, start, work_off

pytestmark = pytest.mark.django_db(transaction=True)
Run = Callable[..., tuple[int, str]]


def run(*arguments: str) -> tuple[int, str]:
    """A command's exit code and all that it says."""
    out = StringIO()
    try:
        call_command(*arguments, stdout=out, stderr=out)
    except CommandError as error:
        return error.returncode, out.getvalue() + str(error)
    return 0, out.getvalue()


@pytest.fixture
def two_months() -> None:
    month_with_lines()
    now = timezone.now()
    for key, email, at in (
        ("un", "a@example.org", now),
        ("deux", "a@example.org", now),
        ("trois", "b@example.org", now),
        ("avant", "a@example.org", now - dt.timedelta(days=40)),
    ):
        record_offline_gift(key=key, amount_cents=1000, occurred_at=at, donor_email=email)
    work_off()


def test_the_progress_is_the_ledgers(two_months: None) -> None:
    assert Progress.objects.count() == 2
    assert run("rebuild_progress", "--check") == (0, "Aucun écart.\n")


@pytest.mark.parametrize("wrong", [{"raised_cents": 3001}, {"donors": 3}, {"raised_cents": -1}])
def test_a_wrong_progress_is_found_and_mended(wrong: dict[str, int], two_months: None) -> None:
    campaign = current_campaign()
    Progress.objects.filter(campaign=campaign).update(**wrong)
    code, words = run("rebuild_progress", "--check")
    assert code == 1
    assert str(campaign) in words
    assert "grand livre 30,00\u00a0€ et 2 donateur·ices" in words
    assert "Campagnes en écart\u00a0: 1." in words
    assert run("rebuild_progress", "--check")[0] == 1, "a check mends nothing"
    code, words = run("rebuild_progress")
    assert (code, "Campagnes recalculées\u00a0: 2, dont 1 en écart." in words) == (0, True)
    assert run("rebuild_progress", "--check")[0] == 0


def test_a_progress_that_vanished_is_found(two_months: None) -> None:
    Progress.objects.filter(campaign=current_campaign()).delete()
    assert run("rebuild_progress", "--check")[0] == 1
    run("rebuild_progress")
    assert run("rebuild_progress", "--check")[0] == 0


def test_a_computation_under_way_is_awaited_ten_minutes(two_months: None) -> None:
    now = timezone.now()
    progress = Progress.objects.filter(campaign=current_campaign())
    progress.update(raised_cents=0, dirty_since=now - dt.timedelta(minutes=9))
    assert run("rebuild_progress", "--check")[0] == 0
    progress.update(dirty_since=now - dt.timedelta(minutes=11))
    assert run("rebuild_progress", "--check")[0] == 1


@pytest.fixture
def paid(client: Client, stripe: StripeStandIn) -> StripeStandIn:
    month_with_lines()
    started = start(client)
    stripe.pay(started.session)
    stripe.balance(started.session)
    return stripe


def test_replaying_books_nothing_twice(client: Client, paid: StripeStandIn) -> None:
    for event in paid.events():
        post_event(client, paid, event)
    work_off()
    gifts = [LedgerEntry.objects.first().gift]
    before = ledger_of(gifts)
    code, words = run("replay_stripe_events", "--since", "2026-01-01")
    assert (code, f"rejoués\u00a0: {len(paid.events())}." in words) == (0, True)
    assert ledger_of(gifts) == before
    assert not StripeEvent.objects.filter(processed_at=None).exists()
    assert "rejoués\u00a0: 1." in run("replay_stripe_events", "--type", "charge.succeeded")[1]
    assert "rejoués\u00a0: 0." in run("replay_stripe_events", "--failed")[1]


def test_an_event_that_never_came_is_fetched(paid: StripeStandIn) -> None:
    (event,) = paid.events("charge.succeeded")
    code, words = run("replay_stripe_events", event["id"])
    assert (code, "demandés à Stripe\u00a0: 1." in words) == (0, True)
    assert LedgerEntry.objects.filter(kind="gift").exists()
    assert StripeEvent.objects.get().processed_at


def test_only_those_that_failed(client: Client, paid: StripeStandIn) -> None:
    for event in paid.events("charge.succeeded", "charge.updated"):
        post_event(client, paid, event)
    paid.fail(count=4, status=500)
    work_off()
    assert StripeEvent.objects.filter(processed_at=None).exclude(last_error="").count() == 2
    paid.fail(count=4, status=500)
    code, words = run("replay_stripe_events", "--failed")
    assert (code, "Événements en échec\u00a0: 2." in words) == (1, True)
    # One answer of Stripe's settles both: they tell of the same payment.
    assert run("replay_stripe_events", "--failed")[0] == 0
    assert not StripeEvent.objects.filter(processed_at=None).exists()
    assert LedgerEntry.objects.filter(kind="gift").count() == 1


def test_what_is_not_chosen_is_not_replayed(paid: StripeStandIn) -> None:
    assert run("replay_stripe_events")[0] == 1
    assert run("replay_stripe_events", "--since", "demain")[0] == 1
    code, words = run("replay_stripe_events", "evt_inconnu")
    assert (code, "Stripe n’a pas pu être lu" in words) == (2, True)
