"""What was said, cut into passages of about a minute that search can find.

Whoever writes cues calls `rebuild_passages` in the same transaction. Should somebody forget, the
database has noted it (`StaleSpeech`), and `rebuild_stale` mends it within a minute.
"""

import re
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from django.db import connection, transaction

from broadcasts.models import Broadcast, Cue, Passage, StaleSpeech, Transcript
from broadcasts.services.transcripts import best_first

# A passage ends with a sentence after 45 s, and anyway after 75 s or 1,500 characters.
SENTENCE_FROM_MS = 45_000
LONGEST_MS = 75_000
MOST_CHARACTERS = 1_500
# After such a silence something else begins.
SILENCE_MS = 15_000
END_OF_SENTENCE = re.compile(r"[.!?…][»”\"')\]]*\s*$")
WORD = re.compile(r"[^\W\d_]{3,40}")

# A tsvector holds a megabyte: more than anybody says in a day, less than a file of nonsense has.
# What is written has the rest of it (migration `longest_texts`).
MOST_BYTES = 600_000

SPOKEN = """
UPDATE broadcasts_searchdocument SET
    spoken = coalesce((
        SELECT array_to_tsvector(array_agg(lexeme)) FROM (
            SELECT lexeme, sum(octet_length(lexeme)) OVER (ORDER BY octet_length(lexeme), lexeme)
                AS bytes
            FROM broadcasts_passage, unnest(tsvector_to_array(vector)) AS lexeme
            WHERE broadcast_id = %(broadcast)s GROUP BY lexeme
        ) AS counted WHERE bytes <= %(most)s
    ), ''),
    vocabulary = %(vocabulary)s
WHERE broadcast_id = %(broadcast)s
"""


@dataclass(frozen=True, kw_only=True)
class Cut:
    """A passage to be: times in milliseconds of the transcript's clock, a line of text a cue."""

    start_ms: int
    end_ms: int
    text: str
    cue_starts_ms: list[int]


def cut(cues: Iterable[Cue]) -> Iterator[Cut]:
    """These cues, in their order, as passages of about a minute that end with a sentence."""
    held: list[Cue] = []
    for cue in cues:
        if held and _is_enough(held, cue):
            yield _together(held)
            held = []
        held.append(cue)
    if held:
        yield _together(held)


def _is_enough(held: Sequence[Cue], following: Cue) -> bool:
    first, last = held[0], held[-1]
    if following.start_ms - last.end_ms >= SILENCE_MS:
        return True
    if following.end_ms - first.start_ms > LONGEST_MS:
        return True
    if sum(len(cue.text) for cue in held) + len(following.text) > MOST_CHARACTERS:
        return True
    is_sentence = END_OF_SENTENCE.search(last.text) is not None
    return is_sentence and last.end_ms - first.start_ms >= SENTENCE_FROM_MS


def _together(cues: Sequence[Cue]) -> Cut:
    return Cut(
        start_ms=cues[0].start_ms,
        end_ms=max(cue.end_ms for cue in cues),
        text="\n".join(" ".join(cue.text.split()) for cue in cues),
        cue_starts_ms=[cue.start_ms for cue in cues],
    )


def searched_transcript(broadcast_number: int) -> Transcript | None:
    """The one transcript that is searched: the one that pages show."""
    return best_first(Transcript.objects.filter(broadcast=broadcast_number)).first()


@transaction.atomic
def rebuild_passages(broadcast_number: int) -> int:
    """Build the passages of this broadcast anew; how many there are. Marks are taken away.

    Two who rebuild take turns on the broadcast's row. Marks that are not committed yet stay.
    """
    if not Broadcast.objects.select_for_update(no_key=True).filter(pk=broadcast_number).exists():
        StaleSpeech.objects.filter(broadcast_number=broadcast_number).delete()
        return 0
    marks = list(
        StaleSpeech.objects.filter(broadcast_number=broadcast_number).values_list("pk", flat=True)
    )
    transcript = searched_transcript(broadcast_number)
    passages = list(cut(transcript.cues.order_by("position"))) if transcript else []
    Passage.objects.filter(broadcast=broadcast_number).delete()
    Passage.objects.bulk_create(
        Passage(
            broadcast_id=broadcast_number,
            transcript=transcript,
            position=position,
            start_ms=passage.start_ms,
            end_ms=passage.end_ms,
            text=passage.text,
            cue_starts_ms=passage.cue_starts_ms,
        )
        for position, passage in enumerate(passages)
    )
    told: dict[str, int | list[str]] = {
        "broadcast": broadcast_number,
        "vocabulary": _vocabulary(passages),
        "most": MOST_BYTES,
    }
    with connection.cursor() as cursor:
        cursor.execute(SPOKEN, told)
    StaleSpeech.objects.filter(pk__in=marks).delete()
    return len(passages)


def _vocabulary(passages: Iterable[Cut]) -> list[str]:
    return sorted({word.lower() for passage in passages for word in WORD.findall(passage.text)})


def rebuild_stale(*, seconds: float) -> int:
    """Rebuild what is marked, for at most about this long; how many broadcasts were."""
    begun, rebuilt = time.monotonic(), 0
    while time.monotonic() - begun < seconds:
        stale = (
            StaleSpeech.objects.order_by("pk").values_list("broadcast_number", flat=True).first()
        )
        if stale is None:
            break
        rebuild_passages(stale)
        rebuilt += 1
    return rebuilt
