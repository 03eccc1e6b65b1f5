"""Invariant 1: whatever happens to events and workers, the ledger ends as after a clean delivery.

Lives of gifts, given once or each month, are drawn, played at the stand-in, and their events
shuffled, repeated and lost on the way to two workers that die between any two of their steps,
while Stripe answers badly and the broker may be gone. Then the sweeper runs, and dies too. The
same events delivered once, in order, in a transaction that is rolled back, say what the ledger
must be; Stripe's own balance says it a second time.
"""

import contextlib
import datetime as dt
import os
import queue
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from django.db import connection, connections, transaction
from django.db.models import Q
from django.test import Client, override_settings
from django.utils import timezone
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from stripe import StripeClient

from auposte.queue import broker_answers
from donations import tasks
from donations.models import (
    Gift,
    LedgerEntry,
    OutgoingEmail,
    Progress,
    StripeEvent,
    Subscription,
)
from donations.services import campaigns
from sandbox.services import Services
from sandbox.stripe import StripeStandIn
from tests.donations.factories import month_with_lines
from tests.donations.monthly_steps import DAY, months_pass
from tests.donations.steps import Started, ledger_of, offer_debits, post_event, start, time_passes
from tests.environment import embedded
from tests.processes import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(600)]

CARD, DECLINED, THREE_D_SECURE = "4242424242424242", "4000000000000002", "4000002760003184"
IBAN = "FR1420041010050500013M02606"
YEAR_AND_MORE = 16
NEVER = 1_000_000

How = Literal["card", "declined first", "3ds", "3ds refused", "sepa", "sepa bounced", "left"]


@dataclass(frozen=True)
class Life:
    """How one gift goes. Refunds are shares of what is left, in thousandths."""

    cents: int
    cover: bool
    how: How
    refunds: tuple[int, ...] = ()
    refund_bounces: bool = False
    dispute: Literal["", "lost", "won"] = ""
    late_balance: bool = False
    same_donor: bool = False


LIVES = st.builds(
    Life,
    cents=st.integers(min_value=100, max_value=20_000),
    cover=st.booleans(),
    how=st.sampled_from(
        ["card", "card", "declined first", "3ds", "3ds refused", "sepa", "sepa bounced", "left"]
    ),
    refunds=st.lists(st.sampled_from([137, 500, 1000]), max_size=3).map(tuple),
    refund_bounces=st.booleans(),
    dispute=st.sampled_from(["", "", "lost", "won"]),
    late_balance=st.booleans(),
    same_donor=st.booleans(),
)


@dataclass(frozen=True)
class Promise:
    """How one monthly gift goes. `refused` is the renewal whose first attempt is declined."""

    cents: int
    cover: bool
    number: str
    renewals: int
    refused: int
    end: Literal["", "stopped", "unpaid"]
    refund: int
    dispute: bool


PROMISES = st.builds(
    Promise,
    cents=st.integers(min_value=100, max_value=20_000),
    cover=st.booleans(),
    number=st.sampled_from([CARD, CARD, IBAN]),
    renewals=st.integers(min_value=0, max_value=2),
    refused=st.integers(min_value=0, max_value=2),
    end=st.sampled_from(["", "stopped", "unpaid"]),
    refund=st.sampled_from([0, 500, 1000]),
    dispute=st.booleans(),
)


@dataclass(frozen=True)
class Chaos:
    """What happens to deliveries and workers; all of it follows from `seed`."""

    seed: int
    loss: float = 0.0
    repeats: int = 0
    deaths: float = 0.0
    stripe_fails: int = 0
    broker_down: bool = False


CHAOS = st.builds(
    Chaos,
    seed=st.integers(min_value=0, max_value=2**32),
    loss=st.sampled_from([0.0, 0.3, 1.0]),
    repeats=st.integers(min_value=0, max_value=3),
    deaths=st.sampled_from([0.0, 0.5, 0.9]),
    stripe_fails=st.integers(min_value=0, max_value=4),
    broker_down=st.booleans(),
)


def live(stripe: StripeStandIn, session: str, life: Life) -> None:
    """Play a gift's life at Stripe, up to its end."""
    match life.how:
        case "left":
            stripe.expire(session)
            return
        case "3ds refused":
            stripe.pay(session, THREE_D_SECURE, authenticate="refuse")
            stripe.expire(session)
            return
        case "sepa bounced":
            stripe.pay(session, IBAN)
            stripe.settle(session, "failed")
            return
        case "sepa":
            stripe.pay(session, IBAN)
            stripe.settle(session)
        case "declined first":
            stripe.pay(session, DECLINED)
            stripe.pay(session, CARD)
        case "3ds":
            stripe.pay(session, THREE_D_SECURE)
        case "card":
            stripe.pay(session, CARD)
    if not life.late_balance:
        stripe.balance(session)
    left = stripe.get(session)["amount_total"]
    for share in life.refunds:
        amount = left * share // 1000
        if amount:
            left -= amount
            refund = stripe.refund(session, amount)
            if life.refund_bounces and share == 500:
                stripe.fail_refund(refund["id"])
                left += amount
    if life.dispute and left:
        dispute = stripe.dispute(session, amount=left)
        stripe.close_dispute(dispute["id"], life.dispute)
    if life.late_balance:
        stripe.balance(session)


