"""What leads on from an episode: the ones before and after it, and its kin."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import JSONField, OuterRef, Q, Value
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import Coalesce

from auposte.alongside import Alongside
from broadcasts.models import Appearance, Broadcast

RELATED_SHOWN = 3
# What a neighbour or a card shows of a broadcast, in the order of the model's columns.
SHOWN_ELSEWHERE = (
    "id", "title", "slug", "dek", "season", "number", "extract_of_id", "published_at",
    "scheduled_for", "aired_at", "duration_seconds", "image", "focal_x", "focal_y",
)  # fmt: skip
_ROWS = Alongside(Broadcast, only=SHOWN_ELSEWHERE)
# The closest of an episode's kin: a common guest weighs most, a common keyword, the series. Two
# more than shown: its neighbours may be among them. It begins with what the episode has, since
# asking each broadcast how close it is took PostgreSQL eight times as long; and it is written as
# JSON once it is known which are the closest.
KIN = f"""
ARRAY(
    SELECT jsonb_build_array({", ".join(f"shown.{name}" for name in SHOWN_ELSEWHERE)})
    FROM (
        SELECT other.id, kinship
        FROM (
            SELECT id, sum(weight) AS kinship
            FROM (
                SELECT DISTINCT other.broadcast_id AS id, 4 AS weight
                FROM broadcasts_appearance AS ours
                JOIN broadcasts_appearance AS other USING (guest_id)
                WHERE ours.broadcast_id = broadcasts_broadcast.id
                    AND ours.role = %s AND other.role = %s
                UNION ALL
                SELECT DISTINCT other.broadcast_id, 2
                FROM broadcasts_broadcast_tags AS ours
                JOIN broadcasts_broadcast_tags AS other USING (tag_id)
                WHERE ours.broadcast_id = broadcasts_broadcast.id
                UNION ALL
                SELECT other.id, 1
                FROM broadcasts_broadcast AS other
                WHERE other.series_id = broadcasts_broadcast.series_id
            ) AS ties
            GROUP BY id
        ) AS kin
        JOIN broadcasts_broadcast AS other USING (id)
        WHERE id <> broadcasts_broadcast.id AND other.status = %s AND other.published_at <= %s
        ORDER BY kinship DESC, other.published_at DESC, id DESC
        LIMIT {RELATED_SHOWN + 2}
    ) AS closest
    JOIN broadcasts_broadcast AS shown USING (id)
    ORDER BY kinship DESC, shown.published_at DESC, id DESC
)
"""  # noqa: S608  # our own names


@dataclass(frozen=True, kw_only=True)
class Around:
    """The public broadcasts that a page leads on to, the closest of its kin first."""

    previous: Broadcast | None
    next: Broadcast | None
    related: tuple[Broadcast, ...]


def read_around(now: dt.datetime) -> dict[str, Combinable]:
    """For a query of broadcasts: what leads on from each, at `now`; see `around`."""
    others = Broadcast.objects.public(now).exclude(pk=OuterRef("pk"))
    # A draft, in its preview, stands where it would stand now.
    when = Coalesce(OuterRef("published_at"), Value(now))
    before = others.filter(
        Q(published_at__lte=when), Q(published_at__lt=when) | Q(pk__lt=OuterRef("pk"))
    )
    after = others.filter(
        Q(published_at__gte=when), Q(published_at__gt=when) | Q(pk__gt=OuterRef("pk"))
    )
    kin = RawSQL(  # noqa: S611  # our own text
        KIN,
        [Appearance.Role.GUEST, Appearance.Role.GUEST, Broadcast.Status.PUBLISHED, now],
        output_field=ArrayField(JSONField()),
    )
    return {
        "previous_rows": _ROWS.read_by(before.order_by("-published_at", "-pk")[:1]),
        "next_rows": _ROWS.read_by(after.order_by("published_at", "pk")[:1]),
        "kin_rows": kin,
    }


def around(broadcast: Any) -> Around:
    """What leads on from a broadcast that was read with `read_around`. Neighbours are not shown
    again as kin, unless there is no other.
    """
    previous = _ROWS.instances(broadcast.previous_rows)
    following = _ROWS.instances(broadcast.next_rows)
    kin = _ROWS.instances(broadcast.kin_rows)
    fresh = tuple(row for row in kin if row not in previous + following)
    return Around(
        previous=next(iter(previous), None),
        next=next(iter(following), None),
        related=(fresh or kin)[:RELATED_SHOWN],
    )
