"""Payment pages. https://docs.stripe.com/api/checkout/sessions"""

from django.conf import settings

from donations.payments import CheckoutOrder, CheckoutPage
from donations.stripe_client.connection import Json, api, asked

GIFT, FEE_COVER = "gift", "fee_cover"
EVERY_MONTH: Json = {"interval": "month"}


def open_checkout(order: CheckoutOrder) -> CheckoutPage:
    """Open a hosted payment page. https://docs.stripe.com/api/checkout/sessions/create

    The same `idempotency_key` gives the same page for 24 hours.
    """
    monthly = order.subscription_id is not None
    lines = [_line(GIFT, order.amount_cents, monthly=monthly)]
    if order.fee_cover_cents:
        lines.append(_line(FEE_COVER, order.fee_cover_cents, monthly=monthly))
    params: Json = {
        "locale": "fr",
        "line_items": lines,
        "customer_email": order.email,
        "client_reference_id": order.gift_id,
        "adaptive_pricing": {"enabled": False},
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
        "expires_at": int(order.expires_at.timestamp()),
        **(_each_month(order) if monthly else _once(order)),
    }
    if not order.takes_debits:
        params["excluded_payment_method_types"] = ["sepa_debit"]

    def call() -> CheckoutPage:
        session = api().v1.checkout.sessions.create(
            params,  # type: ignore[arg-type]  # the stand-in validates it against this very type
            {"idempotency_key": order.idempotency_key},
        )
        if not session.url:
            raise ValueError("no url")
        return CheckoutPage(checkout_id=session.id, url=session.url)

    return asked(call)


def _once(order: CheckoutOrder) -> Json:
    metadata = {"gift": order.gift_id}
    return {
        "mode": "payment",
        "submit_type": "donate",
        "customer_creation": "always",
        "metadata": metadata,
        "payment_intent_data": {
            "metadata": metadata,
            "description": "Don à Au Poste",
            "statement_descriptor_suffix": settings.STRIPE_STATEMENT_SUFFIX,
        },
    }


def _each_month(order: CheckoutOrder) -> Json:
    # Each invoice keeps a copy of its subscription's metadata: so we know what a month was made of.
    metadata = {
        "gift": order.gift_id,
        "subscription": order.subscription_id,
        "fee_cover_cents": str(order.fee_cover_cents),
    }
    return {
        "mode": "subscription",
        "metadata": metadata,
        "subscription_data": {"metadata": metadata, "description": "Don mensuel à Au Poste"},
    }


def product(part: str, *, monthly: bool = False) -> Json:
    """What a line is for; `part` is found again in the product's metadata."""
    names = {
        GIFT: "Don mensuel à Au Poste" if monthly else "Don à Au Poste",
        FEE_COVER: "Participation aux frais bancaires",
    }
    return {"name": names[part], "metadata": {"part": part}}


def _line(part: str, cents: int, *, monthly: bool) -> Json:
    return {
        "quantity": 1,
        "price_data": {
            "currency": "eur",
            "unit_amount": cents,
            "product_data": product(part, monthly=monthly),
            **({"recurring": EVERY_MONTH} if monthly else {}),
        },
    }


def expire_checkout(checkout_id: str) -> None:
    """Close a payment page. https://docs.stripe.com/api/checkout/sessions/expire"""
    asked(lambda: api().v1.checkout.sessions.expire(checkout_id))
