"""The only module that speaks to Stripe. Payloads become the dataclasses of `payments`.

Every call has timeouts and raises `ExternalServiceError`. SDK, API version and webhook endpoint
are pinned together: https://docs.stripe.com/sdks/set-version
"""

import datetime as dt
import functools
import json
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

import stripe
from django.conf import settings

from auposte.external import ExternalServiceError
from donations.payments import (
    Charge,
    CheckoutOrder,
    CheckoutPage,
    DisputeMovement,
    EventNotice,
    Payment,
    ProcessorFee,
    Refund,
)

API_VERSION = "2026-10-28.endive"
CONNECT_SECONDS, READ_SECONDS = 3.05, 10
SIGNATURE_TOLERANCE_SECONDS = 300

T = TypeVar("T")
Json = dict[str, Any]


class SignatureError(Exception):
    """A webhook body that Stripe did not sign, or not now."""


@functools.lru_cache(maxsize=4)
def _client(key: str, base: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        key,
        stripe_version=API_VERSION,
        max_network_retries=1,
        base_addresses={"api": base} if base else {},
        http_client=stripe.RequestsClient(timeout=(CONNECT_SECONDS, READ_SECONDS)),
    )


def _api() -> stripe.StripeClient:
    return _client(settings.STRIPE_SECRET_KEY, settings.STRIPE_API_BASE)


