"""Campaigns, donors and gifts for tests. Money is booked by the services, never by a factory."""

import datetime as dt

import factory
from django.db import transaction
from django.utils import timezone

from donations.models import BudgetLine, Campaign, Donor, Gift, Progress, ReceiptIssuer
from donations.services.campaigns import current_campaign, past_budget_open

SEED_LINES = (
    ("Loyer", 190_000),
    ("Gestion", 90_000),
    ("Transport", 100_000),
    ("Salaires", 1_300_000),
    ("Divers", 100_000),
    ("Projet", 320_000),
    ("Site", 900_000),
)


class DonorFactory(factory.django.DjangoModelFactory[Donor]):
    class Meta:
        model = Donor

    email = factory.Sequence(lambda n: f"donneuse{n}@example.org")


class PendingGiftFactory(factory.django.DjangoModelFactory[Gift]):
    """A gift whose form was sent, before any payment."""

    class Meta:
        model = Gift

    amount_cents = 1000
    contact_email = factory.Sequence(lambda n: f"promesse{n}@example.org")


def month_with_lines(
    lines: tuple[tuple[str, int], ...] = SEED_LINES, at: dt.datetime | None = None
) -> Campaign:
    """The campaign of the month of `at` (default: now) with these (label, cents) lines."""
    campaign = current_campaign(at or timezone.now())
    with transaction.atomic(), past_budget_open():
        campaign.lines.all().delete()
        BudgetLine.objects.bulk_create(
            BudgetLine(campaign=campaign, position=position, label=label, amount_cents=cents)
            for position, (label, cents) in enumerate(lines, start=1)
        )
    Progress.objects.get_or_create(campaign=campaign)
    return campaign


def entitled_entity(name: str = "Les Amis de la presse") -> ReceiptIssuer:
    """An entity that issues fiscal receipts for what comes in now."""
    return ReceiptIssuer.objects.create(
        name=name,
        street="12 rue des Presses",
        postal_code="75020",
        city="Paris",
        is_entitled=True,
        legal_basis="articles 200 et 238 bis du CGI",
        is_default=True,
    )
