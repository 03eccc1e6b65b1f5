"""Monthly gifts for the tests of Stripe's stand-in: their parameters, their start, their dates."""

from __future__ import annotations

import datetime as dt
from typing import Any

import stripe

from sandbox.stripe import StripeStandIn

SITE = "http://127.0.0.1:8000"
DAY = 86400


def line(amount: int, name: str = "Don mensuel à Au Poste", **recurring: Any) -> dict[str, Any]:
    """Return a line of a monthly order, in cents."""
    return {
        "quantity": 1,
        "price_data": {
            "currency": "eur",
            "unit_amount": amount,
            "recurring": {"interval": "month"} | recurring,
            "product_data": {"name": name, "metadata": {"part": "gift"}},
        },
    }


def order(amount: int = 1000, **changes: Any) -> dict[str, Any]:
    """Return the parameters of a monthly gift's session; None leaves one out."""
    params: dict[str, Any] = {
        "mode": "subscription",
        "locale": "fr",
        "line_items": [line(amount)],
        "customer_email": "donatrice@example.org",
        "metadata": {"gift": "7d3c"},
        "subscription_data": {"metadata": {"pledge": "p1"}, "description": "Don mensuel"},
        "success_url": f"{SITE}/don/merci?session={{CHECKOUT_SESSION_ID}}",
        "cancel_url": f"{SITE}/don",
    } | changes
    return {name: value for name, value in params.items() if value is not None}


def open_session(client: stripe.StripeClient, amount: int = 1000, **changes: Any) -> str:
    """Open a monthly gift's session; return its id."""
    return client.v1.checkout.sessions.create(order(amount, **changes)).id  # type: ignore[arg-type]


def begin(
    client: stripe.StripeClient,
    standin: StripeStandIn,
    number: str = "4242424242424242",
    amount: int = 1000,
) -> str:
    """Start a monthly gift; return the id of its subscription."""
    session = open_session(client, amount)
    standin.pay(session, number)
    key: str = standin.subscription_of(session)["id"]
    return key


def types(standin: StripeStandIn, after: int = 0) -> list[str]:
    """Return the types of all events, or of those after the first few."""
    return [event["type"] for event in standin.events()][after:]


def day(moment: int) -> str:
    """Return a time's date in UTC, as ISO writes it."""
    return dt.datetime.fromtimestamp(moment, tz=dt.UTC).date().isoformat()


def noon(date: str) -> float:
    """Return noon of an ISO date, UTC, in Unix seconds."""
    return dt.datetime.fromisoformat(f"{date}T12:00:00+00:00").timestamp()
