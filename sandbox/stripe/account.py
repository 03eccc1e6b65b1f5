"""One simulated Stripe account: its settings, its clock, and atomic changes that emit events."""

from __future__ import annotations

import contextlib
import dataclasses
import random
import secrets
import string
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.stripe.errors import no_such
from sandbox.stripe.store import Batch, Json, Store

API_VERSION = "2026-10-28.endive"
ALPHABET = string.ascii_letters + string.digits

KINDS_BY_PREFIX = {
    "bps": "billing_portal.session",
    "ch": "charge",
    "cs": "checkout.session",
    "cus": "customer",
    "dp": "dispute",
    "evt": "event",
    "in": "invoice",
    "inpay": "invoice_payment",
    "issfr": "radar.early_fraud_warning",
    "pi": "payment_intent",
    "pm": "payment_method",
    "po": "payout",
    "price": "price",
    "prod": "product",
    "py": "charge",
    "pyr": "refund",
    "re": "refund",
    "sub": "subscription",
    "txn": "balance_transaction",
}


@dataclasses.dataclass(frozen=True, kw_only=True)
class Settings:
    """What a stand-in is started with. Delays are in seconds; None waits for a control."""

    state: Path
    api_key: str = "sk_test_simulation"
    webhook_url: str | None = None
    webhook_secret: str = "whsec_simulation"
    host: str = "127.0.0.1"
    port: int = 0
    public_url: str = ""
    read_limit: int = 25
    balance_delay: float | None = 2.0
    sepa_delay: float | None = 30.0
    retry_base: float = 1.0
    statement_prefix: str = "AU POSTE"
    seed: int | None = None


@dataclasses.dataclass
class DeliveryModes:
    """How new webhook deliveries misbehave. All off by default."""

    duplicate: int = 1
    delay: float = 0.0
    reorder: float = 0.0
    drop: int = 0
    types: frozenset[str] = frozenset()

    def concern(self, event_type: str) -> bool:
        """Say whether these modes apply to events of this type."""
        return not self.types or event_type in self.types


class Change:
    """One atomic change of the account: objects, the events that tell of it, timers."""

    def __init__(self, account: Account, batch: Batch, request: Json | None) -> None:
        self.account = account
        self.settings = account.settings
        self.batch = batch
        self.now = account.now()
        self.request = request or {"id": None, "idempotency_key": None}

    def new_id(self, prefix: str, length: int = 24) -> str:
        """Return an unguessable id (or, with a seed, the next of a fixed row) not used yet."""
        while True:
            key = f"{prefix}_{self.account.random_text(length)}"
            if self.find(key) is None:
                return key

    def find(self, key: str) -> Json | None:
        """Return a copy of the object with this id, or None."""
        kind = KINDS_BY_PREFIX.get(key.split("_", 1)[0])
        return self.batch.get(kind, key) if kind else None

    def get(self, kind: str, key: str, *, param: str = "id", in_path: bool = False) -> Json:
        """Return a copy of an object; raise StripeError resource_missing when there is none."""
        record = self.batch.get(kind, key)
        if record is None:
            raise no_such(kind, key, param=param, in_path=in_path)
        return record

    def put(self, record: Json) -> None:
        """Store an object under its `object` and `id`."""
        self.batch.put(record["object"], record["id"], record)

    def emit(self, event_type: str, about: Json, previous: Json | None = None) -> Json:
        """Store the object and an event with a snapshot of it; schedule the event's delivery.

        `previous` holds the former values of what changed (`previous_attributes`).
        """
        self.put(about)
        event: Json = {
            "id": self.new_id("evt"),
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": {"object": about},
            "livemode": False,
            "pending_webhooks": 1 if self.settings.webhook_url else 0,
            "request": self.request,
            "type": event_type,
        }
        if previous is not None:
            event["data"] = {"object": about, "previous_attributes": previous}
        self.put(event)
        if self.settings.webhook_url:
            self._schedule_delivery(event)
        return event

    def _schedule_delivery(self, event: Json) -> None:
        modes = self.account.modes
        state, copies, due = "pending", 1, time.time()
        if modes.concern(event["type"]):
            copies, due = modes.duplicate, due + modes.delay
            if modes.reorder:
                # All events of one window fall due together; the newest goes out first.
                due = (due // modes.reorder + 1) * modes.reorder
            if modes.drop:
                modes.drop -= 1
                state = "dropped"
        for copy_number in range(copies):
            key = f"{event['id']}#{copy_number}"
            self.batch.put(
                "delivery",
                key,
                {
                    "id": key,
                    "event": event["id"],
                    "type": event["type"],
                    "state": state,
                    "due": due,
                    "order": self.account.next_order(newest_first=bool(modes.reorder)),
                    "attempts": 0,
                    "answer": None,
                },
            )

    def set_timer(self, action: str, target: str, delay: float | None, usual: float) -> None:
        """Have `action` done to `target` after `delay` seconds of the account's clock.

        With None nothing happens by itself: it awaits a control, or a clock that is advanced by
        the `usual` seconds that Stripe takes.
        """
        waits = delay is None
        due = self.account.clock() + (usual if delay is None else delay)
        self.set_alarm(action, target, due, waits=waits)

    def set_alarm(self, action: str, target: str, due: float, *, waits: bool = False) -> None:
        """Have `action` done to `target` at `due` (Unix seconds)."""
        key = f"{action}:{target}"
        timer = {"id": key, "action": action, "target": target, "due": due, "waits": waits}
        self.batch.put("timer", key, timer)

    def cancel_timer(self, action: str, target: str) -> None:
        """Forget a timer, if it is set."""
        self.batch.delete("timer", f"{action}:{target}")


class Account:
    """The store with what every part needs around it."""

    def __init__(self, settings: Settings, store: Store) -> None:
        self.settings = settings
        self.store = store
        self.modes = DeliveryModes()
        self._random = random.Random(settings.seed)
        self._order = time.time_ns()
        self._order_lock = threading.Lock()
        self._moment: float | None = None

    def clock(self) -> float:
        """Return the account's time: real time plus the offset that a test has set, in seconds."""
        with self.store.lock:
            if self._moment is not None:
                return self._moment
            record = self.store.get("meta", "clock")
            return time.time() + (record["offset"] if record else 0.0)

    def set_clock(self, offset: float) -> None:
        """Set the account's clock `offset` seconds from real time, also over restarts."""
        with self.store.batch() as batch:
            batch.put("meta", "clock", {"id": "clock", "offset": offset})

    @contextlib.contextmanager
    def at(self, moment: float) -> Iterator[None]:
        """Hold the clock at `moment` (Unix seconds), with the store locked: nobody else sees it."""
        with self.store.lock:
            self._moment = moment
            try:
                yield
            finally:
                self._moment = None

    def now(self) -> int:
        """Return the account's time in whole Unix seconds."""
        return int(self.clock())

    def random_text(self, length: int) -> str:
        """Return letters and digits: from the seed when there is one, else unguessable."""
        pick: Any = self._random.choice if self.settings.seed is not None else secrets.choice
        return "".join(pick(ALPHABET) for _ in range(length))

    def next_order(self, *, newest_first: bool) -> int:
        """Return a number that sorts deliveries due at the same time."""
        with self._order_lock:
            self._order += 1
            return -self._order if newest_first else self._order

    @contextlib.contextmanager
    def change(self, request: Json | None = None) -> Iterator[Change]:
        """Open an atomic change; `request` is what its events say caused them."""
        with self.store.batch() as batch:
            yield Change(self, batch, request)
