"""Narrowing the archive: which broadcasts answer, in which order, and what else could be asked.

One query for all of it, in SQL of our own: asked through the ORM it would be nine. Every count is
what the reader gets who chooses that: a facet that holds one value (a series, a year) is counted as
if it were not set, one that adds up (keywords, guests) among what is found already.
"""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from django.db import connection
from django.utils import timezone

from broadcasts.models import Appearance, Broadcast

ZONE = "Europe/Paris"
# Of keywords and of guests, the most frequent.
MOST_NAMES = 120


class Length(Enum):
    """Ranges of durations: as addresses have them, and in seconds, the end excluded."""

    SHORT = ("moins-de-30-min", 0, 1800)
    HALF = ("30-min-a-1-h", 1800, 3600)
    LONG = ("1-a-2-h", 3600, 7200)
    LONGEST = ("plus-de-2-h", 7200, None)

    def __init__(self, slug: str, start: int, end: int | None) -> None:
        self.slug, self.start, self.end = slug, start, end


class Order(Enum):
    """How the list is sorted: as addresses have it, and in SQL, the same for the same rows."""

    NEWEST = ("recentes", "published_at DESC, id DESC")
    OLDEST = ("anciennes", "published_at, id")
    LONGEST = ("longues", "duration_seconds DESC NULLS LAST, published_at DESC, id DESC")
    # Without ICU the database would sort « Étoile » after « zèbre ».
    TITLE = ("titre", "lower(immutable_unaccent(ltrim(title, '«»“”\"’'' \u00a0\u202f'))), id")

    def __init__(self, slug: str, sql: str) -> None:
        self.slug, self.sql = slug, sql


@dataclass(frozen=True, kw_only=True)
class Narrowing:
    """What is asked for; rows by their keys. Several keywords or guests must all be there.

    `among` are the only broadcasts that come into question; all, when there is none.
    """

    tags: tuple[int, ...] = ()
    guests: tuple[int, ...] = ()
    series: int | None = None
    season: int | None = None
    year: int | None = None
    length: Length | None = None
    transcribed: bool = False
    among: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Count:
    """One value of a facet. `value` as addresses have it (a slug, a number), `label` in words."""

    value: str
    label: str
    broadcasts: int


@dataclass(frozen=True, kw_only=True)
class Found:
    """What answers: how many, which of them are on the page, and the facets' counts by name.

    `seconds` is their length together; `people` how many came as guests; `first` and `last` the
    moments (UTC) of the oldest and the newest, None when nothing answers.
    """

    total: int = 0
    seconds: int = 0
    people: int = 0
    first: dt.datetime | None = None
    last: dt.datetime | None = None
    ids: tuple[int, ...] = ()
    counts: dict[str, tuple[Count, ...]] = field(default_factory=dict)

    def of(self, facet: str) -> tuple[Count, ...]:
        return self.counts.get(facet, ())


