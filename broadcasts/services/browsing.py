"""How the archive is laid out for those who wander in it: series, seasons, years, people."""

from dataclasses import dataclass

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import Coalesce, ExtractYear
from django.utils import timezone

from broadcasts.models import Appearance, Broadcast, Series
from guests.models import Guest


@dataclass(frozen=True, kw_only=True)
class Shelves:
    """What the list can be narrowed to. Seasons and years are numbers, newest first."""

    series: tuple[Series, ...]
    seasons: tuple[int, ...]
    years: tuple[int, ...]


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


def shelves() -> Shelves:
    """The series, seasons and years that have something public, in two queries."""
    rows = list(
        Broadcast.objects.public()
        .order_by()
        .values_list("season", ExtractYear(Coalesce("aired_at", "published_at")))
        .distinct()
    )
    return Shelves(
        series=tuple(public_series()),
        seasons=tuple(sorted({season for season, _ in rows if season}, reverse=True)),
        years=tuple(sorted({year for _, year in rows}, reverse=True)),
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
