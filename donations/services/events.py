"""The inbox of Stripe's events: put in, worked off, found again when they were lost."""

import datetime as dt
from collections.abc import Callable, Iterable

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone

from auposte.external import ExternalServiceError
from donations import stripe_client
from donations.models import StripeEvent
from donations.payments import EventNotice
from donations.services import booking, disputes, monthly, payouts, shield

log = structlog.get_logger(__name__)

HANDLED_TYPES = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "checkout.session.async_payment_failed",
    "checkout.session.expired",
    "payment_intent.succeeded",
    "payment_intent.processing",
    "payment_intent.payment_failed",
    "charge.succeeded",
    "charge.updated",
    "charge.refunded",
    "charge.dispute.created",
    "charge.dispute.updated",
    "charge.dispute.funds_withdrawn",
    "charge.dispute.funds_reinstated",
    "charge.dispute.closed",
    "refund.created",
    "refund.updated",
    "refund.failed",
    "radar.early_fraud_warning.created",
    "radar.early_fraud_warning.updated",
    "payout.created",
    "payout.updated",
    "payout.paid",
    "payout.failed",
    "payout.canceled",
    "payout.reconciliation_completed",
    "invoice.paid",
    "invoice.payment_failed",
    "invoice.payment_action_required",
    "customer.subscription.created",
    "customer.subscription.updated",
    "customer.subscription.deleted",
]
# What they tell is known once the payment's money is booked.
SETTLED_TYPES = [
    "checkout.session.completed",
    "checkout.session.async_payment_succeeded",
    "payment_intent.succeeded",
    "payment_intent.processing",
    "charge.succeeded",
    "charge.updated",
]
LONGEST_RETRY_SECONDS = 6 * 3600
# Stripe lists an event a moment after making it, and its clock is not ours.
OVERLAP = dt.timedelta(hours=1)
FIRST_LOOK_BACK = dt.timedelta(days=3)


# Asking Stripe comes first and takes its time. What it answered is ready to be written, in the
# transaction that ticks the event off.
Booker = Callable[[], booking.Booking | None]


def _read_payment(object_id: str) -> Booker:
    payment = stripe_client.payment_of(object_id)
    return lambda: booking.book_payment(payment)


def _read_decline(object_id: str) -> Booker:
    payment = stripe_client.payment_of(object_id)

    def write() -> booking.Booking | None:
        booked = booking.book_payment(payment)
        if booked is not None:
            shield.count_decline(booked.gift_id)
        elif payment.invoice is None:
            shield.count_monthly_decline(payment.email or "")
        return booked

    return write


def _read_payout(object_id: str) -> Booker:
    reading = payouts.read(object_id)
    return lambda: payouts.note(reading)


def _read_dispute(object_id: str) -> Booker:
    reading = disputes.read_dispute(object_id)
    return lambda: disputes.note(reading)


def _read_warning(object_id: str) -> Booker:
    reading = disputes.read_warning(object_id)
    return lambda: disputes.note(reading)


def _read_month(object_id: str) -> Booker:
    """A payment; and when it is a month's, how the monthly gift stands now."""
    payment = stripe_client.payment_of(object_id)
    if payment.subscription_ref is None:
        return lambda: booking.book_payment(payment)
    facts = stripe_client.subscription(payment.subscription_ref)

    def write() -> booking.Booking | None:
        booked = booking.book_payment(payment)
        monthly.apply(facts)
        return booked

    return write


def _read_subscription(object_id: str) -> Booker:
    facts = stripe_client.subscription(object_id)

    def write() -> None:
        monthly.apply(facts)

    return write


# By the prefix of the object's id. What is not here belongs to a payment.
READERS: dict[str, Callable[[str], Booker]] = {
    "cs": _read_month,
    "dp": _read_dispute,
    "du": _read_dispute,
    "in": _read_month,
    "issfr": _read_warning,
    "po": _read_payout,
    "sub": _read_subscription,
}


def read(object_id: str) -> Booker:
    """Ask Stripe about any object. Call what this returns in a transaction: it writes what was
    found. ExternalServiceError from the asking, BookingError from the writing.
    """
    return READERS.get(object_id.partition("_")[0], _read_payment)(object_id)


def book(object_id: str) -> booking.Booking | None:
    """Ask, and write at once."""
    write = read(object_id)
    with transaction.atomic():
        return write()


