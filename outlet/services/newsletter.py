"""The newsletter's subscribers: asked for by anybody, on the list once confirmed, gone at a click.

Who types an address learns nothing about it: known or not, a letter is written to it.
"""

import datetime as dt
import uuid
from collections.abc import Iterator

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from auposte.spreadsheets import Cell, harmless
from outlet.models import Subscriber
from outlet.services import letters

UNCONFIRMED_KEPT = dt.timedelta(days=7)
# Behind the page's own limits, which go when Valkey is away: nobody's letter box is flooded.
BETWEEN_LETTERS = dt.timedelta(minutes=10)
COLUMNS = ("Adresse", "Confirmée le", "Désinscription")


@transaction.atomic
def ask(email: str) -> int | None:
    """Somebody typed this (case-folded) address: the key of the letter that is written to it.

    None when one was written a moment ago. A subscriber is told that they are one.
    """
    Subscriber.objects.get_or_create(email=email)
    subscriber = Subscriber.objects.select_for_update().get(email=email)
    now = timezone.now()
    if subscriber.written_at is not None and subscriber.written_at > now - BETWEEN_LETTERS:
        return None
    if subscriber.confirmed_at is None:
        subscriber.asked_at = now
    subscriber.written_at = now
    subscriber.save(update_fields=["asked_at", "written_at"])
    known = subscriber.confirmed_at is not None
    return letters.write(
        to=email,
        subject="Vous recevez déjà la lettre d’Au Poste"
        if known
        else "Confirmez votre inscription à la lettre d’Au Poste",
        template="known" if known else "confirm",
        context={
            "link": settings.SITE_URL + reverse("outlet:subscription", args=[subscriber.key]),
            "leave_url": leave_url(subscriber.key),
            "days": UNCONFIRMED_KEPT.days,
        },
        leave_url=leave_url(subscriber.key),
    )


def leave_url(key: uuid.UUID) -> str:
    """The absolute address by which a subscriber leaves."""
    return settings.SITE_URL + reverse("outlet:leave", args=[key])


def find(key: uuid.UUID) -> Subscriber | None:
    """Whoever has this key. Looking changes nothing."""
    return Subscriber.objects.filter(key=key).first()


def confirm(key: uuid.UUID) -> None:
    """Put them on the list. Doing it again changes nothing, nor does a key that is nobody's."""
    Subscriber.objects.unconfirmed().filter(key=key).update(confirmed_at=timezone.now())


def leave(key: uuid.UUID) -> None:
    """Forget them. Nothing of them stays."""
    Subscriber.objects.filter(key=key).delete()


def forget_unconfirmed(now: dt.datetime | None = None) -> None:
    """Forget addresses that nobody confirmed: their owners may never have typed them."""
    before = (now or timezone.now()) - UNCONFIRMED_KEPT
    Subscriber.objects.unconfirmed().filter(asked_at__lt=before).delete()


def list_rows() -> Iterator[list[Cell]]:
    """The list for whatever sends the newsletter: address, day (ISO, Paris), link to leave."""
    yield list(COLUMNS)
    for subscriber in Subscriber.objects.confirmed().order_by("email").iterator():
        day = timezone.localdate(subscriber.confirmed_at)
        yield [harmless(subscriber.email), day, leave_url(subscriber.key)]
