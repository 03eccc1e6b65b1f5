"""Against those who try out stolen cards here: what a giver may do, and a shield that allows less.

Card testers come from thousands of addresses, so limits on each address do not stop them; what
gives them away is what they all do together. The signs are read in the database (Stripe's events
and our own gifts), so they hold with Valkey away, and whichever worker or page looks.

The shield is one column: `GivingSettings.shield_until`. It is up while that lies ahead, and comes
down by itself. Once past, it is the time from which signs count again, so that what made it rise
does not raise it twice.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.urls import reverse
from django.utils import timezone

from auposte.external import ExternalServiceError
from auposte.money import NBSP
from auposte.throttle import attempts, too_many
from donations import stripe_client
from donations.models import Gift, GivingSettings, StripeEvent
from donations.services import letters

log = structlog.get_logger(__name__)

DECLINE, PAID, PAGE_CLOSED = (
    "payment_intent.payment_failed",
    "charge.succeeded",
    "checkout.session.expired",
)
TEN_MINUTES = 600
WINDOW = dt.timedelta(seconds=TEN_MINUTES)
# Of payment pages opened, fewer than one in this many is paid: nobody gives like that.
PAID_ONE_IN = 5
# A form comes back with its mistakes; this many times for each page that an address may open.
FORMS_PER_PAGE = 3
# While the shield is up, this many wrong forms in ten minutes come back whole, to anybody.
WRONG_FORMS = 100
# The shield's end moves at most this often.
HELD_EACH = dt.timedelta(minutes=1)
PAGES_A_SWEEP = 20


class Refusal(StrEnum):
    """Why no payment page is opened for a form."""

    ADDRESS = "address"
    EVERYBODY = "everybody"
    WRONG_FORMS = "wrong-forms"


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a giver may do now. `pages_per_address` are payment pages in ten minutes."""

    is_raised: bool
    minimum_cents: int
    form_seconds: int
    pages_per_address: int
    cards_per_page: int


def is_up(till: GivingSettings, now: dt.datetime | None = None) -> bool:
    return till.shield_until is not None and till.shield_until > (now or timezone.now())


def limits(till: GivingSettings | None = None) -> Limits:
    """The settings' limits, or the shield's where it is up and they are stricter."""
    usual = Limits(
        is_raised=False,
        minimum_cents=settings.GIFT_MINIMUM_CENTS,
        form_seconds=settings.GIFT_FORM_MINIMUM_SECONDS,
        pages_per_address=settings.GIFT_SESSIONS_PER_TEN_MINUTES,
        cards_per_page=settings.GIFT_DECLINES_LIMIT,
    )
    if not is_up(till or GivingSettings.load()):
        return usual
    return Limits(
        is_raised=True,
        minimum_cents=max(usual.minimum_cents, settings.SHIELD_MINIMUM_CENTS),
        form_seconds=max(usual.form_seconds, settings.SHIELD_FORM_SECONDS),
        pages_per_address=min(usual.pages_per_address, settings.SHIELD_SESSIONS_PER_ADDRESS),
        cards_per_page=min(usual.cards_per_page, settings.SHIELD_DECLINES_LIMIT),
    )


# --- At the form -------------------------------------------------------------------------------


def too_many_forms(address: str) -> bool:
    """Whether this address sends forms faster than people do, right or wrong. No database."""
    return too_many(
        scope="gift-form",
        key=address,
        limit=FORMS_PER_PAGE * settings.GIFT_SESSIONS_PER_TEN_MINUTES,
        seconds=TEN_MINUTES,
    )


def too_many_wrong_forms(allowed: Limits) -> bool:
    """Count a wrong form. True when they flood in under the shield: no program mends its form."""
    return allowed.is_raised and too_many(
        scope="wrong-form", key="everybody", limit=WRONG_FORMS, seconds=TEN_MINUTES
    )


