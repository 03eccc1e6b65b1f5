"""Stripe's own rules for the requests that the stand-in takes, beyond their shape.

Each is documented at https://docs.stripe.com/api; what Stripe would accept but the stand-in does
not simulate is refused too, rather than silently ignored.
"""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from sandbox.stripe.errors import StripeError, misuse
from sandbox.stripe.store import Json

MINIMUM_CENTS, MAXIMUM_CENTS = 50, 99_999_999
SHORTEST_SECONDS, LONGEST_SECONDS = 30 * 60, 24 * 3600
DESCRIPTOR_LENGTH = 22
SIMULATED_METHODS = ["card", "sepa_debit"]

SIMULATED_SESSION = frozenset(
    {
        "adaptive_pricing",
        "allowed_payment_method_types",
        "billing_address_collection",
        "cancel_url",
        "client_reference_id",
        "custom_text",
        "customer",
        "customer_creation",
        "customer_email",
        "excluded_payment_method_types",
        "expand",
        "expires_at",
        "line_items",
        "locale",
        "metadata",
        "mode",
        "payment_intent_data",
        "submit_type",
        "success_url",
        "ui_mode",
    }
)
SIMULATED_INTENT = frozenset(
    {
        "description",
        "metadata",
        "receipt_email",
        "setup_future_usage",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_group",
    }
)
SIMULATED_ITEM = frozenset({"metadata", "price", "price_data", "quantity"})
SIMULATED_PRICE = frozenset(
    {"currency", "product_data", "recurring", "tax_behavior", "unit_amount"}
)


def check_session(params: Json, *, now: float, statement_prefix: str) -> None:
    """Raise StripeError unless these are parameters of a one-time payment in euros."""
    _require(params, "mode", "line_items", "success_url")
    if params["mode"] != "payment":
        raise StripeError(
            f"The stand-in for Stripe does not simulate mode={params['mode']} yet", param="mode"
        )
    _simulated(params, SIMULATED_SESSION, "")
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise _not_simulated("ui_mode")
    for name in ("success_url", "cancel_url"):
        _check_url(params.get(name), name)
    if "customer" in params and "customer_email" in params:
        raise misuse("You may only specify one of these parameters: customer, customer_email.")
    if "customer" in params and "customer_creation" in params:
        raise misuse("`customer_creation` cannot be used with `customer`.")
    _check_email(params.get("customer_email"), "customer_email")
    if len(params.get("client_reference_id", "")) > 200:
        raise misuse("`client_reference_id` is over 200 characters", param="client_reference_id")
    _check_custom_text(params.get("custom_text", {}))
    check_metadata(params.get("metadata"), "metadata")
    _check_expiry(params.get("expires_at"), now)
    payment_methods(params)
    _check_items(params["line_items"])
    _check_intent(params.get("payment_intent_data", {}), statement_prefix)


def _check_items(items: list[Json]) -> None:
    if not 1 <= len(items) <= 100:
        raise misuse("A session takes 1 to 100 line items", param="line_items")
    total = 0
    for number, item in enumerate(items):
        path = f"line_items[{number}]"
        _simulated(item, SIMULATED_ITEM, path)
        if "price" in item:
            raise _not_simulated(f"{path}[price]")
        _require(item, "price_data", "quantity", path=path)
        check_metadata(item.get("metadata"), f"{path}[metadata]")
        price = item["price_data"]
        path += "[price_data]"
        _simulated(price, SIMULATED_PRICE, path)
        if "recurring" in price:
            raise misuse("You specified `payment` mode but passed a recurring price.", param=path)
        _require(price, "product_data", "unit_amount", path=path)
        if price["currency"].lower() != "eur":
            raise StripeError("The stand-in takes euros only", param=f"{path}[currency]")
        if price["unit_amount"] < 0 or item["quantity"] < 1:
            raise misuse("Amounts and quantities are positive", param=path)
        total += price["unit_amount"] * item["quantity"]
    if total < MINIMUM_CENTS:
        raise misuse(
            "The Checkout Session's total amount due must add up to at least €0.50 eur",
            code="amount_too_small",
        )
    if total > MAXIMUM_CENTS:
        raise misuse(
            "The Checkout Session's total amount must be no more than €999,999.99",
            code="amount_too_large",
        )