def _moment(timestamp: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(timestamp, tz=dt.UTC)


def _asked(call: Callable[[], T]) -> T:
    """The call's answer; whatever the SDK raises becomes one error that says what to do."""
    try:
        return call()
    except stripe.RateLimitError as error:
        headers = {k.lower(): v for k, v in (error.headers or {}).items()}
        wait = str(headers.get("retry-after", ""))
        raise ExternalServiceError(
            "Stripe limite nos lectures (429).",
            permanent=False,
            retry_after=int(wait) if wait.isdigit() else None,
        ) from error
    except stripe.InvalidRequestError as error:
        missing = error.code == "resource_missing"
        raise ExternalServiceError(
            f"Stripe refuse : {error.user_message or error}", permanent=True, missing=missing
        ) from error
    except (stripe.AuthenticationError, stripe.PermissionError, stripe.IdempotencyError) as error:
        raise ExternalServiceError(f"Stripe refuse : {error}", permanent=True) from error
    except stripe.StripeError as error:
        raise ExternalServiceError(
            f"Stripe ne répond pas bien : {type(error).__name__}", permanent=False
        ) from error
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ExternalServiceError(
            f"Réponse de Stripe illisible : {type(error).__name__}", permanent=False
        ) from error


def open_checkout(order: CheckoutOrder) -> CheckoutPage:
    """Open a hosted payment page. https://docs.stripe.com/api/checkout/sessions/create

    The same `idempotency_key` gives the same page for 24 hours.
    """
    metadata = {"gift": order.gift_id}
    lines: list[Json] = [_line("Don à Au Poste", order.amount_cents)]
    if order.fee_cover_cents:
        lines.append(_line("Participation aux frais bancaires", order.fee_cover_cents))
    params: Json = {
        "mode": "payment",
        "submit_type": "donate",
        "locale": "fr",
        "line_items": lines,
        "customer_email": order.email,
        "customer_creation": "always",
        "client_reference_id": order.gift_id,
        "adaptive_pricing": {"enabled": False},
        "metadata": metadata,
        "payment_intent_data": {
            "metadata": metadata,
            "description": "Don à Au Poste",
            "statement_descriptor_suffix": settings.STRIPE_STATEMENT_SUFFIX,
        },
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
        "expires_at": int(order.expires_at.timestamp()),
    }

    def call() -> CheckoutPage:
        session = _api().v1.checkout.sessions.create(
            params,  # type: ignore[arg-type]  # the stand-in validates it against this very type
            {"idempotency_key": order.idempotency_key},
        )
        if not session.url:
            raise ValueError("no url")
        return CheckoutPage(checkout_id=session.id, url=session.url)

    return _asked(call)


def _line(name: str, cents: int) -> Json:
    return {
        "quantity": 1,
        "price_data": {
            "currency": "eur",
            "unit_amount": cents,
            "product_data": {"name": name},
        },
    }


def expire_checkout(checkout_id: str) -> None:
    """Close a payment page. https://docs.stripe.com/api/checkout/sessions/expire"""
    _asked(lambda: _api().v1.checkout.sessions.expire(checkout_id))


def payment_of(object_id: str) -> Payment:
    """The payment that a session, intent, charge, refund or dispute belongs to, as it is now.

    One read (two when money went back). `missing` errors: Stripe knows no such object, yet.
    """
    prefix = object_id.partition("_")[0]
    readers: dict[str, Callable[[str], Payment]] = {
        "cs": _payment_of_checkout,
        "pi": _payment_of_intent,
        "ch": _payment_of_charge,
        "py": _payment_of_charge,
        "re": _payment_of_refund,
        "pyr": _payment_of_refund,
        "dp": _payment_of_dispute,
        "du": _payment_of_dispute,
    }
    reader = readers.get(prefix)
    if reader is None:
        raise ExternalServiceError(f"Objet Stripe inconnu : {object_id}", permanent=True)
    return _asked(lambda: reader(object_id))


def _payment_of_checkout(checkout_id: str) -> Payment:
    session = (
        _api()
        .v1.checkout.sessions.retrieve(
            checkout_id,
            {
                "expand": [
                    "payment_intent.latest_charge.balance_transaction",
                    "payment_intent.latest_charge.refunds",
                ]
            },
        )
        .to_dict()
    )
    intent = session.get("payment_intent")
    details = session.get("customer_details") or {}
    return _payment(
        intent if isinstance(intent, dict) else {},
        metadata=session.get("metadata") or {},
        livemode=bool(session["livemode"]),
        checkout_id=session["id"],
        checkout_status=session["status"],
        customer_id=session.get("customer"),
        email=details.get("email") or session.get("customer_email"),
    )


def _payment_of_intent(intent_id: str) -> Payment:
    intent = (
        _api()
        .v1.payment_intents.retrieve(
            intent_id,
            {"expand": ["latest_charge.balance_transaction", "latest_charge.refunds"]},
        )
        .to_dict()
    )
    return _payment(
        intent,
        metadata=intent.get("metadata") or {},
        livemode=bool(intent["livemode"]),
        customer_id=intent.get("customer"),
    )


def _payment_of_charge(charge_id: str) -> Payment:
    charge = (
        _api()
        .v1.charges.retrieve(
            charge_id, {"expand": ["balance_transaction", "refunds", "payment_intent"]}
        )
        .to_dict()
    )
    intent = charge.get("payment_intent")
    intent = dict(intent) if isinstance(intent, dict) else {}
    # The intent's own latest charge may be a later attempt; the money is in the paid one.
    if charge.get("paid") or not intent.get("latest_charge"):
        intent["latest_charge"] = charge
    return _payment(
        intent,
        metadata=intent.get("metadata") or charge.get("metadata") or {},
        livemode=bool(charge["livemode"]),
        customer_id=charge.get("customer"),
    )


def _payment_of_refund(refund_id: str) -> Payment:
    refund = _api().v1.refunds.retrieve(refund_id).to_dict()
    return _payment_of_charge(_id(refund["charge"]))


def _payment_of_dispute(dispute_id: str) -> Payment:
    dispute = _api().v1.disputes.retrieve(dispute_id).to_dict()
    return _payment_of_charge(_id(dispute["charge"]))


def _id(reference: Any) -> str:
    """An expandable field's id, expanded or not."""
    return str(reference["id"] if isinstance(reference, dict) else reference)


def _payment(
    intent: Json,
    *,
    metadata: dict[str, str],
    livemode: bool,
    checkout_id: str | None = None,
    checkout_status: str | None = None,
    customer_id: str | None = None,
    email: str | None = None,
) -> Payment:
    raw = intent.get("latest_charge")
    raw = raw if isinstance(raw, dict) else {}
    billing = raw.get("billing_details") or {}
    return Payment(
        gift_id=metadata.get("gift"),
        livemode=livemode,
        payment_intent_id=intent.get("id"),
        intent_status=intent.get("status"),
        checkout_id=checkout_id,
        checkout_status=checkout_status,
        customer_id=_id(customer_id) if customer_id else None,
        email=email or billing.get("email"),
        charge=_charge(raw) if raw.get("paid") and raw.get("captured") else None,
    )


def _charge(raw: Json) -> Charge:
    transaction = raw.get("balance_transaction")
    fee = None
    if isinstance(transaction, dict):
        fee = ProcessorFee(
            transaction_id=transaction["id"],
            amount_cents=int(transaction["fee"]),
            occurred_at=_moment(transaction["created"]),
        )
    refunded = bool((raw.get("refunds") or {}).get("data")) or raw.get("amount_refunded", 0) > 0
    return Charge(
        charge_id=raw["id"],
        amount_cents=int(raw["amount"]),
        currency=str(raw["currency"]),
        created=_moment(raw["created"]),
        fee=fee,
        refunds=_refunds(raw["id"]) if refunded else (),
        disputes=_disputes(raw["id"]) if raw.get("disputed") else (),
    )


def _refunds(charge_id: str) -> tuple[Refund, ...]:
    """All refunds of a charge, oldest first: their order decides how cents are shared out."""
    pages = _api().v1.refunds.list(
        {
            "charge": charge_id,
            "limit": 100,
            "expand": ["data.balance_transaction", "data.failure_balance_transaction"],
        }
    )
    found = []
    for refund in pages.auto_paging_iter():
        raw = refund.to_dict()
        failure = raw.get("failure_balance_transaction")
        bounced = raw["status"] in {"failed", "canceled"}
        found.append(
            Refund(
                refund_id=raw["id"],
                amount_cents=int(raw["amount"]),
                created=_moment(raw["created"]),
                # A refund moves our balance when it is made, not when the bank confirms it.
                moved=bool(raw.get("balance_transaction")) or raw["status"] == "succeeded",
                failed_at=_moment(failure["created"] if failure else raw["created"])
                if bounced
                else None,
            )
        )
    return tuple(sorted(found, key=lambda refund: (refund.created, refund.refund_id)))


def _disputes(charge_id: str) -> tuple[DisputeMovement, ...]:
    """What banks took back and returned. https://docs.stripe.com/api/disputes/object"""
    pages = _api().v1.disputes.list({"charge": charge_id, "limit": 100})
    return tuple(
        DisputeMovement(
            transaction_id=transaction["id"],
            amount_cents=int(transaction["amount"]),
            fee_cents=int(transaction["fee"]),
            occurred_at=_moment(transaction["created"]),
        )
        for dispute in pages.auto_paging_iter()
        for transaction in dispute.to_dict().get("balance_transactions") or []
    )


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


def events_since(moment: dt.datetime, *, types: list[str]) -> Iterator[EventNotice]:
    """Events that Stripe made since `moment`, newest first (it keeps them for 30 days).

    https://docs.stripe.com/api/events/list
    """
    params: Any = {"created": {"gte": int(moment.timestamp())}, "types": types, "limit": 100}
    pages = _asked(lambda: _api().v1.events.list(params)).auto_paging_iter()
    end = object()
    while (event := _asked(lambda: next(pages, end))) is not end:
        yield _notice(event.to_dict())  # type: ignore[attr-defined]  # `end` never gets here


def _notice(raw: Json) -> EventNotice:
    return EventNotice(
        event_id=str(raw["id"]),
        type=str(raw["type"]),
        object_id=str(raw["data"]["object"].get("id") or ""),
        livemode=raw["livemode"] is True,
        api_version=str(raw.get("api_version") or ""),
        created=_moment(raw["created"]),
    )
