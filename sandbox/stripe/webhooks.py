"""Signs events as Stripe does, and delivers them until they are taken.

https://docs.stripe.com/webhooks
"""

from __future__ import annotations

import http.client
import json
import logging
import threading
import time
from urllib.parse import urlsplit

from stripe import WebhookSignature

from sandbox.stripe.account import Account
from sandbox.stripe.store import Json

log = logging.getLogger(__name__)

TIMEOUT_SECONDS = 10.0
LONGEST_WAIT_SECONDS = 60.0
GIVE_UP_SECONDS = 3 * 86400.0


def sign(event: Json, secret: str) -> tuple[bytes, str]:
    """Return an event's body and its `Stripe-Signature` header, made now."""
    body = json.dumps(event, indent=2, ensure_ascii=False)
    header: str = WebhookSignature.generate_signature_header(body, secret)
    return body.encode(), header


def post(url: str, body: bytes, signature: str, timeout: float = TIMEOUT_SECONDS) -> int | str:
    """Post a signed event; return the HTTP status, or what kept it from arriving."""
    target = urlsplit(url)
    secure = target.scheme == "https"
    kind = http.client.HTTPSConnection if secure else http.client.HTTPConnection
    connection = kind(target.hostname or "", target.port, timeout=timeout)
    path = (target.path or "/") + (f"?{target.query}" if target.query else "")
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": signature,
    }
    try:
        connection.request("POST", path, body, headers)
        return connection.getresponse().status
    except (OSError, http.client.HTTPException) as error:
        return f"{type(error).__name__}: {error}"
    finally:
        connection.close()


class Dispatcher(threading.Thread):
    """Delivers what is due, one event after the other, retrying with growing delays."""

    def __init__(self, account: Account, url: str) -> None:
        super().__init__(name="stripe-webhooks", daemon=True)
        self._account = account
        self._url = url
        self._wake = threading.Event()
        self._stopping = False
        account.store.on_commit(self._wake.set)

    def run(self) -> None:
        """Deliver until stopped."""
        while not self._stopping:
            self._wake.clear()
            pending = [
                row for row in self._account.store.rows("delivery") if row["state"] == "pending"
            ]
            following = min(pending, key=lambda row: (row["due"], row["order"]), default=None)
            wait = following["due"] - time.time() if following else None
            if following is None or (wait or 0) > 0:
                self._wake.wait(wait)
            else:
                self._attempt(following)

    def _attempt(self, row: Json) -> None:
        event = self._account.store.get("event", row["event"])
        if event is None:
            return
        answer = post(self._url, *sign(event, self._account.settings.webhook_secret))
        taken = isinstance(answer, int) and 200 <= answer < 300
        log.info("%s %s -> %s", event["id"], event["type"], answer)
        with self._account.change() as change:
            current = change.batch.get("delivery", row["id"])
            if current is None:
                return
            current |= {"attempts": current["attempts"] + 1, "answer": answer}
            if taken:
                current["state"] = "delivered"
                change.put(event | {"pending_webhooks": 0})
            elif time.time() > event["created"] + GIVE_UP_SECONDS:
                current["state"] = "failed"
            else:
                growing = self._account.settings.retry_base * 2 ** (current["attempts"] - 1)
                current["due"] = time.time() + min(growing, LONGEST_WAIT_SECONDS)
            change.batch.put("delivery", row["id"], current)

    def stop(self) -> None:
        """End the thread; an attempt under way is given up after its time limit."""
        self._stopping = True
        self._wake.set()
