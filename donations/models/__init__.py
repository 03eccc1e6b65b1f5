from donations.models.campaign import BudgetChange, BudgetLine, Campaign, Progress
from donations.models.donor import Donor, DonorAction, DonorLink, LinkRequest, StripeCustomer
from donations.models.gift import Gift
from donations.models.importing import GiftImport, GiftImportRow
from donations.models.inbox import GivingSettings, StripeEvent
from donations.models.ledger import LedgerEntry
from donations.models.monthly import Subscription
from donations.models.outbox import OutgoingEmail
from donations.models.palier import Crossing
from donations.models.receipts import (
    Receipt,
    ReceiptCounter,
    ReceiptFile,
    ReceiptIdentity,
    ReceiptIssuer,
    ReceiptItem,
    ReceiptRun,
)
from donations.models.reconciliation import Discrepancy, Payout, PayoutLine, ReconciliationRun
from donations.models.reversal import Dispute, FraudWarning, RefundOrder

__all__ = [
    "BudgetChange",
    "BudgetLine",
    "Campaign",
    "Crossing",
    "Discrepancy",
    "Dispute",
    "Donor",
    "DonorAction",
    "DonorLink",
    "FraudWarning",
    "Gift",
    "GiftImport",
    "GiftImportRow",
    "GivingSettings",
    "LedgerEntry",
    "LinkRequest",
    "OutgoingEmail",
    "Payout",
    "PayoutLine",
    "Progress",
    "Receipt",
    "ReceiptCounter",
    "ReceiptFile",
    "ReceiptIdentity",
    "ReceiptIssuer",
    "ReceiptItem",
    "ReceiptRun",
    "ReconciliationRun",
    "RefundOrder",
    "StripeCustomer",
    "StripeEvent",
    "Subscription",
]
