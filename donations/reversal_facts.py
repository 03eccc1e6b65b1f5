"""What Stripe says of money that may go back, as plain values. Cents of euro, moments in UTC."""

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class DisputeFacts:
    """A dispute as Stripe told it at `read_at`. `funds_gone`: the bank holds the money now."""

    dispute_id: str
    charge_id: str
    amount_cents: int
    reason: str
    status: str
    created: dt.datetime
    due_by: dt.datetime | None
    funds_gone: bool
    read_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class WarningFacts:
    """A card issuer's suspicion; `actionable` while a refund would still help."""

    warning_id: str
    charge_id: str
    kind: str
    actionable: bool
    created: dt.datetime