def live_on(stripe: StripeStandIn, session: str, promise: Promise) -> None:
    """Play a monthly gift's life at Stripe, month after month, from the first debit on."""
    stripe.advance(6 * DAY)
    key = stripe.subscription_of(session)["id"]
    for month in range(1, promise.renewals + 1):
        if month == promise.refused:
            stripe.decline_renewals(key, 1)
        stripe.renew(key)
        # Long enough for a second attempt or a debit, and for the balance.
        stripe.advance(6 * DAY)
    if promise.end == "unpaid" and promise.number == CARD:
        stripe.decline_renewals(key, 4)
        stripe.renew(key)
        stripe.advance(16 * DAY)
    elif promise.end:
        stripe.cancel_subscription(key)
    months = [row for row in stripe.invoices_of(key) if row["status"] == "paid"]
    newest, total = months[-1]["id"], months[-1]["total"]
    refunded = total * promise.refund // 1000
    if refunded:
        stripe.refund(newest, refunded)
    if promise.dispute and refunded < total:
        stripe.dispute(newest, amount=total - refunded)


class Killed(BaseException):
    """A worker that stops existing between two statements."""


@dataclass
class DiesAfter:
    """Lets some statements of this connection through, then kills its worker."""

    statements: int
    seen: int = field(default=0)

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if self.seen >= self.statements:
            raise Killed
        self.seen += 1
        return execute(sql, params, many, context)


@contextlib.contextmanager
def dying_after(statements: int) -> Iterator[None]:
    """A worker's work, and its death amid it: whoever comes next has a connection of its own."""
    try:
        with connection.execute_wrapper(DiesAfter(statements)):
            yield
    except Killed:
        connection.close()


@contextlib.contextmanager
def broker_gone(servers: list[Services]) -> Iterator[None]:
    """Meanwhile nothing can be queued. Servers from outside stay as they are."""
    for each in servers:
        each.valkey.stop()
    yield
    for each in servers:
        each.valkey.start()
    wait_until(broker_answers, "the broker to be heard again")


def work(
    deliveries: "queue.SimpleQueue[dict[str, Any]]", stripe: StripeStandIn, chaos: Chaos, who: int
) -> None:
    """One web process and worker: take deliveries, keep them, work them off, die, start again."""
    chance = random.Random(f"{chaos.seed}:{who}")
    client = Client()
    try:
        while True:
            try:
                event = deliveries.get_nowait()
            except queue.Empty:
                return
            assert post_event(client, stripe, event) == 200
            with dying_after(chance.randrange(24) if chance.random() < chaos.deaths else NEVER):
                tasks.process_event(event["id"])
            with dying_after(chance.randrange(16) if chance.random() < chaos.deaths else NEVER):
                tasks.settle()
    finally:
        connections.close_all()


def gifts_of(started: list[Started]) -> list[Gift]:
    """The gifts that were begun, and the later months of the monthly ones."""
    ids = [each.gift.pk for each in started]
    promises = [each.gift.subscription_id for each in started if each.gift.subscription_id]
    return list(Gift.objects.filter(Q(pk__in=ids) | Q(subscription__in=promises)))


def clean_run(stripe: StripeStandIn, started: list[Started]) -> tuple[set[Any], dict[Any, Any]]:
    """The ledger rows and states after each event came once, in order; then all is undone."""
    found: tuple[set[Any], dict[Any, Any]] = (set(), {})
    with transaction.atomic():
        for event in stripe.events():
            assert post_event(Client(), stripe, event) == 200
            tasks.process_event(event["id"])
        found = ledger_of(gifts_of(started)), states_of(started)
        transaction.set_rollback(True)
    return found


def states_of(started: list[Started]) -> dict[Any, Any]:
    """How far gifts and promises have come."""
    gifts = gifts_of(started)
    promises = Subscription.objects.filter(gifts__in=gifts)
    stand = ("pk", "status", "ending", "failures", "amount_cents", "fee_cover_cents", "last_four")
    return {gift.pk: gift.status for gift in gifts} | {
        pk: rest for pk, *rest in promises.values_list(*stand)
    }


def balance(stripe: StripeStandIn) -> int:
    """What Stripe's account holds, in cents: the sum of its balance transactions."""
    client = StripeClient(stripe.api_key, base_addresses={"api": stripe.url})
    return sum(
        movement.net
        for movement in client.v1.balance_transactions.list({"limit": 100}).auto_paging_iter()
    )


