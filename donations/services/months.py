"""The months of a monthly gift: which promise an invoice belongs to, and which gift it is."""

import uuid

from django.utils import timezone

from donations.models import Gift, Subscription
from donations.payments import Payment

NAMESPACE = uuid.UUID("6d1f0c9e-5a9c-4e0c-9a53-7d5e2b1f8c40")


def gift_id_of(invoice_id: str) -> uuid.UUID:
    """The id of the gift that a renewal's invoice is: the same for whoever files it."""
    return uuid.uuid5(NAMESPACE, invoice_id)


def is_renewal(gift: Gift) -> bool:
    """Whether this is a later month of a monthly gift: nobody filled in a form for it."""
    return bool(gift.invoice_id) and gift.pk == gift_id_of(gift.invoice_id or "")


def lock_promise(payment: Payment) -> Subscription | None:
    """The promise that a payment is a month of, held until the transaction ends; None: of none.

    Whoever locks a promise and a gift locks the promise first.
    """
    return lock(subscription_id=payment.subscription_id, subscription_ref=payment.subscription_ref)


def lock(*, subscription_id: str | None, subscription_ref: str | None) -> Subscription | None:
    """The same, by our id or Stripe's."""
    rows = Subscription.objects.select_for_update(of=("self",)).select_related("donor")
    found = rows.filter(subscription_id=subscription_ref).first() if subscription_ref else None
    if found is not None or not subscription_id:
        return found
    try:
        return rows.filter(pk=uuid.UUID(subscription_id)).first()
    except ValueError:
        return None


def lapse(subscription: Subscription) -> None:
    """Its payment page was left: it never began. Hold the row's lock."""
    if subscription.status == Subscription.Status.PENDING:
        subscription.status = Subscription.Status.ENDED
        subscription.ending = Subscription.Ending.LAPSED
        subscription.ended_at = timezone.now()
        subscription.save(update_fields=["status", "ending", "ended_at"])


def file_month(subscription: Subscription, payment: Payment) -> str | None:
    """The id of the gift that a month's payment is, made when its money has come or is coming.

    None while there is nothing to file: a month that was asked for and refused is no gift.
    """
    invoice = payment.invoice
    if invoice is None:
        return None
    if invoice.is_first:
        return invoice.gift_id
    gift_id = gift_id_of(invoice.invoice_id)
    if payment.charge is None and invoice.intent_status != "processing":
        return str(gift_id) if Gift.objects.filter(pk=gift_id).exists() else None
    total = invoice.total_cents
    cover = invoice.fee_cover_cents if invoice.fee_cover_cents < total else 0
    # What a moderator has said of the name holds for the months that follow.
    started_with = subscription.gifts.order_by("created_at").first()
    Gift.objects.bulk_create(
        [
            Gift(
                id=gift_id,
                kind=Gift.Kind.MONTHLY,
                amount_cents=total - cover,
                fee_cover_cents=cover,
                donor=subscription.donor,
                broadcast_id=subscription.broadcast_id,
                subscription=subscription,
                public_name=subscription.public_name,
                name_state=started_with.name_state if started_with else Gift.Shown.WAITING,
                livemode=payment.livemode,
                invoice_id=invoice.invoice_id,
            )
        ],
        ignore_conflicts=True,
    )
    return str(gift_id)
