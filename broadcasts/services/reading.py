"""What a reader is given: the episode's page and what leads on from it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db.models import OuterRef, QuerySet
from django.db.models.expressions import Combinable
from django.utils import timezone

from auposte.alongside import Alongside
from auposte.written_once import WrittenOnce
from broadcasts.models import (
    Airing,
    Appearance,
    Audio,
    Broadcast,
    Chapter,
    Correction,
    Tag,
    Transcript,
    VideoSource,
)
from broadcasts.playback import is_playable_here
from broadcasts.services.antenna import antenna_of
from broadcasts.services.around import around, read_around
from broadcasts.services.extracts import (
    Linked,
    extracts_as_json,
    extracts_of,
    whole_as_json,
    whole_of,
)
from broadcasts.services.frame import active_mottos, something_is_live
from broadcasts.services.transcripts import best_first

# The word stamped on the page while its life on the air goes on.
STAMPS: dict[str, str] = {
    Airing.State.ANNOUNCED: "À venir",
    Airing.State.LIVE: "En direct",
    Airing.State.INTERRUPTED: "Coupure",
    Airing.State.OVER: "Terminé",
}


@dataclass(frozen=True, kw_only=True)
class Clock:
    """When a broadcast is read: the moment (UTC), the day in Paris, the first of its month."""

    now: dt.datetime
    day: dt.date
    month: dt.date


# What other apps want read along with a broadcast for its page, by name: each a scalar expression,
# so that it costs no query. Filled when they load.
READ_ALONG: dict[str, Callable[[Clock], Combinable]] = {}


@dataclass(frozen=True, kw_only=True)
class Player:
    """A source to choose; `offset` are its seconds against the broadcast's clock.

    None where nobody knows them: it can only be opened at its start.
    """

    source: VideoSource
    offset: int | None


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """An episode's page: everything it shows, read in one query."""

    broadcast: Broadcast
    guests: tuple[Appearance, ...]
    hosts: tuple[Appearance, ...]
    tags: tuple[Tag, ...]
    sources: tuple[VideoSource, ...]
    chapters: tuple[Chapter, ...]
    corrections: tuple[Correction, ...]
    audio: Audio | None
    transcript: Transcript | None
    previous: Broadcast | None
    next: Broadcast | None
    related: tuple[Broadcast, ...]
    whole: Linked | None
    extracts: tuple[Linked, ...]

    @property
    def player(self) -> VideoSource | None:
        """The source that the page offers to play: the first that is there, see `playable`."""
        return self.sources[0] if self.sources else None

    @cached_property
    def players(self) -> tuple[Player, ...]:
        """All sources, in the order in which they are offered."""
        return tuple(Player(source=one, offset=self._offset(one)) for one in self.sources)

    def _offset(self, source: VideoSource) -> int | None:
        """Platforms cut differently: an offset must have been confirmed.

        Unless the source is the only one and so has nobody to disagree with; or none was confirmed,
        and this one's own chapters or subtitles gave the broadcast its times.
        """
        if source.offset_seconds is not None or len(self.sources) == 1:
            return source.offset_seconds or 0
        confirmed = any(one.offset_seconds is not None for one in self.sources)
        return 0 if not confirmed and source.pk == self._timed_by else None

    @property
    def _timed_by(self) -> int | None:
        """The source whose clock is the broadcast's as long as nobody has said more."""
        told = next((one.source_id for one in self.chapters if one.source_id), None)
        return told or (self.transcript.source_id if self.transcript else None)

    @property
    def clock(self) -> VideoSource | None:
        """The first source that can be opened at a moment of the broadcast."""
        return next((one.source for one in self.players if one.offset is not None), None)

    @property
    def audio_offset(self) -> int | None:
        """As a player's, for the sound: an uploaded one keeps the broadcast's time."""
        if self.audio is None or self.audio.source_id is None or not self.sources:
            return 0
        return next(
            (one.offset for one in self.players if one.source.pk == self.audio.source_id), None
        )

    @property
    def audio_plays_here(self) -> bool:
        """Whether pages may play the sound from where it lies, or can only lead there."""
        return self.audio is not None and is_playable_here(self.audio.address)

    @property
    def presented(self) -> tuple[Appearance, ...]:
        """The guests of whom there is more to show than a name: a portrait, a presentation."""
        return tuple(a for a in self.guests if a.guest.bio or a.guest.portrait)

    @property
    def corrected_on(self) -> dt.date | None:
        """The day (in Paris) of the last correction."""
        days = [one.dated for one in self.corrections if one.kind == Correction.Kind.CORRECTION]
        return max(days, default=None)

    @property
    def replies(self) -> tuple[Correction, ...]:
        return tuple(one for one in self.corrections if one.kind == Correction.Kind.REPLY)

    @property
    def stamp(self) -> str:
        """The word stamped on the page: what is known of the air, else what its videos say."""
        state = antenna_of(self.broadcast).state
        if state in STAMPS:
            return STAMPS[state]
        if self.player is None:
            return "À lire"
        if self.player.live_state == VideoSource.LiveState.LIVE:
            return "En direct"
        if self.player.live_state == VideoSource.LiveState.UPCOMING:
            return "À venir"
        return "Rediffusion"