def _check_intent(data: Json, prefix: str) -> None:
    _simulated(data, SIMULATED_INTENT, "payment_intent_data")
    if "statement_descriptor" in data:
        raise misuse(
            "`statement_descriptor` is not supported for card charges; use "
            "`statement_descriptor_suffix`.",
            param="payment_intent_data[statement_descriptor]",
        )
    suffix, path = data.get("statement_descriptor_suffix"), "statement_descriptor_suffix"
    if suffix is not None:
        path = f"payment_intent_data[{path}]"
        if re.search(r"[<>\\'\"*]", suffix) or not suffix.isascii():
            raise misuse("A statement descriptor takes plain Latin text only", param=path)
        if not re.search("[A-Za-z]", suffix):
            raise misuse("A statement descriptor needs at least one letter", param=path)
        if len(f"{prefix}* {suffix}") > DESCRIPTOR_LENGTH:
            raise misuse(f"`{prefix}* {suffix}` is over {DESCRIPTOR_LENGTH} characters", param=path)
    _check_email(data.get("receipt_email"), "payment_intent_data[receipt_email]")
    check_metadata(data.get("metadata"), "payment_intent_data[metadata]")


def check_metadata(metadata: Any, param: str) -> None:
    """Raise StripeError over 50 keys, 40 characters a key or 500 a value."""
    if not metadata:
        return
    if len(metadata) > 50:
        raise misuse("Metadata takes up to 50 keys", param=param)
    for key, value in metadata.items():
        if len(key) > 40:
            raise misuse(f"Metadata keys take up to 40 characters: {key}", param=param)
        if len(value) > 500:
            raise misuse(f"Metadata values take up to 500 characters: {key}", param=param)


def _check_expiry(expires_at: int | None, now: float) -> None:
    if expires_at is None:
        return
    # Compared with the fraction of a second, so that code which asks for exactly 30 minutes, and
    # would fail now and then against Stripe, fails each time here.
    if expires_at < now + SHORTEST_SECONDS:
        raise misuse(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session "
            "creation.",
            param="expires_at",
        )
    if expires_at > now + LONGEST_SECONDS:
        raise misuse(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            param="expires_at",
        )


def payment_methods(params: Json) -> list[str]:
    """Return the ways to pay that a session offers; raise StripeError when none is left.

    Both filters silently leave out what does not fit: `payment_method_types` is gone from the API
    (https://docs.stripe.com/changelog/endive/2026-09-30/remove-payment-method-types-checkout-sessions).
    """
    allowed = params.get("allowed_payment_method_types")
    excluded = params.get("excluded_payment_method_types", [])
    if allowed is not None and excluded:
        raise misuse(
            "You may only specify one of these parameters: allowed_payment_method_types, "
            "excluded_payment_method_types."
        )
    left = [
        method
        for method in SIMULATED_METHODS
        if method not in excluded and (allowed is None or method in allowed)
    ]
    if not left:
        raise misuse(
            "No payment method types are left for this session; the stand-in has activated: "
            + ", ".join(SIMULATED_METHODS)
        )
    return left


def _check_custom_text(texts: Json) -> None:
    for place, text in texts.items():
        if text and len(text["message"]) > 1200:
            raise misuse(
                "Custom text takes up to 1200 characters", param=f"custom_text[{place}][message]"
            )


def _check_url(url: str | None, param: str) -> None:
    if url is None:
        return
    try:
        parts = urlsplit(url)
        valid = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        valid = False
    if not valid or re.search(r"\s", url) or len(url) > 5000:
        raise misuse("Not a valid URL", param=param, code="url_invalid")


def _check_email(email: str | None, param: str) -> None:
    if email is not None and not is_email(email):
        raise misuse(f"Invalid email address: {email}", param=param, code="email_invalid")


def is_email(email: str) -> bool:
    """Say whether this looks like an e-mail address."""
    return bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", email)) and len(email) <= 254


def check_refund(params: Json) -> None:
    """Raise StripeError unless these are parameters of a refund of a charge."""
    _simulated(
        params,
        frozenset({"amount", "charge", "expand", "metadata", "payment_intent", "reason"}),
        "",
    )
    if ("charge" in params) == ("payment_intent" in params):
        raise misuse("Specify exactly one of: charge, payment_intent.", param="charge")
    if params.get("amount", 1) < 1:
        raise misuse("Invalid positive integer", param="amount", code="parameter_invalid_integer")
    check_metadata(params.get("metadata"), "metadata")


def check_customer(params: Json) -> None:
    """Raise StripeError unless these are parameters of a plain customer."""
    _simulated(
        params,
        frozenset(
            {"description", "email", "expand", "metadata", "name", "phone", "preferred_locales"}
        ),
        "",
    )
    _check_email(params.get("email"), "email")
    check_metadata(params.get("metadata"), "metadata")


def _require(params: Json, *names: str, path: str = "") -> None:
    for name in names:
        if name not in params:
            full = f"{path}[{name}]" if path else name
            raise misuse(f"Missing required param: {full}.", param=full, code="parameter_missing")


def _simulated(params: Json, names: frozenset[str], path: str) -> None:
    for name in params:
        if name not in names:
            raise _not_simulated(f"{path}[{name}]" if path else name)


def _not_simulated(param: str) -> StripeError:
    return StripeError(f"The stand-in for Stripe does not simulate `{param}`", param=param)