def receive(notices: list[EventNotice]) -> list[str]:
    """Put events into the inbox; known ones are left alone. Returns the ids to be worked on."""
    new = StripeEvent.objects.add(
        StripeEvent(
            id=notice.event_id,
            type=notice.type,
            object_id=notice.object_id,
            livemode=notice.livemode,
            api_version=notice.api_version,
            created=notice.created,
        )
        for notice in notices
    )
    known = {notice.event_id for notice in notices} - set(new)
    if known:
        new += StripeEvent.objects.due().filter(pk__in=known).values_list("pk", flat=True)
    return new


def process(event_id: str) -> booking.Booking | None:
    """Work one due event off: ask Stripe for its object, then book it and tick it off together.

    Whatever fails leaves the event in the inbox with its error and the time of its next attempt.
    """
    now = timezone.now()
    event = StripeEvent.objects.due().filter(pk=event_id).first()
    if event is None:
        return None
    wait = min(settings.STRIPE_EVENT_RETRY_SECONDS * 2**event.attempts, LONGEST_RETRY_SECONDS)
    claimed = (
        StripeEvent.objects.due()
        .filter(pk=event_id, next_attempt_at=event.next_attempt_at)
        .update(attempts=F("attempts") + 1, next_attempt_at=now + dt.timedelta(seconds=wait))
    )
    if not claimed:
        return None
    if event.type not in HANDLED_TYPES:
        _tick_off(event_id)
        return None
    asked_at = timezone.now()
    try:
        is_decline = event.type == shield.DECLINE
        write = _read_decline(event.object_id) if is_decline else read(event.object_id)
        with transaction.atomic():
            booked = write()
            if booked is not None:
                _tick_off_with(booked, asked_at)
            _tick_off(event_id)
    except ExternalServiceError as error:
        later = now + dt.timedelta(seconds=max(wait, error.retry_after or 0))
        StripeEvent.objects.filter(pk=event_id).update(
            last_error=str(error)[:500], next_attempt_at=later
        )
        return None
    except booking.BookingError as error:
        log.error("booking_refused", stripe_event=event_id, reason=str(error))
        StripeEvent.objects.filter(pk=event_id).update(last_error=str(error)[:500])
        return None
    if is_decline:
        shield.after_decline()
    return booked


def _tick_off(event_id: str) -> None:
    StripeEvent.objects.filter(pk=event_id).update(processed_at=timezone.now(), last_error="")


def _tick_off_with(booked: booking.Booking, asked_at: dt.datetime) -> None:
    """Tick off what the same answer has settled: one gift's payment, charge and page each have
    their events, and Stripe limits how often it may be asked.

    Only events that were here before we asked, so the answer knows of what they tell.
    """
    if booked.objects:
        StripeEvent.objects.filter(
            processed_at=None,
            object_id__in=booked.objects,
            type__in=SETTLED_TYPES,
            received_at__lt=asked_at,
        ).update(processed_at=timezone.now(), last_error="")


def fetch_missed(now: dt.datetime | None = None) -> list[str]:
    """Ask Stripe which events it made lately and file those that never came. Returns their ids."""
    newest = StripeEvent.objects.aggregate(newest=Max("created"))["newest"]
    now = now or timezone.now()
    since = newest - OVERLAP if newest else now - FIRST_LOOK_BACK
    notices = [
        notice
        for notice in stripe_client.events_since(since, types=HANDLED_TYPES)
        if notice.livemode == settings.STRIPE_LIVEMODE
    ]
    known = set(
        StripeEvent.objects.filter(pk__in=[notice.event_id for notice in notices]).values_list(
            "pk", flat=True
        )
    )
    return receive([notice for notice in notices if notice.event_id not in known])


def fetch_events(event_ids: Iterable[str]) -> list[str]:
    """File those of these events that never came, as Stripe tells them. Returns their ids.

    Raises ExternalServiceError, also for an event that Stripe does not know.
    """
    wanted = list(dict.fromkeys(event_ids))
    known = set(StripeEvent.objects.filter(pk__in=wanted).values_list("pk", flat=True))
    notices = [stripe_client.event_notice(key) for key in wanted if key not in known]
    return receive([each for each in notices if each.livemode == settings.STRIPE_LIVEMODE])
