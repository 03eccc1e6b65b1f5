"""Putting many broadcasts on a shelf at once: each keeps a version, as if changed by hand."""

from collections.abc import Callable, Collection, Sequence

from django.contrib.auth.models import User
from django.db import transaction

from broadcasts.models import Broadcast, Series, Tag
from broadcasts.services.versions import keep_version, keep_what_was

Ids = Collection[int]


def add_tags(*, broadcast_ids: Ids, user: User | None, tags: Sequence[Tag]) -> int:
    """Tag them all; those that have a tag already keep it. Returns how many were there."""
    return _change_all(broadcast_ids, user, lambda broadcast: broadcast.tags.add(*tags))


def remove_tags(*, broadcast_ids: Ids, user: User | None, tags: Sequence[Tag]) -> int:
    """Take these tags off. Returns how many broadcasts were there."""
    return _change_all(broadcast_ids, user, lambda broadcast: broadcast.tags.remove(*tags))


def set_series(*, broadcast_ids: Ids, user: User | None, series: Series | None) -> int:
    """Put them all into a series; None takes them out of theirs."""

    def change(broadcast: Broadcast) -> None:
        broadcast.series = series

    return _change_all(broadcast_ids, user, change, "series")


def set_season(*, broadcast_ids: Ids, user: User | None, season: int | None) -> int:
    """Give them all this season; None takes it away."""

    def change(broadcast: Broadcast) -> None:
        broadcast.season = season

    return _change_all(broadcast_ids, user, change, "season")


@transaction.atomic
def _change_all(
    broadcast_ids: Ids, user: User | None, change: Callable[[Broadcast], None], *fields: str
) -> int:
    """Locked in one order, so that two such changes wait for each other."""
    rows = Broadcast.objects.select_for_update().filter(pk__in=broadcast_ids).order_by("pk")
    count = 0
    for broadcast in rows:
        keep_what_was(page=broadcast)
        change(broadcast)
        broadcast.save(update_fields=[*fields, "updated_at"])
        keep_version(page=broadcast, user=user)
        count += 1
    return count
