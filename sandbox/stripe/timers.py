"""Does what is due: expiries, late balance transactions, direct debits that settle."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from sandbox.stripe import aftermath, checkout
from sandbox.stripe.account import Account, Change
from sandbox.stripe.errors import StripeError
from sandbox.stripe.store import Json

log = logging.getLogger(__name__)

ACTIONS: dict[str, Callable[[Change, str], Json]] = {
    "balance": aftermath.bring_balance,
    "expire": checkout.expire,
    "refund": aftermath.settle_refund,
    "settle_failed": lambda change, key: checkout.settle(change, key, outcome="failed"),
    "settle_succeeded": lambda change, key: checkout.settle(change, key, outcome="succeeded"),
}


class Ticker(threading.Thread):
    """Runs the account's timers when they are due. Timers are kept in the store."""

    def __init__(self, account: Account) -> None:
        super().__init__(name="stripe-timers", daemon=True)
        self._account = account
        self._wake = threading.Event()
        self._stopping = False
        account.store.on_commit(self._wake.set)

    def run(self) -> None:
        """Run timers until stopped."""
        while not self._stopping:
            self._wake.clear()
            timers = self._account.store.rows("timer")
            following = min(timers, key=lambda row: float(row["due"]), default=None)
            wait = following["due"] - self._account.clock() if following else None
            if following is None or (wait or 0) > 0:
                self._wake.wait(wait)
            else:
                self._fire(following)

    def _fire(self, timer: Json) -> None:
        try:
            with self._account.change() as change:
                change.batch.delete("timer", timer["id"])
                ACTIONS[timer["action"]](change, timer["target"])
        except StripeError as error:
            # Something else has happened to the object meanwhile; the timer has lost its point.
            log.info("%s dropped: %s", timer["id"], error)
            with self._account.change() as change:
                change.batch.delete("timer", timer["id"])

    def stop(self) -> None:
        """End the thread."""
        self._stopping = True
        self._wake.set()
