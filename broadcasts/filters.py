"""What `/emissions` can be narrowed by, read from its address and written into it.

The outlet's old links have seasons among the tags (`?tags=Saison+04`) and either apostrophe in a
tag's name; both keep working.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

from auposte.slugs import french_slug
from broadcasts.models import Series, Tag, TagAlias
from broadcasts.services.browsing import public_through
from broadcasts.services.facets import Length, Narrowing, Order
from guests.models import Guest

SEASON_AS_TAG = re.compile(r"^\s*saison\s*0*(\d{1,3})\s*$", re.IGNORECASE | re.ASCII)
SEASON_SLUG = re.compile(r"^saison-?0*(\d{1,3})$", re.ASCII)
NUMBER = re.compile(r"^\d{1,4}$", re.ASCII)
PARAMETERS = ("tags", "serie", "saison", "invite", "annee", "duree", "transcription", "tri")
# Those that add up: `tags=a&tags=b` is both.
REPEATED = ("tags", "invite")
MOST_VALUES = 6
LONGEST_VALUE = 200
LENGTHS = {
    Length.SHORT: "moins de 30\u00a0min",
    Length.HALF: "30\u00a0min à 1\u00a0h",
    Length.LONG: "1 à 2\u00a0h",
    Length.LONGEST: "plus de 2\u00a0h",
}

Pairs = tuple[tuple[str, str], ...]
Named = TypeVar("Named", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A link of the list: what it narrows to, in words; how many one gets, where that is told."""

    label: str
    address: str
    is_chosen: bool
    name: str = ""  # unlike any other on the page
    broadcasts: int | None = None


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the address names; `unknown` holds the values that named nothing.

    `moved` when it calls a tag by a name that it no longer has.
    """

    tags: tuple[Tag, ...] = ()
    series: Series | None = None
    season: int | None = None
    guests: tuple[Guest, ...] = ()
    year: int | None = None
    length: Length | None = None
    transcribed: bool = False
    order: Order = Order.NEWEST
    unknown: tuple[str, ...] = ()
    moved: bool = False

    def __bool__(self) -> bool:
        return bool(self.chosen)

    @property
    def _words(self) -> list[tuple[str, str, str]]:
        """(parameter, value, in words) of each filter, in the one canonical order."""
        words = [("tags", tag.name, tag.name) for tag in sorted(self.tags, key=lambda t: t.name)]
        if self.series:
            words.append(("serie", self.series.slug, self.series.title))
        if self.season:
            words.append(("saison", str(self.season), f"Saison {self.season:02d}"))
        words += [
            ("invite", guest.slug, guest.name)
            for guest in sorted(self.guests, key=lambda guest: guest.slug)
        ]
        if self.year:
            words.append(("annee", str(self.year), str(self.year)))
        if self.length:
            words.append(("duree", self.length.slug, LENGTHS[self.length].capitalize()))
        if self.transcribed:
            words.append(("transcription", "oui", "Avec transcription"))
        return words

    @property
    def pairs(self) -> Pairs:
        """The address's parameters in their one canonical writing, but for the page."""
        pairs = tuple((name, value) for name, value, _ in self._words)
        return pairs if self.order is Order.NEWEST else (*pairs, ("tri", self.order.slug))

    @property
    def is_combined(self) -> bool:
        """Several at once, or sorted otherwise: there is no end to such addresses."""
        return len(self.pairs) > 1 or self.order is not Order.NEWEST

    def address(self, *, page: int = 1) -> str:
        """The list's path with these filters, on this page."""
        return list_address(self.pairs, page=page)

    def canonical_url(self, page: int) -> str:
        """The absolute address of this list's page."""
        return f"{settings.SITE_URL}{self.address(page=page)}"

    @property
    def chosen(self) -> list[Choice]:
        """Each filter in words, with the address that lifts it."""
        pairs = self.pairs
        return [
            Choice(label=label, address=toggled(pairs, name, value), is_chosen=True)
            for name, value, label in self._words
        ]

    @property
    def cleared(self) -> str:
        """The address without any filter; the order stays."""
        return list_address(tuple(pair for pair in self.pairs if pair[0] == "tri"))

    @property
    def heading(self) -> str:
        """`Émissions`, or what is left of them in words: `Causerie, Saison 09`."""
        return ", ".join(label for _, _, label in self._words) or "Émissions"

    @property
    def only_tag(self) -> Tag | None:
        """The keyword, when it is all that is asked for."""
        return self.tags[0] if len(self.tags) == 1 and not self.is_combined else None

    @property
    def narrowing(self) -> Narrowing:
        return Narrowing(
            tags=tuple(tag.pk for tag in self.tags),
            guests=tuple(guest.pk for guest in self.guests),
            series=self.series.pk if self.series else None,
            season=self.season,
            year=self.year,
            length=self.length,
            transcribed=self.transcribed,
        )


def list_address(pairs: Pairs, *, page: int = 1) -> str:
    """`/emissions` with these parameters, as they stand."""
    query = urlencode((("page", str(page)), *pairs) if page > 1 else pairs)
    return f"/emissions?{query}" if query else "/emissions"


def toggled(pairs: Pairs, name: str, value: str) -> str:
    """The address with this filter put, on its first page; lifted, when it is there."""
    pair = (name, value)
    if pair in pairs:
        return list_address(tuple(each for each in pairs if each != pair))
    others = (each for each in pairs if name in REPEATED or each[0] != name)
    return list_address(
        tuple(sorted((*others, pair), key=lambda each: (PARAMETERS.index(each[0]), each[1])))
    )


