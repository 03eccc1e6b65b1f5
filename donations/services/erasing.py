"""Erasing a person everywhere, and forgetting what has had its time. No total ever changes.

What stays, and is said to the person: sums without a name (the ledger and its gifts), and names on
receipts, which the law makes the treasurer keep (`ReceiptIdentity`, until its `keep_until`).
"""

import datetime as dt
import re
import uuid
from collections.abc import Iterable
from typing import Any

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction
from django.db.models import Count, Max, Q
from django.utils import timezone

from donations.models import (
    Donor,
    DonorAction,
    DonorLink,
    Gift,
    LinkRequest,
    OutgoingEmail,
    Receipt,
    ReceiptIdentity,
    RefundOrder,
    StripeCustomer,
    Subscription,
)
from donations.services import monthly

# Where a treasurer's own words may name somebody.
FREE_TEXTS: tuple[tuple[type[models.Model], str, tuple[str, ...]], ...] = (
    (RefundOrder, "gift__in", ("reason", "error")),
    (Receipt, "items__gift__in", ("cancel_reason", "last_error")),
)
RUNNING = {Subscription.Status.ACTIVE, Subscription.Status.PAST_DUE}
ERASED = "[effacé]"
LETTERS_KEPT = dt.timedelta(days=90)
LINKS_KEPT = dt.timedelta(days=7)
ABANDONED_KEPT = dt.timedelta(days=7)


class StillGivingError(Exception):
    """A monthly gift is running, or starting: it must be stopped first. The message says which."""


def papers_kept(donor: Donor) -> dict[str, Any]:
    """`count` of the papers whose name the law makes us keep, and `until` when (a Paris day)."""
    kept = ReceiptIdentity.objects.filter(receipt__donor=donor)
    return kept.aggregate(count=Count("pk"), until=Max("keep_until"))


def stop_and_erase(donor: Donor, *, user: Any = None, reason: str = "") -> None:
    """Stop the monthly gifts that run, then erase the person. `user` is the treasurer, if it is.

    Raises ExternalServiceError when Stripe does not stop one: then nothing is erased.
    """
    for subscription in donor.subscriptions.running():
        monthly.stop(subscription, by="treasurer" if user else "donor", user=user)
    erase(donor, user=user, reason=reason)


@transaction.atomic
def erase(donor: Donor, *, user: Any = None, reason: str = "") -> None:
    """Empty a person everywhere, in one transaction; twice is once.

    Raises StillGivingError while a monthly gift runs. Locks as booking does, so that neither
    waits for the other in a ring: promises, then gifts, then the donor.
    """
    email = donor.email or ""
    promises = list(donor.subscriptions.select_for_update(of=("self",)).order_by("pk"))
    gifts = list(_gifts(donor, email).select_for_update(of=("self",)).order_by("pk"))
    person = Donor.objects.select_for_update().get(pk=donor.pk)
    if person.erased_at is not None:
        return
    _refuse_while_giving(promises, gifts)
    names = {person.name, *(gift.public_name for gift in gifts)} - {""}
    _empty_letters(email, person.name)
    _empty_gifts(person, gifts, names)
    _scrub_free_texts(gifts, _words(email, names))
    _scrub_log(person, gifts, promises, email)
    LinkRequest.objects.filter(email=email).delete()
    DonorLink.objects.filter(donor=person).delete()
    StripeCustomer.objects.filter(donor=person).delete()
    Subscription.objects.filter(donor=person).update(
        public_name="", customer_id="", last_four="", hosted_invoice_url=""
    )
    Donor.objects.filter(pk=person.pk).update(
        email=None, name="", street="", postal_code="", city="", country="",
        erased_at=timezone.now(), session_key=uuid.uuid4(),
    )  # fmt: skip
    why = _scrub(reason, _words(email, names)).strip()
    DonorAction.objects.create(
        donor=person,
        text=f"Données effacées : {why}"[:300] if why else "Données effacées",
        made_by=user,
    )


def _gifts(donor: Donor, email: str) -> "models.QuerySet[Gift]":
    """All gifts of a person, and those that wait under their address."""
    mine = Q(donor=donor)
    if email:
        mine |= Q(donor__isnull=True, contact_email=email)
    return Gift.objects.filter(mine)


