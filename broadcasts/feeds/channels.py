"""What can be subscribed to: everything, a keyword, a series, somebody."""

from dataclasses import dataclass

from django.db.models import Prefetch

from auposte.money import NBSP
from broadcasts.models import Appearance, Broadcast, Series, Tag, TagAlias
from broadcasts.models.broadcast import BroadcastQuerySet
from broadcasts.services.browsing import public_through
from guests.models import Guest

ITEMS = 30


@dataclass(frozen=True, kw_only=True)
class Channel:
    """A feed before it is written. `stem` is its path without the ending that names the form."""

    title: str
    description: str
    page: str
    stem: str
    broadcasts: BroadcastQuerySet

    def newest(self) -> list[Broadcast]:
        """Its newest public broadcasts, whole, in three queries."""
        people = Prefetch("appearances", Appearance.objects.select_related("guest"))
        rows = self.broadcasts.newest_first().select_related("series")
        return list(rows.prefetch_related("tags", people)[:ITEMS])


def guid_of(broadcast: Broadcast) -> str:
    """What names the item for ever, also when its address changes."""
    return broadcast.feed_guid or f"auposte:emission:{broadcast.pk}"


def everything() -> Channel:
    """All that is published."""
    return Channel(
        title="Au Poste",
        description="De longs entretiens en direct, financés par celles et ceux qui les regardent.",
        page="/",
        stem="/flux/emissions",
        broadcasts=Broadcast.objects.public(),
    )


def of_tag(slug: str) -> Channel | None:
    """What carries a keyword, also by a name that it had; None when nothing public does."""
    public = Tag.objects.filter(public_through("broadcasts"))
    former = TagAlias.objects.filter(slug=slug).values("tag")
    tag = public.filter(slug=slug).first() or public.filter(pk__in=former).first()
    if tag is None:
        return None
    return Channel(
        title=f"Au Poste{NBSP}: {tag.name}",
        description=tag.description or f"Les émissions sous le mot-clé «{NBSP}{tag.name}{NBSP}».",
        page=tag.page_address,
        stem=f"/flux/tags/{tag.slug}",
        broadcasts=Broadcast.objects.public().filter(tags=tag),
    )


def of_series(slug: str) -> Channel | None:
    """A series; None when nothing of it is public."""
    series = Series.objects.filter(public_through("broadcasts"), slug=slug).first()
    if series is None:
        return None
    return Channel(
        title=f"Au Poste{NBSP}: {series.title}",
        description=f"Les émissions de la série «{NBSP}{series.title}{NBSP}».",
        page=series.get_absolute_url(),
        stem=f"/flux/series/{series.slug}",
        broadcasts=Broadcast.objects.public().filter(series=series),
    )


def of_guest(slug: str) -> Channel | None:
    """The broadcasts that somebody is heard in; None when none is public."""
    guest = Guest.objects.filter(public_through("broadcasts"), slug=slug).first()
    if guest is None:
        return None
    return Channel(
        title=f"Au Poste{NBSP}: {guest.name}",
        description=f"Les émissions où l’on entend {guest.name}.",
        page=guest.get_absolute_url(),
        stem=f"/flux/invites/{guest.slug}",
        broadcasts=Broadcast.objects.public().filter(guests=guest),
    )


KINDS = {"tags": of_tag, "series": of_series, "invites": of_guest}
