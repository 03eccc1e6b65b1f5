"""What donors, Stripe and workers do in tests, by the doors that they use."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db.models import F
from django.test import Client
from django.utils import timezone

from auposte.http import form_stamp
from donations import tasks
from donations.models import Gift, GivingSettings, LedgerEntry, OutgoingEmail, StripeEvent
from sandbox.stripe import StripeStandIn


@dataclass(frozen=True)
class Started:
    """A gift whose payment page is open."""

    gift: Gift
    session: str


def offer_debits() -> None:
    """As the newsroom does by the switch in the admin."""
    GivingSettings.objects.update_or_create(pk=1, defaults={"sepa_debit": True})


def send_form(client: Client, **fields: str) -> object:
    """POST the giving form as a browser on the site would."""
    data = {
        "amount": "10",
        "email": "lectrice@example.org",
        "stamp": form_stamp(),
        **fields,
    }
    return client.post("/don", data, headers={"sec-fetch-site": "same-origin"})


def start(client: Client, **fields: str) -> Started:
    """Send the form; the gift is pending and its payment page open."""
    before = set(Gift.objects.values_list("pk", flat=True))
    response = send_form(client, **fields)
    assert response.status_code == 303, response.content.decode()[:2000]
    gift = Gift.objects.exclude(pk__in=before).get()
    assert gift.checkout_session_id
    return Started(gift=gift, session=gift.checkout_session_id)


def post_event(client: Client, stripe: StripeStandIn, event: dict[str, object]) -> int:
    """Deliver one event to the webhook; the response's status."""
    body, signature = stripe.signed(event)
    response = client.post(
        "/stripe/webhook",
        body,
        content_type="application/json",
        headers={"stripe-signature": signature},
    )
    return int(response.status_code)


def deliver(client: Client, stripe: StripeStandIn) -> None:
    """Deliver every event once, in order, and do what each asks for."""
    for event in stripe.events():
        if not StripeEvent.objects.filter(pk=event["id"]).exists():
            assert post_event(client, stripe, event) == 200
            tasks.process_event(event["id"])
    failing = StripeEvent.objects.exclude(last_error="")
    assert not failing.exists(), list(failing.values_list("type", "last_error"))


def work_off() -> None:
    """Do what is due, as a worker that has lost every message would: by the sweeper."""
    tasks.sweep()


def time_passes() -> None:
    """Let every claim and every patience run out."""
    now = timezone.now()
    StripeEvent.objects.filter(processed_at=None).update(next_attempt_at=now)
    OutgoingEmail.objects.filter(sent_at=None).update(next_attempt_at=now)
    Gift.objects.update(swept_at=None)
    Gift.objects.filter(created_at__gt=now - dt.timedelta(hours=1)).update(
        created_at=F("created_at") - dt.timedelta(hours=1)
    )


def ledger_of(gifts: Iterable[Gift]) -> set[tuple[object, ...]]:
    """The ledger's rows of these gifts, as far as they must be the same each time."""
    return set(
        LedgerEntry.objects.filter(gift__in=[gift.pk for gift in gifts]).values_list(
            "source", "kind", "amount_cents", "occurred_at", "campaign_id", "gift_id"
        )
    )
