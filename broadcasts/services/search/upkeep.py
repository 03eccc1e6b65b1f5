"""Writing the documents anew; triggers keep them true the rest of the time."""

from collections.abc import Iterator

from django.db import connection

from broadcasts.models import StaleSpeech, Transcript

REWRITE = """
INSERT INTO broadcasts_searchdocument (broadcast_id, vector, spoken, vocabulary)
SELECT id, search_document_vector(id), ''::tsvector, '{}' FROM broadcasts_broadcast
ON CONFLICT (broadcast_id) DO UPDATE SET vector = excluded.vector
"""


def rewrite_documents() -> int:
    """Every broadcast's document, computed anew; how many."""
    with connection.cursor() as cursor:
        cursor.execute(REWRITE)
        return int(cursor.rowcount)


def with_speech() -> Iterator[int]:
    """The numbers of all broadcasts that have a transcript, or had one."""
    numbers = set(Transcript.objects.values_list("broadcast_id", flat=True))
    numbers |= set(StaleSpeech.objects.values_list("broadcast_number", flat=True))
    yield from sorted(numbers)
