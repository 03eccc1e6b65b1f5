"""Test cards and test accounts, and one attempt to pay a PaymentIntent with them.

https://docs.stripe.com/testing
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from sandbox.stripe import money_objects, objects
from sandbox.stripe.account import Change
from sandbox.stripe.errors import DOC_URL, StripeError
from sandbox.stripe.store import Json

Outcome = Literal["succeeded", "declined", "authenticate", "processing"]
USUAL_BALANCE_SECONDS = 3600.0
USUAL_DEBIT_SECONDS = 5 * 86400.0
SEEN_OFF = (
    "The provided PaymentMethod has failed authentication. You can provide payment_method_data "
    "or a new PaymentMethod to attempt to fulfill this PaymentIntent again."
)


class Card(NamedTuple):
    """How a test card behaves: https://docs.stripe.com/testing#cards."""

    challenge: bool = False
    challenge_again: bool = False
    decline: str | None = None
    decline_later: str | None = None


CARDS = {
    "4242424242424242": Card(),
    "5555555555554444": Card(),
    "4000000000000002": Card(decline="generic_decline"),
    "4000000000009995": Card(decline="insufficient_funds"),
    # Taken while the payer is there, refused whenever they are not.
    "4000000000000341": Card(decline_later="generic_decline"),
    # Asks once: what was set up with the payer's consent is not asked again.
    "4000002500003155": Card(challenge=True),
    "4000002760003184": Card(challenge=True, challenge_again=True),
    "4000008400001629": Card(challenge=True, decline="generic_decline"),
}
IBAN_SUCCEEDS = "FR1420041010050500013M02606"
IBAN_FAILS = "FR8420041010050500013M02607"
IBANS: dict[str, Literal["succeeded", "failed"]] = {
    IBAN_SUCCEEDS: "succeeded",
    IBAN_FAILS: "failed",
}


def plain(number: str) -> str:
    """Return a card number or an IBAN without spaces, in capitals."""
    return "".join(number.split()).upper()


def check_number(number: str) -> str:
    """Return the kind of payment method that a test number makes; StripeError for any other."""
    kind = "sepa_debit" if objects.is_iban(number) else "card"
    if number not in (IBANS if kind == "sepa_debit" else CARDS):
        raise StripeError("Not a test number", status=402, kind="card_error", code="card_declined")
    return kind


def new_method(
    change: Change, number: str, *, email: str | None, name: str | None, customer: str | None
) -> Json:
    """Store and return the payment method that a test number makes."""
    method = objects.payment_method(
        change.new_id("pm"),
        now=change.now,
        number=number,
        email=email,
        name=name,
        customer=customer,
    )
    change.put(method)
    # The number itself is nothing that Stripe shows.
    change.batch.put("number", method["id"], {"id": method["id"], "number": number})
    return method


def number_of(change: Change, method_id: str) -> str:
    """Return the number behind a payment method."""
    kept = change.batch.get("number", method_id)
    if kept is None:
        raise StripeError(f"{method_id} has no test number")
    number: str = kept["number"]
    return number


def ask(change: Change, intent: Json, number: str, *, url: str, back: str) -> None:
    """Have the bank ask the payer: the intent awaits an answer, given at `url`."""
    intent |= {
        "status": "requires_action",
        "next_action": {
            "type": "redirect_to_url",
            "redirect_to_url": {"return_url": back, "url": url},
        },
    }
    change.batch.put("challenge", intent["id"], {"id": intent["id"], "number": number})
    change.emit("payment_intent.requires_action", intent)


def answer(change: Change, intent_id: str) -> str:
    """End an intent's challenge; return the number that is being paid with."""
    challenge = change.batch.get("challenge", intent_id)
    if challenge is None:
        raise StripeError("This payment awaits no authentication")
    change.batch.delete("challenge", intent_id)
    number: str = challenge["number"]
    return number


def refuse_challenge(change: Change, intent: Json, method: Json) -> None:
    """Fail an intent whose payer has not authenticated."""
    intent["next_action"] = None
    fail_intent(
        change, intent, method, code="payment_intent_authentication_failure", message=SEEN_OFF
    )


