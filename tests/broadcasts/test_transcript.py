"""What was said: the page, the part for the episode's page, the files."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from broadcasts.captions import parse_webvtt
from broadcasts.models import Broadcast, Cue, Transcript
from broadcasts.services.passages import rebuild_stale
from tests.broadcasts.conftest import Read
from tests.factories import BroadcastFactory, TranscriptFactory, VideoSourceFactory

pytestmark = pytest.mark.django_db
LINES = ["Bonsoir.", "Parlons d’eau & d’air <ce soir>.", "Et de l’article 47 --> le dernier."]


@pytest.fixture
def episode() -> Broadcast:
    return BroadcastFactory(slug="l-eau", title="L’eau")


def page_of(broadcast: Broadcast) -> str:
    return f"{broadcast.get_absolute_url()}/transcription"


def test_it_is_read_by_paragraphs(episode: Broadcast, read: Read) -> None:
    TranscriptFactory(broadcast=episode, said=[f"Phrase {n}." for n in range(12)])
    page = read(page_of(episode))
    assert "transcription automatique, non relue" in page.text
    assert "Phrase 0. Phrase 1." in page.text
    moments = [link for link in page.links if "?t=" in link]
    assert moments == [f"/emissions/l-eau?t={second}" for second in (0, 40, 80)]
    assert "Citer" not in page.text


def test_a_voice_is_named_when_it_changes(episode: Broadcast, read: Read) -> None:
    transcript = TranscriptFactory(broadcast=episode, said=["Qui est là ?", "Moi.", "Entrez."])
    Cue.objects.filter(transcript=transcript, position=0).update(speaker="David")
    Cue.objects.filter(transcript=transcript, position__gt=0).update(speaker="Lou")
    text = read(page_of(episode)).text
    assert "0:00 David Qui est là ?" in text
    assert "0:10 Lou Moi. Entrez." in text
    assert text.count("Lou") == 1


def test_htmx_gets_the_words_alone(episode: Broadcast, visitor: Client) -> None:
    TranscriptFactory(broadcast=episode)
    part = visitor.get(page_of(episode), headers={"HX-Request": "true"}).content.decode()
    assert "Bonsoir à toutes" in part
    assert "<html" not in part


def test_the_episode_offers_it_and_says_what_it_is(episode: Broadcast, read: Read) -> None:
    assert "Transcription" not in read(episode.get_absolute_url()).text
    transcript = TranscriptFactory(broadcast=episode)
    page = read(episode.get_absolute_url())
    assert "Transcription automatique, non relue" in page.text
    assert page_of(episode) in page.links
    Transcript.objects.filter(pk=transcript.pk).update(is_reviewed=True)
    assert "Transcription relue" in read(episode.get_absolute_url()).text


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        ({"language": "en", "is_reviewed": True}, {"language": "fr", "origin": "machine"}),
        ({"origin": "upload"}, {"origin": "peertube", "is_reviewed": True}),
        ({"origin": "peertube"}, {"origin": "upload"}),
        ({"origin": "machine"}, {"origin": "peertube"}),
    ],
)
def test_one_is_chosen(
    worse: dict[str, object], better: dict[str, object], episode: Broadcast, read: Read
) -> None:
    TranscriptFactory(broadcast=episode, said=["Moins bien."], **worse)
    TranscriptFactory(broadcast=episode, said=["Mieux."], **better)
    assert "Mieux." in read(page_of(episode)).text


def test_without_words_it_is_none(episode: Broadcast, read: Read) -> None:
    Transcript.objects.create(broadcast=episode, origin="peertube")
    read(page_of(episode), 404)
    assert "Transcription" not in read(episode.get_absolute_url()).text
    assert "avec transcription" not in read("/emissions").text
    TranscriptFactory(broadcast=episode, origin="upload")
    rebuild_stale(seconds=60)
    assert "avec transcription" in read("/emissions").text


@pytest.mark.parametrize(("language", "marked"), [("en", "en"), ("fr", None), ("fr-CA", None)])
def test_words_in_another_language_say_so(
    language: str, marked: str | None, episode: Broadcast, read: Read
) -> None:
    """For screen readers; what the page itself says around them is French."""
    TranscriptFactory(broadcast=episode, language=language, said=["Good evening."])
    page = read(page_of(episode)).html
    said = re.findall(r'<span lang="([^"]*)"><span [^>]*>Good evening', page)
    assert said == ([marked] if marked else [])


@pytest.mark.parametrize("end", ["", ".vtt", ".txt"])
@pytest.mark.parametrize(
    ("kind", "status"), [("draft", 404), ("programmed", 404), ("archived", 410)]
)
def test_what_is_not_public_has_none(end: str, kind: str, status: int, read: Read) -> None:
    broadcast = BroadcastFactory(**{kind: True})
    TranscriptFactory(broadcast=broadcast, said=["Secret."])
    assert "Secret" not in read(page_of(broadcast) + end, status).text


def test_times_are_the_broadcasts(episode: Broadcast, read: Read) -> None:
    """Its source began 15 s before the broadcast's clock."""
    source = VideoSourceFactory(broadcast=episode, offset_seconds=15)
    TranscriptFactory(broadcast=episode, source=source, said=["Un", "Deux", "Trois"])
    assert read(page_of(episode)).one("span", data_n="2")["data-t"] == "5"
    told = read(f"{page_of(episode)}.vtt").html
    assert "00:00:05.000 --> 00:00:14.000\nTrois" in told


def test_as_subtitles_it_comes_back_the_same(episode: Broadcast, visitor: Client) -> None:
    TranscriptFactory(broadcast=episode, said=LINES, said__voice="Lou & Co")
    answer = visitor.get(f"{page_of(episode)}.vtt")
    assert answer["Content-Type"] == "text/vtt; charset=utf-8"
    assert 'filename="l-eau.vtt"' in answer["Content-Disposition"]
    text = answer.content.decode()
    assert "NOTE Transcription automatique, non relue" in text
    cues = parse_webvtt(text)
    assert [cue.text for cue in cues] == LINES
    assert {cue.speaker for cue in cues} == {"Lou & Co"}
    assert [cue.start_ms for cue in cues] == [0, 10_000, 20_000]


def test_as_text_it_says_where_it_comes_from(episode: Broadcast, visitor: Client) -> None:
    TranscriptFactory(broadcast=episode, said=LINES, is_reviewed=True)
    text = visitor.get(f"{page_of(episode)}.txt").content.decode()
    assert text.startswith("L’eau\nAu Poste, ")
    assert "/emissions/l-eau" in text
    assert "non relue" not in text
    assert "[0:00] Bonsoir. Parlons d’eau & d’air <ce soir>." in text


def test_a_long_one_costs_no_more_queries(
    episode: Broadcast, visitor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    TranscriptFactory(broadcast=episode, said=[f"Phrase {n}." for n in range(3_000)])
    visitor.get(page_of(episode))
    with django_assert_max_num_queries(6):
        visitor.get(page_of(episode))