def read_filters(query: QueryDict) -> Filters:
    """The filters of an address. Values that name nothing public are left aside, as `unknown`."""
    tags, invite = (
        [value.strip()[:LONGEST_VALUE] for value in query.getlist(name) if value.strip()]
        for name in REPEATED
    )
    asked = {
        name: query.get(name, "").strip()[:LONGEST_VALUE]
        for name in PARAMETERS
        if name not in REPEATED
    }
    for season in filter(None, map(SEASON_AS_TAG.match, tags)):
        asked["saison"] = season[1]
    tags = [name for name in tags if not SEASON_AS_TAG.match(name)]
    found, former, no_tags = _tags(tags[:MOST_VALUES])
    guests, no_guests = _guests(invite[:MOST_VALUES])
    filters = Filters(
        tags=found,
        moved=former,
        series=_first(Series.objects.filter(slug=asked["serie"])) if asked["serie"] else None,
        season=_number(asked["saison"]),
        guests=guests,
        year=_number(asked["annee"]),
        length=next((each for each in Length if each.slug == asked["duree"]), None),
        transcribed=asked["transcription"] == "oui",
        order=next((each for each in Order if each.slug == asked["tri"]), Order.NEWEST),
    )
    known = {name for name, _ in filters.pairs}
    if asked["tri"] == Order.NEWEST.slug:
        known.add("tri")
    unknown = [
        *no_tags, *tags[MOST_VALUES:], *no_guests, *invite[MOST_VALUES:],
        *(value for name, value in asked.items() if value and name not in known),
    ]  # fmt: skip
    return replace(filters, unknown=tuple(unknown))


def asked_pairs(query: QueryDict) -> Pairs:
    """What the address says, as it says it: canonical when it equals `Filters.pairs`."""
    return tuple((name, value) for name in PARAMETERS for value in query.getlist(name) if value)


def _tags(names: list[str]) -> tuple[tuple[Tag, ...], bool, list[str]]:
    """The tags of these names; whether one goes by another name today; the names of none.

    By the name, with either apostrophe; else by the slug, which forgives accents and case.
    """
    if not names:
        return (), False, []
    slugs = {name: french_slug(name, max_length=120) for name in names}
    spelt = [way for name in names for way in _spellings(name)]
    named = Q(name__in=spelt) | Q(slug__in=slugs.values())
    there = list(Tag.objects.filter(named).filter(public_through("broadcasts")).distinct())
    found: dict[str, Tag | None] = {
        name: _best(
            there,
            lambda tag, name=name: tag.name in _spellings(name),  # type: ignore[misc]
            lambda tag, name=name: tag.slug == slugs[name],  # type: ignore[misc]
        )
        for name in names
    }
    missing = [name for name in names if found[name] is None]
    former = _former_tags({name: slugs[name] for name in missing}) if missing else {}
    found |= former
    return (
        tuple({tag.pk: tag for tag in found.values() if tag}.values()),
        bool(former),
        [name for name in names if found[name] is None],
    )


def _spellings(name: str) -> tuple[str, str]:
    return name.replace("'", "’"), name.replace("’", "'")


def _best(things: list[Named], *tests: Callable[[Named], bool]) -> Named | None:
    """The first that passes the first test that any of them passes."""
    return next((thing for test in tests for thing in things if test(thing)), None)


def _former_tags(slugs: dict[str, str]) -> dict[str, Tag]:
    """By name asked, the tags that go by another name today."""
    named = Q(name__in=slugs) | Q(slug__in=slugs.values())
    public = Tag.objects.filter(public_through("broadcasts")).values("pk")
    aliases = TagAlias.objects.filter(named, tag__in=public).select_related("tag")
    return {
        name: alias.tag
        for name, slug in slugs.items()
        for alias in aliases
        if alias.name == name or alias.slug == slug
    }


def _guests(names: list[str]) -> tuple[tuple[Guest, ...], list[str]]:
    """The people of these slugs, or of these names in either order; the names of nobody."""
    if not names:
        return (), []
    ways = {name: {name, *_turned(name)} for name in names}
    named = Guest.objects.filter(slug__in=set().union(*ways.values()))
    there = list(named.filter(public_through("broadcasts")).defer("bio").distinct())
    found = {
        name: _best(
            there,
            lambda guest, name=name: guest.slug == name,  # type: ignore[misc]
            lambda guest, name=name: guest.slug in ways[name],  # type: ignore[misc]
        )
        for name in names
    }
    guests = {guest.pk: guest for guest in found.values() if guest}
    return tuple(guests.values()), [name for name in names if found[name] is None]


def _turned(name: str) -> Iterable[str]:
    """`Welgryn Lou` → `welgryn-lou`, `lou-welgryn`: lists write the last name first."""
    words = french_slug(name).split("-")
    return {"-".join((*words[start:], *words[:start])) for start in range(len(words))}


def _first(things: "QuerySet[Named]") -> "Named | None":
    return things.filter(public_through("broadcasts")).first()


def _number(text: str) -> int | None:
    """A season or a year: up to four digits, from 1."""
    return (int(text) or None) if NUMBER.match(text) else None
