"""What Stripe says of its own balance, as plain values: movements, and payouts to the bank.

All amounts are integer cents of euro; all moments are UTC.
"""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class BalanceMove:
    """One balance transaction. `category` is Stripe's `reporting_category`, made for accounts.

    `source_id` is the object that caused it (charge, refund, dispute, payout), "" for none.
    """

    transaction_id: str
    kind: str
    category: str
    source_id: str
    amount_cents: int
    fee_cents: int
    currency: str
    created: dt.datetime

    @property
    def net_cents(self) -> int:
        """What the balance gained, in cents."""
        return self.amount_cents - self.fee_cents


@dataclass(frozen=True, kw_only=True)
class PayoutFacts:
    """Money that Stripe sent to the bank. `is_itemised`: its movements can be listed now.

    Stripe lists those of automatic payouts only, some time after it has made them.
    """

    payout_id: str
    amount_cents: int
    status: str
    arrives_on: dt.date
    created: dt.datetime
    livemode: bool
    is_itemised: bool
