"""What leads on from an episode: the ones before and after it, and its kin.

In SQL of our own: of a page's time the ORM took a third for writing this one query anew each time.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.utils import timezone

from auposte.written_once import planned_cursor
from broadcasts.models import Appearance, Broadcast

RELATED_SHOWN = 3
# What a neighbour or a card shows of a broadcast, in the order of the model's fields: `from_db`
# takes the values by their places.
SHOWN_ELSEWHERE = (
    "id", "title", "slug", "dek", "season", "number", "extract_of_id", "published_at", "aired_at",
    "duration_seconds", "image", "focal_x", "focal_y",
)  # fmt: skip
COLUMNS = ", ".join(SHOWN_ELSEWHERE)
# The same rule as `BroadcastQuerySet.public()`.
PUBLIC = "status = %(published)s AND published_at <= %(now)s AND id <> %(pk)s"
# How close another broadcast is: a common guest weighs most, a keyword, the series.
KINSHIP = """
    CASE WHEN id IN (
        SELECT broadcast_id FROM broadcasts_appearance
        WHERE role = %(guest)s AND guest_id = ANY(%(guests)s)
    ) THEN 4 ELSE 0 END
    + CASE WHEN id IN (
        SELECT broadcast_id FROM broadcasts_broadcast_tags WHERE tag_id = ANY(%(tags)s)
    ) THEN 2 ELSE 0 END
    + CASE WHEN series_id = %(series)s THEN 1 ELSE 0 END
"""
# No value of a reader's is in the text: all are parameters.
QUERY = f"""
(SELECT 'previous', 0, {COLUMNS} FROM broadcasts_broadcast
 WHERE {PUBLIC} AND (published_at, id) < (%(when)s, %(pk)s)
 ORDER BY published_at DESC, id DESC LIMIT 1)
UNION ALL
(SELECT 'next', 0, {COLUMNS} FROM broadcasts_broadcast
 WHERE {PUBLIC} AND (published_at, id) > (%(when)s, %(pk)s)
 ORDER BY published_at, id LIMIT 1)
UNION ALL
(SELECT 'related', kinship, {COLUMNS}
 FROM (SELECT *, {KINSHIP} AS kinship FROM broadcasts_broadcast WHERE {PUBLIC}) AS others
 WHERE kinship > 0
 ORDER BY kinship DESC, published_at DESC, id DESC LIMIT %(most)s)
"""  # noqa: S608  # our own names


@dataclass(frozen=True, kw_only=True)
class Around:
    """The public broadcasts that a page leads on to, the closest of its kin first."""

    previous: Broadcast | None
    next: Broadcast | None
    related: tuple[Broadcast, ...]


def around(broadcast: Broadcast, *, guest_ids: list[int], tag_ids: list[int]) -> Around:
    """What leads on from this one, in one query. Neighbours are not shown again as kin, unless
    there is no other.
    """
    now = timezone.now()
    asked: dict[str, Any] = {
        "published": Broadcast.Status.PUBLISHED.value,
        "guest": Appearance.Role.GUEST.value,
        "now": now,
        "when": broadcast.published_at or now,
        "pk": broadcast.pk,
        "guests": guest_ids,
        "tags": tag_ids,
        "series": broadcast.series_id,
        # Two more than shown: the neighbours may be among them.
        "most": RELATED_SHOWN + 2,
    }
    places: dict[str, list[tuple[int, Broadcast]]] = {"previous": [], "next": [], "related": []}
    with planned_cursor() as cursor:
        cursor.execute(QUERY, asked)
        for place, kinship, *facts in cursor.fetchall():
            row = Broadcast.from_db(connection.alias, SHOWN_ELSEWHERE, facts)
            places[place].append((kinship, row))
    neighbours = [row for _, row in (*places["previous"], *places["next"])]
    fresh = [found for found in places["related"] if found[1] not in neighbours]
    kin = sorted(fresh or places["related"], key=_closest_first)
    return Around(
        previous=next((row for _, row in places["previous"]), None),
        next=next((row for _, row in places["next"]), None),
        related=tuple(row for _, row in kin[:RELATED_SHOWN]),
    )


def _closest_first(found: tuple[int, Broadcast]) -> tuple[int, dt.timedelta]:
    kinship, row = found
    assert row.published_at is not None  # noqa: S101  # the row is public
    return -kinship, timezone.now() - row.published_at
