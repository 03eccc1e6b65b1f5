"""The way into a donor's space, and what they see and change there.

Who asks for a link learns nothing: the page writes the address down for everybody, and only the
worker finds out whether anybody gave with it.
"""

import datetime as dt
import hashlib
import itertools
import secrets
import uuid
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet, Sum
from django.urls import reverse
from django.utils import timezone

from donations.models import (
    Donor,
    DonorAction,
    DonorLink,
    Gift,
    LedgerEntry,
    LinkRequest,
    OutgoingEmail,
    Subscription,
)
from donations.services import letters

LINK_MINUTES = 30
# Behind the page's own limits, which go when Valkey is away: nobody's letter box is flooded.
LINKS_AN_HOUR = 5
LETTER = "link:"
BATCH = 100


# --- The link ------------------------------------------------------------------------------------


def ask_for_link(email: str) -> int:
    """Write down that somebody typed this address. Returns the request's key."""
    return LinkRequest.objects.create(email=email.strip().lower()).pk


@transaction.atomic
def answer(request_id: int) -> int | None:
    """Send a link to whoever gave with the address, and forget the request.

    Returns the key of the letter. None: nobody did, too many were sent, or it is answered already.
    """
    now = timezone.now()
    asked = LinkRequest.objects.select_for_update(skip_locked=True).filter(pk=request_id).first()
    if asked is None:
        return None
    asked.delete()
    donor = Donor.objects.filter(email=asked.email).first()
    if donor is None or not donor.email or asked.created_at < now - dt.timedelta(days=1):
        return None
    if donor.links.filter(created_at__gt=now - dt.timedelta(hours=1)).count() >= LINKS_AN_HOUR:
        return None
    secret = secrets.token_urlsafe(32)
    link = DonorLink.objects.create(
        donor=donor,
        digest=digest_of(secret),
        expires_at=now + dt.timedelta(minutes=LINK_MINUTES),
    )
    letters.write(
        key=f"{LETTER}{link.pk}",
        to=donor.email,
        subject="Votre lien pour gérer vos dons à Au Poste",
        template="manage_link",
        context={
            "link": settings.SITE_URL + reverse("donations:enter", args=[secret]),
            "minutes": LINK_MINUTES,
        },
    )
    return OutgoingEmail.objects.values_list("pk", flat=True).get(key=f"{LETTER}{link.pk}")


def waiting_requests() -> list[int]:
    """Requests that the broker lost, the oldest first. Those of yesterday end unanswered."""
    return list(LinkRequest.objects.order_by("pk").values_list("pk", flat=True)[:BATCH])


