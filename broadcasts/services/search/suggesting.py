"""What somebody may be about to type: people, keywords, series, titles. Public ones only."""

from dataclasses import dataclass

from django.db import connection

from broadcasts.services.search.marking import fold

SUGGESTED = 8
SHORTEST = 2
# Below that, likeness to what is half typed is chance.
SHORTEST_LIKE = 4
# By rank: what they are, in French, and where their pages are.
KINDS = {
    1: ("Personne", "/invites/"),
    2: ("Mot-clé", "/tags/"),
    3: ("Série", "/series/"),
    4: ("Émission", "/emissions/"),
}

NAMES = """
public AS (
    SELECT id, title, slug, series_id FROM broadcasts_broadcast
    WHERE status = 'published' AND published_at <= now()
), named AS (
    SELECT concat_ws(' ', nullif(first_name, ''), last_name) AS name, slug, 1 AS rank,
        (SELECT count(*) FROM broadcasts_appearance a JOIN public ON public.id = a.broadcast_id
         WHERE a.guest_id = guest.id) AS weight
    FROM guests_guest AS guest
    UNION ALL
    SELECT name, slug, 2,
        (SELECT count(*) FROM broadcasts_broadcast_tags bt JOIN public ON public.id = broadcast_id
         WHERE bt.tag_id = tag.id)
    FROM broadcasts_tag AS tag
    UNION ALL
    SELECT title, slug, 3, (SELECT count(*) FROM public WHERE series_id = series.id)
    FROM broadcasts_series AS series
    UNION ALL
    SELECT title, slug, 4, 1 FROM public
), folded AS (
    SELECT *, ' ' || lower(search_plain(immutable_unaccent(name))) AS plain FROM named
    WHERE weight > 0
)
"""
# Words may begin anywhere in a name; « _ » and « % » of the reader's are no signs of ours, since
# `search_plain` takes them out.
BEGINNING = f"""
WITH {NAMES}, asked AS (SELECT '%% ' || trim(search_plain(%s)) || '%%' AS pattern)
SELECT name, slug, rank FROM folded, asked WHERE plain LIKE pattern
ORDER BY rank, weight DESC, name LIMIT %s
"""  # noqa: S608  # our own names
LIKE = f"""
WITH {NAMES}
SELECT name, slug, rank FROM folded
WHERE rank < 4 AND %s::text <%% plain
ORDER BY word_similarity(%s, plain) DESC, weight DESC, name LIMIT %s
"""  # noqa: S608  # our own names


@dataclass(frozen=True, kw_only=True)
class Suggestion:
    """A name, what it is the name of, in French, and the path of its page."""

    name: str
    kind: str
    address: str


def suggest(typed: str) -> list[Suggestion]:
    """Names that begin with what is typed, in any of their words; else, names that are like it."""
    asked = " ".join(fold(typed.replace("\x00", ""))[:80].split())
    if sum(letter.isalnum() for letter in asked) < SHORTEST:
        return []
    with connection.cursor() as cursor:
        cursor.execute(BEGINNING, [asked, SUGGESTED])
        rows = cursor.fetchall()
        if not rows and len(asked) >= SHORTEST_LIKE:
            cursor.execute(LIKE, [asked, asked, SUGGESTED])
            rows = cursor.fetchall()
    return [
        Suggestion(name=name, kind=KINDS[rank][0], address=KINDS[rank][1] + slug)
        for name, slug, rank in rows
    ]
