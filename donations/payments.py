"""What Stripe says of a payment, as plain values: the words between its client and our services.

All amounts are integer cents of euro as Stripe counts them; all moments are UTC.
"""

import datetime as dt
from dataclasses import dataclass

from donations.monthly_facts import Invoice


@dataclass(frozen=True, kw_only=True)
class ProcessorFee:
    """What Stripe keeps for itself; known once the charge's balance transaction exists."""

    transaction_id: str
    amount_cents: int
    occurred_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Refund:
    """Money going back to the giver. `failed_at` is set when it bounced and came back to us.

    `order_id` is our own order's, when it was asked for here; `failure` is Stripe's word for why.
    """

    refund_id: str
    amount_cents: int
    created: dt.datetime
    moved: bool
    failed_at: dt.datetime | None
    order_id: str = ""
    failure: str = ""


@dataclass(frozen=True, kw_only=True)
class DisputeMovement:
    """Money that a bank took back (negative) or returned (positive), by its balance transaction."""

    transaction_id: str
    amount_cents: int
    fee_cents: int
    occurred_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Charge:
    """Money that has come, by "card" or "sepa_debit" (`means`).

    `created` is when: the charge's time, or when its invoice was paid.
    """

    charge_id: str
    amount_cents: int
    currency: str
    created: dt.datetime
    fee: ProcessorFee | None
    means: str = ""
    refunds: tuple[Refund, ...] = ()
    disputes: tuple[DisputeMovement, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Payment:
    """One payment as Stripe told it just now; `gift_id` is what we wrote in its metadata.

    `checkout_status` is None when the payment was not read through its checkout session: only a
    session can say that a gift lapsed or failed for good. `invoice` is set for a month's payment:
    there is no `charge` before it is paid, and only a first one knows its `gift_id`.
    `subscription_id` is ours, `subscription_ref` is Stripe's.
    """

    gift_id: str | None
    livemode: bool
    payment_intent_id: str | None = None
    intent_status: str | None = None
    checkout_id: str | None = None
    checkout_status: str | None = None
    customer_id: str | None = None
    email: str | None = None
    charge: Charge | None = None
    invoice: Invoice | None = None
    subscription_id: str | None = None
    subscription_ref: str | None = None


@dataclass(frozen=True, kw_only=True)
class CheckoutOrder:
    """What a payment page is opened for. `idempotency_key` names the attempt.

    With a `subscription_id` (ours) the amounts are claimed each month from then on.
    """

    idempotency_key: str
    gift_id: str
    amount_cents: int
    fee_cover_cents: int
    email: str
    success_url: str
    cancel_url: str
    expires_at: dt.datetime
    subscription_id: str | None = None
    takes_debits: bool = False


@dataclass(frozen=True, kw_only=True)
class CheckoutPage:
    """A payment page that Stripe opened for a gift."""

    checkout_id: str
    url: str


@dataclass(frozen=True, kw_only=True)
class EventNotice:
    """What an event says before anything is asked: a trigger, never a source of amounts."""

    event_id: str
    type: str
    object_id: str
    livemode: bool
    api_version: str
    created: dt.datetime
