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
        "subscription_data",
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
SIMULATED_SUBSCRIPTION = frozenset({"description", "metadata"})
SIMULATED_PRICE = frozenset(
    {"currency", "product", "product_data", "recurring", "tax_behavior", "unit_amount"}
)
# What belongs to the other mode. The site never needs `submit_type` for a monthly gift.
OTHER_MODES = {
    "payment": ("subscription_data",),
    "subscription": ("customer_creation", "payment_intent_data", "submit_type"),
}


def check_session(params: Json, *, now: float, statement_prefix: str) -> None:
    """Raise StripeError unless these are parameters of a payment in euros, once or repeated."""
    require(params, "mode", "line_items", "success_url")
    mode = params["mode"]
    if mode not in OTHER_MODES:
        raise StripeError(f"The stand-in for Stripe does not simulate mode={mode}", param="mode")
    simulated(params, SIMULATED_SESSION, "")
    for name in OTHER_MODES[mode]:
        if name in params:
            raise misuse(f"You can not pass `{name}` in `{mode}` mode.", param=name)
    if params.get("ui_mode", "hosted_page") != "hosted_page":
        raise not_simulated("ui_mode")
    for name in ("success_url", "cancel_url"):
        check_url(params.get(name), name)
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
    _check_items(params["line_items"], mode)
    _check_intent(params.get("payment_intent_data", {}), statement_prefix)
    _check_subscription(params.get("subscription_data", {}))


def _check_items(items: list[Json], mode: str) -> None:
    if not 1 <= len(items) <= 100:
        raise misuse("A session takes 1 to 100 line items", param="line_items")
    total = 0
    for number, item in enumerate(items):
        path = f"line_items[{number}]"
        simulated(item, SIMULATED_ITEM, path)
        if "price" in item:
            raise not_simulated(f"{path}[price]")
        require(item, "price_data", "quantity", path=path)
        check_metadata(item.get("metadata"), f"{path}[metadata]")
        price = item["price_data"]
        path += "[price_data]"
        if "recurring" in price and mode == "payment":
            raise misuse("You specified `payment` mode but passed a recurring price.", param=path)
        check_price(price, path)
        if item["quantity"] < 1:
            raise misuse("Quantities are positive", param=path)
        total += price["unit_amount"] * item["quantity"]
    if mode == "subscription":
        _check_recurring([item["price_data"].get("recurring") for item in items])
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


def check_price(price: Json, path: str) -> None:
    """Raise StripeError unless `price_data` makes a price in euros, for one product, new or not."""
    simulated(price, SIMULATED_PRICE, path)
    if ("product" in price) == ("product_data" in price):
        raise misuse("Specify exactly one of: product, product_data.", param=path)
    require(price, "unit_amount", path=path)
    if price["currency"].lower() != "eur":
        raise StripeError("The stand-in takes euros only", param=f"{path}[currency]")
    if price["unit_amount"] < 0:
        raise misuse("Amounts are positive", param=path)
    check_metadata(price.get("product_data", {}).get("metadata"), f"{path}[product_data][metadata]")
    recurring = price.get("recurring", {})
    simulated(recurring, frozenset({"interval", "interval_count"}), f"{path}[recurring]")
    if recurring.get("interval_count", 1) < 1:
        raise misuse("Invalid positive integer", param=f"{path}[recurring][interval_count]")


def _check_recurring(given: list[Json | None]) -> None:
    rhythms = {(r["interval"], r.get("interval_count", 1)) for r in given if r}
    if not rhythms:
        raise misuse(
            "You must provide at least one recurring price in `subscription` mode when using "
            "prices.",
            param="line_items",
        )
    if len(rhythms) > 1:
        raise misuse("All recurring prices of a session have the same interval", param="line_items")


def _check_subscription(data: Json) -> None:
    simulated(data, SIMULATED_SUBSCRIPTION, "subscription_data")
    check_metadata(data.get("metadata"), "subscription_data[metadata]")
    if len(data.get("description", "")) > 500:
        raise misuse("A description takes up to 500 characters", param="subscription_data")


def _check_intent(data: Json, prefix: str) -> None:
    simulated(data, SIMULATED_INTENT, "payment_intent_data")
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


def check_url(url: str | None, param: str) -> None:
    """Raise StripeError unless this is None or an absolute http(s) URL."""
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
        # No misuse: people type it, and nobody but Stripe knows what it takes for an address.
        raise StripeError(f"Invalid email address: {email}", param=param, code="email_invalid")


def is_email(email: str) -> bool:
    """Say whether this looks like an e-mail address."""
    return bool(re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s.]+", email)) and len(email) <= 254


def check_refund(params: Json) -> None:
    """Raise StripeError unless these are parameters of a refund of a charge."""
    simulated(
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
    simulated(
        params,
        frozenset(
            {"description", "email", "expand", "metadata", "name", "phone", "preferred_locales"}
        ),
        "",
    )
    _check_email(params.get("email"), "email")
    check_metadata(params.get("metadata"), "metadata")


def require(params: Json, *names: str, path: str = "") -> None:
    """Raise StripeError unless all these parameters were given."""
    for name in names:
        if name not in params:
            full = f"{path}[{name}]" if path else name
            raise misuse(f"Missing required param: {full}.", param=full, code="parameter_missing")


def simulated(params: Json, names: frozenset[str], path: str) -> None:
    """Raise StripeError for a parameter that is none of these."""
    for name in params:
        if name not in names:
            raise not_simulated(f"{path}[{name}]" if path else name)


def not_simulated(param: str) -> StripeError:
    """Return the error for what Stripe would take and the stand-in does not."""
    return StripeError(f"The stand-in for Stripe does not simulate `{param}`", param=param)
