"""What Stripe does with the balance: pays it out, takes its own fees; and warnings of fraud.

https://docs.stripe.com/payouts/reconciliation
"""

from __future__ import annotations

from sandbox.stripe import aftermath, money_objects
from sandbox.stripe.account import Change
from sandbox.stripe.errors import StripeError
from sandbox.stripe.store import Json

ARRIVAL_SECONDS = 2 * 86400


def pay_out(change: Change, *, until: int) -> Json:
    """Pay out all that is available at `until` (Unix seconds) and was not yet; return the payout.

    Raises StripeError when that is nothing, or less than nothing. The payout's own movement is
    one of its members, as in Stripe, so that they add up to zero.
    """
    members = [
        row["id"]
        for row in change.batch.rows("balance_transaction")
        if row["available_on"] <= until and change.batch.get("payout_member", row["id"]) is None
    ]
    amount = sum(change.get("balance_transaction", key)["net"] for key in members)
    if amount <= 0:
        raise StripeError(f"There is nothing to pay out: {amount} cents are available")
    made = money_objects.payout(
        change.new_id("po"),
        now=change.now,
        amount=amount,
        arrival_date=change.now + ARRIVAL_SECONDS,
    )
    own = aftermath.move_balance(
        change,
        kind="payout",
        category="payout",
        source=made["id"],
        amount=-amount,
        available_on=change.now,
        description="STRIPE PAYOUT",
    )
    for key in (*members, own):
        change.batch.put("payout_member", key, {"id": key, "payout": made["id"]})
    made["balance_transaction"] = own
    change.emit("payout.created", made | {"status": "pending"})
    change.emit("payout.paid", made)
    return made


def take_fee(change: Change, cents: int, *, description: str) -> Json:
    """Take a fee of Stripe's own, which belongs to no payment; return the balance transaction."""
    if cents <= 0:
        raise StripeError("A fee is a positive amount of cents")
    key = aftermath.move_balance(
        change,
        kind="stripe_fee",
        category="fee",
        source=None,
        amount=-cents,
        available_on=change.now,
        description=description,
    )
    return change.get("balance_transaction", key)


def warn_of_fraud(change: Change, charge_id: str, *, fraud_type: str) -> Json:
    """Have the card's issuer warn that a charge may be fraudulent; return the warning."""
    charge = change.get("charge", charge_id)
    warning = money_objects.fraud_warning(
        change.new_id("issfr"), charge, now=change.now, fraud_type=fraud_type
    )
    change.emit("radar.early_fraud_warning.created", warning)
    return warning
