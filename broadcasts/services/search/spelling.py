"""« Vouliez-vous dire… »: known words that are like one that nobody knows."""

import re

from django.db import connection

from broadcasts.services.search.asking import Question
from broadcasts.services.search.marking import fold

WORD = re.compile(r"[^\W\d_]+")
SHORTEST, LONGEST = 4, 40
# A word heard in one broadcast only may be the subtitles' own mistake.
HEARD_IN = 2

# What editors write at the top counts however rare it is. What is not public teaches nothing.
LEARN = """
WITH public AS (
    SELECT id, title, dek, series_id FROM broadcasts_broadcast
    WHERE status = 'published' AND published_at <= now()
), texts AS (
    SELECT id, concat_ws(' ', title, dek) AS text FROM public
    UNION ALL
    SELECT b.id, s.title FROM public b JOIN broadcasts_series s ON s.id = b.series_id
    UNION ALL
    SELECT b.id, concat_ws(' ', g.first_name, g.last_name)
    FROM public b JOIN broadcasts_appearance a ON a.broadcast_id = b.id
    JOIN guests_guest g ON g.id = a.guest_id
    UNION ALL
    SELECT b.id, t.name
    FROM public b JOIN broadcasts_broadcast_tags bt ON bt.broadcast_id = b.id
    JOIN broadcasts_tag t ON t.id = bt.tag_id
), seen AS (
    SELECT lower(word) AS word, id, true AS is_written
    FROM texts, regexp_split_to_table(search_plain(text), '\\s+') AS word
    UNION ALL
    SELECT word, broadcast_id, false
    FROM broadcasts_searchdocument JOIN public ON id = broadcast_id, unnest(vocabulary) AS word
), learnt AS (
    SELECT word, count(DISTINCT id) AS broadcasts FROM seen
    WHERE length(word) BETWEEN %s AND %s
    GROUP BY word HAVING count(DISTINCT id) >= %s OR bool_or(is_written)
), forgotten AS (
    DELETE FROM broadcasts_searchword WHERE word NOT IN (SELECT word FROM learnt)
)
INSERT INTO broadcasts_searchword (word, broadcasts) SELECT word, broadcasts FROM learnt
ON CONFLICT (word) DO UPDATE SET broadcasts = excluded.broadcasts
    WHERE broadcasts_searchword.broadcasts <> excluded.broadcasts
"""
COUNT = "SELECT count(*) FROM broadcasts_searchword"

# By word asked: the likest known one, and none where the word itself is known. Among those that are
# about as like, the commoner one.
LIKEST = """
SELECT asked.word, likest.word
FROM unnest(%s::text[]) AS asked(word)
CROSS JOIN LATERAL (
    SELECT known.word, similarity(known.plain, asked.word) AS likeness, known.broadcasts
    FROM broadcasts_searchword AS known
    WHERE known.plain %% asked.word AND abs(length(known.plain) - length(asked.word)) <= 3
    ORDER BY round(similarity(known.plain, asked.word)::numeric, 1) DESC, known.broadcasts DESC
    LIMIT 1
) AS likest
WHERE NOT EXISTS (SELECT FROM broadcasts_searchword AS known WHERE known.plain = asked.word)
"""


def learn_words() -> int:
    """Read the words of all that is public anew; how many are known. Some seconds."""
    with connection.cursor() as cursor:
        cursor.execute(LEARN, [SHORTEST, LONGEST, HEARD_IN])
        cursor.execute(COUNT)
        return int(cursor.fetchone()[0])


def mend(question: Question) -> str:
    """The question with its unknown words replaced by known ones; "" where there is none to mend.

    One query. Quotes and minus signs stay as they are.
    """
    asked = sorted({fold(word) for term in question.wanted for word in WORD.findall(term)})
    asked = [word for word in asked if len(word) >= SHORTEST]
    if not asked:
        return ""
    with connection.cursor() as cursor:
        cursor.execute(LIKEST, [asked])
        mended = dict(cursor.fetchall())
    if not mended:
        return ""
    ends = [(found.start(), found.end()) for found in WORD.finditer(question.text)]
    pieces, last = [], 0
    for start, end in ends:
        word = question.text[start:end]
        pieces += [question.text[last:start], mended.get(fold(word), word)]
        last = end
    return "".join([*pieces, question.text[last:]])
