"""Ledgers of any shape, for tests of what is read from them.

How entries come about is tried elsewhere, through the doors that book them. Here they are written
as they may stand, to have a thousand shapes of a month without a thousand payments.
"""

import datetime as dt
import itertools
from dataclasses import dataclass, field

from django.utils import timezone

from broadcasts.models import Broadcast
from donations.models import BudgetLine, Campaign, Donor, Gift, LedgerEntry, Progress
from donations.services.campaigns import recompute_progress

numbers = itertools.count(1)
LINES = (("Loyer", 190_000), ("Gestion", 90_000))


def special_campaign(title: str = "Collecte", *, days: int = 20) -> Campaign:
    """A special collection that began `days` ago and ended the day before yesterday."""
    today = timezone.localdate()
    campaign = Campaign.objects.create(
        title=title,
        kind=Campaign.Kind.SPECIAL,
        starts_on=today - dt.timedelta(days=days),
        ends_on=today + dt.timedelta(days=1),
    )
    BudgetLine.objects.bulk_create(
        BudgetLine(campaign=campaign, position=position, label=label, amount_cents=cents)
        for position, (label, cents) in enumerate(LINES, start=1)
    )
    Campaign.objects.filter(pk=campaign.pk).update(ends_on=today - dt.timedelta(days=2))
    campaign.refresh_from_db()
    return campaign


@dataclass
class Book:
    """The gifts and entries of one campaign, written down at once by `close`."""

    campaign: Campaign
    gifts: list[Gift] = field(default_factory=list)
    entries: list[LedgerEntry] = field(default_factory=list)

    def gift(
        self,
        cents: int = 1000,
        *,
        donor: Donor | None = None,
        kind: str = Gift.Kind.ONCE,
        broadcast: Broadcast | None = None,
        offline: bool = False,
    ) -> Gift:
        """A paid gift, with its entry."""
        gift = Gift(
            kind=kind,
            status=Gift.Status.SUCCEEDED,
            amount_cents=cents,
            donor=donor or Donor(),
            campaign=self.campaign,
            broadcast=broadcast,
            paid_at=self.during,
        )
        self.gifts.append(gift)
        self.entry(gift, LedgerEntry.Kind.OFFLINE if offline else LedgerEntry.Kind.GIFT, cents)
        return gift

    def entry(self, gift: Gift | None, kind: str, cents: int, *, late: bool = False) -> None:
        if cents:
            self.entries.append(
                LedgerEntry(
                    kind=kind,
                    amount_cents=cents,
                    occurred_at=self.after if late else self.during,
                    campaign=self.campaign,
                    gift=gift,
                    source=f"test:{next(numbers)}",
                )
            )

    @property
    def during(self) -> dt.datetime:
        return dt.datetime.combine(self.campaign.starts_on, dt.time(12), tzinfo=dt.UTC)

    @property
    def after(self) -> dt.datetime:
        day = self.campaign.ends_on + dt.timedelta(days=1)
        return dt.datetime.combine(day, dt.time(12), tzinfo=dt.UTC)

    def close(self) -> Progress:
        Donor.objects.bulk_create(
            gift.donor for gift in self.gifts if gift.donor and not gift.donor.pk
        )
        for gift in self.gifts:
            gift.donor = gift.donor  # knows its key now
        Gift.objects.bulk_create(self.gifts)
        LedgerEntry.objects.bulk_create(self.entries)
        return recompute_progress(self.campaign.pk)
