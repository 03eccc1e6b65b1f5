"""The treasurer's desk. What only the platform writes can be read here, and not changed."""

from donations.admin import (
    campaigns,
    donors,
    gifts,
    imports,
    ledger,
    notices,
    outbox,
    payouts,
    receipts,
    reconciliation,
    reversal,
    stripe_events,
    subscriptions,
)

__all__ = [
    "campaigns",
    "donors",
    "gifts",
    "imports",
    "ledger",
    "notices",
    "outbox",
    "payouts",
    "receipts",
    "reconciliation",
    "reversal",
    "stripe_events",
    "subscriptions",
]
