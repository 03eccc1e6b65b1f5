"""Gifts that never saw Stripe: cheques, transfers, cash."""

import datetime as dt
import uuid

from django.db import transaction

from broadcasts.models import Broadcast
from donations.models import Donor, Gift, LedgerEntry
from donations.services import booking, campaigns

NAMESPACE = uuid.UUID("b0f6b5a2-6f0b-4c9c-8f3e-5d1f8a1c7e55")


@transaction.atomic
def record_offline_gift(
    *,
    key: str,
    amount_cents: int,
    occurred_at: dt.datetime,
    donor_name: str = "",
    donor_email: str | None = None,
    broadcast: Broadcast | None = None,
) -> Gift:
    """Book a gift of `amount_cents` received at `occurred_at` (aware), once per `key`.

    The ledger entry is `offline:<key>`. The same key again changes nothing and returns the gift.
    """
    gift_id = uuid.uuid5(NAMESPACE, key)
    source = f"offline:{key}"
    known = LedgerEntry.objects.filter(source=source).select_related("gift").first()
    if known is not None and known.gift is not None:
        return known.gift
    campaign = campaigns.current_campaign(occurred_at)
    donor = booking.donor_of(donor_email or "")
    if donor_name and not donor.name:
        Donor.objects.filter(pk=donor.pk).update(name=donor_name)
    Gift.objects.bulk_create(
        [
            Gift(
                id=gift_id,
                channel=Gift.Channel.OFFLINE,
                status=Gift.Status.SUCCEEDED,
                amount_cents=amount_cents,
                donor=donor,
                broadcast=broadcast,
                campaign=campaign,
                paid_at=occurred_at,
            )
        ],
        ignore_conflicts=True,
    )
    gift = booking.lock_gift(str(gift_id))
    LedgerEntry.objects.bulk_create(
        [
            LedgerEntry(
                kind=LedgerEntry.Kind.OFFLINE,
                amount_cents=amount_cents,
                occurred_at=occurred_at,
                campaign=campaign,
                gift=gift,
                source=source,
            )
        ],
        ignore_conflicts=True,
    )
    campaigns.mark_dirty(campaign.pk)
    return gift
