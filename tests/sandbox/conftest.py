"""Fixtures around a stand-in for Stripe that runs inside the test's own process."""

from __future__ import annotations

import http.server
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from sandbox.stripe import StripeStandIn

VERSION = "2026-10-28.endive"
SITE = "http://127.0.0.1:8000"


class Receiver:
    """A webhook endpoint that keeps what it gets and answers with the next of `statuses`."""

    def __init__(self) -> None:
        self.statuses: list[int] = []
        self.received: list[tuple[bytes, str]] = []
        self.arrived = threading.Condition()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                with receiver.arrived:
                    receiver.received.append((body, self.headers["Stripe-Signature"]))
                    status = receiver.statuses.pop(0) if receiver.statuses else 200
                    receiver.arrived.notify_all()
                self.send_response(status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/stripe/webhook"

    def events(self, count: int, secret: str) -> list[stripe.Event]:
        """Wait for `count` deliveries; return them, their signatures verified, in order."""
        with self.arrived:
            assert self.arrived.wait_for(lambda: len(self.received) >= count, 60), self.received
            return [
                stripe.Webhook.construct_event(body, signature, secret)
                for body, signature in self.received
            ]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a running webhook endpoint."""
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield receiver
    receiver.server.shutdown()
    receiver.server.server_close()
    thread.join()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[..., StripeStandIn]]:
    """Return a function that starts a stand-in; all are stopped at the end."""
    running: list[StripeStandIn] = []

    def start_one(**settings: Any) -> StripeStandIn:
        defaults: dict[str, Any] = {
            "state": tmp_path / "journal",
            "balance_delay": None,
            "sepa_delay": None,
            "read_limit": 1000,
        }
        standin = StripeStandIn(**(defaults | settings))
        standin.start()
        running.append(standin)
        return standin

    yield start_one
    for standin in running:
        if standin.running:
            standin.stop()


@pytest.fixture
def standin(start: Callable[..., StripeStandIn]) -> StripeStandIn:
    """Return a stand-in that delivers nothing and does nothing by itself."""
    return start()


@pytest.fixture
def connect() -> Callable[[StripeStandIn], stripe.StripeClient]:
    """Return a function that makes the SDK's client for a stand-in, without retries."""

    def connect_to(standin: StripeStandIn, **options: Any) -> stripe.StripeClient:
        given: dict[str, Any] = {"stripe_version": VERSION, "max_network_retries": 0}
        return stripe.StripeClient(
            standin.api_key, base_addresses={"api": standin.url}, **(given | options)
        )

    return connect_to


@pytest.fixture
def client(
    standin: StripeStandIn, connect: Callable[[StripeStandIn], stripe.StripeClient]
) -> stripe.StripeClient:
    """Return the SDK's client for the stand-in."""
    return connect(standin)


@pytest.fixture
def gift() -> Callable[..., Any]:
    """Return a function that makes a donation's session parameters, with changes."""

    def make(amount: int = 1000, **changes: Any) -> dict[str, Any]:
        params: dict[str, Any] = {
            "mode": "payment",
            "submit_type": "donate",
            "locale": "fr",
            "line_items": [
                {
                    "price_data": {
                        "currency": "eur",
                        "unit_amount": amount,
                        "product_data": {"name": "Don à Au Poste"},
                    },
                    "quantity": 1,
                }
            ],
            "customer_email": "donatrice@example.org",
            "customer_creation": "always",
            "metadata": {"gift": "7d3c"},
            "payment_intent_data": {
                "metadata": {"gift": "7d3c"},
                "statement_descriptor_suffix": "DON",
                "description": "Don",
            },
            "success_url": f"{SITE}/don/merci?session={{CHECKOUT_SESSION_ID}}",
            "cancel_url": f"{SITE}/don",
            "expires_at": int(time.time()) + 3600,
            "adaptive_pricing": {"enabled": False},
        } | changes
        return {name: value for name, value in params.items() if value is not None}

    return make


@pytest.fixture
def paid(client: stripe.StripeClient, standin: StripeStandIn, gift: Callable[..., Any]) -> Any:
    """Return a session that was paid by card, its intent and charge expanded."""
    session = client.v1.checkout.sessions.create(gift())
    assert standin.pay(session.id) == "succeeded"
    return client.v1.checkout.sessions.retrieve(
        session.id, {"expand": ["payment_intent.latest_charge"]}
    )
