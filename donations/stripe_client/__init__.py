"""The only package that speaks to Stripe. Payloads become the dataclasses of `payments`.

Every call has timeouts and raises `ExternalServiceError`. SDK, API version and webhook endpoint
are pinned together: https://docs.stripe.com/sdks/set-version
"""

from donations.stripe_client.balance import (
    balance_moves,
    moves_of_payout,
    payout,
    payouts,
)
from donations.stripe_client.checkout import expire_checkout, open_checkout
from donations.stripe_client.connection import API_VERSION
from donations.stripe_client.events import SignatureError, event_notice, events_since, read_notice
from donations.stripe_client.monthly import (
    change_amounts,
    paid_invoices,
    portal_address,
    stop,
    subscription,
)
from donations.stripe_client.payments import payment_of
from donations.stripe_client.refunds import (
    create_refund,
    dispute,
    fraud_warning,
    refund_of_order,
)

__all__ = [
    "API_VERSION",
    "SignatureError",
    "balance_moves",
    "change_amounts",
    "create_refund",
    "dispute",
    "event_notice",
    "events_since",
    "expire_checkout",
    "fraud_warning",
    "moves_of_payout",
    "open_checkout",
    "paid_invoices",
    "payment_of",
    "payout",
    "payouts",
    "portal_address",
    "read_notice",
    "refund_of_order",
    "stop",
    "subscription",
]
