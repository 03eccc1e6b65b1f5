"""What happens to a charge after it succeeded: its balance transaction, refunds, disputes."""

from __future__ import annotations

from typing import Literal

from sandbox.stripe import money_objects, payments, rules
from sandbox.stripe.account import Change
from sandbox.stripe.errors import StripeError
from sandbox.stripe.store import Json

DISPUTE_FEE_CENTS = 2000


def processing_fee(amount: int) -> int:
    """Return the processor's fee in cents: 1.5 % rounded half up, and 25 cents."""
    return (amount * 15 + 500) // 1000 + 25


def bring_balance(change: Change, charge_id: str) -> Json:
    """Give a succeeded charge its balance transaction, as Stripe does after a while."""
    charge = change.get("charge", charge_id)
    if charge["status"] != "succeeded":
        raise StripeError(f"Charge {charge_id} has not succeeded")
    change.cancel_timer("balance", charge_id)
    if charge["balance_transaction"]:
        return charge
    charge["balance_transaction"] = move_balance(
        change,
        kind="charge" if _by_card(charge) else "payment",
        category="charge",
        source=charge_id,
        amount=charge["amount"],
        fee=processing_fee(charge["amount"]),
    )
    change.emit("charge.updated", charge, {"balance_transaction": None})
    return charge


