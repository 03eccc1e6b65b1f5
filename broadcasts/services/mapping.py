"""What search engines are told to read: every public address, in parts.

https://www.sitemaps.org/protocol.html ·
https://developers.google.com/search/docs/crawling-indexing/sitemaps/video-sitemaps ·
https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, Max, OuterRef, Prefetch
from django.utils import timezone

from auposte.outside import absolute
from broadcasts import share_cards
from broadcasts.models import Appearance, Broadcast, Cue, Transcript, VideoSource
from broadcasts.models.broadcast import BroadcastQuerySet

A_PART, MOST_PARTS = 1000, 50_000
MOST_ADDRESSES = 50_000  # of one sitemap
NEWS = dt.timedelta(hours=48)
LONGEST_VIDEO_SECONDS = 28_800
PLAIN_PARTS = ("pages", "series", "saisons", "invites", "tags", "transcriptions")


@dataclass(frozen=True, kw_only=True)
class Part:
    """One sitemap: its path, and when something in it last changed (UTC)."""

    path: str
    changed: dt.datetime | None = None


@dataclass(frozen=True, kw_only=True)
class TranscriptPage:
    """Where a broadcast's words are read, and when they last changed (UTC)."""

    page_address: str
    latest: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A broadcast with what the video extension tells of it."""

    broadcast: Broadcast
    player: VideoSource | None
    guests: Sequence[str]

    @property
    def thumbnail(self) -> str:
        """Always one: the card that the page is shared with, where there is no other."""
        image = self.broadcast.image
        card = share_cards.episode_card(self.broadcast, guests=list(self.guests))
        return absolute(image.url if image else card.path)

    @property
    def player_address(self) -> str:
        """Our own player for other sites, which opens the platform's after a click."""
        return absolute(f"{self.broadcast.get_absolute_url()}/integrer")

    @property
    def seconds(self) -> int | None:
        """How long the video is, where it is no longer than the extension allows."""
        player = self.player
        seconds = (player and player.duration_seconds) or self.broadcast.duration_seconds
        return seconds if seconds and seconds <= LONGEST_VIDEO_SECONDS else None

    @property
    def is_live(self) -> bool:
        return self.player is not None and self.player.live_state == VideoSource.LiveState.LIVE


def parts() -> list[Part]:
    """All sitemaps. Broadcasts are counted from the oldest row: what a part holds stays there."""
    changes = list(Broadcast.objects.public().order_by("pk").values_list("updated_at", flat=True))
    slices = [changes[start : start + A_PART] for start in range(0, len(changes), A_PART)]
    episodes = [
        Part(path=f"/sitemaps/emissions-{number}.xml", changed=max(part))
        for number, part in enumerate(slices, start=1)
    ]
    plain = [Part(path=f"/sitemaps/{name}.xml") for name in PLAIN_PARTS]
    latest = news().aggregate(latest=Max("published_at"))["latest"]
    fresh = [Part(path="/sitemaps/actualites.xml", changed=latest)] if latest else []
    return [*episodes, *plain, *fresh]


def episodes(number: int) -> list[Entry]:
    """The broadcasts of one part, from 1; empty when there is no such part. Three queries."""
    people = Prefetch("appearances", Appearance.objects.select_related("guest"))
    sources = Prefetch("sources", VideoSource.objects.playable(), to_attr="playable_sources")
    rows = (
        Broadcast.objects.public()
        .order_by("pk")
        .defer("body_opening", "body_rest")
        .prefetch_related(people, sources)
    )
    return [
        Entry(
            broadcast=row,
            player=next(iter(row.playable_sources), None),  # type: ignore[attr-defined]
            guests=[
                appearance.guest.name
                for appearance in row.appearances.all()
                if appearance.role == Appearance.Role.GUEST
            ],
        )
        for row in rows[(number - 1) * A_PART : number * A_PART]
    ]


def news() -> BroadcastQuerySet:
    """What was published in the last two days, newest first: older is no news."""
    recent = Broadcast.objects.public().filter(published_at__gte=timezone.now() - NEWS)
    return recent.newest_first().only("slug", "title", "published_at")


def transcripts() -> list[TranscriptPage]:
    """The pages of all public broadcasts' words, the last written first."""
    says_something = Exists(Cue.objects.filter(transcript=OuterRef("pk")))
    rows = (
        Transcript.objects.filter(says_something, broadcast__in=Broadcast.objects.public())
        .values_list("broadcast__slug")
        .annotate(latest=Max("updated_at"))
        .order_by("-latest")[:MOST_ADDRESSES]
    )
    return [
        TranscriptPage(page_address=f"/emissions/{slug}/transcription", latest=latest)
        for slug, latest in rows
    ]
