"""Finding broadcasts, and the moments when something was said.

A common word is said in tens of thousands of passages: those are never all read. Which broadcasts
have all the words is read from one small index over documents; passages are counted up to
`MOST_PASSAGES`, and looked at closely only for the broadcasts that the page shows.
"""

import contextlib
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
# A broadcast's newness is worth a third after so long.
FADING_SECONDS = 5 * 365 * 86_400

# Counted in part, passages would favour some broadcasts by chance: then none counts. The words of a
# phrase may all be there and not in a row: a passage or the document must have them so.
FOUND = """
WITH said AS (
    SELECT broadcast_id, count(*) AS passages FROM (
        SELECT broadcast_id FROM broadcasts_passage
        WHERE vector @@ %s::tsquery AND broadcast_id IN ({visible})
        LIMIT %s
    ) AS counted GROUP BY broadcast_id
), together AS (
    SELECT coalesce(sum(passages), 0)::int AS passages,
        coalesce(sum(passages), 0) > %s AS are_more
    FROM said
), scored AS (
    SELECT document.broadcast_id, broadcast.published_at,
        ts_rank(%s, document.vector, %s::tsquery)
        + CASE WHEN document.vector @@ %s::tsquery THEN %s ELSE 0 END
        + CASE WHEN are_more THEN 0 ELSE %s * ln(1 + coalesce(said.passages, 0)) END
        + %s * exp(-extract(epoch FROM %s - broadcast.published_at) / %s) AS score
    FROM broadcasts_searchdocument AS document
    JOIN broadcasts_broadcast AS broadcast ON broadcast.id = document.broadcast_id
    CROSS JOIN together
    LEFT JOIN said ON said.broadcast_id = document.broadcast_id
    WHERE document.words @@ %s::tsquery AND document.broadcast_id IN ({visible}){more}
)
SELECT together.passages, together.are_more,
    ARRAY(SELECT broadcast_id FROM scored ORDER BY score DESC, published_at DESC, broadcast_id DESC)
FROM together
"""
IN_A_ROW = " AND (together.are_more OR said.passages > 0 OR document.vector @@ %s::tsquery)"
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
class Findings:
    """The broadcasts that answer, the best first, and how many passages of theirs do.

    With `more_passages` there are more than were counted.
    """

    broadcasts: tuple[int, ...] = ()
    passages: int = 0
    more_passages: bool = False


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
    more, of_more = "", []
    if compiled.has_phrase:
        more, of_more = IN_A_ROW, [compiled.written]
    if compiled.unwanted:
        more, of_more = more + WITHOUT, [*of_more, compiled.unwanted]
    with connection.cursor() as cursor:
        cursor.execute(
            FOUND.format(visible=inside, more=more),
            [
                compiled.spoken, *values, MOST_PASSAGES + 1, MOST_PASSAGES,
                WEIGHTS, compiled.any, compiled.written, ALL_WRITTEN, SAID,
                RECENT, timezone.now(), FADING_SECONDS,
                compiled.words, *values, *of_more,
            ],
        )  # fmt: skip
        passages, are_more, broadcasts = cursor.fetchone()
    return Findings(
        broadcasts=tuple(broadcasts),
        passages=min(passages, MOST_PASSAGES),
        more_passages=are_more,
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
