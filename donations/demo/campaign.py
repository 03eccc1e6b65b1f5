"""The demonstration's months: the outlet's real budget lines, and gifts.

The running month has one gift of 10 €. The three before it have more, so that provisions have
saved something and past months can be looked at.
"""

import datetime as dt

from django.db import transaction

from broadcasts.models import Broadcast
from donations.models import BudgetLine, Campaign, Gift, GivingSettings
from donations.services import campaigns, offline

# Label, description, amount in cents, whether it saves up: what the outlet needs each month, in its
# order of priority.
BUDGET = (
    ("Loyer", "Studio, assurances, téléphonie, elec", 190_000, False),
    ("Gestion", "Comptabilité", 90_000, False),
    ("Transport", "Tournages extérieurs, transports invités, stands, hébergement", 100_000, False),
    ("Salaires", "2 journalistes, 5 pigistes, 1 graphiste, 3 développeurs", 1_300_000, False),
    ("Divers", "Services en ligne, matériel, abonnements à la presse indépendante", 100_000, False),
    (
        "Projet",
        "Provision pour achat d’une AuposteMobile, camion pour lives itinérants",
        320_000,
        True,
    ),
    ("Site", "Provision pour refonte du site", 900_000, True),
)
GIFT_CENTS = 1_000
DONOR_NAME, DONOR_EMAIL = "Camille Oriot", "camille.oriot@example.org"
EPISODE_PK = 1037
# What the months before brought, the last one first, in cents; and in how many gifts.
PAST_MONTHS = ((1_906_000, 34), (2_238_500, 41), (1_843_000, 30))
# Shares of a month's sum: a few large gifts, many small ones, as it is.
SHARES = (21, 8, 5, 3, 3, 2, 2, 1)


def seed_campaign(*, now: dt.datetime) -> Campaign:
    """The campaign of the month of `now` (aware), with lines and a gift of 10 €, once a month.

    The first time, debits are offered beside cards: they show what is on its way.
    """
    GivingSettings.objects.get_or_create(pk=1, defaults={"sepa_debit": True})
    campaign = campaigns.current_campaign(now)
    _write_budget(campaign)
    offline.record_offline_gift(
        key=f"demo-{campaign.starts_on:%Y-%m}",
        amount_cents=GIFT_CENTS,
        occurred_at=now,
        means=Gift.Means.CHEQUE,
        donor_name=DONOR_NAME,
        donor_email=DONOR_EMAIL,
        broadcast=Broadcast.objects.filter(pk=EPISODE_PK).first(),
    )
    campaigns.recompute_progress(campaign.pk)
    return campaign


def seed_past_months(*, now: dt.datetime) -> None:
    """The three months before that of `now`, once: one that has gifts already is left alone."""
    month = campaigns.paris_month(now)
    for cents, count in PAST_MONTHS:
        month = (month - dt.timedelta(days=1)).replace(day=1)
        noon = dt.datetime.combine(month, dt.time(12), campaigns.PARIS)
        campaign = campaigns.current_campaign(noon)
        if campaign.entries.exists():
            continue
        _write_budget(campaign)
        offline.record_offline_gifts(
            offline.OfflineGift(
                key=f"demo-{month:%Y-%m}-{number}",
                amount_cents=part,
                occurred_at=noon + dt.timedelta(days=number * 27 // count, minutes=number),
                means=Gift.Means.HELLOASSO if number % 3 else Gift.Means.TRANSFER,
                # Some give every month, some once: the numbers of people and gifts differ.
                email=f"demo{number % 29}@example.org",
            )
            for number, part in enumerate(_parts(cents, count))
        )
        campaigns.recompute_progress(campaign.pk)


def _write_budget(campaign: Campaign) -> None:
    with transaction.atomic(), campaigns.past_budget_open():
        Campaign.objects.select_for_update().get(pk=campaign.pk)
        if not campaign.lines.exists():
            BudgetLine.objects.bulk_create(
                BudgetLine(
                    campaign=campaign,
                    position=position,
                    label=label,
                    description=description,
                    amount_cents=cents,
                    is_provision=saves,
                )
                for position, (label, description, cents, saves) in enumerate(BUDGET, start=1)
            )


def _parts(cents: int, count: int) -> list[int]:
    """`cents` in `count` unequal gifts of whole euros, the rest in the first one."""
    shares = [SHARES[number % len(SHARES)] for number in range(count)]
    parts = [cents * share // sum(shares) // 100 * 100 for share in shares]
    return [cents - sum(parts[1:]), *parts[1:]]
