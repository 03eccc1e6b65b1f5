"""Celery's side of the donations: each task loads by primary key and calls one service.

Every task may be lost or repeated: `sweep` finds what is left to do in the database.
"""

import structlog
from celery import shared_task
from django.utils import timezone

from auposte.external import ExternalServiceError
from auposte.queue import enqueue
from donations.receipts import keeping, rendering, runs
from donations.services import (
    campaigns,
    donor_space,
    erasing,
    events,
    giving,
    letters,
    reconciling,
    refunds,
    shield,
    sweeping,
)

log = structlog.get_logger(__name__)


def follow_up() -> None:
    """Queue what bookings and other changes left to do. One message, however much that is."""
    enqueue(settle)


@shared_task
def settle() -> None:
    """The bars move, new letters leave. Many ask for it in a rush: the first finds all the work."""
    for campaign_id in sweeping.stale_campaigns():
        campaigns.recompute_progress(campaign_id)
    for letter_id in sweeping.new_letters():
        # One that does not leave keeps nobody else waiting for the mail server: the sweeper tries.
        if not letters.send(letter_id):
            return


@shared_task
def process_event(event_id: str) -> None:
    events.process(event_id)
    follow_up()


@shared_task
def recompute_current() -> None:
    """Make the month's campaign when a month begins, and its progress exact, whatever happened."""
    campaigns.recompute_progress(campaigns.current_campaign().pk)


@shared_task
def send_letter(letter_id: int) -> None:
    letters.send(letter_id)


@shared_task
def look_again(gift_id: str) -> None:
    sweeping.look_again(gift_id)
    follow_up()


@shared_task
def catch_up(subscription_id: str) -> None:
    sweeping.catch_up(subscription_id)
    follow_up()


@shared_task
def answer_link_request(request_id: int) -> None:
    letter_id = donor_space.answer(request_id)
    if letter_id is not None:
        enqueue(send_letter, letter_id)


@shared_task
def forget_old() -> None:
    """Once a day: what has had its time loses names and addresses."""
    erasing.forget_old()
    keeping.forget(timezone.localdate())


@shared_task
def send_refund(order_id: str) -> None:
    refunds.carry_out(order_id)
    follow_up()


@shared_task
def sweep() -> None:
    """Do what should have been done. It works itself, so that it needs nothing but the database."""
    giving.lapse_abandoned()
    for event_id in sweeping.due_events():
        process_event(event_id)
    for gift_id in shield.tested_pages():
        shield.close_page(gift_id)
    for gift_id in sweeping.silent_gifts():
        look_again(gift_id)
    for subscription_id in sweeping.late_subscriptions():
        catch_up(subscription_id)
    for order_id in refunds.due_orders():
        send_refund(order_id)
    for campaign_id in sweeping.stale_campaigns():
        campaigns.recompute_progress(campaign_id)
    for receipts_run_id in runs.stalled():
        issue_slice(receipts_run_id)
    for receipt_id in rendering.due():
        render_receipt(receipt_id)
    for request_id in donor_space.waiting_requests():
        donor_space.answer(request_id)
    for letter_id in sweeping.due_letters():
        send_letter(letter_id)
    donor_space.burn_link_letters()
    for run_id in reconciling.lost_runs():
        reconcile(run_id)


@shared_task
def fetch_missed_events() -> None:
    """File events whose delivery never came, then work them off."""
    try:
        missed = events.fetch_missed()
    except ExternalServiceError as error:
        log.warning("missed_events_not_fetched", reason=str(error))
        return
    for event_id in missed:
        enqueue(process_event, event_id)


@shared_task
def reconcile(run_id: int) -> None:
    """Hold the ledger against Stripe's balance. The run's row says how it went."""
    try:
        reconciling.carry_out(run_id)
    except reconciling.AlreadyRunningError:
        return
    except ExternalServiceError as error:
        log.warning("not_reconciled", run=run_id, reason=str(error))
    follow_up()


@shared_task
def reconcile_nightly() -> None:
    """Once a night, and once more where the first time Stripe could not be read."""
    if not reconciling.is_recent(hours=12):
        reconcile(reconciling.begin().pk)


@shared_task
def render_receipt(receipt_id: str) -> None:
    for letter_id in rendering.render(receipt_id):
        enqueue(send_letter, letter_id)


@shared_task
def issue_slice(run_id: int) -> None:
    """Some of a year's receipts, and the next slice after it."""
    done = runs.issue_slice(run_id)
    for receipt_id in done.receipt_ids:
        enqueue(render_receipt, receipt_id)
    if not done.is_over:
        enqueue(issue_slice, run_id)
