"""A quote: words of a reviewed transcript that stay, at an address of their own."""

from __future__ import annotations

import io

import pytest
from django.test import Client
from PIL import Image

from auposte.models import Removal
from broadcasts.models import Broadcast, Cue, Quote
from broadcasts.services import publishing
from broadcasts.services.quoting import hide_quote
from broadcasts.views import quotes
from tests.broadcasts.conftest import Read
from tests.broadcasts.pages import Page
from tests.factories import BroadcastFactory, TranscriptFactory

pytestmark = pytest.mark.django_db
SAID = ["L’ordre des choses compte.", "Ce n’est pas ce qui est écrit.", "Page douze.", "Merci."]


@pytest.fixture
def episode() -> Broadcast:
    broadcast = BroadcastFactory(slug="l-ordre", title="L’ordre des choses")
    TranscriptFactory(broadcast=broadcast, is_reviewed=True, said=SAID, said__voice="Lou Welgryn")
    return broadcast


def form_at(broadcast: Broadcast) -> str:
    return f"{broadcast.get_absolute_url()}/citer"


def send(client: Client, broadcast: Broadcast, *lines: object, **fields: object) -> object:
    page = Page(client.get(form_at(broadcast)))
    hidden = {name: page.one("input", name=name)["value"] for name in ("edition", "stamp")}
    return client.post(form_at(broadcast), {**hidden, "lines": lines, **fields})


def test_from_the_transcript_to_a_quote(episode: Broadcast, read: Read, visitor: Client) -> None:
    offered = next(link for link in read(f"{episode.get_absolute_url()}/transcription").links
                   if "/citer?" in link)  # fmt: skip
    ticked = [box["value"] for box in read(offered).all("input", type="checkbox")
              if "checked" in box]  # fmt: skip
    assert ticked == ["0", "1", "2", "3"]
    answer = send(visitor, episode, 1, 2)
    quote = Quote.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/citations/{quote.pk}")
    assert (quote.start_ms, quote.end_ms, quote.speaker) == (10_000, 29_000, "Lou Welgryn")
    page = read(answer["Location"])
    assert "«\u00a0Ce n’est pas ce qui est écrit. Page douze.\u00a0»" in page.text
    assert "Voir à 10\u00a0s" in page.text
    assert "/emissions/l-ordre?t=10" in page.links
    assert f"/citations/{quote.pk}.png" in page.html
    for other in (f"/citations/0{quote.pk}", f"/citations/000{quote.pk}.png"):
        read(other, 404)  # one address each: others would be kept as pages of their own


def test_the_same_is_one_and_keeps_its_words_and_their_second(
    episode: Broadcast, read: Read, visitor: Client
) -> None:
    first, again = send(visitor, episode, 2), send(visitor, episode, 2)
    assert first["Location"] == again["Location"]
    Cue.objects.filter(position=2).update(text="Page treize.", start_ms=25_000)
    kept = read(first["Location"])
    assert "Page douze." in kept.text
    assert "Voir à 20\u00a0s" in kept.text
    assert f"{episode.get_absolute_url()}?t=20" in kept.links
    assert send(visitor, episode, 2)["Location"] != first["Location"]


@pytest.mark.parametrize(
    ("lines", "fields", "message"),
    [
        ([], {}, "Choisissez au moins une ligne"),
        ([0, 2], {}, "se suivent"),
        ([99], {}, "99 n’en fait pas partie"),
        (["x", "-1", "9" * 40, "\x00"], {}, "Sélectionnez un choix valide"),
        ([1], {"edition": "vieille"}, "vient d’être corrigée"),
        ([1], {"edition": ""}, "vient d’être corrigée"),
        ([1], {"stamp": "faux"}, "a vieilli"),
        ([1], {"website": "x"}, "pas été rempli par une personne"),
        ([1], {"text": "Mots inventés"}, None),
    ],
)
def test_only_our_own_lines(
    lines: list[object], fields: dict[str, str], message: str | None, episode: Broadcast,
    visitor: Client,
) -> None:  # fmt: skip
    answer = send(visitor, episode, *lines, **fields)
    if message is None:
        assert Quote.objects.get().text == SAID[1]
        return
    assert answer.status_code == 422
    assert message.split(" n’en")[0] in Page(answer).text.replace("'", "’")
    assert not Quote.objects.exists()


def test_not_too_much(visitor: Client) -> None:
    broadcast = BroadcastFactory()
    TranscriptFactory(broadcast=broadcast, is_reviewed=True, said=["x" * 400, "y" * 400])
    answer = send(visitor, broadcast, 0, 1)
    assert "801 signes, 600 au plus" in Page(answer).text


def test_what_is_not_reviewed_is_not_quoted(read: Read) -> None:
    broadcast = BroadcastFactory()
    TranscriptFactory(broadcast=broadcast)
    read(form_at(broadcast), 404)


@pytest.mark.parametrize(
    "query", ["?de=2&a=1", "?de=x&a=", "?de=99999999999999", "?de[]=1", "?a=-1"]
)
def test_any_address_of_the_form_opens(query: str, episode: Broadcast, read: Read) -> None:
    read(form_at(episode) + query)


def test_other_sites_and_crowds_are_refused(
    episode: Broadcast, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    forged = visitor.post(form_at(episode), {}, headers={"Origin": "https://ailleurs.example"})
    assert forged.status_code == 403
    monkeypatch.setattr(quotes, "QUOTES_AT_ONCE", 1)
    assert send(visitor, episode, 0).status_code == 302
    answer = send(visitor, episode, 1)
    assert answer.status_code == 429
    assert "attendez quelques minutes" in Page(answer).text


def test_it_goes_with_its_broadcast(episode: Broadcast, read: Read, visitor: Client) -> None:
    address = send(visitor, episode, 1)["Location"]
    publishing.take_away(broadcast=episode, user=None)
    for end in ("", ".png"):
        read(address + end, 410)
    publishing.back_to_draft(broadcast=episode, user=None)
    for end in ("", ".png"):
        read(address + end, 404)
    read("/citations/999999999999999999999", 404)


def test_an_editor_takes_it_away(episode: Broadcast, read: Read, visitor: Client) -> None:
    address = send(visitor, episode, 1)["Location"]
    hide_quote(Quote.objects.get())
    read(address, 410)
    assert Removal.objects.filter(path=address).exists()
    assert "retirée par la rédaction" in Page(send(visitor, episode, 1)).text


def test_its_picture(episode: Broadcast, visitor: Client) -> None:
    address = send(visitor, episode, 0, 1)["Location"]
    answer = visitor.get(f"{address}.png")
    assert answer["Content-Type"] == "image/png"
    picture = Image.open(io.BytesIO(answer.content))
    assert picture.size == (1200, 630)
    assert len(answer.content) < 120_000
    assert visitor.get(f"{address}.png").content == answer.content