def refund(change: Change, params: Json, *, status: str | None = None) -> Json:
    """Refund a charge in part or in full; return the refund.

    `params` are those of `refunds.create`. A card's refund succeeds at once, a direct debit's is
    pending for a while, unless `status` says otherwise. Raises StripeError as Stripe does when
    the amount is over what is left, or the charge is disputed or did not succeed.
    """
    rules.check_refund(params)
    charge = _charge_named(change, params)
    left = charge["amount"] - charge["amount_refunded"]
    if charge["status"] != "succeeded":
        raise StripeError(f"Charge {charge['id']} has not succeeded and cannot be refunded.")
    if charge["disputed"]:
        raise StripeError(
            f"Charge {charge['id']} has been charged back; cannot issue a refund.",
            code="charge_disputed",
        )
    if not left:
        raise StripeError(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    amount = params.get("amount", left)
    if amount > left:
        raise StripeError(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            param="amount",
        )
    status = status or ("succeeded" if _by_card(charge) else "pending")
    made = money_objects.refund(
        change.new_id("re" if _by_card(charge) else "pyr"),
        charge,
        now=change.now,
        amount=amount,
        status=status,
        params=params,
    )
    made["balance_transaction"] = move_balance(
        change,
        kind="refund" if _by_card(charge) else "payment_refund",
        category="refund",
        source=made["id"],
        amount=-amount,
    )
    if status == "pending":
        made["pending_reason"] = "processing"
        delay = change.settings.sepa_delay
        change.set_timer("refund", made["id"], delay, payments.USUAL_DEBIT_SECONDS)
    before = {"amount_refunded": charge["amount_refunded"], "refunded": charge["refunded"]}
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    change.emit("refund.created", made)
    change.emit("charge.refunded", charge, before)
    return made


def settle_refund(change: Change, refund_id: str) -> Json:
    """Let a pending refund reach the donor; return it."""
    made = change.get("refund", refund_id)
    if made["status"] != "pending":
        raise StripeError(f"Refund {refund_id} is {made['status']}")
    change.cancel_timer("refund", refund_id)
    before = {"status": "pending", "pending_reason": made.pop("pending_reason")}
    made["status"] = "succeeded"
    change.emit("refund.updated", made, before)
    return made


def fail_refund(change: Change, refund_id: str) -> Json:
    """Have the bank return a refund: the money comes back to the balance. Returns the refund."""
    made = change.get("refund", refund_id)
    if made["status"] not in ("pending", "succeeded"):
        raise StripeError(f"Refund {refund_id} is {made['status']}")
    change.cancel_timer("refund", refund_id)
    before = {"status": made["status"]}
    made.pop("pending_reason", None)
    made |= {
        "status": "failed",
        "failure_reason": "lost_or_stolen_card",
        "failure_balance_transaction": move_balance(
            change,
            kind="refund_failure",
            category="refund_failure",
            source=refund_id,
            amount=made["amount"],
        ),
    }
    charge = change.get("charge", made["charge"])
    charge["amount_refunded"] -= made["amount"]
    charge["refunded"] = False
    change.put(charge)
    change.emit("refund.updated", made, before)
    change.emit("refund.failed", made)
    return made


def open_dispute(
    change: Change,
    charge_id: str,
    *,
    amount: int | None = None,
    reason: str = "fraudulent",
    withdraw: bool = True,
) -> Json:
    """Have the payer dispute a charge; unless told not to, the funds are withdrawn at once."""
    charge = change.get("charge", charge_id)
    left = charge["amount"] - charge["amount_refunded"]
    amount = left if amount is None else amount
    if charge["status"] != "succeeded" or charge["disputed"] or not 0 < amount <= left:
        raise StripeError(f"Charge {charge_id} cannot be disputed for {amount} cents")
    dispute = money_objects.dispute(
        change.new_id("dp"), charge, now=change.now, reason=reason, amount=amount
    )
    charge["disputed"] = True
    change.emit("charge.updated", charge, {"disputed": False})
    change.emit("charge.dispute.created", dispute)
    return withdraw_funds(change, dispute["id"]) if withdraw else dispute


def withdraw_funds(change: Change, dispute_id: str) -> Json:
    """Take a dispute's amount and fee from the balance; return the dispute."""
    dispute = change.get("dispute", dispute_id)
    if _withdrawn(dispute):
        raise StripeError(f"The funds of {dispute_id} have been withdrawn")
    _move_dispute(change, dispute, "dispute", -dispute["amount"], DISPUTE_FEE_CENTS)
    change.emit("charge.dispute.funds_withdrawn", dispute)
    return dispute


def reinstate_funds(change: Change, dispute_id: str) -> Json:
    """Give a dispute's amount back, without its fee; return the dispute."""
    dispute = change.get("dispute", dispute_id)
    if not _withdrawn(dispute):
        raise StripeError(f"The funds of {dispute_id} have not been withdrawn")
    _move_dispute(change, dispute, "dispute_reversal", dispute["amount"], 0)
    change.emit("charge.dispute.funds_reinstated", dispute)
    return dispute


def close_dispute(change: Change, dispute_id: str, *, outcome: Literal["won", "lost"]) -> Json:
    """End a dispute; one that is won gives back what was withdrawn. Returns the dispute."""
    dispute = change.get("dispute", dispute_id)
    if dispute["status"] in ("won", "lost"):
        raise StripeError(f"{dispute_id} is {dispute['status']}")
    before = {"status": dispute["status"]}
    dispute["status"] = outcome
    change.emit("charge.dispute.closed", dispute, before)
    if outcome == "won" and _withdrawn(dispute):
        return reinstate_funds(change, dispute_id)
    return dispute


def _withdrawn(dispute: Json) -> bool:
    movements: list[Json] = dispute["balance_transactions"]
    return bool(sum(movement["amount"] for movement in movements) < 0)


def _move_dispute(change: Change, dispute: Json, category: str, amount: int, fee: int) -> None:
    key = move_balance(
        change,
        kind="adjustment",
        category=category,
        source=dispute["id"],
        amount=amount,
        fee=fee,
    )
    dispute["balance_transactions"].append(change.get("balance_transaction", key))


def move_balance(
    change: Change,
    *,
    kind: str,
    category: str,
    source: str | None,
    amount: int,
    fee: int = 0,
    available_on: int | None = None,
    description: str | None = None,
) -> str:
    """Store a movement of the balance, in cents; return its id."""
    movement = money_objects.balance_transaction(
        change.new_id("txn"),
        now=change.now,
        kind=kind,
        category=category,
        source=source,
        amount=amount,
        fee=fee,
        available_on=available_on,
        description=description,
    )
    change.put(movement)
    key: str = movement["id"]
    return key


def _charge_named(change: Change, params: Json) -> Json:
    if "charge" in params:
        return change.get("charge", params["charge"], param="charge")
    intent = change.get("payment_intent", params["payment_intent"], param="payment_intent")
    if not intent["latest_charge"]:
        raise StripeError(
            "This PaymentIntent does not have a successful charge to refund.",
            param="payment_intent",
        )
    return change.get("charge", intent["latest_charge"])


def _by_card(charge: Json) -> bool:
    kind: str = charge["payment_method_details"]["type"]
    return kind == "card"
