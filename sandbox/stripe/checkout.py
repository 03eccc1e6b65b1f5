"""The life of a Checkout Session: created, paid or declined, settled later, or expired.

Each function takes an open Change and makes one step of that life, with the events that Stripe
sends for it. https://docs.stripe.com/payments/checkout/fulfill-orders
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from sandbox.stripe import money_objects, objects, rules
from sandbox.stripe.account import Change
from sandbox.stripe.errors import DOC_URL, StripeError
from sandbox.stripe.store import Json

Outcome = Literal["succeeded", "declined", "authenticate", "processing"]


class Card(NamedTuple):
    """How a test card behaves: https://docs.stripe.com/testing#cards."""

    challenge: bool = False
    decline: str | None = None


CARDS = {
    "4242424242424242": Card(),
    "5555555555554444": Card(),
    "4000000000000002": Card(decline="generic_decline"),
    "4000000000009995": Card(decline="insufficient_funds"),
    "4000002760003184": Card(challenge=True),
    "4000008400001629": Card(challenge=True, decline="generic_decline"),
}
IBAN_SUCCEEDS = "FR1420041010050500013M02606"
IBAN_FAILS = "FR8420041010050500013M02607"
IBANS: dict[str, Literal["succeeded", "failed"]] = {
    IBAN_SUCCEEDS: "succeeded",
    IBAN_FAILS: "failed",
}


def create_session(change: Change, params: Json) -> Json:
    """Open a session for a one-time payment; raise StripeError on parameters Stripe refuses."""
    settings = change.settings
    rules.check_session(
        params, now=change.account.clock(), statement_prefix=settings.statement_prefix
    )
    if "customer" in params:
        change.get("customer", params["customer"], param="customer")
    key = change.new_id("cs_test", 58)
    session = objects.session(
        key,
        params,
        now=change.now,
        url=f"{settings.public_url}/c/pay/{key}",
        methods=rules.payment_methods(params),
    )
    change.put(session)
    # What a session knows and does not show unless asked, or shows only on its PaymentIntent.
    change.batch.put(
        "session_extra",
        key,
        {
            "line_items": objects.line_items(params["line_items"], change.new_id, change.now),
            "payment_intent_data": params.get("payment_intent_data", {}),
        },
    )
    change.set_alarm("expire", key, session["expires_at"])
    return session


def pay(
    change: Change,
    session_id: str,
    *,
    number: str,
    email: str | None = None,
    name: str | None = None,
) -> Outcome:
    """Try to pay an open session with a test card or a test IBAN.

    Returns "authenticate" when 3-D Secure must be answered first, "processing" for a direct debit
    that settles later. Raises StripeError when the session is not open or the number is no test
    number; a decline is no error.
    """
    number = "".join(number.split()).upper()
    session = _open_session(change, session_id)
    kind = "sepa_debit" if objects.is_iban(number) else "card"
    if number not in (IBANS if kind == "sepa_debit" else CARDS):
        raise StripeError("Not a test number", status=402, kind="card_error", code="card_declined")
    if kind not in session["payment_method_types"]:
        raise StripeError(f"This session does not take {kind}", param="payment_method_types")
    session["customer_details"] = objects.customer_details(
        _known_email(change, session) or email, name or "Camille Martin"
    )
    intent = _intent(change, session)
    method = objects.payment_method(
        change.new_id("pm"),
        now=change.now,
        number=number,
        email=session["customer_details"]["email"],
        name=session["customer_details"]["name"],
        customer=session["customer"],
    )
    change.put(method)
    intent |= {"payment_method": method["id"], "next_action": None}
    if kind == "sepa_debit":
        return _debit(change, session, intent, method, IBANS[number])
    if CARDS[number].challenge:
        intent["status"] = "requires_action"
        where = f"{session['url']}/authenticate"
        intent["next_action"] = {
            "type": "redirect_to_url",
            "redirect_to_url": {"return_url": session["url"], "url": where},
        }
        change.put(session)
        change.batch.put("challenge", intent["id"], {"id": intent["id"], "number": number})
        change.emit("payment_intent.requires_action", intent)
        return "authenticate"
    return _charge_card(change, session, intent, method, CARDS[number])


def authenticate(change: Change, session_id: str, *, confirm: bool) -> Outcome:
    """Answer the 3-D Secure challenge of a session's payment."""
    session = _open_session(change, session_id)
    challenge = change.batch.get("challenge", session["payment_intent"] or "")
    if challenge is None:
        raise StripeError("This session awaits no authentication")
    change.batch.delete("challenge", challenge["id"])
    intent = change.get("payment_intent", session["payment_intent"])
    method = change.get("payment_method", intent["payment_method"])
    intent["next_action"] = None
    if confirm:
        return _charge_card(change, session, intent, method, CARDS[challenge["number"]])
    _fail_intent(
        change,
        intent,
        method,
        code="payment_intent_authentication_failure",
        message="The provided PaymentMethod has failed authentication. You can provide "
        "payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent "
        "again.",
    )
    return "declined"


def _charge_card(change: Change, session: Json, intent: Json, method: Json, card: Card) -> Outcome:
    if card.decline:
        charge = _new_charge(change, intent, method)
        charge |= {
            "status": "failed",
            "failure_code": "card_declined",
            "failure_message": "Your card was declined.",
            "outcome": money_objects.outcome(card.decline),
        }
        change.put(session)
        change.emit("charge.failed", charge)
        _fail_intent(
            change,
            intent,
            method,
            code="card_declined",
            message="Your card was declined.",
            decline=card.decline,
            charge=charge,
        )
        return "declined"
    _adopt_customer(change, session, intent, method)
    charge = _new_charge(change, intent, method)
    _succeed(change, charge, intent)
    _complete(change, session, "paid")
    change.emit("checkout.session.completed", session)
    return "succeeded"


