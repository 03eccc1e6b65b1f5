"""How the archive is laid out for those who wander in it: series, seasons, keywords, people."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Count, Max, Min, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from broadcasts.models import Appearance, Broadcast, Series, Tag
from guests.models import Guest


@dataclass(frozen=True, kw_only=True)
class Season:
    """What a season holds that is public; `seconds` together, `first` and `last` moments in UTC."""

    number: int
    episodes: int
    seconds: int
    people: int
    first: dt.datetime
    last: dt.datetime

    def get_absolute_url(self) -> str:
        return f"/saisons/{self.number}"


def public_through(prefix: str) -> Q:
    """`Broadcast.objects.public()` seen from the other end of the relation `prefix`."""
    return Q(
        **{
            f"{prefix}__status": Broadcast.Status.PUBLISHED,
            f"{prefix}__published_at__lte": timezone.now(),
        }
    )


def public_series() -> "QuerySet[Series]":
    """The series that have something public, with `episodes` (how many) and `latest` (UTC)."""
    public = public_through("broadcasts")
    return (
        Series.objects.annotate(
            episodes=Count("broadcasts", filter=public),
            latest=Max("broadcasts__published_at", filter=public),
        )
        .filter(episodes__gt=0)
        .order_by("position", "title")
    )


def public_seasons() -> list[Season]:
    """The seasons that have something public, the newest first."""
    moment = Coalesce("aired_at", "published_at")
    rows = (
        Broadcast.objects.public()
        .exclude(season=None)
        .order_by("-season")
        .values_list("season")
        .annotate(
            Count("pk"),
            seconds=Coalesce(Sum("duration_seconds"), 0),
            first=Min(moment),
            last=Max(moment),
        )
    )
    people = _people_by_season()
    return [
        Season(
            number=number,
            episodes=episodes,
            seconds=length,
            people=people.get(number, 0),
            first=first,
            last=last,
        )
        for number, episodes, length, first, last in rows
    ]


def _people_by_season() -> dict[int, int]:
    heard = Appearance.objects.filter(
        public_through("broadcast"), role=Appearance.Role.GUEST, broadcast__season__isnull=False
    )
    counts = (
        heard.order_by().values_list("broadcast__season").annotate(Count("guest", distinct=True))
    )
    return dict(counts)


def public_tags() -> "QuerySet[Tag]":
    """The keywords that something public has, by name, with `episodes` (how many)."""
    return (
        Tag.objects.annotate(episodes=Count("broadcasts", filter=public_through("broadcasts")))
        .filter(episodes__gt=0)
        .order_by("slug")  # accents folded, which names are not
    )


def public_guests() -> "QuerySet[Guest]":
    """Those who came as guests to something public, by last name, with `episodes` (how many)."""
    as_guest = public_through("appearances__broadcast") & Q(appearances__role=Appearance.Role.GUEST)
    return (
        Guest.objects.annotate(episodes=Count("appearances", filter=as_guest))
        .filter(episodes__gt=0)
        .defer("bio")
        .in_order()
    )


def public_people() -> "QuerySet[Guest]":
    """Everybody who has a page: those who came as guests, and those who only ever hosted."""
    heard = Appearance.objects.filter(public_through("broadcast"))
    return Guest.objects.filter(pk__in=heard.values("guest")).defer("bio").in_order()
