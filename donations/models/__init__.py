from donations.models.campaign import BudgetLine, Campaign, Progress
from donations.models.donor import Donor, StripeCustomer
from donations.models.gift import Gift
from donations.models.inbox import GivingSettings, StripeEvent
from donations.models.ledger import LedgerEntry
from donations.models.outbox import OutgoingEmail

__all__ = [
    "BudgetLine",
    "Campaign",
    "Donor",
    "Gift",
    "GivingSettings",
    "LedgerEntry",
    "OutgoingEmail",
    "Progress",
    "StripeCustomer",
    "StripeEvent",
]