# Hundreds of lives in ten minutes look like an attack: what is proved here is not the shield.
@override_settings(SHIELD_DECLINES=NEVER, SHIELD_SESSIONS=NEVER)
def run(stripe: StripeStandIn, lives: list[Life], promises: list[Promise], chaos: Chaos) -> None:
    stripe.reset()
    # The account has forgotten what earlier runs left here: nobody need ask for it.
    Subscription.objects.update(next_payment_at=None)
    Gift.objects.update(fee_known=True)
    # A campaign made in the run that is undone would have another number in the next one.
    for months in range(YEAR_AND_MORE):
        campaigns.current_campaign(timezone.now() + dt.timedelta(days=28 * months))
    month_with_lines()
    offer_debits()
    client = Client()
    started = [
        start(
            client,
            amount=f"{life.cents // 100},{life.cents % 100:02d}",
            cover_fee="on" if life.cover else "",
            **({"email": f"fidele{chaos.seed}@example.org"} if life.same_donor else {}),
        )
        for life in lives
    ]
    begun = [
        start(
            client,
            rhythm="monthly",
            amount=f"{promise.cents // 100},{promise.cents % 100:02d}",
            cover_fee="on" if promise.cover else "",
        )
        for promise in promises
    ]
    for each, life in zip(started, lives, strict=True):
        live(stripe, each.session, life)
    # Time passes for all of them: a page that is left open meanwhile expires.
    for each, promise in zip(begun, promises, strict=True):
        stripe.pay(each.session, promise.number)
    for each, promise in zip(begun, promises, strict=True):
        live_on(stripe, each.session, promise)
    started += begun
    expected, expected_states = clean_run(stripe, started)

    chance = random.Random(chaos.seed)
    sent = [event for event in stripe.events() if chance.random() >= chaos.loss]
    sent += [event for event in sent for _ in range(chance.randint(0, chaos.repeats))]
    chance.shuffle(sent)
    deliveries: queue.SimpleQueue[dict[str, Any]] = queue.SimpleQueue()
    for event in sent:
        deliveries.put(event)
    if chaos.stripe_fails:
        stripe.fail(count=chaos.stripe_fails, status=chance.choice([500, 429]))
    workers = [
        threading.Thread(target=work, args=(deliveries, stripe, chaos, who)) for who in (1, 2)
    ]
    with broker_gone(embedded if chaos.broker_down else []):
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        if chaos.deaths:
            for most in (20, 100, 200):
                time_passes()
                with dying_after(chance.randrange(most)):
                    tasks.sweep()

    for _ in range(6):
        months_pass()
        tasks.fetch_missed_events()
        tasks.sweep()
    assert not StripeEvent.objects.filter(processed_at=None).exists()

    gifts = gifts_of(started)
    assert ledger_of(gifts) == expected
    assert states_of(started) == expected_states
    rows = LedgerEntry.objects.filter(gift__in=gifts)
    assert rows.total_cents() == balance(stripe)
    for progress in Progress.objects.select_related("campaign"):
        shown = campaigns.ledger_fundraising(progress.campaign)
        assert (progress.raised_cents, progress.donors) == (shown.raised_cents, shown.donors)
        assert progress.dirty_since is None
    paid = [gift.pk for gift in gifts if gift.status == Gift.Status.SUCCEEDED]
    thanks = OutgoingEmail.objects.filter(key__in=[f"thanks:{gift.pk}" for gift in gifts])
    assert set(thanks.values_list("key", flat=True)) == {f"thanks:{pk}" for pk in paid}
    assert not thanks.filter(sent_at=None).exists()


SETTINGS = {
    "deadline": None,
    # Shrinking replays whole lives for minutes; the seed that pytest prints finds the case again.
    "phases": [Phase.explicit, Phase.reuse, Phase.generate],
    "suppress_health_check": [HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
}


@settings(max_examples=int(os.environ.get("EXAMPLES", "4")), **SETTINGS)
@given(lives=st.lists(LIVES, min_size=1, max_size=3), chaos=CHAOS)
def test_any_order_ends_as_a_clean_delivery(
    stripe: StripeStandIn, lives: list[Life], chaos: Chaos
) -> None:
    run(stripe, lives, [], chaos)


@settings(max_examples=int(os.environ.get("EXAMPLES", "3")), **SETTINGS)
@given(promise=PROMISES, chaos=CHAOS)
def test_any_order_of_months_ends_as_a_clean_delivery(
    stripe: StripeStandIn, promise: Promise, chaos: Chaos
) -> None:
    run(stripe, [], [promise], chaos)


@pytest.mark.deep
@settings(max_examples=int(os.environ.get("EXAMPLES", "600")), **SETTINGS)
@given(lives=st.lists(LIVES, max_size=5), promises=st.lists(PROMISES, max_size=3), chaos=CHAOS)
def test_any_order_ends_as_a_clean_delivery_deep(
    stripe: StripeStandIn, lives: list[Life], promises: list[Promise], chaos: Chaos
) -> None:
    run(stripe, lives, promises, chaos)
