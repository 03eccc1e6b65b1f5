"""The words that donors want shown: read by somebody before anybody else sees them."""

import datetime as dt
import hashlib
import uuid
from dataclasses import dataclass
from typing import Literal

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from broadcasts.models import Broadcast
from broadcasts.services.moments import on_air_at
from donations.models import Gift, GivingSettings

Field = Literal["name", "message"]
# Where a gift keeps the words, and what was said of them.
COLUMNS: dict[Field, tuple[str, str]] = {
    "name": ("public_name", "name_state"),
    "message": ("message", "message_state"),
}
DECIDED_SHOWN_FOR = dt.timedelta(hours=48)
MOST_SHOWN = 60


@dataclass(frozen=True, kw_only=True)
class Words:
    """A name or a message. `digest` tells whether it is still what somebody has read."""

    field: Field
    text: str
    state: Gift.Shown
    digest: str


@dataclass(frozen=True, kw_only=True)
class Slip:
    """What one donor wants shown. No amount, no address."""

    gift_id: uuid.UUID
    paid_at: dt.datetime
    words: tuple[Words, ...]

    @property
    def is_waiting(self) -> bool:
        return any(words.state == Gift.Shown.WAITING for words in self.words)


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What the régie shows: what is to be read, oldest first; what was decided, newest first.

    `air` is the state of what is on the air, in words: « En direct », « Coupure ».
    """

    waiting: tuple[Slip, ...]
    decided: tuple[Slip, ...]
    hidden: bool
    on_air: Broadcast | None
    air: str

    @property
    def version(self) -> str:
        """Another one when there is anything new to show."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What was said of some words, and what had been said before, for whoever wants it undone."""

    gift_id: uuid.UUID
    before: Gift.Shown
    words: Words


def moderation_desk(now: dt.datetime | None = None) -> Desk:
    """The words of paid gifts that wait, and those of the last 48 hours."""
    now = now or timezone.now()
    paid = Gift.objects.filter(status=Gift.Status.SUCCEEDED).only(
        "pk", "paid_at", "public_name", "name_state", "message", "message_state"
    )
    waiting = paid.filter(_waiting()).order_by("paid_at", "pk")[:MOST_SHOWN]
    recent = (
        paid.filter(~Q(public_name="") | ~Q(message=""), paid_at__gte=now - DECIDED_SHOWN_FOR)
        .exclude(_waiting())
        .order_by("-paid_at", "-pk")[:MOST_SHOWN]
    )
    broadcast = on_air_at(now)
    return Desk(
        waiting=tuple(map(_slip, waiting)),
        decided=tuple(map(_slip, recent)),
        hidden=GivingSettings.load().on_air_hidden,
        on_air=broadcast,
        air=broadcast.airing.get_state_display() if broadcast else "",
    )


def waiting_count() -> int:
    """How many paid gifts have words that nobody has read yet."""
    return Gift.objects.filter(_waiting(), status=Gift.Status.SUCCEEDED).count()


def _waiting() -> Q:
    return Q(name_state=Gift.Shown.WAITING) & ~Q(public_name="") | Q(
        message_state=Gift.Shown.WAITING
    ) & ~Q(message="")


@transaction.atomic
def decide(*, gift_id: uuid.UUID, field: Field, state: Gift.Shown, digest: str) -> Decision | None:
    """Say `state` of a paid gift's name or message; the last to speak is right.

    None, and nothing changes, when the words are no longer those that were read (`digest`).
    """
    gift = (
        Gift.objects.select_for_update(of=("self",))
        .filter(pk=gift_id, status=Gift.Status.SUCCEEDED)
        .first()
    )
    words = words_of(gift, field) if gift else None
    if gift is None or words is None or words.digest != digest:
        return None
    setattr(gift, COLUMNS[field][1], state)
    gift.save(update_fields=[COLUMNS[field][1]])
    after = words_of(gift, field)
    return Decision(gift_id=gift.pk, before=words.state, words=after or words)


def words_of(gift: Gift, field: Field) -> Words | None:
    """What the gift says there; None when it says nothing."""
    text_column, state_column = COLUMNS[field]
    text = str(getattr(gift, text_column)).strip()
    if not text:
        return None
    return Words(
        field=field,
        text=text,
        state=Gift.Shown(getattr(gift, state_column)),
        digest=hashlib.sha256(text.encode()).hexdigest()[:16],
    )


def _slip(gift: Gift) -> Slip:
    said = [words_of(gift, "name"), words_of(gift, "message")]
    return Slip(
        gift_id=gift.pk,
        paid_at=gift.paid_at or gift.created_at,
        words=tuple(words for words in said if words),
    )
