"""What the overlay shows in the video: the bar, consented first names, thanks. And its key.

Names and messages wait for a moderator (`services/moderation.py`). No amount of a single gift is
here, nor anything that leads from the overlay back to a gift.
"""

import datetime as dt
import secrets
from dataclasses import dataclass

from django.db.models import F, Q
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from donations.models import BudgetLine, Campaign, Gift, GivingSettings
from donations.progress import Fundraising, waterfall
from donations.services.campaigns import paris_month

MOST_NAMES = 10
LONGEST_NAME = 40
# A gift is thanked for when it comes; one that is older was thanked for, or missed its moment.
THANKED_WITHIN = dt.timedelta(minutes=10)
MOST_GIFTS = 60


@dataclass(frozen=True, kw_only=True)
class Thanked:
    """A gift that has just come: `key` tells it from others, `name` is empty unless approved."""

    key: str
    name: str


@dataclass(frozen=True, kw_only=True)
class OnAir:
    """All that the overlay shows. `crossed`: labels of the paliers crossed, by their line's key.

    `title` is that of a special collection, and empty for the month.
    """

    title: str
    fundraising: Fundraising
    names: tuple[str, ...]
    gifts: tuple[Thanked, ...]
    crossed: tuple[tuple[int, str], ...]


def overlay_key() -> str:
    """The secret of the overlay's address, made the first time that somebody wants it."""
    GivingSettings.objects.bulk_create([GivingSettings(pk=1)], ignore_conflicts=True)
    GivingSettings.objects.filter(pk=1, overlay_key="").update(overlay_key=_new_key())
    return GivingSettings.objects.get(pk=1).overlay_key


def renew_overlay_key() -> str:
    """Another key; the old address is dead at once."""
    GivingSettings.objects.bulk_create([GivingSettings(pk=1)], ignore_conflicts=True)
    GivingSettings.objects.filter(pk=1).update(overlay_key=_new_key())
    return overlay_key()


def _new_key() -> str:
    return secrets.token_urlsafe(24)


def key_opens(key: str, till: GivingSettings) -> bool:
    """Whether `key` is the overlay's, compared in constant time. Without a key nothing opens."""
    return bool(till.overlay_key) and constant_time_compare(key, till.overlay_key)


def hide(*, hidden: bool) -> None:
    """« Tout masquer », or show again: the overlay obeys at its next question, within a second."""
    GivingSettings.objects.bulk_create([GivingSettings(pk=1)], ignore_conflicts=True)
    GivingSettings.objects.filter(pk=1).update(on_air_hidden=hidden)


def shown_on_air(*, collection_id: int = 0, now: dt.datetime | None = None) -> OnAir:
    """The bar and who is thanked, in two queries.

    The bar is the month's, or that of the special collection of `collection_id` while it runs.
    """
    now = now or timezone.now()
    running = Campaign.objects.special_on(timezone.localdate(now)).filter(pk=collection_id)
    month = Campaign.objects.of_month(paris_month(now))
    lines = list(
        BudgetLine.objects.filter(Q(campaign__in=running) | Q(campaign__in=month))
        .select_related("campaign__progress", "crossing")
        .order_by("position")
    )
    special = [line for line in lines if line.campaign.kind == Campaign.Kind.SPECIAL]
    lines = special or lines
    progress = getattr(lines[0].campaign, "progress", None) if lines else None
    gifts = _gifts(now)
    return OnAir(
        title=special[0].campaign.title if special else "",
        fundraising=waterfall(
            lines=lines,
            raised_cents=progress.raised_cents if progress else 0,
            donors=progress.donors if progress else 0,
        ),
        names=tuple(name for name in map(_name, gifts) if name)[:MOST_NAMES],
        gifts=tuple(
            Thanked(key=_key(gift), name=_name(gift))
            for gift in gifts
            if gift.paid_at and gift.paid_at >= now - THANKED_WITHIN
        ),
        crossed=tuple((line.pk, line.label) for line in lines if hasattr(line, "crossing")),
    )


def _gifts(now: dt.datetime) -> list[Gift]:
    """Newest first: what has just come by Stripe, and all who may be named."""
    fresh = Q(paid_at__gte=now - THANKED_WITHIN)
    named = Q(name_state=Gift.Shown.APPROVED) & ~Q(public_name="")
    return list(
        Gift.objects.filter(
            fresh | named,
            status=Gift.Status.SUCCEEDED,
            channel=Gift.Channel.STRIPE,
            refunded_cents__lt=F("amount_cents"),
        )
        .only("pk", "paid_at", "public_name", "name_state")
        .order_by("-paid_at")[:MOST_GIFTS]
    )


def _name(gift: Gift) -> str:
    """The public name, if a moderator has approved it, at most 40 characters long."""
    if gift.name_state != Gift.Shown.APPROVED:
        return ""
    name = " ".join(gift.public_name.split())
    return name if len(name) <= LONGEST_NAME else f"{name[: LONGEST_NAME - 1].rstrip()}…"


def _key(gift: Gift) -> str:
    return salted_hmac("auposte.on_air", str(gift.pk)).hexdigest()[:16]
