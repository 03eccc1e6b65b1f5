"""Starting a gift, and telling what it did."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet, Sum
from django.utils import timezone

from auposte.external import ExternalServiceError
from broadcasts.models import Broadcast
from donations import stripe_client
from donations.models import Campaign, Gift, GivingSettings, LedgerEntry, Subscription
from donations.payments import CheckoutOrder
from donations.progress import Fundraising
from donations.services import campaigns, events


@transaction.atomic
def start_gift(
    *,
    amount_cents: int,
    fee_cover_cents: int,
    email: str,
    broadcast: Broadcast | None = None,
    collection: Campaign | None = None,
    public_name: str = "",
    message: str = "",
    monthly: bool = False,
) -> Gift:
    """Write down what somebody means to give, once or each month: then this is the first gift.

    No money has moved, nobody is a donor yet.
    """
    subscription = None
    if monthly:
        subscription = Subscription.objects.create(
            amount_cents=amount_cents,
            fee_cover_cents=fee_cover_cents,
            broadcast=broadcast,
            public_name=public_name,
            livemode=settings.STRIPE_LIVEMODE,
        )
    return Gift.objects.create(
        kind=Gift.Kind.MONTHLY if monthly else Gift.Kind.ONCE,
        subscription=subscription,
        amount_cents=amount_cents,
        fee_cover_cents=fee_cover_cents,
        contact_email=email,
        broadcast=broadcast,
        collection=collection,
        public_name=public_name,
        message=message,
        livemode=settings.STRIPE_LIVEMODE,
    )


def open_checkout(gift: Gift) -> str:
    """The address of Stripe's payment page for a pending gift.

    Raises ExternalServiceError; trying again with the same gift never opens a second page. A
    gift that Stripe refuses for good is closed: no page of it will ever be paid.
    """
    if gift.checkout_url:
        return gift.checkout_url
    order = CheckoutOrder(
        idempotency_key=f"gift:{gift.pk}:{gift.attempt}",
        gift_id=str(gift.pk),
        amount_cents=gift.amount_cents,
        fee_cover_cents=gift.fee_cover_cents,
        email=gift.contact_email,
        success_url=f"{settings.SITE_URL}/don/merci?session={{CHECKOUT_SESSION_ID}}",
        cancel_url=f"{settings.SITE_URL}/don?annule={gift.pk}",
        expires_at=gift.created_at + dt.timedelta(minutes=settings.GIFT_SESSION_MINUTES),
        subscription_id=str(gift.subscription_id) if gift.subscription_id else None,
        takes_debits=GivingSettings.load().sepa_debit,
    )
    try:
        page = stripe_client.open_checkout(order)
    except ExternalServiceError as error:
        if error.permanent:
            _give_up(gift)
        raise
    # Only these columns: the webhook may already be booking this gift.
    Gift.objects.filter(pk=gift.pk).update(
        checkout_session_id=page.checkout_id, checkout_url=page.url
    )
    return page.url


def fulfil(checkout_id: str, *, may_ask: bool = True) -> Gift | None:
    """The gift behind a payment page, booked by what Stripe says of it now. None: not ours.

    Asks Stripe only while the gift may still change, and if it may. Raises ExternalServiceError.
    """
    gift = Gift.objects.filter(checkout_session_id=checkout_id).first()
    if gift is None:
        return None
    if may_ask and gift.status in {Gift.Status.PENDING, Gift.Status.PROCESSING}:
        events.book(checkout_id)
    return (
        Gift.objects.select_related("broadcast", "campaign", "subscription")
        .filter(pk=gift.pk)
        .first()
    )


@dataclass(frozen=True, kw_only=True)
class GiftEffect:
    """What one gift did to the month: lines it carried over their amount, and what comes next."""

    crossed: tuple[str, ...]
    next_label: str
    next_remaining_cents: int
    fundraising: Fundraising


def effect_of(gift: Gift) -> GiftEffect | None:
    """How far the ledger had come just before and just after this gift. None while it is unpaid."""
    if gift.campaign is None:
        return None
    entry = gift.entries.filter(kind__in=[LedgerEntry.Kind.GIFT, LedgerEntry.Kind.OFFLINE]).first()
    if entry is None:
        return None
    fundraising = campaigns.ledger_fundraising(gift.campaign)
    before = (
        LedgerEntry.objects.filter(campaign=gift.campaign, pk__lt=entry.pk)
        .raised()
        .aggregate(total=Sum("amount_cents"))["total"]
        or 0
    )
    after = before + entry.amount_cents
    crossed, threshold = [], 0
    for line in fundraising.lines:
        threshold += line.amount_cents
        if before < threshold <= after:
            crossed.append(line.label)
    following = fundraising.current_line
    return GiftEffect(
        crossed=tuple(crossed),
        next_label=following.label if following else "",
        next_remaining_cents=following.remaining_cents if following else 0,
        fundraising=fundraising,
    )


ThanksState = Literal["paid", "processing", "pending", "failed", "expired"]
THANKS_STATES: dict[str, ThanksState] = {
    Gift.Status.SUCCEEDED: "paid",
    Gift.Status.PROCESSING: "processing",
    Gift.Status.PENDING: "pending",
    Gift.Status.FAILED: "failed",
    Gift.Status.EXPIRED: "expired",
}


def lapse_abandoned(now: dt.datetime | None = None) -> int:
    """Close gifts whose payment page was never opened, a day after they began. Returns how many."""
    now = now or timezone.now()
    long_ago = now - dt.timedelta(days=1)
    closed = _close(Gift.objects.filter(created_at__lt=long_ago))
    _end(Subscription.objects.filter(created_at__lt=long_ago), now)
    return closed


def _give_up(gift: Gift) -> None:
    """The same at once, for a gift that will never have a payment page."""
    _close(Gift.objects.filter(pk=gift.pk))
    _end(Subscription.objects.filter(gifts=gift), timezone.now())


def _close(gifts: QuerySet[Gift]) -> int:
    """Those that have no payment page. Returns how many."""
    waiting = gifts.filter(status=Gift.Status.PENDING, checkout_session_id=None, invoice_id=None)
    return waiting.update(status=Gift.Status.EXPIRED, contact_email="")


def _end(promises: QuerySet[Subscription], now: dt.datetime) -> None:
    """Those that never began, since their first gift is closed."""
    promises.filter(
        status=Subscription.Status.PENDING,
        subscription_id=None,
        gifts__status=Gift.Status.EXPIRED,
    ).update(status=Subscription.Status.ENDED, ending=Subscription.Ending.LAPSED, ended_at=now)
