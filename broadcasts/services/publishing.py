"""The life of a text: draft, programmed, public, taken away; each step with who and when.

Nothing runs at a programmed text's minute: it is public because its time has come (see
`BroadcastQuerySet.public`), also when the site was down at that minute.
"""

import datetime as dt

import structlog
from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from auposte.pages import removal
from broadcasts.models import Broadcast, PublicationStep
from broadcasts.services.versions import keep_version

log = structlog.get_logger(__name__)

Action = PublicationStep.Action


class PublicationError(Exception):
    """The step makes no sense from where the text is; says so in French, to whoever asked."""


def state_of(broadcast: Broadcast) -> str:
    """`draft`, `programmed`, `public` or `archived`, now."""
    if broadcast.is_public:
        return "public"
    return "programmed" if broadcast.is_programmed else broadcast.status


# From which state each step may be taken.
FROM: dict[Action, set[str]] = {
    Action.PUBLISHED: {"draft", "programmed"},
    Action.PROGRAMMED: {"draft", "programmed"},
    Action.TAKEN_AWAY: {"public"},
    Action.DRAFTED: {"public", "programmed", "archived"},
    Action.PUT_BACK: {"archived"},
}
REFUSALS = {
    "draft": "Cette émission est un brouillon.",
    "programmed": "Cette émission est déjà programmée.",
    "public": "Cette émission est déjà en ligne.",
    "archived": "Cette émission a été retirée : remettez-la en ligne, ou en brouillon.",
}


def refusal(broadcast: Broadcast, action: Action) -> str:
    """Why the step cannot be taken now, in French; empty when it can."""
    state = state_of(broadcast)
    return "" if state in FROM[action] else REFUSALS[state]


def publish(
    *, broadcast: Broadcast, user: User | None, at: dt.datetime | None = None
) -> PublicationStep:
    """Let readers see it now. A moment in the past is kept as its date (an old text put in)."""
    now = timezone.now()
    return _take(
        Action.PUBLISHED,
        broadcast=broadcast,
        user=user,
        status=Broadcast.Status.PUBLISHED,
        published_at=at if at is not None and at <= now else now,
    )


def programme(*, broadcast: Broadcast, user: User | None, at: dt.datetime) -> PublicationStep:
    """Let readers see it from `at` on; at once when that has come meanwhile."""
    return _take(
        Action.PROGRAMMED,
        broadcast=broadcast,
        user=user,
        status=Broadcast.Status.PUBLISHED,
        published_at=at,
    )


def take_away(*, broadcast: Broadcast, user: User | None, reason: str = "") -> PublicationStep:
    """Take it from readers at once: its page answers 410, no list knows it. `reason` stays here."""
    return _take(
        Action.TAKEN_AWAY,
        broadcast=broadcast,
        user=user,
        status=Broadcast.Status.ARCHIVED,
        reason=reason,
    )


def back_to_draft(*, broadcast: Broadcast, user: User | None) -> PublicationStep:
    """Back to work: its page answers 404, as if it had not gone out."""
    return _take(Action.DRAFTED, broadcast=broadcast, user=user, status=Broadcast.Status.DRAFT)


def put_back(*, broadcast: Broadcast, user: User | None) -> PublicationStep:
    """Give readers back what was taken away, with the date that it had."""
    return _take(
        Action.PUT_BACK,
        broadcast=broadcast,
        user=user,
        status=Broadcast.Status.PUBLISHED,
        published_at=broadcast.published_at or timezone.now(),
    )


@transaction.atomic
def _take(
    action: Action,
    *,
    broadcast: Broadcast,
    user: User | None,
    status: Broadcast.Status,
    published_at: dt.datetime | None = None,
    reason: str = "",
) -> PublicationStep:
    """Move the row, note the step, keep the version. Raises PublicationError.

    The row is locked: of two people who take a text away, one is told that it was.
    """
    stored = Broadcast.objects.select_for_update().get(pk=broadcast.pk)
    why_not = refusal(stored, action)
    if why_not:
        raise PublicationError(why_not)
    facts = {
        "status": status,
        "published_at": published_at or stored.published_at,
        "updated_at": timezone.now(),
    }
    Broadcast.objects.filter(pk=stored.pk).update(**facts)
    for name, value in facts.items():
        setattr(broadcast, name, value)
    step = PublicationStep.objects.create(
        broadcast=broadcast,
        action=action,
        user=user,
        published_at=broadcast.published_at,
        was_public=stored.is_public,
        scheduled_for=stored.scheduled_for if stored.is_public else None,
        reason=reason,
    )
    keep_version(page=broadcast, user=user)
    if stored.is_public and not broadcast.is_public:
        removal.take_away(stored.get_absolute_url())
    return step
