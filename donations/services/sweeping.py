"""What the broker, a worker or Stripe's deliveries lost: found in the database, each by its row."""

import datetime as dt

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from auposte.external import ExternalServiceError
from donations import stripe_client
from donations.models import Gift, OutgoingEmail, Progress, StripeEvent, Subscription
from donations.services import booking, events, monthly

log = structlog.get_logger(__name__)

BATCH = 100
# Stripe allows 25 reads a second in test mode; the sweeper leaves most of them to the webhooks.
GIFTS_A_SWEEP = 20
# A renewal that is late is read again this often, until it is filed.
LATE, LATE_AGAIN = dt.timedelta(days=1), dt.timedelta(hours=6)


def due_events() -> list[str]:
    """Events that wait in the inbox, the longest waiting first."""
    due = StripeEvent.objects.due().order_by("next_attempt_at")
    return list(due.values_list("pk", flat=True)[:BATCH])


def stale_campaigns() -> list[int]:
    """Campaigns whose ledger has moved since their progress was computed."""
    stale = Progress.objects.filter(dirty_since__isnull=False)
    return list(stale.values_list("campaign_id", flat=True))


def due_letters() -> list[int]:
    """Letters that wait in the outbox."""
    due = OutgoingEmail.objects.due().order_by("next_attempt_at")
    return list(due.values_list("pk", flat=True)[:BATCH])


def new_letters() -> list[int]:
    """Letters of the outbox that nobody has tried to send yet."""
    new = OutgoingEmail.objects.due().filter(attempts=0).order_by("next_attempt_at")
    return list(new.values_list("pk", flat=True)[:BATCH])


def silent_gifts(now: dt.datetime | None = None) -> list[str]:
    """Gifts that have been waiting for news too long: only Stripe can tell more of them."""
    now = now or timezone.now()
    patience = dt.timedelta(seconds=settings.STRIPE_EVENT_RETRY_SECONDS)
    known = Q(checkout_session_id__isnull=False) | Q(invoice_id__isnull=False)
    waiting = known & Q(
        status__in=[Gift.Status.PENDING, Gift.Status.PROCESSING],
        created_at__lt=now - 5 * patience,
    )
    fee_awaited = Q(
        status=Gift.Status.SUCCEEDED,
        channel=Gift.Channel.STRIPE,
        fee_known=False,
        paid_at__lt=now - 5 * patience,
    )
    not_just_swept = Q(swept_at__isnull=True) | Q(swept_at__lt=now - 10 * patience)
    silent = Gift.objects.filter(waiting | fee_awaited).filter(not_just_swept)
    ordered = silent.order_by(F("swept_at").asc(nulls_first=True), "created_at")
    return [str(pk) for pk in ordered.values_list("pk", flat=True)[:GIFTS_A_SWEEP]]


def look_again(gift_id: str) -> booking.Booking | None:
    """Ask Stripe about one gift whose events may have been lost. None when it cannot tell."""
    gift = Gift.objects.get(pk=gift_id)
    Gift.objects.filter(pk=gift_id).update(swept_at=timezone.now())
    known_as = gift.checkout_session_id or gift.invoice_id or gift.payment_intent_id
    if not known_as:
        return None
    try:
        return events.book(known_as)
    except (ExternalServiceError, booking.BookingError) as error:
        log.warning("gift_not_read_again", gift=gift_id, reason=str(error))
        return None


def late_subscriptions(now: dt.datetime | None = None) -> list[str]:
    """Monthly gifts that should have brought money by now: its events may have been lost."""
    now = now or timezone.now()
    just_read = Q(read_at__gte=now - LATE_AGAIN)
    late = Subscription.objects.filter(next_payment_at__lt=now - LATE).exclude(just_read)
    ordered = late.order_by(F("read_at").asc(nulls_first=True))
    return [str(pk) for pk in ordered.values_list("pk", flat=True)[:GIFTS_A_SWEEP]]


def catch_up(subscription_id: str) -> None:
    """File every month of a monthly gift that was paid, or is being paid, and is not here yet."""
    subscription = Subscription.objects.get(pk=subscription_id)
    reference = subscription.subscription_id
    if not reference:
        return
    try:
        before = stripe_client.subscription(reference)
        paid = stripe_client.paid_invoices(reference)
        filed = Gift.objects.filter(invoice_id__in=paid, status=Gift.Status.SUCCEEDED)
        here = set(filed.values_list("invoice_id", flat=True))
        missing = [invoice_id for invoice_id in reversed(paid) if invoice_id not in here]
        if before.latest is not None and before.latest.status == "open":
            missing.append(before.latest.invoice_id)
        for invoice_id in missing:
            events.book(invoice_id)
        after = stripe_client.subscription(reference)
        with transaction.atomic():
            # What came in between was not in the list.
            monthly.apply(after, complete=after.latest == before.latest)
    except (ExternalServiceError, booking.BookingError) as error:
        log.warning("subscription_not_read_again", subscription=subscription_id, reason=str(error))
