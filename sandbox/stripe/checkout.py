"""The life of a Checkout Session: created, paid or declined, settled later, or expired.

Each function takes an open Change and makes one step of that life, with the events that Stripe
sends for it. https://docs.stripe.com/payments/checkout/fulfill-orders
"""

from __future__ import annotations

import time
from typing import Literal

from sandbox.stripe import catalog, invoices, objects, payments, renewals, rules
from sandbox.stripe.account import Change
from sandbox.stripe.errors import StripeError
from sandbox.stripe.expansion import Source
from sandbox.stripe.payments import CARDS as CARDS
from sandbox.stripe.payments import IBAN_FAILS as IBAN_FAILS
from sandbox.stripe.payments import IBAN_SUCCEEDS as IBAN_SUCCEEDS
from sandbox.stripe.payments import IBANS as IBANS
from sandbox.stripe.payments import Outcome as Outcome
from sandbox.stripe.store import Json

LIFETIME_SECONDS = 24 * 3600.0


def create_session(change: Change, params: Json) -> Json:
    """Open a session for one payment or monthly ones; StripeError on what Stripe refuses."""
    settings = change.settings
    # The site asks by its own clock, which knows nothing of an account that is ahead of it.
    wall = time.time()
    rules.check_session(params, now=wall, statement_prefix=settings.statement_prefix)
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
    # What a session knows and does not show unless asked, or shows only on what it leads to.
    change.batch.put(
        "session_extra",
        key,
        {
            "intent": None,
            "line_items": catalog.line_items(change, params["line_items"]),
            "payment_intent_data": params.get("payment_intent_data", {}),
            "subscription_data": params.get("subscription_data", {}),
        },
    )
    left = params["expires_at"] - wall if "expires_at" in params else LIFETIME_SECONDS
    change.set_alarm("expire", key, change.account.clock() + left)
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
    number = payments.plain(number)
    session = _open_session(change, session_id)
    kind = payments.check_number(number)
    if kind not in session["payment_method_types"]:
        raise StripeError(f"This session does not take {kind}", param="payment_method_types")
    session["customer_details"] = objects.customer_details(
        _known_email(change, session) or email, name or "Camille Martin"
    )
    intent = _intent(change, session)
    method = payments.new_method(
        change,
        number,
        email=session["customer_details"]["email"],
        name=session["customer_details"]["name"],
        customer=session["customer"],
    )
    change.put(method)
    intent |= {"payment_method": method["id"], "next_action": None}
    if kind == "sepa_debit":
        return _debit(change, session, intent, method)
    if CARDS[number].challenge:
        change.put(session)
        where = f"{session['url']}/authenticate"
        payments.ask(change, intent, number, url=where, back=session["url"])
        return "authenticate"
    return _charge_card(change, session, intent, method, CARDS[number].decline)


def authenticate(change: Change, session_id: str, *, confirm: bool) -> Outcome:
    """Answer the 3-D Secure challenge of a session's payment."""
    session = _open_session(change, session_id)
    key = intent_id(change.batch, session)
    number = payments.answer(change, key)
    intent = change.get("payment_intent", key)
    method = change.get("payment_method", intent["payment_method"])
    intent["next_action"] = None
    if confirm:
        return _charge_card(change, session, intent, method, CARDS[number].decline)
    payments.refuse_challenge(change, intent, method)
    return "declined"


def _charge_card(
    change: Change, session: Json, intent: Json, method: Json, reason: str | None
) -> Outcome:
    if reason:
        change.put(session)
        payments.decline(change, intent, method, reason)
        return "declined"
    invoice = _fulfil(change, session, intent, method)
    payments.charge_card(change, intent, method)
    if invoice:
        invoices.paid(change, invoice)
    _complete(change, session, "paid")
    change.emit("checkout.session.completed", session)
    return "succeeded"


def _debit(change: Change, session: Json, intent: Json, method: Json) -> Outcome:
    _fulfil(change, session, intent, method)
    payments.start_debit(change, intent, method)
    _complete(change, session, "unpaid")
    change.emit("checkout.session.completed", session)
    return "processing"


def settle(change: Change, charge_id: str, *, outcome: Literal["succeeded", "failed"]) -> Json:
    """End a pending direct debit; return the charge. Raises StripeError when it has ended."""
    charge, intent = payments.end_debit(change, charge_id, outcome=outcome)
    invoice = invoices.of_intent(change, intent["id"])
    if invoice and outcome == "succeeded":
        invoices.paid(change, invoice)
    elif invoice:
        invoices.failed(change, invoice)
    session = _session_of(change, intent["id"])
    if session:
        if outcome == "succeeded":
            session["payment_status"] = "paid"
        change.emit(f"checkout.session.async_payment_{outcome}", session)
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
    key = intent_id(change.batch, session)
    if key:
        intent = change.get("payment_intent", key)
        change.batch.delete("challenge", key)
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


def intent_id(source: Source, session: Json) -> str:
    """Return the id of the intent that pays a session, "" before the first attempt.

    A session for a subscription has one too, and never shows it.
    """
    extra = source.get("session_extra", session["id"]) or {}
    key: str = session["payment_intent"] or extra.get("intent") or ""
    return key


def _session_of(change: Change, intent: str) -> Json | None:
    """Return the session that made a PaymentIntent, if one did."""
    for row in change.batch.rows("checkout.session"):
        if intent_id(change.batch, row) == intent:
            return change.get("checkout.session", row["id"])
    return None


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
    key = intent_id(change.batch, session)
    if key:
        return change.get("payment_intent", key)
    extra = change.batch.get("session_extra", session["id"]) or {}
    repeated = session["mode"] == "subscription"
    data = {"description": "Subscription creation", "setup_future_usage": "off_session"}
    intent = objects.payment_intent(
        change.new_id("pi"),
        session,
        data if repeated else extra.get("payment_intent_data", {}),
        now=change.now,
        secret=change.account.random_text(24),
    )
    change.batch.put("session_extra", session["id"], extra | {"intent": intent["id"]})
    if not repeated:
        session["payment_intent"] = intent["id"]
    change.emit("payment_intent.created", intent)
    return intent


def _fulfil(change: Change, session: Json, intent: Json, method: Json) -> Json | None:
    """Make what the payer has ordered: a customer, a subscription; return the latter's invoice."""
    _adopt_customer(change, session, intent, method)
    if session["mode"] != "subscription":
        return None
    extra = change.batch.get("session_extra", session["id"]) or {}
    change.emit("payment_method.attached", method)
    return renewals.start(change, session, extra, intent, method)[1]


def _complete(change: Change, session: Json, payment_status: str) -> None:
    session |= {"status": "complete", "payment_status": payment_status, "url": None}
    change.cancel_timer("expire", session["id"])


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