def _refuse_while_giving(promises: Iterable[Subscription], gifts: Iterable[Gift]) -> None:
    if any(promise.status in RUNNING for promise in promises):
        raise StillGivingError("Un don mensuel est en cours : arrêtez-le d’abord.")
    starting = (
        gift.donor_id is None and gift.subscription_id and gift.status == Gift.Status.PROCESSING
        for gift in gifts
    )
    if any(starting):
        raise StillGivingError(
            "Un don mensuel est en train de commencer. Revenez quand votre banque l’aura confirmé, "
            "pour l’arrêter."
        )


def _empty_letters(email: str, name: str) -> None:
    """Those to this person lose everything, and leave no more; others lose the name."""
    if not email:
        return
    theirs = OutgoingEmail.objects.filter(to__iexact=email)
    theirs.filter(sent_at__isnull=True).delete()
    theirs.update(to="", text="", html="")
    words = _words(email, {name} if " " in name else set())
    about = Q()
    for word in words:
        about |= Q(subject__icontains=word) | Q(text__icontains=word) | Q(html__icontains=word)
    for letter in OutgoingEmail.objects.filter(about):
        OutgoingEmail.objects.filter(pk=letter.pk).update(
            subject=_scrub(letter.subject, words),
            text=_scrub(letter.text, words),
            html=_scrub(letter.html, words),
        )


def _empty_gifts(person: Donor, gifts: list[Gift], names: set[str]) -> None:
    mine = Gift.objects.filter(pk__in=[gift.pk for gift in gifts])
    mine.update(public_name="", message="", note="", contact_email="", checkout_url="")
    # What was paid before the erasing belongs to nobody by name; the money still counts once here.
    mine.filter(donor__isnull=True, status=Gift.Status.PROCESSING).update(donor=person)
    # A payment page that was left keeps no address: only the name tells whose it was.
    Gift.objects.filter(
        donor__isnull=True,
        status__in=[Gift.Status.EXPIRED, Gift.Status.FAILED],
        public_name__in=names,
    ).update(public_name="", message="")


def _scrub_free_texts(gifts: list[Gift], words: list[str]) -> None:
    for model, of_gifts, fields in FREE_TEXTS:
        rows = model._default_manager.filter(**{of_gifts: gifts}).distinct()
        for row in rows:
            for field in fields:
                setattr(row, field, _scrub(getattr(row, field), words))
            row.save(update_fields=fields)


def _scrub_log(person: Donor, gifts: list[Gift], promises: list[Subscription], email: str) -> None:
    """The admin's own history: what was done stays, to whom it does not."""
    nobody = f"Donateur·ice nº {person.pk}"
    types = ContentType.objects.get_for_models(Donor, Gift, Subscription)
    of_person = Q(content_type=types[Donor], object_id=str(person.pk))
    LogEntry.objects.filter(of_person).update(object_repr=nobody, change_message="")
    theirs = Q(content_type=types[Gift], object_id__in=[str(gift.pk) for gift in gifts]) | Q(
        content_type=types[Subscription], object_id__in=[str(promise.pk) for promise in promises]
    )
    words = _words(email, {person.name, *(gift.public_name for gift in gifts)} - {""})
    if email:
        theirs |= Q(object_repr__icontains=email) | Q(change_message__icontains=email)
    for entry in LogEntry.objects.filter(theirs):
        LogEntry.objects.filter(pk=entry.pk).update(
            object_repr=_scrub(entry.object_repr, words),
            change_message=_scrub(entry.change_message, words),
        )


def _words(email: str, names: Iterable[str]) -> list[str]:
    """What names a person in a text, the longest first."""
    return sorted({word for word in (email, *names) if word}, key=len, reverse=True)


def _scrub(text: str, words: list[str]) -> str:
    for word in words:
        text = re.sub(re.escape(word), ERASED, text, flags=re.IGNORECASE)
    return text


# --- What has had its time -----------------------------------------------------------------------


def forget_old(now: dt.datetime | None = None) -> None:
    """Each day: letters long sent lose address and text, links go, abandoned gifts lose words."""
    now = now or timezone.now()
    OutgoingEmail.objects.filter(sent_at__lt=now - LETTERS_KEPT).exclude(text="").update(
        to="", text="", html=""
    )
    DonorLink.objects.filter(expires_at__lt=now - LINKS_KEPT).delete()
    Gift.objects.filter(
        donor__isnull=True,
        status__in=[Gift.Status.EXPIRED, Gift.Status.FAILED],
        created_at__lt=now - ABANDONED_KEPT,
    ).exclude(public_name="", message="").update(public_name="", message="")
