"""Messages to the newsroom: kept here, and told by mail."""

import datetime as dt

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from outlet.models import ContactMessage
from outlet.services import letters

KEPT = dt.timedelta(days=365)


@transaction.atomic
def take(*, name: str, email: str, text: str) -> int:
    """Keep a message; the key of the letter that tells CONTACT_EMAIL. An answer goes to `email`."""
    message = ContactMessage.objects.create(name=name, email=email, text=text)
    return letters.write(
        to=settings.CONTACT_EMAIL,
        reply_to=email,
        subject=f"Message nº\u00a0{message.pk} par le site",
        template="contact",
        context={"message": message},
    )


def forget_old(now: dt.datetime | None = None) -> None:
    """A year later nobody needs to know who wrote."""
    ContactMessage.objects.filter(created_at__lt=(now or timezone.now()) - KEPT).delete()