def refusal(*, address: str, email: str, allowed: Limits) -> Refusal | None:
    """Count a right form. Why its payment page must not be opened, or None.

    An address is counted whichever kind it is (IP and e-mail): a machine that tries cards changes
    only one of the two. With Valkey away the e-mail's pages are counted in the database, which
    knows no IP.
    """
    if allowed.is_raised and unpaid_pages() >= settings.SHIELD_SESSIONS_IN_ALL:
        _hold(timezone.now())
        return Refusal.EVERYBODY
    by_ip = attempts(scope="checkout-ip", key=address, seconds=TEN_MINUTES)
    by_email = attempts(scope="checkout-email", key=email, seconds=TEN_MINUTES)
    if by_email is None:
        since = timezone.now() - WINDOW
        by_email = 1 + (
            Gift.objects.unsettled().filter(created_at__gte=since, contact_email=email).count()
        )
    most = max(by_ip or 0, by_email)
    return Refusal.ADDRESS if most > allowed.pages_per_address else None


def unpaid_pages(since: dt.datetime | None = None) -> int:
    """How many payment pages were opened since (default: in ten minutes) and not paid.

    A debit that is on its way counts as paid.
    """
    since = since or timezone.now() - WINDOW
    waiting = Gift.objects.filter(
        status=Gift.Status.PENDING, created_at__gte=since, checkout_session_id__isnull=False
    )
    # Pages closed by `close_page` count on; by their events, since those are indexed by time.
    closed = StripeEvent.objects.filter(type=PAGE_CLOSED, created__gte=since).values("object_id")
    given_up = Gift.objects.filter(
        checkout_session_id__in=closed,
        status__in=[Gift.Status.EXPIRED, Gift.Status.FAILED],
        created_at__gte=since,
    )
    return waiting.count() + given_up.count()


# --- The shield --------------------------------------------------------------------------------


def watch(now: dt.datetime | None = None) -> bool:
    """Look for the signs of cards being tried out; raise the shield, or hold it up.

    True when this call has raised it: of all who see the signs at once, one does, and writes to
    the treasurer.
    """
    now = now or timezone.now()
    till = GivingSettings.load()
    lowered, raised = till.shield_until, is_up(till, now)
    since = now - WINDOW if raised or lowered is None else max(now - WINDOW, lowered)
    reason = _sign(since)
    if not reason:
        return False
    if raised:
        _hold(now)
        return False
    GivingSettings.objects.bulk_create([GivingSettings(pk=1)], ignore_conflicts=True)
    until = now + dt.timedelta(minutes=settings.SHIELD_MINUTES)
    with transaction.atomic():
        # Nobody has raised or lowered it since it was read.
        row = GivingSettings.objects.filter(pk=1, shield_until=lowered)
        if lowered is None:
            row = GivingSettings.objects.filter(pk=1, shield_until__isnull=True)
        if not row.update(shield_until=until, shield_reason=reason):
            return False
        _tell_raised(now, reason)
    log.warning("shield_raised", reason=reason)
    return True


def lower() -> bool:
    """Bring the shield down by hand: only what comes after counts. False when it was down."""
    now = timezone.now()
    return bool(GivingSettings.objects.filter(shield_until__gt=now).update(shield_until=now))


def _hold(now: dt.datetime) -> None:
    """The signs go on: an hour more from now."""
    until = now + dt.timedelta(minutes=settings.SHIELD_MINUTES)
    GivingSettings.objects.filter(shield_until__gt=now, shield_until__lt=until - HELD_EACH).update(
        shield_until=until
    )


