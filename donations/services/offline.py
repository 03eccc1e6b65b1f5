"""Gifts that never saw Stripe: cheques, transfers, cash, and what other platforms collected."""

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser, User
from django.db import transaction
from django.utils import timezone

from auposte.money import NBSP
from auposte.staff import name_of
from auposte.templatetags.french import french_date
from broadcasts.models import Broadcast
from donations.models import Campaign, Donor, Gift, LedgerEntry
from donations.receipts import cancelling
from donations.services import booking, campaigns

NAMESPACE = uuid.UUID("b0f6b5a2-6f0b-4c9c-8f3e-5d1f8a1c7e55")
NOTE_LONGEST = 300


class NotReversibleError(Exception):
    """This gift cannot be taken back here; the message says why, in French."""


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where a letter reaches somebody."""

    street: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""


@dataclass(frozen=True, kw_only=True)
class OfflineGift:
    """A gift to book, once per `key`: `amount_cents` received at `occurred_at` (aware).

    The giver is `donor`, else whoever has `email` (any case), else somebody new.
    """

    key: str
    amount_cents: int
    occurred_at: dt.datetime
    means: str = ""
    donor: Donor | None = None
    email: str = ""
    name: str = ""
    address: Address = Address()
    broadcast: Broadcast | None = None
    collection: Campaign | None = None
    note: str = ""

    @property
    def source(self) -> str:
        """The ledger entry's."""
        return f"offline:{self.key}"

    @property
    def gift_id(self) -> uuid.UUID:
        return gift_id_of(self.key)


def gift_id_of(key: str) -> uuid.UUID:
    """The gift that this key books, or has booked."""
    return uuid.uuid5(NAMESPACE, key)


def record_offline_gift(
    *,
    key: str,
    amount_cents: int,
    occurred_at: dt.datetime,
    means: str = "",
    donor: Donor | None = None,
    donor_name: str = "",
    donor_email: str | None = None,
    address: Address | None = None,
    broadcast: Broadcast | None = None,
    collection: Campaign | None = None,
    note: str = "",
) -> Gift:
    """Book one gift; see `OfflineGift`. The same key again changes nothing and returns the gift.

    What was typed about a donor who is known already replaces nothing but an older address.
    """
    order = OfflineGift(
        key=key,
        amount_cents=amount_cents,
        occurred_at=occurred_at,
        means=means,
        donor=donor,
        email=donor_email or "",
        name=donor_name,
        address=address or Address(),
        broadcast=broadcast,
        collection=collection,
        note=note,
    )
    record_offline_gifts([order], newest_addresses=True)
    return Gift.objects.select_related("campaign").get(pk=order.gift_id)


@transaction.atomic
def record_offline_gifts(
    orders: Iterable[OfflineGift], *, newest_addresses: bool = False
) -> set[str]:
    """Book many gifts in a fixed number of queries; the keys of those that were new.

    A gift lands in the month of its money, however long ago, or in its special collection if that
    ran on the day. An address replaces a known one only if it is said to be the newest.
    """
    by_key = {order.key: order for order in reversed(list(orders))}
    sources = [order.source for order in by_key.values()]
    known = set(LedgerEntry.objects.filter(source__in=sources).values_list("source", flat=True))
    # In one order for everybody, so that two workers wait for each other and never crosswise.
    new = sorted(
        (order for order in by_key.values() if order.source not in known),
        key=lambda order: order.gift_id,
    )
    if not new:
        return set()
    donors = _donors_of(new, newest_addresses=newest_addresses)
    _write(new, donors)
    return {order.key for order in new}


