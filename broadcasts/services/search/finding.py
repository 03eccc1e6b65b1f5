"""Finding broadcasts, and the moments when something was said.

A common word is said in tens of thousands of passages: those are never all read. Which broadcasts
have all the words is read from one small index over documents; passages are counted up to
`MOST_PASSAGES`, and looked at closely only for the broadcasts that the page shows.
"""

import contextlib
import datetime as dt
import math
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db import OperationalError, connection, transaction
from django.utils import timezone

from broadcasts.models.broadcast import BroadcastQuerySet
from broadcasts.services.search.asking import Compiled

MOST_PASSAGES = 1_000
MOMENTS_SHOWN = 3
MOMENTS_OF_ONE = 200
PATIENCE_MS = 1_500
QUERY_CANCELED = "57014"

# D, C, B, A: body and hosts, dek and functions, guests and keywords, title.
WEIGHTS = "{0.05, 0.2, 0.6, 1.0}"
# A title's word brings 0.6, a guest's name 0.36; what was said stays below, however often.
ALL_WRITTEN, SAID, RECENT = 0.1, 0.04, 0.06
HALF_LIFE_DAYS = 4 * 365

FOUND = """
WITH said AS (
    SELECT broadcast_id, count(*) AS passages FROM (
        SELECT broadcast_id FROM broadcasts_passage
        WHERE vector @@ %s::tsquery AND broadcast_id IN ({visible})
        LIMIT %s
    ) AS counted GROUP BY broadcast_id
)
SELECT
    document.broadcast_id,
    coalesce(said.passages, 0),
    document.vector @@ %s::tsquery,
    ts_rank(%s, document.vector, %s::tsquery),
    broadcast.published_at
FROM broadcasts_searchdocument AS document
JOIN broadcasts_broadcast AS broadcast ON broadcast.id = document.broadcast_id
LEFT JOIN said ON said.broadcast_id = document.broadcast_id
WHERE document.words @@ %s::tsquery AND document.broadcast_id IN ({visible}){without}
"""
WITHOUT = " AND NOT document.vector @@ %s::tsquery"
MOMENTS = """
SELECT broadcast_id, transcript_id, start_ms, text, cue_starts_ms, total FROM (
    SELECT *,
        count(*) OVER (PARTITION BY broadcast_id) AS total,
        row_number() OVER (
            PARTITION BY broadcast_id ORDER BY ts_rank(vector, %s::tsquery) DESC, position
        ) AS place
    FROM broadcasts_passage
    WHERE broadcast_id = ANY(%s) AND vector @@ %s::tsquery
) AS ranked
WHERE place <= %s
ORDER BY broadcast_id, position
"""


class TooMuchWorkError(Exception):
    """The question would take too long to answer."""


@dataclass(frozen=True, kw_only=True)
class Hit:
    """A broadcast that answers; `passages` are those counted, see `Findings.passages`."""

    broadcast: int
    passages: int
    score: float
    published_at: dt.datetime


@dataclass(frozen=True, kw_only=True)
class Findings:
    """All that answers, the best first. With `more_passages` there are more than were counted."""

    hits: tuple[Hit, ...]
    passages: int
    more_passages: bool


@dataclass(frozen=True, kw_only=True)
class SaidThen:
    """A passage that answers, with the starts (ms) of the cues that its lines are."""

    transcript: int
    start_ms: int
    text: str
    cue_starts_ms: list[int]


@dataclass(frozen=True, kw_only=True)
class Said:
    """What was said in a broadcast: the best passages in their order, and how many there are."""

    moments: tuple[SaidThen, ...]
    total: int


@contextlib.contextmanager
def patiently() -> Iterator[None]:
    """Questions within are given up after a second and a half: TooMuchWorkError."""
    try:
        with transaction.atomic():
            with connection.cursor() as cursor:
                # The planner does not know what it costs to unpack a vector, and would go through
                # all of a small table.
                cursor.execute(
                    f"SET LOCAL statement_timeout = {PATIENCE_MS}; SET LOCAL enable_seqscan = off"
                )
            yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) == QUERY_CANCELED:
            raise TooMuchWorkError from error
        raise


def find(compiled: Compiled, *, visible: BroadcastQuerySet) -> Findings:
    """The broadcasts of `visible` that answer. One query; call it within `patiently`."""
    inside, values = visible.order_by().values("pk").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(
            FOUND.format(visible=inside, without=WITHOUT if compiled.unwanted else ""),
            [
                compiled.spoken, *values, MOST_PASSAGES + 1,
                compiled.written, WEIGHTS, compiled.any,
                compiled.words, *values, *filter(None, [compiled.unwanted]),
            ],
        )  # fmt: skip
        rows: list[tuple[int, int, bool, float, dt.datetime]] = cursor.fetchall()
    passages = sum(row[1] for row in rows)
    is_more = passages > MOST_PASSAGES
    if compiled.has_phrase and not is_more:
        # All its words are there, but are they in a row?
        rows = [row for row in rows if row[1] or row[2]]
    now = timezone.now()
    hits = [
        Hit(
            broadcast=number,
            passages=said,
            # Counted in part, passages would favour some broadcasts by chance.
            score=_score(0 if is_more else said, is_written, rank, now - published_at),
            published_at=published_at,
        )
        for number, said, is_written, rank, published_at in rows
    ]
    hits.sort(key=lambda hit: (-hit.score, -hit.published_at.timestamp(), -hit.broadcast))
    return Findings(hits=tuple(hits), passages=min(passages, MOST_PASSAGES), more_passages=is_more)


def _score(passages: int, is_written: bool, rank: float, age: dt.timedelta) -> float:
    return (
        rank
        + ALL_WRITTEN * is_written
        + SAID * math.log1p(passages)
        + RECENT * math.exp2(-age.days / HALF_LIFE_DAYS)
    )


def moments_of(
    compiled: Compiled, *, broadcasts: Sequence[int], most: int = MOMENTS_SHOWN
) -> dict[int, Said]:
    """By broadcast, its best passages, at most `most` each. One query."""
    found: defaultdict[int, list[SaidThen]] = defaultdict(list)
    totals: dict[int, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(MOMENTS, [compiled.any, list(broadcasts), compiled.spoken, most])
        for broadcast, transcript, start_ms, text, starts, total in cursor.fetchall():
            totals[broadcast] = total
            found[broadcast].append(
                SaidThen(transcript=transcript, start_ms=start_ms, text=text, cue_starts_ms=starts)
            )
    return {
        broadcast: Said(moments=tuple(moments), total=totals[broadcast])
        for broadcast, moments in found.items()
    }
