"""Monthly gifts: their state as Stripe tells it, and what donors and treasurers may do to them.

Everything that follows from a change (the donor's letter, the trace of who did it) is written by
`apply`, by whoever reads the change first: the call that made it or an event. So a worker or a
page that dies after Stripe has answered loses nothing.
"""

import datetime as dt
import hashlib
from typing import Any, Literal

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import transaction

from auposte.external import ExternalServiceError
from auposte.money import NBSP, euros
from donations import stripe_client
from donations.fees import fee_cover_cents
from donations.models import Donor, DonorAction, Gift, StripeCustomer, Subscription
from donations.monthly_facts import Invoice, SubscriptionFacts
from donations.services import booking, letters, months

Status, Ending = Subscription.Status, Subscription.Ending
By = Literal["donor", "treasurer"]

# https://docs.stripe.com/api/subscriptions/object#subscription_object-status
STATES = {
    "incomplete": Status.PENDING,
    "incomplete_expired": Status.ENDED,
    "trialing": Status.ACTIVE,
    "active": Status.ACTIVE,
    "past_due": Status.PAST_DUE,
    "unpaid": Status.PAST_DUE,
    "paused": Status.PAST_DUE,
    "canceled": Status.ENDED,
}
HALF_A_DAY = dt.timedelta(hours=12)
# What our own calls leave at Stripe, so that whoever reads the change knows who wanted it.
DONOR, TREASURER = "auposte:donor", "auposte:treasurer"


def apply(facts: SubscriptionFacts, *, complete: bool = False) -> Subscription | None:
    """Write down how a monthly gift stands. None: it is none of this site's.

    Call it in a transaction. An answer that was asked for before the last one changes nothing, but
    that it has ended: nothing follows that, whenever it was asked for.
    `complete` says that every paid month is known to be filed.
    """
    subscription = months.lock(
        subscription_id=facts.subscription_id, subscription_ref=facts.subscription_ref
    )
    if subscription is None:
        return None
    if facts.livemode != settings.STRIPE_LIVEMODE:
        raise booking.BookingError("Argent réel et argent d’essai ne se mélangent pas.")
    ends = STATES.get(facts.status) == Status.ENDED and subscription.status != Status.ENDED
    if subscription.read_at and facts.read_at <= subscription.read_at and not ends:
        return subscription
    if subscription.status == Status.ENDED and subscription.donor and subscription.donor.erased_at:
        # What Stripe tells of an erased person is not written down again.
        return subscription
    lapsed = subscription.ending == Ending.LAPSED
    was_running = subscription.status in {Status.ACTIVE, Status.PAST_DUE}
    if subscription.status == Status.ENDED and not lapsed:
        status = Status.ENDED
    else:
        status = STATES.get(facts.status, Status.PAST_DUE)
    if status != Status.PENDING:
        _bind(subscription, facts)
    if was_running and _amounts(subscription) != _told_amounts(facts):
        _tell_new_amounts(subscription, facts)
    if status == Status.ENDED and subscription.status != Status.ENDED:
        _end(subscription, facts)
    elif status != Status.ENDED:
        subscription.ended_at, subscription.ending = None, ""
    subscription.status = status
    subscription.amount_cents, subscription.fee_cover_cents = _told_amounts(facts)
    subscription.means = facts.means or subscription.means
    subscription.last_four = facts.last_four or subscription.last_four
    _note_refusals(subscription, facts)
    subscription.next_payment_at = _next_payment(subscription, facts, complete=complete)
    subscription.read_at = max(facts.read_at, subscription.read_at or facts.read_at)
    subscription.save()
    return subscription


def _bind(subscription: Subscription, facts: SubscriptionFacts) -> None:
    subscription.subscription_id = facts.subscription_ref
    subscription.customer_id = facts.customer_id
    donor = booking.giver_of(subscription, email=facts.email)
    StripeCustomer.objects.bulk_create(
        [StripeCustomer(donor=donor, customer_id=facts.customer_id, livemode=facts.livemode)],
        ignore_conflicts=True,
    )


def _amounts(subscription: Subscription) -> tuple[int, int]:
    return subscription.amount_cents, subscription.fee_cover_cents


def _told_amounts(facts: SubscriptionFacts) -> tuple[int, int]:
    """Gift and fee cover, in cents, of the next month."""
    cover = facts.fee_cover_cents if facts.fee_cover_cents < facts.total_cents else 0
    return max(facts.total_cents - cover, 1), cover


