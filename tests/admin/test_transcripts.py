"""Subtitles sent on a broadcast's form, reviewed, and what readers have quoted of them."""

from __future__ import annotations

import itertools

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from broadcasts.captions import MOST_CHARACTERS, parse_webvtt
from broadcasts.models import Broadcast, Cue, Quote, Transcript
from broadcasts.services.videos.details import store_captions
from tests.admin.html import text_of
from tests.admin.test_broadcasts import change, send
from tests.admin.world import episode
from tests.factories import TranscriptFactory, VideoSourceFactory

pytestmark = pytest.mark.django_db
VTT = "WEBVTT\n\n00:01.000 --> 00:04.000\n<v Lou>Été comme hiver.\n"
SRT = """1
00:00:01,000 --> 00:00:04,000
Été comme hiver.

2
00:00:05,000 --> 00:00:06,000
Oui.
""".replace("\n", "\r\n")


def upload(client: Client, broadcast: Broadcast, content: bytes, **fields: object) -> object:
    row = {"file": SimpleUploadedFile("sous-titres.vtt", content), "language": "fr",
           "broadcast": str(broadcast.pk), **fields}  # fmt: skip
    sent = {f"transcripts-0-{name}": value for name, value in row.items() if value is not None}
    return send(client, change(broadcast), **{"transcripts-TOTAL_FORMS": "1", **sent})


@pytest.mark.parametrize(
    "content",
    [
        VTT.encode(),
        VTT.encode("utf-8-sig"),
        VTT.encode("utf-16"),
        SRT.encode("cp1252"),
        SRT.encode(),
    ],
)
def test_it_becomes_the_transcript(content: bytes, editor: Client, client: Client) -> None:
    broadcast = episode(1)
    upload(editor, broadcast, content)
    transcript = broadcast.transcripts.get()
    assert (transcript.origin, transcript.is_reviewed) == ("upload", False)
    cue = transcript.cues.order_by("position")[0]
    assert (cue.start_ms, cue.end_ms, cue.text) == (1000, 4000, "Été comme hiver.")
    page = client.get(f"{broadcast.get_absolute_url()}/transcription").content.decode()
    assert "Été comme hiver." in page


@pytest.mark.parametrize(
    ("content", "fields", "message"),
    [
        (b"Bonjour", {}, "Aucune réplique lisible"),
        (b"\x00\xff\xfe\x89PNG", {}, "Aucune réplique lisible"),
        (b"x" * (MOST_CHARACTERS + 1), {}, "pèse trop"),
        (b"", {}, "vide"),
        (VTT.encode(), {"file": None, "is_reviewed": "on"}, "Choisissez un fichier"),
        (VTT.encode(), {"language": ""}, "obligatoire"),
    ],
)
def test_what_will_not_do_is_told(
    content: bytes, fields: dict[str, object], message: str, editor: Client
) -> None:
    assert message in text_of(upload(editor, episode(1), content, **fields))
    assert not Transcript.objects.exists()


def test_a_file_of_nonsense_stops_nothing(editor: Client, client: Client) -> None:
    """More words than search can hold of one broadcast: it is taken, and found by some of them."""
    words = ["zorglub" + "".join(end) for end in itertools.product("bcdfghjklm", repeat=5)]
    cues = (
        f"{start // 3600:02d}:{start // 60 % 60:02d}:{start % 60:02d}.000 --> "
        f"{start // 3600:02d}:{start // 60 % 60:02d}:{start % 60:02d}.900\n{' '.join(said)}\n"
        for start, said in enumerate(words[at : at + 140] for at in range(0, len(words), 140))
    )
    broadcast = episode(1)
    upload(editor, broadcast, "\n".join(["WEBVTT\n", *cues]).encode())
    assert broadcast.transcripts.get().cues.count() > 700
    assert broadcast.title in client.get("/recherche", {"q": broadcast.title}).text


def test_two_in_a_language_are_one_too_many(editor: Client) -> None:
    broadcast = episode(1)
    TranscriptFactory(broadcast=broadcast, origin="upload")
    fields = {
        "transcripts-TOTAL_FORMS": "2",
        "transcripts-1-file": SimpleUploadedFile("x.vtt", VTT.encode()),
        "transcripts-1-language": "fr",
        "transcripts-1-broadcast": str(broadcast.pk),
    }
    assert "remplacez son fichier" in text_of(send(editor, change(broadcast), **fields))


def test_a_file_takes_the_place_of_peertubes_words_which_the_sync_leaves(editor: Client) -> None:
    """Corrected and marked as reviewed in one go."""
    broadcast = episode(1)
    source = VideoSourceFactory(broadcast=broadcast, on_peertube=True)
    old = TranscriptFactory(broadcast=broadcast, source=source, digest="x")
    upload(editor, broadcast, VTT.encode(), id=str(old.pk), is_reviewed="on")
    old.refresh_from_db()
    assert (old.origin, old.source, old.is_reviewed, old.digest) == ("upload", None, True, "")
    store_captions(source=source, language="fr", cues=parse_webvtt(SRT))
    assert [cue.text for cue in Cue.objects.filter(transcript=old)] == ["Été comme hiver."]


def test_it_is_marked_as_reviewed_and_stays(editor: Client) -> None:
    broadcast = episode(1)
    source = VideoSourceFactory(broadcast=broadcast, on_peertube=True)
    TranscriptFactory(broadcast=broadcast, source=source)
    send(editor, change(broadcast), **{"transcripts-0-is_reviewed": "on"})
    assert not store_captions(source=source, language="fr", cues=parse_webvtt(VTT))
    transcript = Transcript.objects.get()
    assert transcript.is_reviewed
    assert Cue.objects.get().text == "Bonsoir à toutes et à tous."


def test_a_quote_is_taken_away_and_given_back(editor: Client, client: Client) -> None:
    quote = Quote.objects.create(
        broadcast=episode(1), start_ms=72_000, end_ms=75_000, text="Page douze.", digest="x"
    )
    listed = "/admin/broadcasts/quote/"
    assert "1 min 12" in text_of(editor.get(listed))
    for action, status in (("hide", 410), ("show", 200)):
        editor.post(listed, {"action": action, "_selected_action": [quote.pk]})
        assert client.get(quote.get_absolute_url()).status_code == status


@pytest.mark.parametrize("role", ["treasurer", "moderator"])
def test_others_take_no_quote_away(role: str, staff: object) -> None:
    quote = Quote.objects.create(
        broadcast=episode(1), start_ms=0, end_ms=1, text="Page douze.", digest="x"
    )
    answer = staff(role).post(
        "/admin/broadcasts/quote/", {"action": "hide", "_selected_action": [quote.pk]}
    )
    quote.refresh_from_db()
    assert answer.status_code == 403
    assert quote.hidden_at is None
