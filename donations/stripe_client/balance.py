"""Stripe's balance: its movements, and what was paid out of it.

https://docs.stripe.com/api/balance_transactions, https://docs.stripe.com/payouts/reconciliation
"""

import datetime as dt
from typing import Any

from donations.balance import BalanceMove, PayoutFacts
from donations.stripe_client.connection import Json, api, asked, id_of, moment, rows_of

PAGE = 100


def balance_moves(*, since: dt.datetime, before: dt.datetime | None = None) -> list[BalanceMove]:
    """Every movement made from `since` on, and before `before`, oldest first. By pages of 100."""
    created: Json = {"gte": int(since.timestamp())}
    if before is not None:
        created["lt"] = int(before.timestamp())
    return _moves({"created": created})


def moves_of_payout(payout_id: str) -> list[BalanceMove]:
    """The movements that a payout took along, oldest first; its own is not among them.

    https://docs.stripe.com/api/balance_transactions/list#balance_transaction_list-payout
    """
    return [move for move in _moves({"payout": payout_id}) if move.source_id != payout_id]


def _moves(params: Json) -> list[BalanceMove]:
    given: Any = {**params, "limit": PAGE}
    rows = rows_of(lambda: api().v1.balance_transactions.list(given))
    found = asked(lambda: [_move(raw) for raw in rows])
    return sorted(found, key=lambda move: (move.created, move.transaction_id))


def _move(raw: Json) -> BalanceMove:
    return BalanceMove(
        transaction_id=raw["id"],
        kind=str(raw["type"]),
        category=str(raw["reporting_category"]),
        source_id=id_of(raw["source"]) if raw.get("source") else "",
        amount_cents=int(raw["amount"]),
        fee_cents=int(raw["fee"]),
        currency=str(raw["currency"]),
        created=moment(raw["created"]),
    )


def payout(payout_id: str) -> PayoutFacts:
    """One payout as it is now. https://docs.stripe.com/api/payouts/object"""
    return asked(lambda: _payout(api().v1.payouts.retrieve(payout_id).to_dict()))


def payouts(*, since: dt.datetime) -> list[PayoutFacts]:
    """Payouts made from `since` on, newest first. https://docs.stripe.com/api/payouts/list"""
    given: Any = {"created": {"gte": int(since.timestamp())}, "limit": PAGE}
    rows = rows_of(lambda: api().v1.payouts.list(given))
    return asked(lambda: [_payout(raw) for raw in rows])


def _payout(raw: Json) -> PayoutFacts:
    return PayoutFacts(
        payout_id=raw["id"],
        amount_cents=int(raw["amount"]),
        status=str(raw["status"]),
        arrives_on=moment(raw["arrival_date"]).date(),
        created=moment(raw["created"]),
        livemode=raw["livemode"] is True,
        is_itemised=raw["reconciliation_status"] == "completed",
    )