def digest_of(secret: str) -> str:
    """What is kept of a link's secret: its SHA-256, which opens nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find_link(secret: str) -> DonorLink | None:
    """The link of this secret, whatever its state. Looking changes nothing."""
    return DonorLink.objects.filter(digest=digest_of(secret)).first()


def use_link(secret: str) -> Donor | None:
    """Use a link up, once: whose it was. None when it is unknown, used or too old."""
    now = timezone.now()
    mine = DonorLink.objects.filter(
        digest=digest_of(secret), used_at__isnull=True, expires_at__gt=now
    ).update(used_at=now)
    return Donor.objects.filter(links__digest=digest_of(secret)).first() if mine else None


def burn_link_letters(now: dt.datetime | None = None) -> int:
    """Empty letters that hold a link: once sent, or once it is too old. Returns how many."""
    now = now or timezone.now()
    of_links = OutgoingEmail.objects.filter(key__startswith=LETTER)
    too_old = now - dt.timedelta(minutes=LINK_MINUTES)
    unsent, _ = of_links.filter(sent_at__isnull=True, created_at__lt=too_old).delete()
    sent = of_links.filter(sent_at__isnull=False).exclude(text="")
    return unsent + sent.update(to="", text="", html="")


def end_sessions(donor: Donor) -> None:
    """Close the space everywhere; links that were not used yet are worth nothing any more."""
    Donor.objects.filter(pk=donor.pk).update(session_key=uuid.uuid4())
    donor.links.filter(used_at__isnull=True).delete()


# --- What is shown -------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class GivenGift:
    """A gift and what the ledger has of it, in cents: what is left, and what went back."""

    gift: Gift
    left_cents: int
    back_cents: int

    @property
    def is_awaited(self) -> bool:
        """Whether its money is on the way, and not counted yet."""
        return self.gift.status == Gift.Status.PROCESSING


@dataclass(frozen=True, kw_only=True)
class GivenYear:
    """The gifts of a Paris year, newest first, and what the person paid in all, in cents."""

    year: int
    gifts: tuple[GivenGift, ...]
    total_cents: int


PAID_KINDS = (*LedgerEntry.RAISED_KINDS, LedgerEntry.Kind.FEE_COVER)


def gifts_of(donor: Donor) -> "QuerySet[Gift]":
    """What this person gave, and what is on its way."""
    on_its_way = Q(status=Gift.Status.PROCESSING)
    if donor.email:
        on_its_way &= Q(donor=donor) | Q(donor__isnull=True, contact_email=donor.email)
    else:
        on_its_way &= Q(donor=donor)
    return Gift.objects.filter(Q(donor=donor, status=Gift.Status.SUCCEEDED) | on_its_way)


def years_of(donor: Donor) -> list[GivenYear]:
    """Everything given, by year, from the ledger: two years' worth or fifty, one query."""
    paid = Q(entries__kind__in=PAID_KINDS)
    gifts = (
        gifts_of(donor)
        .select_related("broadcast", "subscription")
        .annotate(left=Sum("entries__amount_cents", filter=paid))
    )
    shown = sorted(
        (
            GivenGift(gift=gift, left_cents=gift.left or 0, back_cents=_gone_back(gift))
            for gift in gifts
        ),
        key=lambda given: _moment(given.gift),
        reverse=True,
    )
    by_year = itertools.groupby(shown, lambda given: timezone.localtime(_moment(given.gift)).year)
    return [_year(year, tuple(gifts)) for year, gifts in by_year]


def _year(year: int, gifts: tuple[GivenGift, ...]) -> GivenYear:
    return GivenYear(year=year, gifts=gifts, total_cents=sum(given.left_cents for given in gifts))


def _moment(gift: Gift) -> dt.datetime:
    return gift.paid_at or gift.created_at


def _gone_back(gift: Gift) -> int:
    """Cents that went back: what was paid in the first place, less what is left of it."""
    left: int = getattr(gift, "left", None) or 0
    return max(gift.total_cents - left, 0) if gift.status == Gift.Status.SUCCEEDED else 0


def subscriptions_of(donor: Donor) -> list[Subscription]:
    """Monthly gifts that run, then those that have ended."""
    begun = donor.subscriptions.exclude(status=Subscription.Status.PENDING)
    return sorted(
        begun.exclude(ending=Subscription.Ending.LAPSED),
        key=lambda subscription: subscription.status == Subscription.Status.ENDED,
    )


# --- What donors change --------------------------------------------------------------------------


@transaction.atomic
def show_as(donor: Donor, *, name: str, gift_id: uuid.UUID | None = None) -> int:
    """Show one gift, or all of them and the months to come, under `name`; "" hides it at once.

    A new name waits for a moderator again. Returns how many gifts changed.
    """
    # The promise first: a month that is being filed copies its name.
    promises = donor.subscriptions.select_for_update(of=("self",)).exclude(public_name=name)
    gifts = gifts_of(donor).exclude(public_name=name)
    if gift_id is not None:
        gifts = gifts.filter(pk=gift_id)
    else:
        list(promises.values_list("pk", flat=True))
        promises.update(public_name=name)
    changed = Gift.objects.filter(pk__in=gifts.values("pk")).update(
        public_name=name, name_state=Gift.Shown.WAITING
    )
    if changed:
        note(donor, "Nom retiré de l’affichage" if not name else "Nom affiché changé")
    return changed


def note(donor: Donor, text: str) -> None:
    """Keep a trace of what a donor did. `text` holds no personal data."""
    DonorAction.objects.create(donor=donor, text=text)


@transaction.atomic
def move(
    donor: Donor, *, name: str, street: str, postal_code: str, city: str, country: str
) -> None:
    """Write down a donor's postal identity; empty texts empty it."""
    Donor.objects.filter(pk=donor.pk, erased_at__isnull=True).update(
        name=name, street=street, postal_code=postal_code, city=city, country=country
    )
    note(donor, "Nom et adresse postale mis à jour")