def _end(subscription: Subscription, facts: SubscriptionFacts) -> None:
    if facts.status == "incomplete_expired":
        ending = Ending.LAPSED
    elif facts.ended_by == DONOR:
        ending = Ending.DONOR
    elif facts.ended_by.startswith(TREASURER):
        ending = Ending.TREASURER
    elif facts.end_reason == "payment_failed":
        ending = Ending.UNPAID
    else:
        ending = Ending.STRIPE
    subscription.ending = ending
    subscription.ended_at = facts.ended_at or facts.read_at
    if ending in {Ending.DONOR, Ending.TREASURER}:
        _trace(subscription, "Don mensuel arrêté", by=facts.ended_by)
    if ending != Ending.LAPSED:
        _write(
            subscription,
            key=f"monthly-ended:{subscription.pk}",
            subject="Votre don mensuel à Au Poste est arrêté",
            template="monthly_ended",
        )


def _tell_new_amounts(subscription: Subscription, facts: SubscriptionFacts) -> None:
    before = euros(sum(_amounts(subscription)))
    amount, cover = _told_amounts(facts)
    _trace(
        subscription, f"Don mensuel{NBSP}: {before} → {euros(amount + cover)}", by=facts.changed_by
    )
    prices = hashlib.sha256(",".join(facts.prices).encode()).hexdigest()[:16]
    _write(
        subscription,
        key=f"monthly-amount:{subscription.pk}:{prices}",
        subject="Votre don mensuel à Au Poste a changé de montant",
        template="monthly_amount",
        context={
            "amount_cents": amount,
            "fee_cover_cents": cover,
            "total_cents": amount + cover,
            "before": before,
            "next_payment_at": facts.period_end,
        },
    )


def _trace(subscription: Subscription, text: str, *, by: str) -> None:
    if subscription.donor is None:
        return
    account = by.removeprefix(f"{TREASURER}:")
    user = get_user_model().objects.filter(pk=int(account)).first() if account.isdecimal() else None
    if by not in {DONOR, TREASURER} and user is None:
        text += " (chez Stripe)"
    DonorAction.objects.create(donor=subscription.donor, text=text, made_by=user)


def _note_refusals(subscription: Subscription, facts: SubscriptionFacts) -> None:
    """Keep what a refused month asks of somebody, and tell the donor once for each attempt."""
    latest, running = facts.latest, subscription.status in {Status.ACTIVE, Status.PAST_DUE}
    asks = running and latest is not None and latest.awaits_the_bank
    refused = running and latest is not None and latest.is_refused
    subscription.action_required = asks
    subscription.hosted_invoice_url = latest.hosted_url if latest and (asks or refused) else ""
    if latest is None or not (asks or refused):
        if latest is not None and latest.is_paid:
            subscription.failures = 0
        return
    if subscription.failures != latest.attempts:
        subscription.failed_at = facts.read_at
    subscription.failures = latest.attempts
    _write(
        subscription,
        key=f"monthly-{'action' if asks else 'failed'}:{latest.invoice_id}:{latest.attempts}",
        subject="Votre banque attend votre accord pour votre don à Au Poste"
        if asks
        else "Votre don mensuel à Au Poste n’a pas pu être prélevé",
        template="monthly_action" if asks else "monthly_failed",
        context={
            "total_cents": latest.total_cents,
            "next_attempt_at": latest.next_attempt_at,
            "attempts": latest.attempts,
        },
    )


def _write(
    subscription: Subscription,
    *,
    key: str,
    subject: str,
    template: str,
    context: dict[str, Any] | None = None,
) -> None:
    donor = subscription.donor
    letters.write(
        key=key,
        to=(donor.email or "") if donor else "",
        subject=subject,
        template=template,
        context={"subscription": subscription, **(context or {})},
    )


def _next_payment(
    subscription: Subscription, facts: SubscriptionFacts, *, complete: bool
) -> dt.datetime | None:
    """When money is to come next. In the past while a month is not filed that should be: the
    sweeper looks for such.
    """
    latest = facts.latest
    if latest is not None and not complete and _something_is_missing(subscription, facts):
        return latest.created
    if subscription.status not in {Status.ACTIVE, Status.PAST_DUE}:
        return None
    if latest is not None and latest.status == "draft":
        return latest.created
    if latest is not None and latest.status == "open" and latest.next_attempt_at:
        return latest.next_attempt_at
    return None if facts.ends_with_period else facts.period_end