def _write(orders: Sequence[OfflineGift], donors: dict[str, Donor]) -> None:
    months: dict[tuple[int | None, dt.date], Campaign] = {}
    gifts = []
    for order in orders:
        gift = Gift(
            id=order.gift_id,
            channel=Gift.Channel.OFFLINE,
            status=Gift.Status.SUCCEEDED,
            means=order.means,
            amount_cents=order.amount_cents,
            donor=donors[order.key],
            broadcast=order.broadcast,
            collection=order.collection,
            paid_at=order.occurred_at,
            note=order.note[:NOTE_LONGEST],
        )
        day = campaigns.paris_day(order.occurred_at)
        place = (gift.collection_id, day if gift.collection_id else day.replace(day=1))
        if place not in months:
            months[place] = campaigns.campaign_for(gift, order.occurred_at)
        gift.campaign = months[place]
        gifts.append(gift)
    Gift.objects.bulk_create(gifts, ignore_conflicts=True)
    # Whoever lost a race waited there, and finds the winner's gift, donor and campaign.
    held = Gift.objects.select_for_update(of=("self",)).select_related("campaign")
    written = held.in_bulk([gift.pk for gift in gifts])
    orphans = [
        donors[order.key].pk
        for order in orders
        if order.donor is None
        and not _folded(order)
        and written[order.gift_id].donor_id != donors[order.key].pk
    ]
    if orphans:
        Donor.objects.filter(pk__in=orphans).delete()
    LedgerEntry.objects.bulk_create(
        [
            LedgerEntry(
                kind=LedgerEntry.Kind.OFFLINE,
                amount_cents=written[order.gift_id].amount_cents,
                occurred_at=order.occurred_at,
                campaign=written[order.gift_id].campaign,
                gift_id=order.gift_id,
                source=order.source,
            )
            for order in orders
        ],
        ignore_conflicts=True,
    )
    for campaign_id in sorted({campaign.pk for campaign in months.values()}):
        campaigns.mark_dirty(campaign_id)


def _donors_of(orders: Sequence[OfflineGift], *, newest_addresses: bool) -> dict[str, Donor]:
    """Who gives, by key. People without an address of any kind are made anew each time."""
    emails = sorted({folded for order in orders if (folded := _folded(order))})
    Donor.objects.bulk_create([Donor(email=email) for email in emails], ignore_conflicts=True)
    by_email = {donor.email: donor for donor in Donor.objects.filter(email__in=emails)}
    nameless = {
        order.key: Donor(name=order.name[:120], **vars(order.address))
        for order in orders
        if order.donor is None and not _folded(order)
    }
    Donor.objects.bulk_create(nameless.values())
    donors, changed = dict(nameless), {}
    for order in orders:
        donor = order.donor or by_email.get(_folded(order))
        if donor is None:
            continue
        donors[order.key] = donor
        if _complete(donor, order, newest_addresses=newest_addresses):
            changed[donor.pk] = donor
    Donor.objects.bulk_update(
        changed.values(), ["name", "street", "postal_code", "city", "country"]
    )
    return donors


def _folded(order: OfflineGift) -> str:
    return "" if order.donor else order.email.strip().lower()


def _complete(donor: Donor, order: OfflineGift, *, newest_addresses: bool) -> bool:
    """Add what the gift says of a known person; whether anything changed."""
    before = (donor.name, donor.street, donor.postal_code, donor.city, donor.country)
    donor.name = donor.name or order.name[:120]
    if order.address.street and (newest_addresses or not donor.street):
        # As a whole: half of one address and half of another reach nobody.
        donor.street, donor.postal_code = order.address.street, order.address.postal_code
        donor.city, donor.country = order.address.city, order.address.country
    return before != (donor.name, donor.street, donor.postal_code, donor.city, donor.country)


@transaction.atomic
def reverse_offline_gift(
    *, gift_id: uuid.UUID | str, reason: str, user: User | AnonymousUser | None = None
) -> bool:
    """Take a gift back by a counter-entry, now, in the gift's campaign; False if it was already.

    For a cheque that bounced or a slip of the pen. Raises NotReversibleError for a gift that came
    by Stripe: its money goes back by a refund there.
    """
    gift = booking.lock_gift(str(gift_id))
    entry = gift.entries.filter(kind=LedgerEntry.Kind.OFFLINE).first()
    if gift.channel != Gift.Channel.OFFLINE or entry is None:
        raise NotReversibleError("Ce don est passé par Stripe : il se rembourse là-bas.")
    source = f"{entry.source}:reversed"
    if LedgerEntry.objects.filter(source=source).exists():  # the gift's lock makes this safe
        return False
    LedgerEntry.objects.create(
        kind=LedgerEntry.Kind.ADJUSTMENT,
        amount_cents=-entry.amount_cents,
        occurred_at=timezone.now(),
        campaign_id=entry.campaign_id,
        gift=gift,
        source=source,
    )
    gift.refunded_cents = gift.amount_cents
    told = f"Annulé le {french_date(timezone.now())} par {name_of(user)}{NBSP}: {reason}"
    gift.note = f"{told} {gift.note}".strip()[:NOTE_LONGEST]
    gift.save(update_fields=["refunded_cents", "note"])
    cancelling.after_reversal(gift.pk)
    campaigns.mark_dirty(entry.campaign_id)
    return True
