"""The stand-in as one object: its server, its threads, and the controls that tests use."""

from __future__ import annotations

import collections
import copy
import dataclasses
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from sandbox.http.faults import Faults
from sandbox.http.messages import Answer, Request
from sandbox.http.server import Server
from sandbox.http.standin import FaultControls
from sandbox.stripe import aftermath, checkout, invoices, webhooks
from sandbox.stripe.account import Account, DeliveryModes, Settings
from sandbox.stripe.api import Api
from sandbox.stripe.billing_controls import BillingControls
from sandbox.stripe.checkout_page import Pages
from sandbox.stripe.controls import control
from sandbox.stripe.errors import StripeError, no_such, refusal, simulated
from sandbox.stripe.lookup import charge_id, invoice_id
from sandbox.stripe.payments import Outcome
from sandbox.stripe.request_shapes import read_form
from sandbox.stripe.store import Json, Store
from sandbox.stripe.timers import Ticker


class StripeStandIn(BillingControls, FaultControls):
    """A simulated Stripe account on a local port.

        with StripeStandIn(state=tmp_path / "journal") as stripe:
            client = StripeClient(stripe.api_key, base_addresses={"api": stripe.url})

    Keyword arguments are the fields of Settings. Without a `webhook_url` nothing is delivered:
    read `events()`, and post `signed(event)` where and when the test wants. Ids may be an
    object's or a whole object's `id`; amounts are integer cents, delays seconds.
    """

    def __init__(self, *, state: Path, **settings: Any) -> None:
        given = Settings(state=state, **settings)
        self._store = Store(state)
        try:
            self._server = Server(
                (given.host, given.port), self._handle, name="StripeStandIn", refuse=refusal
            )
        except OSError:
            self._store.close()
            raise
        self.url = f"http://{given.host}:{self._server.server_port}"
        self.api_key = given.api_key
        self.webhook_secret = given.webhook_secret
        self.running = False
        self._account = Account(
            dataclasses.replace(given, public_url=given.public_url or self.url), self._store
        )
        # On the store's own lock: a change and its notice cannot be parted.
        self._grown = threading.Condition(self._store.lock)
        self._store.on_commit(self._grown.notify_all)
        self._faults = Faults(simulated)
        self._api = Api(self._account, self._faults)
        self._pages = Pages(self._account)
        self._log: collections.deque[Json] = collections.deque(maxlen=5000)
        self._ticker = Ticker(self._account)
        self._dispatcher = (
            webhooks.Dispatcher(self._account, given.webhook_url) if given.webhook_url else None
        )
        self._serving = threading.Thread(
            target=self._server.serve_forever, name="stripe-http", daemon=True
        )

    def __enter__(self) -> StripeStandIn:
        """Start, and return self."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def start(self) -> None:
        """Begin to answer, to deliver and to run timers."""
        self.running = True
        self._serving.start()
        self._ticker.start()
        if self._dispatcher:
            # What could not be delivered before a restart is worth another try at once.
            self.hurry_deliveries(tried_only=True)
            self._dispatcher.start()

    def stop(self) -> None:
        """End all threads and connections; the state stays on disk."""
        self.running = False
        self._faults.clear()
        self._server.stop()
        self._ticker.stop()
        self._ticker.join()
        if self._dispatcher:
            self._dispatcher.stop()
            self._dispatcher.join()
        self._serving.join()
        self._store.close()

    def _handle(self, request: Request) -> Answer:
        if request.path.startswith("/_/"):
            return control(self, request)
        if not request.path.startswith("/v1/"):
            return self._pages.handle(request)
        entry: Json = {
            "at": time.time(),
            "method": request.method,
            "path": request.path,
            "params": _params(request),
            "idempotency_key": request.headers.get("idempotency-key"),
            "status": None,
        }
        self._log.append(entry)
        answer = self._api.handle(request)
        entry["status"] = answer.status
        return answer

    # -- what a payer, a bank or the passing of time does ----------------------------------

    def pay(
        self,
        session: str,
        number: str = "4242424242424242",
        *,
        email: str | None = None,
        name: str | None = None,
        authenticate: Literal["confirm", "refuse"] | None = "confirm",
    ) -> Outcome:
        """Pay a session with a test card or IBAN; answer 3-D Secure unless `authenticate` is None.

        Returns "succeeded", "declined", "processing" (direct debit) or "authenticate".
        """
        with self.change() as change:
            outcome = checkout.pay(change, session, number=number, email=email, name=name)
        if outcome == "authenticate" and authenticate:
            return self.authenticate(session, confirm=authenticate == "confirm")
        return outcome

    def authenticate(self, key: str, *, confirm: bool = True) -> Outcome:
        """Answer the 3-D Secure challenge of a session, an invoice or a subscription."""
        with self.change() as change:
            if key.startswith("cs_"):
                return checkout.authenticate(change, key, confirm=confirm)
            return invoices.authenticate(change, invoice_id(change, key), confirm=confirm)

    def settle(self, key: str, outcome: Literal["succeeded", "failed"] = "succeeded") -> Json:
        """End a pending direct debit, named by its session, intent or charge."""
        with self.change() as change:
            return checkout.settle(change, charge_id(change, key), outcome=outcome)

    def balance(self, key: str) -> Json:
        """Bring the balance transaction of a charge now."""
        with self.change() as change:
            return aftermath.bring_balance(change, charge_id(change, key))

    def refund(
        self,
        key: str,
        amount: int | None = None,
        *,
        reason: str | None = None,
        status: Literal["pending", "succeeded"] | None = None,
    ) -> Json:
        """Refund a charge from Stripe's dashboard, as it were; return the refund."""
        with self.change() as change:
            params = {"charge": charge_id(change, key), "amount": amount, "reason": reason}
            given = {name: value for name, value in params.items() if value is not None}
            return aftermath.refund(change, given, status=status)

    def settle_refund(self, refund: str) -> Json:
        """Let a pending refund succeed."""
        with self.change() as change:
            return aftermath.settle_refund(change, refund)

    def fail_refund(self, refund: str) -> Json:
        """Have the bank return a refund."""
        with self.change() as change:
            return aftermath.fail_refund(change, refund)

    def dispute(
        self,
        key: str,
        *,
        amount: int | None = None,
        reason: str = "fraudulent",
        withdraw: bool = True,
    ) -> Json:
        """Have a payer dispute a charge; return the dispute."""
        with self.change() as change:
            return aftermath.open_dispute(
                change, charge_id(change, key), amount=amount, reason=reason, withdraw=withdraw
            )

    def withdraw(self, dispute: str) -> Json:
        """Take a dispute's funds."""
        with self.change() as change:
            return aftermath.withdraw_funds(change, dispute)

    def reinstate(self, dispute: str) -> Json:
        """Give a dispute's funds back."""
        with self.change() as change:
            return aftermath.reinstate_funds(change, dispute)

    def close_dispute(self, dispute: str, outcome: Literal["won", "lost"]) -> Json:
        """End a dispute; a won one gives its funds back."""
        with self.change() as change:
            return aftermath.close_dispute(change, dispute, outcome=outcome)

    def expire(self, session: str) -> Json:
        """Expire an open session."""
        with self.change() as change:
            return checkout.expire(change, session)

    # -- what is there ----------------------------------------------------------------------

    def get(self, key: str) -> Json:
        """Return any object by id, nothing expanded."""
        with self.change() as change:
            found = change.find(key)
        if found is None:
            raise no_such("object", key)
        return found

    def charge_of(self, key: str) -> Json:
        """Return the charge of a session or of a payment intent."""
        with self.change() as change:
            return change.get("charge", charge_id(change, key))

    def events(self, *types: str) -> list[Json]:
        """Return all events (or those of these types), oldest first."""
        rows = copy.deepcopy(self._store.rows("event"))
        return [row for row in rows if not types or row["type"] in types]

    def wait_for(self, event_type: str, count: int = 1, timeout: float = 60.0) -> bool:
        """Block until there are `count` events of a type; say whether it came to that."""
        return self.wait_until(lambda: len(self.events(event_type)) >= count, timeout)

    def wait_until(self, condition: Callable[[], bool], timeout: float = 60.0) -> bool:
        """Block until `condition` holds, asking after each change; say whether it came to that."""
        with self._grown:
            return self._grown.wait_for(condition, timeout)

    def violations(self) -> list[Json]:
        """Return the requests that broke Stripe's rules, oldest first."""
        return copy.deepcopy(self._store.rows("violation"))

    def requests(self) -> list[Json]:
        """Return the API requests since the start, oldest first; status None while unanswered."""
        return [dict(entry) for entry in list(self._log)]

    # -- deliveries ---------------------------------------------------------------------------

    def signed(self, event: Json) -> tuple[bytes, str]:
        """Return the body of an event's delivery and its Stripe-Signature header."""
        return webhooks.sign(event, self.webhook_secret)

    def deliver_to(self, url: str, events: list[Json] | None = None) -> list[int | str]:
        """Post these events (or all), in this order, to a URL; return statuses or errors."""
        chosen = self.events() if events is None else events
        return [webhooks.post(url, *self.signed(event)) for event in chosen]

    def deliver(self, event_id: str) -> int | str:
        """Post one event to the webhook URL now, delivered before or not."""
        url = self._account.settings.webhook_url
        if url is None:
            raise StripeError("There is no webhook URL")
        return self.deliver_to(url, [self.get(event_id)])[0]

    def deliveries(self) -> list[Json]:
        """Return the state of each delivery: pending, delivered, dropped or failed."""
        return copy.deepcopy(self._store.rows("delivery"))

    def wait_until_delivered(self, timeout: float = 60.0) -> bool:
        """Block until no delivery is pending; say whether it came to that."""
        return self.wait_until(
            lambda: all(row["state"] != "pending" for row in self._store.rows("delivery")),
            timeout,
        )

    def hurry_deliveries(self, *, tried_only: bool = False) -> None:
        """Make pending deliveries due now, in the order that they would have had."""
        with self.change() as change:
            for row in change.batch.rows("delivery"):
                if row["state"] == "pending" and (row["attempts"] or not tried_only):
                    change.batch.put("delivery", row["id"], row | {"due": 0.0})

    def set_deliveries(self, **modes: Any) -> None:
        """Set how new deliveries misbehave (fields of DeliveryModes); no argument: not at all."""
        self._account.modes = DeliveryModes(**modes)

    def reset(self) -> None:
        """Forget all objects, events, faults, modes and logs."""
        self._faults.clear()
        self._account.modes = DeliveryModes()
        self._log.clear()
        self._store.clear()


def _params(request: Request) -> Json:
    text = request.query if request.method == "GET" else request.body.decode("utf-8", "replace")
    try:
        return read_form(text)
    except StripeError:
        return {"unreadable": text}