def _sign(since: dt.datetime) -> str:
    """What has happened since that givers do not do, in words; "" when all is well."""
    events = StripeEvent.objects.filter(created__gte=since)
    # Stripe tries monthly gifts' cards by itself, the refused ones again and again.
    renewals = Gift.objects.filter(checkout_session_id=None)
    declined = (
        events.filter(type=DECLINE)
        .exclude(Exists(renewals.filter(payment_intent_id=OuterRef("object_id"))))
        .count()
    )
    if declined >= settings.SHIELD_DECLINES:
        paid = (
            events.filter(type=PAID)
            .exclude(Exists(renewals.filter(charge_id=OuterRef("object_id"))))
            .count()
        )
        if declined > paid:
            return f"{declined} cartes refusées sur {declined + paid} essais en dix minutes"
    unpaid = unpaid_pages(since)
    if unpaid >= settings.SHIELD_SESSIONS * (PAID_ONE_IN - 1) // PAID_ONE_IN:
        paid = Gift.objects.filter(
            status=Gift.Status.SUCCEEDED, paid_at__gte=since, checkout_session_id__isnull=False
        ).count()
        opened = unpaid + paid
        if opened > settings.SHIELD_SESSIONS and paid * PAID_ONE_IN < opened:
            return f"{opened} pages de paiement ouvertes en dix minutes, dont {paid} payées"
    return ""


def _tell_raised(now: dt.datetime, reason: str) -> None:
    letters.tell_treasurer(
        key=f"shield:{now.isoformat()}",
        subject=f"Bouclier levé{NBSP}: on essaie des cartes sur la page de don",
        template="shield",
        context={
            "reason": reason,
            "raised_at": now,
            "minutes": settings.SHIELD_MINUTES,
            "limits": limits(),
            "in_all": settings.SHIELD_SESSIONS_IN_ALL,
            "page": reverse("admin:donations_givingsettings_change", args=[1]),
        },
    )


# --- One page, many cards ----------------------------------------------------------------------


def count_decline(gift_id: str) -> None:
    """Count a refused card of a gift. Call it in the transaction that ticks the event off.

    At the limit the treasurer is told, once for each gift; under the shield they know already.
    """
    Gift.objects.filter(pk=gift_id).update(declines=F("declines") + 1)
    allowed = limits()
    gift = Gift.objects.get(pk=gift_id)
    if allowed.is_raised or not _is_tested(gift, allowed):
        return
    letters.tell_treasurer(
        key=f"cards:{gift.pk}",
        subject=f"{gift.declines} cartes refusées sur une même page de paiement",
        template="cards",
        context={
            "gift": gift,
            "page": reverse("admin:donations_gift_change", args=[gift.pk]),
        },
    )


def count_monthly_decline(email: str) -> None:
    """The same on a monthly gift's payment page, of which the payment says only who was paying.

    The page takes no other e-mail than the form's. Before a card is accepted Stripe has neither a
    subscription nor an invoice, and the intent carries nothing of ours.
    """
    opened = timezone.now() - dt.timedelta(minutes=settings.GIFT_SESSION_MINUTES)
    waiting = Gift.objects.filter(
        status=Gift.Status.PENDING,
        kind=Gift.Kind.MONTHLY,
        checkout_session_id__isnull=False,
        contact_email=email.lower(),
        created_at__gte=opened,
    )
    newest = waiting.order_by("-created_at").values_list("pk", flat=True).first()
    if email and newest:
        count_decline(str(newest))


def after_decline() -> None:
    """What a refused card brings, once it is counted."""
    watch()
    for gift_id in tested_pages():
        close_page(gift_id)


def _is_tested(gift: Gift, allowed: Limits) -> bool:
    return (
        gift.declines >= allowed.cards_per_page
        and gift.status == Gift.Status.PENDING
        and bool(gift.checkout_session_id)
    )


def close_page(gift_id: str) -> None:
    """Somebody who tries card after card in one page is not a giver: close the page."""
    gift = Gift.objects.get(pk=gift_id)
    if not gift.checkout_session_id or not _is_tested(gift, limits()):
        return
    try:
        stripe_client.expire_checkout(gift.checkout_session_id)
    except ExternalServiceError as error:
        log.warning("checkout_not_expired", gift=gift_id, reason=str(error))


def tested_pages() -> list[str]:
    """Gifts whose page should be closed: a worker may have died before, or the shield risen."""
    tested = Gift.objects.filter(
        status=Gift.Status.PENDING,
        checkout_session_id__isnull=False,
        declines__gte=limits().cards_per_page,
    )
    return [str(pk) for pk in tested.values_list("pk", flat=True)[:PAGES_A_SWEEP]]
