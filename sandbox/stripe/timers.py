"""Does what is due: expiries, late balance transactions, debits that settle, renewals, retries."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from sandbox.stripe import aftermath, checkout, renewals
from sandbox.stripe.account import Account, Change
from sandbox.stripe.errors import StripeError
from sandbox.stripe.store import Json

log = logging.getLogger(__name__)

ACTIONS: dict[str, Callable[[Change, str], Json]] = {
    "balance": aftermath.bring_balance,
    "expire": checkout.expire,
    "refund": aftermath.settle_refund,
    "renew": renewals.renew,
    "retry": renewals.retry,
    "settle_failed": lambda change, key: checkout.settle(change, key, outcome="failed"),
    "settle_succeeded": lambda change, key: checkout.settle(change, key, outcome="succeeded"),
}


def advance(account: Account, *, seconds: float = 0.0, to: float | None = None) -> None:
    """Move the account's clock forward, by seconds or to a Unix time, and do all that falls due.

    Each thing is done at its own time, in the order of these times; what is overdue, or awaited a
    control, is done at once. Nobody sees the account in between. StripeError for a time gone by.
    """
    with account.store.lock:
        start = account.clock()
        target = start + seconds if to is None else to
        if target < int(start):
            raise StripeError(f"The account's clock is past {target} already: it is {start}")
        target = max(target, start)
        while (timer := _following(account, waiting=True)) and timer["due"] <= target:
            with account.at(max(timer["due"], start)):
                _fire(account, timer)
        account.set_clock(target - time.time())


def _following(account: Account, *, waiting: bool) -> Json | None:
    """Return the timer that is due first, whether or not its time has come."""
    timers = [row for row in account.store.rows("timer") if waiting or not row.get("waits")]
    return min(timers, key=lambda row: float(row["due"]), default=None)


def _fire(account: Account, timer: Json) -> None:
    try:
        with account.change() as change:
            if change.batch.get("timer", timer["id"]) != timer:
                # Done by somebody else, or put off, since it was looked up.
                return
            change.batch.delete("timer", timer["id"])
            ACTIONS[timer["action"]](change, timer["target"])
    except StripeError as error:
        # Something else has happened to the object meanwhile; the timer has lost its point.
        log.info("%s dropped: %s", timer["id"], error)
        with account.change() as change:
            change.batch.delete("timer", timer["id"])


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
            following = _following(self._account, waiting=False)
            wait = following["due"] - self._account.clock() if following else None
            if following is None or (wait or 0) > 0:
                # Some platforms cannot wait for a month at once.
                self._wake.wait(wait if wait is None else min(wait, 86400.0))
            else:
                _fire(self._account, following)

    def stop(self) -> None:
        """End the thread."""
        self._stopping = True
        self._wake.set()
