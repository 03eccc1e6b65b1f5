"""The demonstration's month: the outlet's real budget lines, and one gift."""

import datetime as dt

from django.db import transaction

from broadcasts.models import Broadcast
from donations.models import BudgetLine, Campaign
from donations.services import campaigns, offline

# Label, description, amount in cents: what the outlet needs each month, in its order of priority.
BUDGET = (
    ("Loyer", "Studio, assurances, téléphonie, elec", 190_000),
    ("Gestion", "Comptabilité", 90_000),
    ("Transport", "Tournages extérieurs, transports invités, stands, hébergement", 100_000),
    ("Salaires", "2 journalistes, 5 pigistes, 1 graphiste, 3 développeurs", 1_300_000),
    ("Divers", "Services en ligne, matériel, abonnements à la presse indépendante", 100_000),
    ("Projet", "Provision pour achat d’une AuposteMobile, camion pour lives itinérants", 320_000),
    ("Site", "Provision pour refonte du site", 900_000),
)
GIFT_CENTS = 1_000
DONOR_NAME, DONOR_EMAIL = "Camille Oriot", "camille.oriot@example.org"
EPISODE_PK = 1037


def seed_campaign(*, now: dt.datetime) -> Campaign:
    """The campaign of the month of `now` (aware), with lines and a gift of 10 €, once a month."""
    campaign = campaigns.current_campaign(now)
    with transaction.atomic():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        if not campaign.lines.exists():
            BudgetLine.objects.bulk_create(
                BudgetLine(
                    campaign=campaign,
                    position=position,
                    label=label,
                    description=description,
                    amount_cents=cents,
                )
                for position, (label, description, cents) in enumerate(BUDGET, start=1)
            )
    offline.record_offline_gift(
        key=f"demo-{campaign.starts_on:%Y-%m}",
        amount_cents=GIFT_CENTS,
        occurred_at=now,
        donor_name=DONOR_NAME,
        donor_email=DONOR_EMAIL,
        broadcast=Broadcast.objects.filter(pk=EPISODE_PK).first(),
    )
    campaigns.recompute_progress(campaign.pk)
    return campaign
