"""Real workers, a real broker, and both of them failing at the worst moment."""

import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from django.test import Client

from auposte.celery import GIVING_WAY, app
from auposte.queue import broker_answers
from donations import tasks
from donations.models import Gift, LedgerEntry, OutgoingEmail, Progress, StripeEvent
from sandbox.services import Services
from sandbox.stripe import StripeStandIn
from tests import processes
from tests.donations.factories import month_with_lines
from tests.donations.steps import post_event, send_form, start, time_passes
from tests.processes import wait_until

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.timeout(240)]
# For a step that is repeated: with a broker that is waited for, each time takes over five.
TIMES, DECENT_SECONDS = 4, 14


@pytest.fixture(autouse=True)
def empty_queue() -> None:
    """What other tests have queued is not for these workers."""
    app.control.purge()


def deliver_all(client: Client, stripe: StripeStandIn) -> None:
    for event in stripe.events():
        assert post_event(client, stripe, event) == 200


def booked_once() -> bool:
    return LedgerEntry.objects.filter(kind="gift").total_cents() == 1000


def niceness(pid: int) -> list[int]:
    return [child.nice() for child in psutil.Process(pid).children()]


def all_done() -> bool:
    return (
        not StripeEvent.objects.filter(processed_at=None).exists()
        and not Progress.objects.filter(dirty_since__isnull=False).exists()
        and not OutgoingEmail.objects.filter(sent_at=None).exists()
    )


def test_the_worker_moves_the_bar_and_sends_the_thanks(
    client: Client, stripe: StripeStandIn, tmp_path: Path
) -> None:
    campaign = month_with_lines()
    with processes.worker(tmp_path / "worker.log") as worker:
        # A worker says that it is ready while its processes are still beginning.
        wait_until(lambda: niceness(worker.pid) == [GIVING_WAY] * 2, "its processes to give way")
        started = start(client)
        stripe.pay(started.session)
        stripe.balance(started.session)
        deliver_all(client, stripe)
        wait_until(
            lambda: Progress.objects.filter(campaign=campaign, raised_cents=1000).exists(),
            "the bar to move",
        )
        wait_until(all_done, "everything to be worked off")
        assert OutgoingEmail.objects.get().sent_at is not None
        assert Gift.objects.get().fee_known


def test_a_worker_killed_while_stripe_answers_loses_nothing(
    client: Client, stripe: StripeStandIn, tmp_path: Path
) -> None:
    month_with_lines()
    started = start(client)
    stripe.pay(started.session)
    with processes.worker(tmp_path / "first.log") as doomed:
        stripe.hold(method="GET")
        deliver_all(client, stripe)
        assert stripe.wait_for_waiting(1, timeout=60), "the worker to ask Stripe"
        processes.kill_hard(doomed)
        stripe.release()
    assert not LedgerEntry.objects.exists()
    with processes.worker(tmp_path / "second.log"):
        time_passes()
        tasks.sweep.delay()
        wait_until(booked_once, "the second worker to book what the first one left")
        wait_until(all_done, "everything to be worked off")
    assert LedgerEntry.objects.filter(kind="gift").count() == 1
    assert OutgoingEmail.objects.count() == 1


@pytest.fixture
def broker_down(services: Services) -> Iterator[None]:
    services.valkey.stop()
    yield
    services.valkey.start()
    wait_until(broker_answers, "the broker to be heard again")


@pytest.fixture
def broker_hung(services: Services) -> Iterator[None]:
    """Takes connections (the kernel does) and never answers."""
    services.valkey.suspend()
    yield
    services.valkey.resume()
    wait_until(broker_answers, "the broker to be heard again")


@pytest.mark.parametrize("trouble", ["broker_down", "broker_hung"])
def test_without_the_broker_a_donor_pays_all_the_same(
    client: Client, stripe: StripeStandIn, trouble: str, request: pytest.FixtureRequest
) -> None:
    month_with_lines()
    # The fixtures of this trouble end before the assertions on what the sweeper mends.
    request.getfixturevalue(trouble)

    def timed(step: str, began: float) -> None:
        took = time.monotonic() - began
        assert took < DECENT_SECONDS, f"{step} took {took:.1f} s"

    began = time.monotonic()
    assert send_form(client).status_code == 303
    timed("the form", began)
    gift = Gift.objects.get()
    stripe.pay(gift.checkout_session_id)
    assert len(stripe.events()) >= TIMES
    began = time.monotonic()
    deliver_all(client, stripe)
    timed("the webhook", began)
    began = time.monotonic()
    for _ in range(TIMES):
        assert client.get(f"/don/merci?session={gift.checkout_session_id}").status_code == 200
    timed("the thanks page", began)
    assert booked_once()
    tasks.sweep()
    assert all_done()
    assert Progress.objects.get().raised_cents == 1000
