"""Events: read from a webhook's signed body, or listed. https://docs.stripe.com/api/events"""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import stripe
from django.conf import settings

from donations.payments import EventNotice
from donations.stripe_client.connection import Json, api, asked, moment

SIGNATURE_TOLERANCE_SECONDS = 300


class SignatureError(Exception):
    """A webhook body that Stripe did not sign, or not now."""


def read_notice(*, body: bytes, signature: str) -> EventNotice:
    """The event in a webhook's raw body. SignatureError when it is not Stripe's, or not readable.

    https://docs.stripe.com/webhooks#verify-manually
    """
    try:
        stripe.WebhookSignature.verify_header(
            body.decode("utf-8"),
            signature,
            settings.STRIPE_WEBHOOK_SECRET,
            SIGNATURE_TOLERANCE_SECONDS,
        )
        return _notice(json.loads(body))
    except (stripe.SignatureVerificationError, ValueError, KeyError, TypeError) as error:
        raise SignatureError(str(error)) from error


def events_since(since: dt.datetime, *, types: list[str]) -> Iterator[EventNotice]:
    """Events that Stripe made after `since`, newest first (it keeps them for 30 days).

    https://docs.stripe.com/api/events/list
    """
    params: Any = {"created": {"gte": int(since.timestamp())}, "types": types, "limit": 100}
    pages = asked(lambda: api().v1.events.list(params)).auto_paging_iter()
    end = object()
    while (event := asked(lambda: next(pages, end))) is not end:
        yield _notice(event.to_dict())  # type: ignore[attr-defined]  # `end` never gets here


def event_notice(event_id: str) -> EventNotice:
    """One event by its id, up to 30 days back. https://docs.stripe.com/api/events/retrieve"""
    return asked(lambda: _notice(api().v1.events.retrieve(event_id).to_dict()))


def _notice(raw: Json) -> EventNotice:
    return EventNotice(
        event_id=str(raw["id"]),
        type=str(raw["type"]),
        object_id=str(raw["data"]["object"].get("id") or ""),
        livemode=raw["livemode"] is True,
        api_version=str(raw.get("api_version") or ""),
        created=moment(raw["created"]),
    )
