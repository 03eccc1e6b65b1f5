"""The webhook: only Stripe's word is taken, and whatever is taken is kept."""

import hashlib
import hmac
import json
import threading
import time
from typing import Any

import pytest
from django.conf import settings
from django.db import connections
from django.test import Client, override_settings

from donations import tasks
from donations.models import Gift, LedgerEntry, StripeEvent
from sandbox.stripe import StripeStandIn
from tests.donations.factories import month_with_lines
from tests.donations.steps import post_event, start, time_passes, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid_event(client: Client, stripe: StripeStandIn) -> dict[str, Any]:
    """The completed-session event of a gift of 10 €, not yet delivered."""
    month_with_lines()
    stripe.pay(start(client).session)
    return stripe.events("checkout.session.completed")[0]


def test_a_signed_event_is_kept_and_answered_at_once(
    client: Client, stripe: StripeStandIn, paid_event: dict[str, Any]
) -> None:
    reads = len(stripe.requests())
    assert post_event(client, stripe, paid_event) == 200
    kept = StripeEvent.objects.get()
    assert (kept.pk, kept.type) == (paid_event["id"], "checkout.session.completed")
    assert kept.processed_at is None
    assert len(stripe.requests()) == reads, "the webhook itself asks Stripe nothing"


@pytest.mark.parametrize("signature", ["", "t=1,v1=00", "nonsense", "t=now,v1=é"])
def test_a_bad_signature_stores_nothing(
    client: Client, stripe: StripeStandIn, paid_event: dict[str, Any], signature: str
) -> None:
    body, _ = stripe.signed(paid_event)
    response = client.post(
        "/stripe/webhook",
        body,
        content_type="application/json",
        headers={"stripe-signature": signature},
    )
    assert response.status_code == 400
    assert not StripeEvent.objects.exists()


def test_a_changed_body_is_refused(
    client: Client, stripe: StripeStandIn, paid_event: dict[str, Any]
) -> None:
    body, signature = stripe.signed(paid_event)
    response = client.post(
        "/stripe/webhook",
        body.replace(b"completed", b"expired  "),
        content_type="application/json",
        headers={"stripe-signature": signature},
    )
    assert response.status_code == 400
    assert not StripeEvent.objects.exists()


@pytest.mark.parametrize("body", [b"[]", b'{"id": "evt_1"}', b"\xff\xfe", b"null", b"{"])
def test_a_signed_body_that_is_no_event_is_refused(client: Client, body: bytes) -> None:
    now = int(time.time())
    secret = settings.STRIPE_WEBHOOK_SECRET.encode()
    digest = hmac.new(secret, b"%d." % now + body, hashlib.sha256).hexdigest()
    response = client.post(
        "/stripe/webhook",
        body,
        content_type="application/json",
        headers={"stripe-signature": f"t={now},v1={digest}"},
    )
    assert response.status_code == 400


def test_a_body_over_the_limit_is_refused(client: Client) -> None:
    response = client.post(
        "/stripe/webhook",
        b"x" * (settings.STRIPE_WEBHOOK_MAX_BYTES + 1),
        content_type="application/json",
    )
    assert response.status_code == 413


def test_only_post_is_taken(client: Client) -> None:
    assert client.get("/stripe/webhook").status_code == 405


def test_the_other_mode_is_refused(
    client: Client, stripe: StripeStandIn, paid_event: dict[str, Any]
) -> None:
    assert post_event(client, stripe, {**paid_event, "livemode": True}) == 400
    with override_settings(STRIPE_LIVEMODE=True):
        assert post_event(client, stripe, paid_event) == 400
    assert not StripeEvent.objects.exists()


def test_an_unknown_type_is_stored_and_ignored(
    client: Client, stripe: StripeStandIn, paid_event: dict[str, Any]
) -> None:
    reads = len(stripe.requests())
    assert post_event(client, stripe, {**paid_event, "type": "customer.tax_id.created"}) == 200
    tasks.process_event(paid_event["id"])
    assert StripeEvent.objects.get().processed_at is not None
    assert not LedgerEntry.objects.exists()
    assert len(stripe.requests()) == reads


def test_an_unknown_object_is_tried_again_and_never_lost(
    client: Client, stripe: StripeStandIn, paid_event: dict[str, Any]
) -> None:
    body = json.loads(json.dumps(paid_event))
    body["data"]["object"]["id"] = "cs_test_unknown"
    assert post_event(client, stripe, body) == 200
    for attempt in (1, 2, 3):
        time_passes()
        tasks.sweep()
        kept = StripeEvent.objects.get()
        assert kept.attempts == attempt
        assert kept.processed_at is None
        assert kept.last_error
        assert kept.next_attempt_at > kept.received_at


def test_an_event_of_somebody_else_is_ticked_off(
    client: Client, stripe: StripeStandIn, paid_event: dict[str, Any]
) -> None:
    """The account may take payments that are no gifts of this site: no metadata, no gift."""
    Gift.objects.all().delete()
    assert post_event(client, stripe, paid_event) == 200
    tasks.process_event(paid_event["id"])
    assert StripeEvent.objects.get().processed_at is not None
    assert not LedgerEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_one_event_delivered_at_the_same_time_is_one_event(
    client: Client, stripe: StripeStandIn, paid_event: dict[str, Any]
) -> None:
    together = threading.Barrier(4)
    statuses: list[int] = []

    def deliver() -> None:
        try:
            together.wait()
            statuses.append(post_event(Client(), stripe, paid_event))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=deliver) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 4
    assert StripeEvent.objects.count() == 1
    tasks.process_event(paid_event["id"])
    tasks.process_event(paid_event["id"])
    assert LedgerEntry.objects.filter(kind="gift").count() == 1


def test_a_rate_limit_leaves_the_event_to_the_sweeper(
    client: Client, stripe: StripeStandIn, paid_event: dict[str, Any]
) -> None:
    assert post_event(client, stripe, paid_event) == 200
    stripe.fail(count=2, status=429, retry_after=7)
    tasks.process_event(paid_event["id"])
    kept = StripeEvent.objects.get()
    assert kept.processed_at is None
    assert "429" in kept.last_error
    assert (kept.next_attempt_at - kept.received_at).total_seconds() > 6
    time_passes()
    tasks.sweep()
    assert LedgerEntry.objects.filter(kind="gift").count() == 1


def test_one_answer_settles_all_news_of_a_payment(client: Client, stripe: StripeStandIn) -> None:
    month_with_lines()
    stripe.pay(start(client).session)
    for event in stripe.events():
        assert post_event(client, stripe, event) == 200
    asked = len(stripe.requests())
    work_off()
    reads = [row for row in stripe.requests()[asked:] if row["method"] == "GET"]
    assert len(reads) == 1
    assert not StripeEvent.objects.filter(processed_at=None).exists()


def test_news_that_come_after_the_answer_are_asked_about(
    client: Client, stripe: StripeStandIn
) -> None:
    month_with_lines()
    session = start(client).session
    stripe.pay(session)
    for event in stripe.events("charge.succeeded"):
        post_event(client, stripe, event)
    work_off()
    stripe.balance(session)
    for event in stripe.events("charge.updated"):
        post_event(client, stripe, event)
    work_off()
    assert LedgerEntry.objects.filter(kind="fee").exists()