def _debit(
    change: Change,
    session: Json,
    intent: Json,
    method: Json,
    ending: Literal["succeeded", "failed"],
) -> Outcome:
    _adopt_customer(change, session, intent, method)
    charge = _new_charge(change, intent, method)
    charge |= {"captured": True, "amount_captured": charge["amount"]}
    change.emit("charge.pending", charge)
    intent |= {"status": "processing", "latest_charge": charge["id"], "last_payment_error": None}
    change.emit("payment_intent.processing", intent)
    _complete(change, session, "unpaid")
    change.emit("checkout.session.completed", session)
    change.set_timer(f"settle_{ending}", charge["id"], change.settings.sepa_delay)
    return "processing"


def settle(change: Change, charge_id: str, *, outcome: Literal["succeeded", "failed"]) -> Json:
    """End a pending direct debit; return the charge. Raises StripeError when it has ended."""
    charge = change.get("charge", charge_id)
    if charge["status"] != "pending":
        raise StripeError(f"Charge {charge_id} has already {charge['status']}")
    for ending in ("succeeded", "failed"):
        change.cancel_timer(f"settle_{ending}", charge_id)
    intent = change.get("payment_intent", charge["payment_intent"])
    session = session_of(change, intent["id"])
    if outcome == "succeeded":
        _succeed(change, charge, intent)
        session["payment_status"] = "paid"
        change.emit("checkout.session.async_payment_succeeded", session)
    else:
        charge |= {
            "status": "failed",
            "captured": False,
            "amount_captured": 0,
            "failure_code": "insufficient_funds",
            "failure_message": "The customer's account has insufficient funds to cover this "
            "payment.",
            "outcome": money_objects.outcome("insufficient_funds"),
        }
        change.emit("charge.failed", charge)
        _fail_intent(
            change,
            intent,
            change.get("payment_method", charge["payment_method"]),
            code="insufficient_funds",
            message=charge["failure_message"],
            charge=charge,
        )
        change.emit("checkout.session.async_payment_failed", session)
    return charge


def expire(change: Change, session_id: str, *, in_path: bool = False) -> Json:
    """Expire an open session, cancelling its PaymentIntent; return the session."""
    session = change.get("checkout.session", session_id, in_path=in_path)
    if session["status"] != "open":
        raise StripeError(
            'Only Checkout Sessions with a status in ["open"] can be expired. This Checkout '
            f"Session has a status of {session['status']}."
        )
    change.cancel_timer("expire", session_id)
    if session["payment_intent"]:
        intent = change.get("payment_intent", session["payment_intent"])
        change.batch.delete("challenge", intent["id"])
        intent |= {
            "status": "canceled",
            "canceled_at": change.now,
            "cancellation_reason": "expired",
            "next_action": None,
        }
        change.emit("payment_intent.canceled", intent)
    session |= {"status": "expired", "url": None}
    change.emit("checkout.session.expired", session)
    return session


def session_of(change: Change, intent_id: str) -> Json:
    """Return the session that made a PaymentIntent."""
    found = next(
        row for row in change.batch.rows("checkout.session") if row["payment_intent"] == intent_id
    )
    return change.get("checkout.session", found["id"])


def _open_session(change: Change, session_id: str) -> Json:
    session = change.get("checkout.session", session_id)
    if session["status"] != "open":
        raise StripeError(f"This Checkout Session is {session['status']}")
    return session


def _known_email(change: Change, session: Json) -> str | None:
    email: str | None = session["customer_email"]
    if email is None and session["customer"]:
        email = change.get("customer", session["customer"])["email"]
    return email


def _intent(change: Change, session: Json) -> Json:
    """Return the session's PaymentIntent, made at the first attempt to pay as Stripe does."""
    if session["payment_intent"]:
        return change.get("payment_intent", session["payment_intent"])
    extra = change.batch.get("session_extra", session["id"]) or {}
    intent = objects.payment_intent(
        change.new_id("pi"),
        session,
        extra.get("payment_intent_data", {}),
        now=change.now,
        secret=change.account.random_text(24),
    )
    session["payment_intent"] = intent["id"]
    change.emit("payment_intent.created", intent)
    return intent


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


def _succeed(change: Change, charge: Json, intent: Json) -> None:
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
    }
    change.emit("payment_intent.succeeded", intent)
    change.set_timer("balance", charge["id"], change.settings.balance_delay)


def _complete(change: Change, session: Json, payment_status: str) -> None:
    session |= {"status": "complete", "payment_status": payment_status, "url": None}
    change.cancel_timer("expire", session["id"])


def _fail_intent(
    change: Change,
    intent: Json,
    method: Json,
    *,
    code: str,
    message: str,
    decline: str | None = None,
    charge: Json | None = None,
) -> None:
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


def _adopt_customer(change: Change, session: Json, intent: Json, method: Json) -> None:
    """Make the Customer that `customer_creation=always` asks for, and tie the payment to it."""
    if session["customer"] is None and session["customer_creation"] == "always":
        details = session["customer_details"]
        customer = objects.customer(
            change.new_id("cus", 14),
            now=change.now,
            params={"email": details["email"], "name": details["name"]},
        )
        session["customer"] = customer["id"]
        change.emit("customer.created", customer)
    intent["customer"] = method["customer"] = session["customer"]
    change.put(method)
