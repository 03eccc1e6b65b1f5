"""Events: read from a webhook's signed body, or listed. https://docs.stripe.com/api/events"""

import datetime as dt
import functools
import json
from collections.abc import Iterator
from typing import Any

import stripe
from django.conf import settings

from donations.payments import EventNotice
from donations.stripe_client.connection import Json, api, asked, moment, rows_of

SIGNATURE_TOLERANCE_SECONDS = 300
TYPES_A_LIST = 20
# Other shapes than an event's; a moment out of every calendar; brackets without end.
UNREADABLE = (
    ValueError, KeyError, TypeError, AttributeError, OverflowError, OSError, RecursionError,
)  # fmt: skip


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
    except (stripe.SignatureVerificationError, *UNREADABLE) as error:
        raise SignatureError(str(error)) from error


def events_since(since: dt.datetime, *, types: list[str]) -> Iterator[EventNotice]:
    """Events that Stripe made after `since` (it keeps them for 30 days), 20 types at a time.

    https://docs.stripe.com/api/events/list
    """
    for first in range(0, len(types), TYPES_A_LIST):
        some = types[first : first + TYPES_A_LIST]
        given: Any = {"created": {"gte": int(since.timestamp())}, "types": some, "limit": 100}
        for raw in rows_of(functools.partial(api().v1.events.list, given)):
            yield _notice(raw)


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
