"""Builds the objects of a payment in the making, as the pinned API version shapes them.

Fields are those of the SDK's classes (a test compares them). What Stripe leaves out unless it is
expanded, such as a charge's `refunds` or a session's `line_items`, is left out here too.
"""

from __future__ import annotations

from sandbox.stripe.store import Json

CARD_BRANDS = {"4": "visa", "5": "mastercard"}


def session(key: str, params: Json, *, now: int, url: str, methods: list[str]) -> Json:
    """Build an open Checkout Session; `amount_total` is in cents."""
    repeated = params["mode"] == "subscription"
    total = sum(
        item["price_data"]["unit_amount"] * item["quantity"] for item in params["line_items"]
    )
    texts = params.get("custom_text", {})
    email = params.get("customer_email")
    return {
        "id": key,
        "object": "checkout.session",
        "adaptive_pricing": {"enabled": params.get("adaptive_pricing", {}).get("enabled", True)},
        "after_expiration": None,
        "allow_promotion_codes": None,
        "allowed_payment_method_types": params.get("allowed_payment_method_types"),
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "billing_address_collection": params.get("billing_address_collection"),
        "cancel_url": params.get("cancel_url"),
        "client_reference_id": params.get("client_reference_id"),
        "client_secret": None,
        "collected_information": None,
        "consent": None,
        "consent_collection": None,
        "created": now,
        "currency": params["line_items"][0]["price_data"]["currency"],
        "currency_conversion": None,
        "custom_fields": [],
        "custom_text": {
            place: texts.get(place)
            for place in (
                "after_submit",
                "shipping_address",
                "submit",
                "terms_of_service_acceptance",
            )
        },
        "customer": params.get("customer"),
        "customer_account": None,
        "customer_creation": None
        if params.get("customer")
        else params.get("customer_creation", "always" if repeated else "if_required"),
        "customer_details": customer_details(email) if email else None,
        "customer_email": email,
        "discounts": [],
        "excluded_payment_method_types": params.get("excluded_payment_method_types"),
        "expires_at": params.get("expires_at", now + 24 * 3600),
        "invoice": None,
        "invoice_creation": None,
        "livemode": False,
        "locale": params.get("locale"),
        "metadata": metadata(params),
        "mode": params["mode"],
        "origin_context": None,
        "payment_intent": None,
        "payment_link": None,
        "payment_method_collection": "always" if repeated else "if_required",
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": methods,
        "payment_status": "unpaid",
        "permissions": None,
        "phone_number_collection": {"enabled": False},
        "recovered_from": None,
        "saved_payment_method_options": None,
        "setup_intent": None,
        "shipping_address_collection": None,
        "shipping_cost": None,
        "shipping_options": [],
        "status": "open",
        "submit_type": params.get("submit_type"),
        "subscription": None,
        "success_url": params["success_url"],
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted_page",
        "url": url,
        "wallet_options": None,
    }


def customer_details(email: str | None, name: str | None = None) -> Json:
    """Build what is known of the payer: the e-mail at first, the name once they have paid."""
    return {
        "address": _empty_address() if name else None,
        "business_name": None,
        "email": email,
        "individual_name": None,
        "name": name,
        "phone": None,
        "tax_exempt": "none",
        "tax_ids": [] if name else None,
    }


def _empty_address() -> Json:
    return dict.fromkeys(("city", "country", "line1", "line2", "postal_code", "state"))


def customer(key: str, *, now: int, params: Json) -> Json:
    """Build a Customer from `customers.create` parameters."""
    return {
        "id": key,
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": now,
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": params.get("description"),
        "discount": None,
        "email": params.get("email"),
        "invoice_prefix": key[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": metadata(params),
        "name": params.get("name"),
        "next_invoice_sequence": 1,
        "phone": params.get("phone"),
        "preferred_locales": params.get("preferred_locales", []),
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }


def payment_intent(key: str, checkout: Json, data: Json, *, now: int, secret: str) -> Json:
    """Build the PaymentIntent of a session; `data` is its `payment_intent_data`."""
    return {
        "id": key,
        "object": "payment_intent",
        "amount": checkout["amount_total"],
        "amount_capturable": 0,
        "amount_details": {"tip": {}},
        "amount_received": 0,
        "application": None,
        "application_fee_amount": None,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{key}_secret_{secret}",
        "confirmation_method": "automatic",
        "created": now,
        "currency": checkout["currency"],
        "customer": checkout["customer"],
        "customer_account": None,
        "description": data.get("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": metadata(data),
        "next_action": None,
        "on_behalf_of": None,
        "payment_method": None,
        "payment_method_configuration_details": None,
        "payment_method_options": {},
        "payment_method_types": checkout["payment_method_types"],
        "processing": None,
        "receipt_email": data.get("receipt_email"),
        "review": None,
        "setup_future_usage": data.get("setup_future_usage"),
        "shipping": None,
        "source": None,
        "statement_descriptor": None,
        "statement_descriptor_suffix": data.get("statement_descriptor_suffix"),
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": data.get("transfer_group"),
    }


def payment_method(
    key: str, *, now: int, number: str, email: str | None, name: str | None, customer: str | None
) -> Json:
    """Build a card's or an IBAN's PaymentMethod; an IBAN is told by its leading letters."""
    method: Json = {
        "id": key,
        "object": "payment_method",
        "allow_redisplay": "limited",
        "billing_details": billing_details(email, name),
        "created": now,
        "customer": customer,
        "customer_account": None,
        "livemode": False,
        "metadata": {},
    }
    if is_iban(number):
        return method | {"type": "sepa_debit", "sepa_debit": _sepa_debit(number)}
    return method | {
        "type": "card",
        "card": _card(number)
        | {
            "display_brand": CARD_BRANDS.get(number[0], "unknown"),
            "generated_from": None,
            "networks": {"available": [CARD_BRANDS.get(number[0], "unknown")], "preferred": None},
            "three_d_secure_usage": {"supported": True},
        },
    }


def is_iban(number: str) -> bool:
    """Say whether this is an IBAN and not a card number."""
    return number[:2].isalpha()


def billing_details(email: str | None, name: str | None) -> Json:
    """Build the payer's details as charges and payment methods carry them."""
    return {
        "address": _empty_address(),
        "email": email,
        "name": name,
        "phone": None,
        "tax_id": None,
    }


def _card(number: str) -> Json:
    return {
        "brand": CARD_BRANDS.get(number[0], "unknown"),
        "checks": {
            "address_line1_check": None,
            "address_postal_code_check": None,
            "cvc_check": "pass",
        },
        "country": "FR",
        "exp_month": 12,
        "exp_year": 2034,
        "fingerprint": f"simulated{number[-6:]}",
        "funding": "credit",
        "last4": number[-4:],
        "regulated_status": "unregulated",
        "wallet": None,
    }


def _sepa_debit(iban: str) -> Json:
    return {
        "bank_code": iban[4:9],
        "branch_code": iban[9:14],
        "country": iban[:2],
        "fingerprint": f"simulated{iban[-6:]}",
        "last4": iban[-4:],
    }


def listing(url: str, data: list[Json], *, has_more: bool = False) -> Json:
    """Wrap objects in Stripe's list object."""
    return {"object": "list", "data": data, "has_more": has_more, "url": url}


def metadata(params: Json) -> Json:
    """Return the metadata without the keys that an empty value unsets."""
    return {key: value for key, value in (params.get("metadata") or {}).items() if value != ""}
