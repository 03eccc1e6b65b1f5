"""What a reader is given: the episode's page and what leads on from it."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.db.models.expressions import Combinable, CombinedExpression
from django.db.models.functions import JSONObject
from django.utils import timezone

from broadcasts.models import Appearance, Broadcast, Chapter, Correction, Tag, VideoSource

RELATED_SHOWN = 3
# What a neighbour or a card shows of a broadcast.
SHOWN_ELSEWHERE = (
    "title", "slug", "dek", "published_at", "aired_at", "duration_seconds",
    "image", "focal_x", "focal_y",
)  # fmt: skip
# What other apps want read along with a broadcast for its page, by name: each a scalar expression,
# so that it costs no query. Filled when they load.
READ_ALONG: dict[str, Combinable] = {}


@dataclass(frozen=True, kw_only=True)
class Dossier:
    """An episode's page: everything it shows, read in five queries."""

    broadcast: Broadcast
    guests: tuple[Appearance, ...]
    hosts: tuple[Appearance, ...]
    tags: tuple[Tag, ...]
    sources: tuple[VideoSource, ...]
    chapters: tuple[Chapter, ...]
    corrections: tuple[Correction, ...]
    previous: Broadcast | None
    next: Broadcast | None
    related: tuple[Broadcast, ...]

    @property
    def player(self) -> VideoSource | None:
        """The source that the page offers to play: the first that is there, see `playable`."""
        return self.sources[0] if self.sources else None

    @property
    def clock(self) -> VideoSource | None:
        """The source that the chapters' times can be trusted on.

        Platforms cut differently: a source's offset must have been confirmed, unless it is the
        only one and so has nobody to disagree with.
        """
        if len(self.sources) == 1 and self.sources[0].offset_seconds is None:
            return self.sources[0]
        return next((s for s in self.sources if s.offset_seconds is not None), None)

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
        """The word stamped on the page."""
        if self.player is None:
            return "À lire"
        if self.player.live_state == VideoSource.LiveState.LIVE:
            return "En direct"
        if self.player.live_state == VideoSource.LiveState.UPCOMING:
            return "À venir"
        return "Rediffusion"


def find_broadcast(slug: str) -> Broadcast | None:
    """The broadcast at this address, whatever its status, with its series, tags, corrections."""
    return _find(slug=slug)


def find_by_key(pk: int) -> Broadcast | None:
    """The same by its number: an address may still change before a text is out."""
    return _find(pk=pk)


def _find(**address: str | int) -> Broadcast | None:
    tags = (
        Tag.objects.filter(broadcasts=OuterRef("pk"))
        .order_by("name")
        .values(json=JSONObject(pk="pk", name="name", slug="slug"))
    )
    corrections = Correction.objects.filter(broadcast=OuterRef("pk")).values(
        json=JSONObject(pk="pk", kind="kind", dated="dated", author="author", text="text")
    )
    return (
        Broadcast.objects.filter(**address)
        .select_related("series")
        .annotate(
            tags_as_json=ArraySubquery(tags),
            corrections_as_json=ArraySubquery(corrections),
            **READ_ALONG,
        )
        .first()
    )


def open_dossier(broadcast: Broadcast) -> Dossier:
    """Gather what the page of this broadcast (from `find_broadcast`) shows."""
    appearances = list(broadcast.appearances.select_related("guest"))
    guests = tuple(a for a in appearances if a.role == Appearance.Role.GUEST)
    tags = tuple(Tag(**fields) for fields in broadcast.tags_as_json)  # type: ignore[attr-defined]
    previous, following, related = _around(
        broadcast, guest_ids=[a.guest_id for a in guests], tag_ids=[tag.pk for tag in tags]
    )
    return Dossier(
        broadcast=broadcast,
        guests=guests,
        hosts=tuple(a for a in appearances if a.role == Appearance.Role.HOST),
        tags=tags,
        sources=tuple(broadcast.sources.playable()),
        chapters=tuple(broadcast.chapters.all()),
        corrections=tuple(_corrections(broadcast)),
        previous=previous,
        next=following,
        related=related,
    )


def _corrections(broadcast: Broadcast) -> Iterator[Correction]:
    for facts in broadcast.corrections_as_json:  # type: ignore[attr-defined]  # annotated above
        yield Correction(**{**facts, "dated": dt.date.fromisoformat(facts["dated"])})


def _around(
    broadcast: Broadcast, *, guest_ids: list[int], tag_ids: list[int]
) -> tuple[Broadcast | None, Broadcast | None, tuple[Broadcast, ...]]:
    """Previous, next and related broadcasts, the public ones only, in one query."""
    others = (
        Broadcast.objects.public()
        .exclude(pk=broadcast.pk)
        .only(*SHOWN_ELSEWHERE)
        .annotate(kinship=_kinship(broadcast, guest_ids=guest_ids, tag_ids=tag_ids))
    )
    when, pk = broadcast.published_at or timezone.now(), broadcast.pk
    earlier = others.filter(Q(published_at__lt=when) | Q(published_at=when, pk__lt=pk))
    later = others.filter(Q(published_at__gt=when) | Q(published_at=when, pk__gt=pk))
    kin = others.filter(kinship__gt=0).order_by("-kinship", "-published_at", "-pk")
    rows = (
        earlier.order_by("-published_at", "-pk")
        .annotate(place=Value("previous"))[:1]
        .union(
            later.order_by("published_at", "pk").annotate(place=Value("next"))[:1],
            # Two more than shown: the neighbours may be among them, and are on the page already.
            kin.annotate(place=Value("related"))[: RELATED_SHOWN + 2],
            all=True,
        )
    )
    places: dict[str, list[Broadcast]] = {"previous": [], "next": [], "related": []}
    for row in rows:
        places[row.place].append(row)  # type: ignore[attr-defined]
    neighbours = [*places["previous"], *places["next"]]
    fresh = [row for row in places["related"] if row not in neighbours]
    related = sorted(fresh or places["related"], key=_closest_first)
    return (
        next(iter(places["previous"]), None),
        next(iter(places["next"]), None),
        tuple(related[:RELATED_SHOWN]),
    )


def _closest_first(row: Broadcast) -> tuple[int, float]:
    assert row.published_at is not None  # noqa: S101  # the row is public
    return -row.kinship, -row.published_at.timestamp()  # type: ignore[attr-defined]


def _kinship(
    broadcast: Broadcast, *, guest_ids: list[int], tag_ids: list[int]
) -> CombinedExpression:
    """How close another broadcast is: a common guest weighs most, a keyword, the series."""
    common_guest = Appearance.objects.filter(
        broadcast=OuterRef("pk"), role=Appearance.Role.GUEST, guest_id__in=guest_ids
    )
    common_tag = Broadcast.tags.through.objects.filter(broadcast=OuterRef("pk"), tag_id__in=tag_ids)
    same_series = Q(series=broadcast.series_id) if broadcast.series_id else Q(pk__in=[])
    return (
        Case(When(Exists(common_guest), then=4), default=0)
        + Case(When(Exists(common_tag), then=2), default=0)
        + Case(When(same_series, then=1), default=0)
    )