def find_broadcast(slug: str) -> Broadcast | None:
    """The broadcast at this address, whatever its status, with all that its page shows."""
    return next(iter(_by_slug(slug=slug, **_time_now())), None)


def find_by_key(pk: int) -> Broadcast | None:
    """The same by its number: an address may still change before a text is out."""
    return next(iter(_by_key(pk=pk, **_time_now())), None)


def _time_now() -> dict[str, dt.date]:
    now = timezone.now()
    day = timezone.localdate(now)
    return {"now": now, "day": day, "month": day.replace(day=1)}


# Whose rows the page shows, and where they are found on what `find_broadcast` gives.
_TAGS, _CORRECTIONS = Alongside(Tag), Alongside(Correction)
_APPEARANCES = Alongside(Appearance, joined="guest")
_SOURCES, _CHAPTERS = Alongside(VideoSource), Alongside(Chapter)
_AUDIO, _TRANSCRIPTS = Alongside(Audio), Alongside(Transcript)


def _to_be_read(
    now: dt.datetime, day: dt.date, month: dt.date, **address: str | int
) -> QuerySet[Broadcast]:
    clock = Clock(now=now, day=day, month=month)
    ours = {"broadcast": OuterRef("pk")}
    return (
        Broadcast.objects.filter(**address)
        .select_related("series", "airing")
        .annotate(
            tag_rows=_TAGS.read_by(Tag.objects.filter(broadcasts=OuterRef("pk")).order_by("name")),
            correction_rows=_CORRECTIONS.read_by(Correction.objects.filter(**ours)),
            appearance_rows=_APPEARANCES.read_by(Appearance.objects.filter(**ours)),
            source_rows=_SOURCES.read_by(VideoSource.objects.filter(**ours).playable()),
            chapter_rows=_CHAPTERS.read_by(Chapter.objects.filter(**ours)),
            audio_rows=_AUDIO.read_by(Audio.objects.filter(**ours).playable()),
            transcript_rows=_TRANSCRIPTS.read_by(
                best_first(Transcript.objects.filter(**ours))[:1],
            ),
            mottos=active_mottos(),
            whole_as_json=whole_as_json(),
            extracts_as_json=extracts_as_json(),
            something_is_live=something_is_live(),
            **read_around(now),
            **{name: expression(clock) for name, expression in READ_ALONG.items()},
        )
    )


_BLANK_TIME = {
    "now": dt.datetime(1900, 1, 3, tzinfo=dt.UTC),
    "day": dt.date(1900, 1, 2),
    "month": dt.date(1900, 1, 1),
}
_by_slug = WrittenOnce(_to_be_read, slug="an-address", **_BLANK_TIME)
_by_key = WrittenOnce(_to_be_read, pk=-1, **_BLANK_TIME)


def open_dossier(broadcast: Any) -> Dossier:
    """What the page of this broadcast (from `find_broadcast`, with its rows) shows."""
    appearances = _APPEARANCES.instances(broadcast.appearance_rows)
    guests = tuple(a for a in appearances if a.role == Appearance.Role.GUEST)
    leads = around(broadcast)
    return Dossier(
        broadcast=broadcast,
        guests=guests,
        hosts=tuple(a for a in appearances if a.role == Appearance.Role.HOST),
        tags=_TAGS.instances(broadcast.tag_rows),
        sources=_SOURCES.instances(broadcast.source_rows),
        chapters=_CHAPTERS.instances(broadcast.chapter_rows),
        corrections=_CORRECTIONS.instances(broadcast.correction_rows),
        audio=next(iter(_AUDIO.instances(broadcast.audio_rows)), None),
        transcript=transcript_of(broadcast),
        previous=leads.previous,
        next=leads.next,
        related=leads.related,
        whole=whole_of(broadcast),
        extracts=extracts_of(broadcast),
    )


def transcript_of(broadcast: Any) -> Transcript | None:
    """The transcript that pages show of a broadcast from `find_broadcast`."""
    return next(iter(_TRANSCRIPTS.instances(broadcast.transcript_rows)), None)