LENGTHS = " ".join(
    f"WHEN duration_seconds < {length.end} THEN '{length.slug}'"
    for length in Length
    if length.end is not None
)
# The same rule as `BroadcastQuerySet.public()`. A transcript may say nothing: those that do have
# passages, which are fewer than their cues. `misses` counts the facets of one value that a row does
# not answer; with its own flag taken off, a facet sees what it would find if it were not set.
QUERY = """
WITH shown AS (
    SELECT id, title, published_at, duration_seconds, series_id, season,
        coalesce(aired_at, published_at) AS moment,
        extract(year FROM timezone(%(zone)s, coalesce(aired_at, published_at)))::int AS year,
        CASE {lengths} WHEN duration_seconds IS NOT NULL THEN '{longest}' END AS length,
        EXISTS (SELECT FROM broadcasts_passage WHERE broadcast_id = b.id) AS transcribed
    FROM broadcasts_broadcast AS b
    WHERE status = %(published)s AND published_at <= %(now)s {all_of}
), flagged AS (
    SELECT *,
        (%(series)s::bigint IS NOT NULL AND series_id IS DISTINCT FROM %(series)s)::int AS a,
        (%(season)s::int IS NOT NULL AND season IS DISTINCT FROM %(season)s)::int AS b,
        (%(year)s::int IS NOT NULL AND year <> %(year)s)::int AS c,
        (%(length)s::text IS NOT NULL AND length IS DISTINCT FROM %(length)s)::int AS d,
        (%(transcribed)s AND NOT transcribed)::int AS e
    FROM shown
), counted AS MATERIALIZED (
    SELECT *, a + b + c + d + e AS misses FROM flagged
), hits AS MATERIALIZED (
    SELECT * FROM counted WHERE misses = 0
), heard AS MATERIALIZED (
    SELECT guest_id, count(*) AS times, count(*) FILTER (WHERE role = %(guest)s) AS as_guest
    FROM broadcasts_appearance WHERE broadcast_id IN (SELECT id FROM hits) GROUP BY 1
)
SELECT 'total', '', '', count(*), coalesce(sum(duration_seconds), 0)::bigint,
    (SELECT count(*) FROM heard WHERE as_guest > 0), min(moment), max(moment)
FROM hits
UNION ALL
SELECT 'id', id::text, '', row_number() OVER (ORDER BY {order}), 0, 0, NULL, NULL
FROM (SELECT * FROM hits ORDER BY {order} LIMIT %(limit)s OFFSET %(offset)s) AS page
UNION ALL
SELECT 'serie', s.slug, s.title, n, -s.position, 0, NULL, NULL
FROM (SELECT series_id, count(*) AS n FROM counted WHERE misses = a GROUP BY 1) AS by_series
JOIN broadcasts_series AS s ON s.id = series_id
UNION ALL
SELECT 'saison', season::text, '', count(*), season, 0, NULL, NULL
FROM counted WHERE misses = b AND season IS NOT NULL GROUP BY season
UNION ALL
SELECT 'annee', year::text, '', count(*), year, 0, NULL, NULL
FROM counted WHERE misses = c GROUP BY year
UNION ALL
SELECT 'duree', length, '', count(*), -min(duration_seconds), 0, NULL, NULL
FROM counted WHERE misses = d AND length IS NOT NULL GROUP BY length
UNION ALL
SELECT 'transcription', 'oui', '', count(*), 0, 0, NULL, NULL
FROM counted WHERE misses = e AND transcribed HAVING count(*) > 0
UNION ALL
(SELECT 'tags', t.slug, t.name, n, n, 0, NULL, NULL
FROM (
    SELECT tag_id, count(*) AS n FROM broadcasts_broadcast_tags
    WHERE broadcast_id IN (SELECT id FROM hits) GROUP BY 1
) AS by_tag JOIN broadcasts_tag AS t ON t.id = tag_id
ORDER BY n DESC, t.slug LIMIT %(names)s)
UNION ALL
(SELECT 'invite', g.slug, trim(g.last_name || ' ' || g.first_name), times,
    -row_number() OVER (ORDER BY as_guest DESC, g.sort_key, g.id), 0, NULL, NULL
FROM heard JOIN guests_guest AS g ON g.id = guest_id
WHERE as_guest > 0 ORDER BY 5 DESC LIMIT %(names)s)
"""
ALL_OF = {
    "among": "AND b.id = ANY(%(among)s)",
    "tags": """AND (SELECT count(*) FROM broadcasts_broadcast_tags
        WHERE broadcast_id = b.id AND tag_id = ANY(%(tags)s)) = cardinality(%(tags)s)""",
    "guests": """AND (SELECT count(*) FROM broadcasts_appearance
        WHERE broadcast_id = b.id AND guest_id = ANY(%(guests)s)) = cardinality(%(guests)s)""",
}


def find(
    narrowing: Narrowing, *, order: Order = Order.NEWEST, offset: int = 0, limit: int = 0
) -> Found:
    """The public broadcasts that answer, in one query; `ids` holds `limit` of them."""
    # Only texts of our own are put together here: what readers give are parameters.
    query = QUERY.format(
        lengths=LENGTHS,
        longest=Length.LONGEST.slug,
        order=order.sql,
        all_of=" ".join(sql for name, sql in ALL_OF.items() if getattr(narrowing, name)),
    )
    asked: dict[str, Any] = {
        "zone": ZONE,
        "published": Broadcast.Status.PUBLISHED.value,
        "guest": Appearance.Role.GUEST.value,
        "now": timezone.now(),
        "tags": list(narrowing.tags),
        "guests": list(narrowing.guests),
        "among": list(narrowing.among),
        "series": narrowing.series,
        "season": narrowing.season,
        "year": narrowing.year,
        "length": narrowing.length.slug if narrowing.length else None,
        "transcribed": narrowing.transcribed,
        "offset": offset,
        "limit": limit,
        "names": MOST_NAMES,
    }
    with connection.cursor() as cursor:
        cursor.execute(query, asked)
        return _read(cursor.fetchall())


def _read(rows: Sequence[tuple[Any, ...]]) -> Found:
    by_kind: dict[str, list[tuple[Any, ...]]] = {}
    for kind, *facts in rows:
        by_kind.setdefault(kind, []).append(tuple(facts))
    [(_, _, total, seconds, people, first, last)] = by_kind.pop("total")
    page = sorted(by_kind.pop("id", []), key=lambda facts: facts[2])
    return Found(
        total=total,
        seconds=seconds,
        people=people,
        first=first,
        last=last,
        ids=tuple(int(facts[0]) for facts in page),
        counts={
            kind: tuple(
                Count(value=value, label=label, broadcasts=number)
                # A union keeps no order. The most, the newest, the shortest, the first series.
                for value, label, number, *_ in sorted(found, key=lambda facts: (-facts[3], *facts))
            )
            for kind, found in by_kind.items()
        },
    )
