"""Monthly gifts in tests: begun, renewed, refused, and read back."""

import datetime as dt

from django.db.models import F
from django.test import Client

from donations.models import Gift, LedgerEntry, OutgoingEmail, Subscription
from sandbox.stripe import StripeStandIn
from tests.donations.steps import Started, start, time_passes

DAY = 86_400


def begin(client: Client, stripe: StripeStandIn, number: str = "", **fields: str) -> Started:
    """A monthly gift whose first month is paid (or sent, for an IBAN); no event has come yet."""
    started = start(client, rhythm="monthly", **fields)
    stripe.pay(started.session, number or "4242424242424242")
    return started


def promise() -> Subscription:
    return Subscription.objects.get()


def reference(stripe: StripeStandIn, started: Started) -> str:
    return str(stripe.subscription_of(started.session)["id"])


def booked() -> list[tuple[str, int]]:
    """What the givers paid, oldest first: (kind, cents)."""
    rows = LedgerEntry.objects.exclude(kind="fee").order_by("occurred_at", "pk")
    return list(rows.values_list("kind", "amount_cents"))


def books() -> tuple[object, ...]:
    """All that must be the same however the news came."""
    gifts = Gift.objects.values_list("id", "status", "amount_cents", "fee_cover_cents", "paid_at")
    entries = LedgerEntry.objects.values_list(
        "source", "kind", "amount_cents", "occurred_at", "campaign_id", "gift_id"
    )
    promises = Subscription.objects.values_list(
        "id", "status", "ending", "amount_cents", "fee_cover_cents", "donor__email", "last_four"
    )
    return set(gifts), set(entries), set(promises)


def letters(prefix: str) -> list[OutgoingEmail]:
    return list(OutgoingEmail.objects.filter(key__startswith=prefix).order_by("pk"))


def months_pass() -> None:
    """Let every patience run out, that with late renewals too."""
    time_passes()
    Subscription.objects.update(
        next_payment_at=F("next_payment_at") - dt.timedelta(days=400),
        read_at=F("read_at") - dt.timedelta(days=1),
    )
