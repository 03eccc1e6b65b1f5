"""What `/emissions` can be narrowed by, read from its address.

The outlet's old links have seasons among the tags (`?tags=Saison+04`) and either apostrophe in a
tag's name; both keep working.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import TypeVar
from urllib.parse import urlencode

from django.conf import settings
from django.db.models import Model, Q, QuerySet
from django.db.models.functions import Coalesce, ExtractYear
from django.http import QueryDict

from auposte.slugs import french_slug
from broadcasts.models import Series, Tag, TagAlias
from broadcasts.models.broadcast import BroadcastQuerySet
from broadcasts.services.browsing import Shelves, public_through
from guests.models import Guest

SEASON_AS_TAG = re.compile(r"^\s*saison\s*0*(\d{1,3})\s*$", re.IGNORECASE | re.ASCII)
SEASON_SLUG = re.compile(r"^saison-?0*(\d{1,3})$", re.ASCII)
NUMBER = re.compile(r"^\d{1,4}$", re.ASCII)
PARAMETERS = ("tags", "serie", "saison", "invite", "annee")
LONGEST_VALUE = 200

NO_CHANGE: Mapping[str, str] = MappingProxyType({})

Named = TypeVar("Named", bound=Model)


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A link of the list: what it narrows to, in words."""

    label: str
    address: str
    is_chosen: bool


@dataclass(frozen=True, kw_only=True)
class Drawer:
    """The choices of one kind."""

    label: str
    choices: list[Choice]


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What the address names; `unknown` holds the values that named nothing.

    `moved` when it calls a tag by a name that it no longer has.
    """

    tag: Tag | None = None
    series: Series | None = None
    season: int | None = None
    guest: Guest | None = None
    year: int | None = None
    unknown: tuple[str, ...] = ()
    moved: bool = False

    def __bool__(self) -> bool:
        return bool(self.parameters)

    @property
    def parameters(self) -> dict[str, str]:
        """The address's parameters in their one canonical writing."""
        asked = {
            "tags": self.tag.name if self.tag else "",
            "serie": self.series.slug if self.series else "",
            "saison": str(self.season or ""),
            "invite": self.guest.slug if self.guest else "",
            "annee": str(self.year or ""),
        }
        return {name: value for name, value in asked.items() if value}

    def address(self, changes: Mapping[str, str] = NO_CHANGE, *, page: int = 1) -> str:
        """The list's path with these filters, on this page; a change to "" lifts a filter."""
        asked = self.parameters | dict(changes)
        kept = {name: asked[name] for name in PARAMETERS if asked.get(name)}
        query = urlencode(({"page": str(page)} if page > 1 else {}) | kept)
        return f"/emissions?{query}" if query else "/emissions"

    def canonical_url(self, page: int) -> str:
        """The absolute address of this list's page."""
        return f"{settings.SITE_URL}{self.address(page=page)}"

    @property
    def chosen(self) -> list[Choice]:
        """Each filter in words, with the address that lifts it."""
        words = {
            "tags": self.tag.name if self.tag else "",
            "serie": self.series.title if self.series else "",
            "saison": f"Saison {self.season:02d}" if self.season else "",
            "invite": self.guest.name if self.guest else "",
            "annee": str(self.year or ""),
        }
        return [
            Choice(label=words[name], address=self.address({name: ""}), is_chosen=True)
            for name in self.parameters
        ]

    def drawers(self, shelves: Shelves) -> list[Drawer]:
        """What the list can be narrowed to from here; choosing again what is chosen lifts it."""
        return [
            self._drawer("Série", "serie", [(row.slug, row.title) for row in shelves.series]),
            self._drawer("Saison", "saison", [(str(n), f"{n:02d}") for n in shelves.seasons]),
            self._drawer("Année", "annee", [(str(year), str(year)) for year in shelves.years]),
        ]

    def _drawer(self, label: str, parameter: str, values: list[tuple[str, str]]) -> Drawer:
        chosen = self.parameters.get(parameter)
        return Drawer(
            label=label,
            choices=[
                Choice(
                    label=text,
                    address=self.address({parameter: "" if value == chosen else value}),
                    is_chosen=value == chosen,
                )
                for value, text in values
            ],
        )

    @property
    def heading(self) -> str:
        """`Émissions`, or what is left of them in words: `Causerie, Saison 09`."""
        return ", ".join(choice.label for choice in self.chosen) or "Émissions"

    def narrow(self, broadcasts: BroadcastQuerySet) -> BroadcastQuerySet:
        """These broadcasts, narrowed, newest first, ready for cards."""
        if self.tag:
            broadcasts = broadcasts.filter(tags=self.tag)
        if self.series:
            broadcasts = broadcasts.filter(series=self.series)
        if self.season:
            broadcasts = broadcasts.filter(season=self.season)
        if self.guest:
            broadcasts = broadcasts.filter(guests=self.guest)
        if self.year:
            shown = Coalesce("aired_at", "published_at")
            broadcasts = broadcasts.annotate(year=ExtractYear(shown)).filter(year=self.year)
        return broadcasts.newest_first().for_cards()


def read_filters(query: QueryDict) -> Filters:
    """The filters of an address. Values that name nothing public are left aside, as `unknown`."""
    asked = {name: query.get(name, "").strip()[:LONGEST_VALUE] for name in PARAMETERS}
    season_as_tag = SEASON_AS_TAG.match(asked["tags"])
    if season_as_tag:
        asked |= {"tags": "", "saison": season_as_tag[1]}
    tag = _tag(asked["tags"])
    former = _former_tag(asked["tags"]) if asked["tags"] and tag is None else None
    filters = Filters(
        tag=tag or former,
        moved=former is not None,
        series=_first(Series.objects.filter(slug=asked["serie"]), "broadcasts"),
        season=_number(asked["saison"]),
        guest=_first(Guest.objects.filter(slug=asked["invite"]), "broadcasts"),
        year=_number(asked["annee"]),
    )
    known = filters.parameters
    unknown = tuple(value for name, value in asked.items() if value and name not in known)
    return replace(filters, unknown=unknown)


def _tag(name: str) -> Tag | None:
    """By its name, with either apostrophe; else by its slug, which forgives accents and case."""
    if not name:
        return None
    spellings = Q(name=name.replace("'", "’")) | Q(name=name.replace("’", "'"))
    return _first(Tag.objects.filter(spellings), "broadcasts") or _first(
        Tag.objects.filter(slug=french_slug(name, max_length=120)), "broadcasts"
    )


def _former_tag(name: str) -> Tag | None:
    """The tag that goes by another name today."""
    slug = french_slug(name, max_length=120)
    named = TagAlias.objects.filter(Q(name=name) | Q(slug=slug))
    return _first(Tag.objects.filter(pk__in=named.values("tag")), "broadcasts")


def _first(things: "QuerySet[Named]", broadcasts: str) -> "Named | None":
    return things.filter(public_through(broadcasts)).first()


def _number(text: str) -> int | None:
    """A season or a year: up to four digits, from 1."""
    return (int(text) or None) if NUMBER.match(text) else None
