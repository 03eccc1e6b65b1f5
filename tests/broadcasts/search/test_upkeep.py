"""Search never goes stale, whichever way something is written."""

from __future__ import annotations

import io
import threading
from collections.abc import Callable

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from broadcasts.models import (
    Appearance,
    Broadcast,
    Cue,
    Passage,
    SearchDocument,
    Series,
    StaleSpeech,
    Tag,
    Transcript,
)
from broadcasts.services.passages import rebuild_stale
from broadcasts.tasks import rebuild_passages
from guests.models import Guest
from tests.broadcasts.search.corpus import say
from tests.factories import BroadcastFactory, GuestFactory, SeriesFactory, TagFactory

pytestmark = pytest.mark.django_db


def finds(word: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM broadcasts_searchdocument WHERE words @@ french_words(%s)", [word]
        )
        return cursor.fetchone()[0] == 1


def raw(sql: str) -> Callable[[], None]:
    def write() -> None:
        with connection.cursor() as cursor:
            cursor.execute(sql)

    return write


WAYS = {
    "a title": lambda: Broadcast.objects.update(title="Zibeline"),
    "a dek": raw("UPDATE broadcasts_broadcast SET dek = 'La zibeline'"),
    "a body": lambda: Broadcast.objects.update(body_rest="<p>zibe<b>line</b></p>"),
    "a guest's name": lambda: Guest.objects.update(last_name="Zibeline"),
    "a keyword's name": raw("UPDATE broadcasts_tag SET name = 'zibeline'"),
    "a series' title": lambda: Series.objects.update(title="Zibeline"),
    "a new keyword": lambda: Broadcast.objects.get().tags.add(TagFactory(name="Zibeline")),
    "another guest": lambda: Appearance.objects.update(guest=GuestFactory(last_name="Zibeline")),
    "a function that day": lambda: Appearance.objects.update(function="éleveuse de zibelines"),
    "another series": lambda: Broadcast.objects.update(series=SeriesFactory(title="Zibeline")),
    "another keyword": lambda: Broadcast.tags.through.objects.update(
        tag=TagFactory(name="Zibeline")
    ),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_is_written_is_found_at_once(way: str) -> None:
    BroadcastFactory(tagged=[TagFactory()], with_guests=[GuestFactory()], series=SeriesFactory())
    assert not finds("zibeline")
    WAYS[way]()
    assert finds("zibeline")


def test_what_is_taken_off_is_not_found_anymore() -> None:
    tag, guest = TagFactory(name="Zibeline"), GuestFactory(last_name="Zibeline")
    broadcast = BroadcastFactory(tagged=[tag], with_guests=[guest])
    Tag.objects.all().delete()
    assert finds("zibeline")
    broadcast.appearances.all().delete()
    assert not finds("zibeline")


def test_cues_leave_a_mark_whoever_writes_them() -> None:
    broadcast = BroadcastFactory()
    transcript = say(broadcast, "Bonsoir.", "Au revoir.")
    assert not StaleSpeech.objects.exists()
    for write in (
        lambda: Cue.objects.filter(position=0).update(text="La zibeline."),
        lambda: Cue.objects.filter(position=1).delete(),
        lambda: Transcript.objects.update(is_reviewed=True),
        lambda: transcript.delete(),
    ):
        write()
        assert StaleSpeech.objects.exists()
        rebuild_passages()
        assert not StaleSpeech.objects.exists()
        said = set(Passage.objects.values_list("text", flat=True))
        assert said == set(Cue.objects.values_list("text", flat=True))
    assert not finds("zibeline")


def test_a_passage_is_about_a_minute_and_ends_with_a_sentence() -> None:
    broadcast = BroadcastFactory()
    transcript = Transcript.objects.create(broadcast=broadcast, origin="upload", language="fr")
    Cue.objects.bulk_create(
        Cue(
            transcript=transcript, position=n, start_ms=n * 4000, end_ms=n * 4000 + 3900,
            text="Voilà." if n % 3 == 2 else "et alors",
        )
        for n in range(60)
    )  # fmt: skip
    assert rebuild_stale(seconds=60) == 1
    passages = list(Passage.objects.order_by("position"))
    lengths = [(passage.end_ms - passage.start_ms) / 1000 for passage in passages[:-1]]
    assert all(45 <= length <= 75 for length in lengths)
    assert all(passage.text.endswith("Voilà.") for passage in passages)
    assert sum(len(passage.cue_starts_ms) for passage in passages) == 60


def test_everything_can_be_built_again() -> None:
    broadcast = BroadcastFactory(title="La zibeline")
    say(broadcast, "Le vison.")
    SearchDocument.objects.update(vector="", spoken="")
    Passage.objects.all().delete()
    assert not finds("zibeline")
    said = io.StringIO()
    call_command("rebuild_search", stdout=said)
    assert finds("zibeline vison")
    assert "Paroles : 1 émissions" in said.getvalue()
    SearchDocument.objects.all().delete()
    call_command("rebuild_search", stdout=io.StringIO())
    assert finds("zibeline vison")


@pytest.mark.django_db(transaction=True)
def test_of_two_who_write_at_a_time_neither_is_lost() -> None:
    """A title and a guest's name, each in a transaction that does not see the other's."""
    guest = GuestFactory()
    broadcast = BroadcastFactory(with_guests=[guest])

    def rename() -> None:
        Guest.objects.filter(pk=guest.pk).update(last_name="Zibeline")
        connection.close()

    other = threading.Thread(target=rename)
    with transaction.atomic():
        Broadcast.objects.filter(pk=broadcast.pk).update(title="Le vison")
        other.start()
        other.join(0.3)  # it waits for this transaction
        assert other.is_alive()
    other.join(60)
    assert finds("zibeline vison")
