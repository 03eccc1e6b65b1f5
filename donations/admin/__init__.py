"""The treasurer's desk. What only the platform writes can be read here, and not changed."""

from donations.admin import (
    campaigns,
    donors,
    gifts,
    giving_settings,
    imports,
    ledger,
    notices,
    outbox,
    paliers,
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
    "giving_settings",
    "imports",
    "ledger",
    "notices",
    "outbox",
    "paliers",
    "payouts",
    "receipts",
    "reconciliation",
    "reversal",
    "stripe_events",
    "subscriptions",
]
