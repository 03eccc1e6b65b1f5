"""Who has a broadcast's form open. A courtesy: what protects is the form's edition."""

import datetime as dt

from django.contrib.auth.models import User
from django.utils import timezone

from broadcasts.models import Presence

# Pages tell of themselves every twenty seconds; three silences, and they are closed.
SILENCE = dt.timedelta(seconds=60)
FORGOTTEN = dt.timedelta(days=1)


def note_presence(*, broadcast_id: int, user: User) -> None:
    """This person has the form open now; since now, if they had left it. Safe to repeat."""
    now = timezone.now()
    Presence.objects.filter(seen_at__lt=now - FORGOTTEN).delete()
    here = Presence.objects.filter(broadcast_id=broadcast_id, user=user)
    here.filter(seen_at__lt=now - SILENCE).update(opened_at=now)
    Presence.objects.bulk_create(
        [Presence(broadcast_id=broadcast_id, user=user, opened_at=now, seen_at=now)],
        update_conflicts=True,
        unique_fields=["broadcast", "user"],
        update_fields=["seen_at"],
    )


def note_departure(*, broadcast_id: int, user: User) -> None:
    """They have saved it, and gone elsewhere."""
    Presence.objects.filter(broadcast_id=broadcast_id, user=user).delete()


def others_here(*, broadcast_id: int, user: User) -> list[Presence]:
    """Their colleagues who have the form open, the first one first."""
    heard = Presence.objects.filter(
        broadcast_id=broadcast_id, seen_at__gte=timezone.now() - SILENCE
    )
    return list(heard.exclude(user=user).select_related("user").order_by("opened_at"))
