"""From what Stripe says of a payment to the ledger. The one place where money is booked.

Booking looks at the whole payment each time, whatever event or page brought it up, and adds what
is missing. So the order, the number and the loss of events do not matter: the ledger after the
last look is the same. The entries' unique sources make it idempotent; the gift's lock keeps a
late look at old news from undoing what a newer one wrote.
"""

from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import transaction

from donations.models import Donor, Gift, LedgerEntry, StripeCustomer, Subscription
from donations.payments import Charge, Payment
from donations.receipts import cancelling
from donations.services import campaigns, letters, money_back, months
from donations.services.entries import entries_for

log = structlog.get_logger(__name__)

# A gift only moves to the right. FAILED and EXPIRED give way to money that has come after all.
RANK = {
    Gift.Status.PENDING: 0,
    Gift.Status.PROCESSING: 1,
    Gift.Status.EXPIRED: 2,
    Gift.Status.FAILED: 2,
    Gift.Status.SUCCEEDED: 3,
}


class BookingError(Exception):
    """What Stripe says cannot be booked as it stands; the message says why, for the treasurer."""


@dataclass(frozen=True, kw_only=True)
class Booking:
    """What a look at a payment left behind, for the edge that must announce it.

    `objects` are Stripe's ids of a paid gift, whose news this look has told. A monthly gift has
    none: its page's events tell of the subscription, too.
    """

    gift_id: str
    status: Gift.Status
    campaign_id: int | None
    objects: tuple[str, ...] = ()


def lock_gift(gift_id: str) -> Gift:
    """The gift's row, held until the transaction ends."""
    return Gift.objects.select_for_update(of=("self",)).get(pk=gift_id)


@transaction.atomic
def book_payment(payment: Payment) -> Booking | None:
    """Book what `payment` shows. None when the payment is not one of this site's gifts.

    Raises BookingError for money of the wrong mode or currency, or a ledger that disagrees.
    """
    if payment.livemode != settings.STRIPE_LIVEMODE:
        raise BookingError("Argent réel et argent d’essai ne se mélangent pas.")
    gift_id, subscription = payment.gift_id, months.lock_promise(payment)
    if payment.invoice is not None:
        gift_id = months.file_month(subscription, payment) if subscription else None
    if gift_id is None:
        return None
    try:
        gift = lock_gift(gift_id)
    except (Gift.DoesNotExist, ValueError):
        log.warning("payment_without_gift", payment_intent=payment.payment_intent_id)
        return None
    status = _status(gift, payment)
    if payment.charge is not None:
        _settle(gift, payment, payment.charge, subscription)
        money_back.tell(gift, payment.charge, booked=_append(gift, payment.charge))
    elif _moves(gift, payment, status):
        gift.status = status
        if subscription is not None and status == Gift.Status.FAILED:
            giver_of(subscription, email=gift.contact_email or payment.email or "")
        if subscription is not None and status == Gift.Status.EXPIRED:
            months.lapse(subscription)
        if status in {Gift.Status.FAILED, Gift.Status.EXPIRED}:
            gift.contact_email = ""
    if payment.checkout_id:
        gift.checkout_session_id = payment.checkout_id
    if payment.payment_intent_id:
        gift.payment_intent_id = payment.payment_intent_id
    if payment.invoice is not None:
        gift.invoice_id = payment.invoice.invoice_id
    gift.save()
    told: tuple[str, ...] = ()
    if payment.charge is not None and gift.subscription_id is None:
        ids = (gift.charge_id, gift.payment_intent_id, gift.checkout_session_id)
        told = tuple(each for each in ids if each)
    return Booking(
        gift_id=str(gift.pk),
        status=Gift.Status(gift.status),
        campaign_id=gift.campaign_id,
        objects=told,
    )


def _status(gift: Gift, payment: Payment) -> Gift.Status:
    """Where the gift stands by this payment alone, as long as no money has come."""
    invoice = payment.invoice
    if payment.intent_status == "processing":
        return Gift.Status.PROCESSING
    if invoice is not None:
        refused = invoice.is_refused or invoice.is_given_up
        return Gift.Status.FAILED if refused else Gift.Status(gift.status)
    if payment.checkout_status == "expired":
        return Gift.Status.EXPIRED
    if payment.checkout_status == "complete":
        # A completed page whose intent went back to the start is a debit that bounced.
        bounced = payment.intent_status in {"requires_payment_method", "canceled"}
        return Gift.Status.FAILED if bounced else Gift.Status.PROCESSING
    return Gift.Status(gift.status)


