"""The campaigns' progress held against the ledger, and made equal to it."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import F, Sum
from django.utils import timezone

from donations.models import Campaign, LedgerEntry, Progress
from donations.services import campaigns

# A booking asks for a new computation, which comes within seconds: until then it is not a fault.
STILL_COMPUTING = dt.timedelta(minutes=10)


@dataclass(frozen=True, kw_only=True)
class Deviation:
    """A campaign whose progress is not what its ledger says; cents and distinct donors."""

    campaign: Campaign
    shown_cents: int
    ledger_cents: int
    shown_donors: int
    ledger_donors: int


def deviations() -> list[Deviation]:
    """Every campaign whose stored progress differs from its ledger, the oldest first.

    One that is about to be recomputed, because money has just been booked, is left out.
    """
    recent = timezone.now() - STILL_COMPUTING
    progress = {row.campaign_id: row for row in Progress.objects.all()}
    raised = _raised_cents()
    donors = _donors()
    found = []
    for campaign in Campaign.objects.order_by("starts_on", "pk"):
        shown = progress.get(campaign.pk) or Progress(campaign=campaign)
        if shown.dirty_since is not None and shown.dirty_since > recent:
            continue
        deviation = Deviation(
            campaign=campaign,
            shown_cents=shown.raised_cents,
            ledger_cents=raised.get(campaign.pk, 0),
            shown_donors=shown.donors,
            ledger_donors=donors.get(campaign.pk, 0),
        )
        if (deviation.shown_cents, deviation.shown_donors) != (
            deviation.ledger_cents,
            deviation.ledger_donors,
        ):
            found.append(deviation)
    return found


def _raised_cents() -> dict[int, int]:
    counted = LedgerEntry.objects.filter(kind__in=LedgerEntry.RAISED_KINDS).order_by()
    return {
        row["campaign"]: row["total"]
        for row in counted.values("campaign").annotate(total=Sum("amount_cents"))
    }


def _donors() -> dict[int, int]:
    counted = LedgerEntry.objects.filter(
        kind__in=LedgerEntry.RAISED_KINDS, gift__donor__isnull=False
    ).order_by()
    sums = counted.values("campaign", donor=F("gift__donor")).annotate(total=Sum("amount_cents"))
    donors: dict[int, int] = {}
    for row in sums.filter(total__gt=0):
        donors[row["campaign"]] = donors.get(row["campaign"], 0) + 1
    return donors


def rebuild() -> int:
    """Compute every campaign's progress again from the ledger. Returns how many campaigns."""
    ids = list(Campaign.objects.values_list("pk", flat=True))
    for campaign_id in ids:
        campaigns.recompute_progress(campaign_id)
    return len(ids)
