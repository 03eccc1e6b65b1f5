"""The only package that speaks to Stripe. Payloads become the dataclasses of `payments`.

Every call has timeouts and raises `ExternalServiceError`. SDK, API version and webhook endpoint
are pinned together: https://docs.stripe.com/sdks/set-version
"""

from donations.stripe_client.checkout import expire_checkout, open_checkout
from donations.stripe_client.connection import API_VERSION
from donations.stripe_client.events import SignatureError, events_since, read_notice
from donations.stripe_client.payments import payment_of

__all__ = [
    "API_VERSION",
    "SignatureError",
    "events_since",
    "expire_checkout",
    "open_checkout",
    "payment_of",
    "read_notice",
]