def _moves(gift: Gift, payment: Payment, status: Gift.Status) -> bool:
    """Whether a gift without money goes to `status`. A month that was refused is tried again."""
    now = Gift.Status(gift.status)
    if payment.invoice is not None and {now, status} == {
        Gift.Status.FAILED,
        Gift.Status.PROCESSING,
    }:
        return True
    return RANK[status] > RANK[now]


def _settle(
    gift: Gift, payment: Payment, charge: Charge, subscription: Subscription | None
) -> None:
    """The money has come: bind it to its month and its giver, once."""
    if charge.currency != "eur":
        raise BookingError(f"Débit {charge.charge_id} en {charge.currency}, pas en euros.")
    if charge.amount_cents != gift.total_cents:
        log.error("charge_differs_from_gift", gift=str(gift.pk), charge=charge.charge_id)
    gift.charge_id = charge.charge_id
    gift.fee_known = charge.fee is not None
    gift.refunded_cents = sum(
        refund.amount_cents for refund in charge.refunds if refund.failed_at is None
    )
    if gift.status == Gift.Status.SUCCEEDED:
        return
    gift.status = Gift.Status.SUCCEEDED
    gift.paid_at = charge.created
    gift.campaign = campaigns.campaign_for(gift, charge.created)
    email = gift.contact_email or payment.email or ""
    # Somebody who was erased while their money was on its way stays that nameless donor.
    gift.donor = gift.donor or (
        giver_of(subscription, email=email) if subscription else donor_of(email)
    )
    gift.contact_email = ""
    if charge.means in Gift.Means.values:
        gift.means = charge.means
    if subscription is not None:
        first = min(subscription.started_at or charge.created, charge.created)
        subscription.started_at = first
        subscription.save(update_fields=["started_at"])
    if payment.customer_id and gift.donor.erased_at is None:
        StripeCustomer.objects.bulk_create(
            [
                StripeCustomer(
                    donor=gift.donor,
                    customer_id=payment.customer_id,
                    livemode=payment.livemode,
                )
            ],
            ignore_conflicts=True,
        )
    letters.write_thanks(gift)


def donor_of(email: str) -> Donor:
    """The donor of an address (case-folded), made if there is none; a nameless one without it."""
    folded = email.strip().lower()
    if not folded:
        return Donor.objects.create()
    Donor.objects.bulk_create([Donor(email=folded)], ignore_conflicts=True)
    return Donor.objects.get(email=folded)


def giver_of(subscription: Subscription, *, email: str) -> Donor:
    """Whose monthly gift this is, bound once; `email` is the last resort. Hold the row's lock."""
    if subscription.donor is None:
        waiting = subscription.gifts.exclude(contact_email="").first()
        subscription.donor = donor_of(waiting.contact_email if waiting else email)
        subscription.save(update_fields=["donor"])
    return subscription.donor


def _append(gift: Gift, charge: Charge) -> set[str]:
    """Add what is not yet in the ledger, and hold what is there against what Stripe says.

    Returns the sources that were not there before; the gift's lock makes that sure.
    """
    if gift.campaign_id is None:
        raise BookingError(f"Le don {gift.pk} n’a pas de campagne.")
    entries = entries_for(gift=gift, campaign_id=gift.campaign_id, charge=charge)
    there = LedgerEntry.objects.filter(source__in=[entry.source for entry in entries])
    before = set(there.values_list("source", flat=True))
    LedgerEntry.objects.bulk_create(entries, ignore_conflicts=True)
    written = dict(there.all().values_list("source", "amount_cents"))
    for entry in entries:
        if written[entry.source] != entry.amount_cents:
            raise BookingError(
                f"{entry.source} : {written[entry.source]} au grand livre, "
                f"{entry.amount_cents} chez Stripe (centimes)."
            )
    cancelling.after_reversal(gift.pk)
    campaigns.mark_dirty(gift.campaign_id)
    return written.keys() - before
