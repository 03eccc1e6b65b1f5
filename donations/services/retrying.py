"""A second chance, asked for by a person: events worked off again, letters sent again."""

from collections.abc import Iterable

from django.utils import timezone

from donations.models import OutgoingEmail, StripeEvent


def replay_events(*, event_ids: Iterable[str]) -> list[str]:
    """Make these events due now, as if they had just come in. Returns the ids to be queued.

    Replaying is safe however often it is done: the ledger's unique sources book nothing twice.
    """
    events = StripeEvent.objects.filter(pk__in=list(event_ids))
    events.update(processed_at=None, next_attempt_at=timezone.now(), attempts=0, last_error="")
    return list(events.values_list("pk", flat=True))


def resend_letters(*, letter_ids: Iterable[int]) -> list[int]:
    """Make these letters due now, except those that have left. Returns the ids to be queued."""
    letters = OutgoingEmail.objects.filter(pk__in=list(letter_ids), sent_at__isnull=True)
    waiting = list(letters.values_list("pk", flat=True))
    letters.update(next_attempt_at=timezone.now(), attempts=0, last_error="")
    return waiting
