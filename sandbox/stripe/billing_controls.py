"""The stand-in's controls for what goes on by itself: time, renewals, payouts, fees, warnings."""

from __future__ import annotations

import copy
from contextlib import AbstractContextManager

from sandbox.stripe import invoices, payouts, renewals, subscriptions, timers
from sandbox.stripe.account import Account, Change
from sandbox.stripe.errors import StripeError
from sandbox.stripe.lookup import charge_id, invoice_id
from sandbox.stripe.payments import Outcome
from sandbox.stripe.store import Json


class BillingControls:
    """Methods of StripeStandIn. Ids may be those of a session or a subscription: its latest."""

    _account: Account

    def change(self) -> AbstractContextManager[Change]:
        """Open an atomic change of the account, for what no other method does."""
        return self._account.change()

    def now(self) -> int:
        """Return the account's time in Unix seconds."""
        return self._account.now()

    def set_clock(self, offset: float) -> None:
        """Set the account's clock `offset` seconds from real time; timers follow, at the new time.

        See `advance`, which does what is due on the way at its own time.
        """
        self._account.set_clock(offset)

    def advance(self, seconds: float | None = None, *, to: float | None = None) -> int:
        """Move the clock forward, by seconds or to a Unix time; return the account's time then.

        When this returns, all that was due is done, each thing at its own time: renewals and
        their retries, balance transactions, direct debits, expiries; also those that otherwise
        await a control (settings of None), after the time that Stripe takes.
        """
        if (seconds is None) == (to is None):
            raise ValueError("Give either seconds or to")
        timers.advance(self._account, seconds=seconds or 0.0, to=to)
        return self.now()

    def set_card(self, subscription: str, number: str) -> Json:
        """Pay a subscription by another test card or IBAN, as the portal does; return it.

        Raises StripeError for a card that its bank declines at once.
        """
        with self.change() as change:
            return subscriptions.set_card(change, subscription, number)

    def decline_renewals(
        self, subscription: str, count: int = 1, *, reason: str = "generic_decline"
    ) -> None:
        """Have the next `count` attempts to take a subscription's money declined; 0: none."""
        with self.change() as change:
            renewals.decline_renewals(change, subscription, count, reason)

    def renew(self, subscription: str) -> Json:
        """Advance the clock to a subscription's next renewal; return the subscription."""
        with self.change() as change:
            found = change.get("subscription", subscription)
        if found["status"] == "canceled":
            raise StripeError(f"{subscription} has ended")
        self.advance(to=subscriptions.current_period(found)[1])
        with self.change() as change:
            return change.get("subscription", subscription)

    def retry(self, key: str) -> Json:
        """Try an open invoice again now, as Stripe does some days later; return it."""
        with self.change() as change:
            return renewals.retry(change, invoice_id(change, key))

    def pay_invoice(self, key: str, number: str = "4242424242424242") -> Outcome:
        """Pay an open invoice on its hosted page with a test card."""
        with self.change() as change:
            return invoices.pay(change, invoice_id(change, key), number)

    def cancel_subscription(self, subscription: str, *, at_period_end: bool = False) -> Json:
        """End a subscription as the dashboard does; return it."""
        with self.change() as change:
            if at_period_end:
                return subscriptions.update(change, {"cancel_at_period_end": True}, subscription)
            return subscriptions.cancel(change, {}, subscription)

    def subscription_of(self, session: str) -> Json:
        """Return the subscription that a session started."""
        with self.change() as change:
            key = change.get("checkout.session", session)["subscription"]
            if key is None:
                raise StripeError(f"{session} has no subscription")
            return change.get("subscription", key)

    def invoices_of(self, subscription: str) -> list[Json]:
        """Return a subscription's invoices, oldest first."""
        return [
            copy.deepcopy(row)
            for row in self._account.store.rows("invoice")
            if subscriptions.subscription_id(row) == subscription
        ]

    def payout(self, at: float | None = None) -> Json:
        """Pay out what is available and was not paid out yet; return the payout.

        `at` (Unix seconds): the clock is advanced to it first; a time gone by leaves out what
        became available since. Raises StripeError when there is nothing to pay out.
        """
        if at is not None and at > self._account.clock():
            self.advance(to=at)
        with self.change() as change:
            return payouts.pay_out(change, until=change.now if at is None else int(at))

    def stripe_fee(self, cents: int, *, description: str = "Radar for Fraud Teams") -> Json:
        """Take a fee that belongs to no payment; return its balance transaction."""
        with self.change() as change:
            return payouts.take_fee(change, cents, description=description)

    def fraud_warning(self, key: str, *, fraud_type: str = "made_with_stolen_card") -> Json:
        """Have a charge's issuer warn of fraud; return the warning."""
        with self.change() as change:
            return payouts.warn_of_fraud(change, charge_id(change, key), fraud_type=fraud_type)
