"""The outlet's pages, all of them on the site, and somebody in each state for the admin."""

from django.utils import timezone

from outlet.first_pages import write_missing
from outlet.models import ContactMessage, Page, Subscriber

CONFIRMED, ASKED = "lectrice@auposte.example", "passant@auposte.example"


def seed_outlet() -> None:
    """Add what is missing, and leave what is there. What is to be filled in stays to be seen."""
    if write_missing(Page.objects) or not Subscriber.objects.exists():
        Page.objects.filter(status=Page.Status.DRAFT).update(status=Page.Status.PUBLISHED)
        now = timezone.now()
        Subscriber.objects.get_or_create(email=CONFIRMED, defaults={"confirmed_at": now})
        Subscriber.objects.get_or_create(email=ASKED)
    if not ContactMessage.objects.exists():
        ContactMessage.objects.create(
            name="Une auditrice",
            email=CONFIRMED,
            text="Bonsoir, la date de l’émission sur les nasses me semble fausse d’un jour.",
        )
