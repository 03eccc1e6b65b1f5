"""The controls under `/_/`: the stand-in's methods over HTTP, for other processes.

Amounts are cents, delays seconds; wherever a charge is wanted, its session or payment intent
will do.

GET  health · events?types=a,b · deliveries · requests · violations · waiting
POST pay session, card or iban [email, name, authenticate=confirm|refuse|wait]
     authenticate session or invoice or subscription [decision=confirm|refuse]
     settle charge [outcome=succeeded|failed] · balance charge · expire session
     refund charge [amount, reason, status=succeeded|pending] · settle-refund refund ·
     fail-refund refund
     dispute charge [amount, reason, withdraw=true] · dispute/withdraw dispute ·
     dispute/reinstate dispute · dispute/close dispute [outcome=lost|won]
     fraud-warning charge [fraud_type] · stripe-fee amount [description] · payout [at]
     advance seconds or to · renew subscription · set-card subscription, card or iban ·
     decline-renewals subscription [count=1, reason] · retry invoice or subscription ·
     pay-invoice invoice or subscription, card · cancel subscription [at_period_end=false]
     deliver event · deliveries [duplicate, delay, reorder, drop=N|all, types=a,b]; none: normal
     hold [path, method, count, stage=after|before] · release
     fail [kind=error|truncated|disconnect|timeout|slow|cut, status, count, path, method, applied,
     seconds, retry_after] · clock offset · reset
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.http import controls
from sandbox.http.controls import (
    FAIL,
    HOLD,
    Control,
    Params,
    amount,
    choice,
    flag,
    named,
    number,
    options,
    words,
)
from sandbox.http.messages import Answer, Request
from sandbox.stripe.errors import StripeError

if TYPE_CHECKING:
    from sandbox.stripe.standin import StripeStandIn

READS: dict[str, Control[StripeStandIn]] = {
    "deliveries": lambda standin, _: standin.deliveries(),
    "events": lambda standin, params: standin.events(*words(params, "types")),
    "health": lambda _standin, _: {"status": "ok"},
    "requests": lambda standin, _: standin.requests(),
    "violations": lambda standin, _: standin.violations(),
    "waiting": lambda standin, _: standin.waiting(),
}


def _pay(standin: StripeStandIn, params: Params) -> Any:
    answer: Any = params.get("authenticate", "confirm")
    outcome = standin.pay(
        named(params, "session"),
        named(params, "card", "iban"),
        email=params.get("email"),
        name=params.get("name"),
        authenticate=None if answer == "wait" else answer,
    )
    return {"outcome": outcome}


def _charge(params: Params) -> str:
    return named(params, "charge", "session", "payment_intent", "invoice", "subscription")


def _invoice(params: Params) -> str:
    return named(params, "invoice", "subscription", "session")


BILLING: dict[str, Control[StripeStandIn]] = {
    "advance": lambda standin, params: {
        "now": standin.advance(**options(params, seconds=float, to=float))
    },
    "cancel": lambda standin, params: standin.cancel_subscription(
        named(params, "subscription"), at_period_end=flag(params.get("at_period_end", "false"))
    ),
    "decline-renewals": lambda standin, params: standin.decline_renewals(
        named(params, "subscription"),
        amount(params.get("count", "1")),
        reason=params.get("reason", "generic_decline"),
    ),
    "fraud-warning": lambda standin, params: standin.fraud_warning(
        _charge(params), fraud_type=params.get("fraud_type", "made_with_stolen_card")
    ),
    "pay-invoice": lambda standin, params: {
        "outcome": standin.pay_invoice(_invoice(params), named(params, "card"))
    },
    "payout": lambda standin, params: standin.payout(**options(params, at=float)),
    "renew": lambda standin, params: standin.renew(named(params, "subscription")),
    "retry": lambda standin, params: standin.retry(_invoice(params)),
    "set-card": lambda standin, params: standin.set_card(
        named(params, "subscription"), named(params, "card", "iban")
    ),
    "stripe-fee": lambda standin, params: standin.stripe_fee(
        amount(named(params, "amount")),
        description=params.get("description", "Radar for Fraud Teams"),
    ),
}

ACTS: dict[str, Control[StripeStandIn]] = BILLING | {
    "authenticate": lambda standin, params: {
        "outcome": standin.authenticate(
            named(params, "session", "invoice", "subscription"),
            confirm=choice(params, "decision", "confirm", "refuse") == "confirm",
        )
    },
    "balance": lambda standin, params: standin.balance(_charge(params)),
    "clock": lambda standin, params: standin.set_clock(float(named(params, "offset"))),
    "deliver": lambda standin, params: {"answer": standin.deliver(named(params, "event"))},
    "deliveries": lambda standin, params: standin.set_deliveries(
        **options(
            params,
            delay=float,
            drop=amount,
            duplicate=int,
            reorder=float,
            types=lambda text: frozenset(text.split(",")),
        )
    ),
    "dispute": lambda standin, params: standin.dispute(
        _charge(params),
        amount=number(params, "amount"),
        reason=params.get("reason", "fraudulent"),
        withdraw=flag(params.get("withdraw", "true")),
    ),
    "dispute/close": lambda standin, params: standin.close_dispute(
        named(params, "dispute"), choice(params, "outcome", "lost", "won")
    ),
    "dispute/reinstate": lambda standin, params: standin.reinstate(named(params, "dispute")),
    "dispute/withdraw": lambda standin, params: standin.withdraw(named(params, "dispute")),
    "expire": lambda standin, params: standin.expire(named(params, "session")),
    "fail": lambda standin, params: standin.fail(**options(params, **FAIL)),
    "fail-refund": lambda standin, params: standin.fail_refund(named(params, "refund")),
    "hold": lambda standin, params: standin.hold(**options(params, **HOLD)),
    "pay": _pay,
    "refund": lambda standin, params: standin.refund(
        _charge(params),
        number(params, "amount"),
        reason=params.get("reason"),
        status=choice(params, "status", "succeeded", "pending") if "status" in params else None,
    ),
    "release": lambda standin, _: standin.release(),
    "reset": lambda standin, _: standin.reset(),
    "settle": lambda standin, params: standin.settle(
        _charge(params), choice(params, "outcome", "succeeded", "failed")
    ),
    "settle-refund": lambda standin, params: standin.settle_refund(named(params, "refund")),
}


def control(standin: StripeStandIn, request: Request) -> Answer:
    """Do what one request to `/_/…` asks for."""
    try:
        return controls.control(standin, request, reads=READS, acts=ACTS)
    except StripeError as error:
        return Answer(status=error.status, body=error.body())