def decline(change: Change, intent: Json, method: Json, reason: str) -> None:
    """Have the bank decline an intent's payment: a failed charge, and the intent to be retried."""
    charge = _new_charge(change, intent, method)
    charge |= {
        "status": "failed",
        "failure_code": "card_declined",
        "failure_message": "Your card was declined.",
        "outcome": money_objects.outcome(reason),
    }
    change.emit("charge.failed", charge)
    fail_intent(
        change,
        intent,
        method,
        code="card_declined",
        message="Your card was declined.",
        decline=reason,
        charge=charge,
    )


def charge_card(change: Change, intent: Json, method: Json) -> None:
    """Have the bank accept an intent's payment."""
    succeed(change, _new_charge(change, intent, method), intent)


def start_debit(change: Change, intent: Json, method: Json) -> None:
    """Send a direct debit to the bank, which answers after some days."""
    ending = IBANS[number_of(change, method["id"])]
    charge = _new_charge(change, intent, method)
    charge |= {"captured": True, "amount_captured": charge["amount"]}
    change.emit("charge.pending", charge)
    intent |= {"status": "processing", "latest_charge": charge["id"], "last_payment_error": None}
    change.emit("payment_intent.processing", intent)
    delay = change.settings.sepa_delay
    change.set_timer(f"settle_{ending}", charge["id"], delay, USUAL_DEBIT_SECONDS)


def end_debit(
    change: Change, charge_id: str, *, outcome: Literal["succeeded", "failed"]
) -> tuple[Json, Json]:
    """Have the bank answer a direct debit; return its charge and intent."""
    charge = change.get("charge", charge_id)
    if charge["status"] != "pending":
        raise StripeError(f"Charge {charge_id} has already {charge['status']}")
    for ending in ("succeeded", "failed"):
        change.cancel_timer(f"settle_{ending}", charge_id)
    intent = change.get("payment_intent", charge["payment_intent"])
    if outcome == "succeeded":
        succeed(change, charge, intent)
        return charge, intent
    charge |= {
        "status": "failed",
        "captured": False,
        "amount_captured": 0,
        "failure_code": "insufficient_funds",
        "failure_message": "The customer's account has insufficient funds to cover this payment.",
        "outcome": money_objects.outcome("insufficient_funds"),
    }
    change.emit("charge.failed", charge)
    fail_intent(
        change,
        intent,
        change.get("payment_method", charge["payment_method"]),
        code="insufficient_funds",
        message=charge["failure_message"],
        charge=charge,
    )
    return charge, intent


def succeed(change: Change, charge: Json, intent: Json) -> None:
    """Take the money of a charge; its balance transaction follows later."""
    charge |= {
        "status": "succeeded",
        "paid": True,
        "captured": True,
        "amount_captured": charge["amount"],
        "outcome": money_objects.outcome(),
    }
    change.emit("charge.succeeded", charge)
    intent |= {
        "status": "succeeded",
        "amount_received": intent["amount"],
        "latest_charge": charge["id"],
        "last_payment_error": None,
        "next_action": None,
    }
    change.emit("payment_intent.succeeded", intent)
    delay = change.settings.balance_delay
    change.set_timer("balance", charge["id"], delay, USUAL_BALANCE_SECONDS)


def fail_intent(
    change: Change,
    intent: Json,
    method: Json,
    *,
    code: str,
    message: str,
    decline: str | None = None,
    charge: Json | None = None,
) -> None:
    """Say why an attempt failed; the intent takes another payment method."""
    error = {
        "type": "card_error" if method["type"] == "card" else "invalid_request_error",
        "code": code,
        "doc_url": DOC_URL + code.replace("_", "-"),
        "message": message,
        "payment_method": method,
    }
    if decline:
        error["decline_code"] = decline
    if charge:
        error["charge"] = charge["id"]
        intent["latest_charge"] = charge["id"]
    intent |= {
        "status": "requires_payment_method",
        "payment_method": None,
        "last_payment_error": error,
    }
    change.emit("payment_intent.payment_failed", intent)


def _new_charge(change: Change, intent: Json, method: Json) -> Json:
    # Payments that are not by card are charges all the same, but named py_… in Stripe.
    prefix = "ch" if method["type"] == "card" else "py"
    return money_objects.charge(
        change.new_id(prefix),
        intent,
        method,
        now=change.now,
        prefix=change.settings.statement_prefix,
    )
