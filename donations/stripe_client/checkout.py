"""Payment pages. https://docs.stripe.com/api/checkout/sessions"""

from django.conf import settings

from donations.payments import CheckoutOrder, CheckoutPage
from donations.stripe_client.connection import Json, api, asked


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
        session = api().v1.checkout.sessions.create(
            params,  # type: ignore[arg-type]  # the stand-in validates it against this very type
            {"idempotency_key": order.idempotency_key},
        )
        if not session.url:
            raise ValueError("no url")
        return CheckoutPage(checkout_id=session.id, url=session.url)

    return asked(call)


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
    asked(lambda: api().v1.checkout.sessions.expire(checkout_id))