def _something_is_missing(subscription: Subscription, facts: SubscriptionFacts) -> bool:
    """Whether the newest month, or one before it, was paid (or sent) and is no gift here."""
    latest = facts.latest
    if latest is None:
        return False
    coming = latest.status == "open" and latest.intent_status == "processing"
    if latest.is_paid or coming:
        filed = [Gift.Status.SUCCEEDED] if latest.is_paid else [Gift.Status.PROCESSING]
        if not subscription.gifts.filter(invoice_id=latest.invoice_id, status__in=filed).exists():
            return True
    # Stripe ends a monthly gift whose month stays unpaid: each month before this one has brought
    # money. Where that is not so (a month that somebody voided), the sweeper looks in vain, once.
    paid = subscription.gifts.filter(status=Gift.Status.SUCCEEDED)
    return paid.exclude(invoice_id=latest.invoice_id).count() < _months_before(facts, latest)


def _months_before(facts: SubscriptionFacts, latest: Invoice) -> int:
    """How many months were due before the newest one. Stripe counts calendar months in UTC.

    Half a day earlier than both, so that an invoice made a moment after midnight is still that
    month's. https://docs.stripe.com/billing/subscriptions/billing-cycle
    """
    begun, newest = facts.started_at - HALF_A_DAY, latest.created - HALF_A_DAY
    return (newest.year - begun.year) * 12 + newest.month - begun.month


# --- What people do ------------------------------------------------------------------------------


def stop(subscription: Subscription, by: By, user: Any = None) -> Subscription:
    """End a monthly gift now; what was given stays given. Twice is once.

    `user` is the treasurer's account. Raises ExternalServiceError: then nothing has changed.
    """
    if not subscription.subscription_id or subscription.status == Status.ENDED:
        return subscription
    try:
        facts = stripe_client.stop(subscription.subscription_id, by=_signature(by, user))
    except ExternalServiceError as error:
        if not error.permanent:
            raise
        # Stripe ends nothing twice: maybe it has ended already.
        facts = stripe_client.subscription(subscription.subscription_id)
        if STATES.get(facts.status) != Status.ENDED:
            raise
    return _applied(subscription, facts)


def change_amount(
    subscription: Subscription, amount_cents: int, cover_fee: bool, by: By, user: Any = None
) -> Subscription:
    """Give another amount (cents) from the next month on. The same amount again changes nothing.

    Raises ExternalServiceError: then nothing has changed. ValueError for an amount out of bounds
    or a monthly gift that is not running.
    """
    if not settings.GIFT_MINIMUM_CENTS <= amount_cents <= settings.GIFT_MAXIMUM_CENTS:
        raise ValueError(f"not an amount to give: {amount_cents}")
    cover = fee_cover_cents(amount_cents) if cover_fee else 0
    if not subscription.subscription_id or subscription.status == Status.ENDED:
        raise ValueError("this monthly gift is not running")
    if (amount_cents, cover) == _amounts(subscription):
        return subscription
    facts = stripe_client.change_amounts(
        subscription.subscription_id,
        amount_cents=amount_cents,
        fee_cover_cents=cover,
        by=_signature(by, user),
    )
    return _applied(subscription, facts)


def portal_address(whose: Subscription | Donor, return_url: str) -> str | None:
    """Stripe's page where a card is changed. None for a donor who has no customer there.

    Raises ExternalServiceError.
    """
    if isinstance(whose, Subscription):
        customer = whose.customer_id
    else:
        newest = whose.subscriptions.running().exclude(customer_id="").first()
        known = whose.stripe_customers.order_by("-pk").first()
        customer = newest.customer_id if newest else (known.customer_id if known else "")
    if not customer:
        return None
    return stripe_client.portal_address(customer, return_url=return_url)


def _signature(by: By, user: Any) -> str:
    if by == "donor":
        return DONOR
    return f"{TREASURER}:{user.pk}" if user is not None else TREASURER


def _applied(subscription: Subscription, facts: SubscriptionFacts) -> Subscription:
    with transaction.atomic():
        return apply(facts) or subscription
