"""What the broker, a worker or Stripe's deliveries lost: found in the database, each by its row."""

import datetime as dt
from dataclasses import dataclass, field

import structlog
from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from auposte.external import ExternalServiceError
from donations import stripe_client
from donations.models import Gift, OutgoingEmail, Progress, StripeEvent
from donations.services import booking

log = structlog.get_logger(__name__)

BATCH = 100
# Stripe allows 25 reads a second in test mode; the sweeper leaves most of them to the webhooks.
GIFTS_A_SWEEP = 20


@dataclass(frozen=True, kw_only=True)
class LooseEnds:
    """Primary keys of rows that wait for work that nobody is doing."""

    events: list[str] = field(default_factory=list)
    campaigns: list[int] = field(default_factory=list)
    letters: list[int] = field(default_factory=list)
    gifts: list[str] = field(default_factory=list)


def find_loose_ends(now: dt.datetime | None = None) -> LooseEnds:
    """Due events and letters, stale progress, and gifts that only Stripe can tell more of."""
    now = now or timezone.now()
    patience = dt.timedelta(seconds=settings.STRIPE_EVENT_RETRY_SECONDS)
    waiting = Q(
        status__in=[Gift.Status.PENDING, Gift.Status.PROCESSING],
        checkout_session_id__isnull=False,
        created_at__lt=now - 5 * patience,
    )
    fee_awaited = Q(
        status=Gift.Status.SUCCEEDED,
        channel=Gift.Channel.STRIPE,
        fee_known=False,
        paid_at__lt=now - 5 * patience,
    )
    not_just_swept = Q(swept_at__isnull=True) | Q(swept_at__lt=now - 10 * patience)
    return LooseEnds(
        events=list(
            StripeEvent.objects.due()
            .order_by("next_attempt_at")
            .values_list("pk", flat=True)[:BATCH]
        ),
        campaigns=list(
            Progress.objects.filter(dirty_since__isnull=False).values_list("campaign_id", flat=True)
        ),
        letters=list(
            OutgoingEmail.objects.due()
            .order_by("next_attempt_at")
            .values_list("pk", flat=True)[:BATCH]
        ),
        gifts=[
            str(pk)
            for pk in Gift.objects.filter(waiting | fee_awaited)
            .filter(not_just_swept)
            .order_by("swept_at", "created_at")
            .values_list("pk", flat=True)[:GIFTS_A_SWEEP]
        ],
    )


def look_again(gift_id: str) -> booking.Booking | None:
    """Ask Stripe about one gift whose events may have been lost. None when it cannot tell."""
    gift = Gift.objects.get(pk=gift_id)
    Gift.objects.filter(pk=gift_id).update(swept_at=timezone.now())
    known_as = gift.checkout_session_id or gift.payment_intent_id
    if not known_as:
        return None
    try:
        return booking.book_payment(stripe_client.payment_of(known_as))
    except (ExternalServiceError, booking.BookingError) as error:
        log.warning("gift_not_read_again", gift=gift_id, reason=str(error))
        return None
