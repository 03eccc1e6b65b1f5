"""The page of results: what it says, where it leads, what it never does."""

from __future__ import annotations

import datetime as dt
import re
from random import Random
from string import ascii_letters
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from broadcasts.models import Broadcast, Transcript
from broadcasts.services.passages import rebuild_stale
from broadcasts.services.publishing import take_away
from broadcasts.services.search import finding
from broadcasts.services.search.spelling import learn_words
from tests.broadcasts.conftest import Read
from tests.broadcasts.pages import Page
from tests.broadcasts.search.corpus import say
from tests.factories import (
    BroadcastFactory,
    GuestFactory,
    SeriesFactory,
    TagFactory,
    VideoSourceFactory,
)

pytestmark = pytest.mark.django_db
HOSTILE = "<img src=x onerror=alert(1)> zibeline <script>alert(2)</script>"


def search(read: Read, question: str, more: str = "", status: int = 200) -> Page:
    return read(f"/recherche?q={quote(question)}{more}", status=status)


def spaced(page: Page) -> str:
    """What it says, with plain spaces."""
    return re.sub(r"\s+", " ", page.text)


def test_passages_are_counted_and_grouped_by_episode(read: Read) -> None:
    for name in ("une", "deux"):
        say(BroadcastFactory(slug=name), *(f"Ici la zibeline numéro {n}." for n in range(6)))
    say(BroadcastFactory(slug="autre"), "Rien de tel.")
    page = search(read, "zibelines")
    assert "12 passages, 2 émissions" in spaced(page)
    assert page.links.count("/emissions/une") == 1
    assert "Voir les 3 autres passages" in page.text
    assert "/emissions/autre" not in page.links
    (rest,) = [link for link in page.links if "emission=une" in link]
    whole = read(f"/recherche{rest}")
    assert "6 passages, 1 émission" in spaced(whole)
    assert len([link for link in whole.links if "?t=" in link]) == 6


def test_a_moment_opens_the_video_at_its_second(read: Read) -> None:
    """The platform's clock is 30 s ahead of the broadcast's: an editor has said so."""
    broadcast = BroadcastFactory(slug="fourrures")
    source = VideoSourceFactory(broadcast=broadcast, external_id="dQw4w9WgXcQ", offset_seconds=30)
    say(broadcast, "Bonsoir.", "Puis vient la zibeline.", minutes=72, source=source)
    page = search(read, "zibeline")
    assert f"/emissions/fourrures?t={72 * 60 - 30}" in page.links
    assert f"https://www.youtube.com/watch?v=dQw4w9WgXcQ&t={72 * 60}s" in page.links
    assert "Voir à 1\u00a0h\u00a011" in page.text


def test_words_that_were_sent_in_open_the_video_too(read: Read) -> None:
    """They are on the broadcast's own clock, as an only video is, or one whose offset is known."""
    broadcast = BroadcastFactory(slug="fourrures")
    VideoSourceFactory(broadcast=broadcast, external_id="dQw4w9WgXcQ")
    say(broadcast, "Bonsoir.", "La zibeline.", minutes=72)
    youtube = f"https://www.youtube.com/watch?v=dQw4w9WgXcQ&t={72 * 60}s"
    assert youtube in search(read, "zibeline").links
    other = VideoSourceFactory(broadcast=broadcast, offset_seconds=30)
    links = search(read, "zibeline").links
    assert youtube not in links
    assert any(link.endswith(f"{other.external_id}&t={72 * 60 + 30}s") for link in links)


def test_a_word_of_an_announcement_is_proposed(read: Read) -> None:
    endless = "".join(Random(1).choices(ascii_letters, k=9000))
    BroadcastFactory(title="Une soirée", dek=f"Où l’on parle de zibelines, {endless}")
    learn_words()
    assert "Vouliez-vous dire : zibelines" in spaced(search(read, "zybelines"))


def test_the_second_is_that_of_the_line_with_the_word(read: Read) -> None:
    broadcast = BroadcastFactory(slug="fourrures")
    say(broadcast, "D’abord autre chose", "et puis ici", "la zibeline", minutes=0)
    cues = list(broadcast.transcripts.get().cues.all())
    for cue in cues:
        cue.start_ms, cue.end_ms = cue.position * 4000, cue.position * 4000 + 3900
        cue.save()
    assert rebuild_stale(seconds=60) == 1
    assert "/emissions/fourrures?t=8" in search(read, "zibeline").links


def test_what_somebody_wrote_is_never_html(read: Read) -> None:
    guest = GuestFactory(last_name="<b>Zibeline</b>")
    broadcast = BroadcastFactory(title=HOSTILE, dek=HOSTILE, with_guests=[guest])
    say(broadcast, HOSTILE)
    page = search(read, HOSTILE)
    page = search(read, "zibeline")
    assert "<img src=x" not in page.html
    assert "alert(1)&gt; <mark>zibeline</mark> &lt;script" in page.html
    assert "&lt;b&gt;<mark>Zibeline</mark>" in page.html
    assert not [tag for tag, facts in page.tags if "onerror" in facts]


@pytest.mark.parametrize("state", ["draft", "archived", "programmed"])
def test_what_is_not_public_is_not_found(read: Read, state: str) -> None:
    guest, tag = GuestFactory(last_name="Zibeline"), TagFactory(name="Zibelines")
    hidden = BroadcastFactory(
        title="La zibeline", tagged=[tag], with_guests=[guest], series=SeriesFactory(title="Zibel"),
        **{state: True},
    )  # fmt: skip
    say(hidden, "La zibeline.")
    assert "Rien au dossier" in search(read, "zibeline").text
    assert "Rien au dossier" in search(read, "zibeline", f"&emission={hidden.slug}").text
    assert not read("/recherche/suggestions?q=zibel").html.strip()


def test_what_is_taken_away_is_not_found_anymore(read: Read) -> None:
    broadcast = BroadcastFactory(title="La zibeline")
    assert broadcast.get_absolute_url() in search(read, "zibeline").links
    take_away(broadcast=broadcast, user=None)
    assert "Rien au dossier" in search(read, "zibeline").text


def test_no_question_gives_a_page_that_explains(read: Read) -> None:
    for address in (
        "/recherche",
        "/recherche?q=",
        "/recherche?q=+%20",
        "/recherche?q=-",
        "/recherche?q=%3F!",
    ):
        page = read(address)
        assert "guillemets" in page.text
        assert page.one("meta", name="robots")["content"] == "noindex"


@pytest.mark.parametrize(
    "question",
    [
        "le la les", "'", '"', "((((", "a & | ! b:*", "\\", "%", "_", "💥", "-- ; DROP TABLE",
        "zi" * 3000, " ".join("abcdefghijklmnopqrstuvwxyz"), "{0}", "%s %(x)s",
        "-zibeline", '-"', "«", "<->", "<1>", "!zibeline", "zibeline:*",
    ],
)  # fmt: skip
def test_odd_questions_are_answered(read: Read, question: str) -> None:
    say(BroadcastFactory(), "Une zibeline.")
    search(read, question)
    read(f"/recherche/suggestions?q={quote(question)}")


@pytest.mark.parametrize(
    "more",
    ["&page=2", "&page=99999999999999999999", "&page=-1", "&emission=nulle-part", "&annee=1999",
     "&annee=1999&emission=nulle-part", "&annee=1999&page=2", "&saison=8&transcription=oui"],
)  # fmt: skip
def test_odd_parameters_are_answered(visitor: Client, more: str) -> None:
    BroadcastFactory(title="La zibeline")
    assert visitor.get(f"/recherche?q=zibeline{more}").status_code in {200, 404}


def test_one_may_search_from_the_list_and_from_where_nothing_is(read: Read) -> None:
    gone = BroadcastFactory(archived=True)
    for path, status in (("/emissions", 200), ("/nulle-part", 404), (gone.get_absolute_url(), 410)):
        page = read(path, status=status)
        form = page.one("form", **{"class": "search"})
        assert form["action"] == "/recherche"
        assert "method" not in form
        assert page.one("input", name="q")["type"] == "search"


def test_null_bytes_are_refused_as_everywhere(visitor: Client) -> None:
    assert visitor.get("/recherche?q=zibe%00line").status_code == 400


def test_what_takes_too_long_is_said_so(read: Read, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database itself is made slow, and gives up by itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE OR REPLACE FUNCTION french_phrase(text) RETURNS tsquery LANGUAGE sql AS"
            " $$ SELECT plainto_tsquery($1) FROM pg_sleep(30) $$"
        )
    monkeypatch.setattr(finding, "PATIENCE_MS", 50)
    assert "demande trop de travail" in search(read, "zibeline", status=422).text


def test_words_of_a_question_may_be_written_and_said(read: Read) -> None:
    broadcast = BroadcastFactory(slug="la", with_guests=[GuestFactory(last_name="Wandrille")])
    say(broadcast, "La zibeline.")
    assert "/emissions/la" in search(read, "wandrille zibeline").links


def test_titles_come_before_guests_before_texts_before_speech(read: Read) -> None:
    say(BroadcastFactory(slug="dit"), *["Zibeline, zibeline."] * 20)
    BroadcastFactory(slug="texte", body_opening="<p>La zibeline.</p>")
    BroadcastFactory(slug="invitee", with_guests=[GuestFactory(last_name="Zibeline")])
    BroadcastFactory(slug="titre", title="La zibeline")
    order = [link[11:] for link in search(read, "zibeline").links
             if link.startswith("/emissions/") and "?" not in link]  # fmt: skip
    assert order[:2] == ["titre", "invitee"]
    assert set(order[2:]) == {"texte", "dit"}


def test_common_words_are_not_counted_to_the_end(
    read: Read, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "MOST_PASSAGES", 10)
    for name in ("une", "deux"):
        say(BroadcastFactory(slug=name), *["La zibeline."] * 9)
    page = search(read, "zibeline")
    assert "Plus de" in page.text
    assert {"/emissions/une", "/emissions/deux"} <= set(page.links)


def test_the_number_of_queries_does_not_grow(read: Read) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as seen:
            search(read, "zibeline")
        return len(seen)

    def add(count: int) -> None:
        for _ in range(count):
            broadcast = BroadcastFactory(with_guests=[GuestFactory()], dek="La zibeline.")
            source = VideoSourceFactory(broadcast=broadcast)
            say(broadcast, "La zibeline.", "Encore elle, la zibeline.", source=source)

    add(4)
    queries()  # the month's campaign is made by whoever comes first
    few = queries()
    add(5)
    assert queries() == few


def test_suggestions_begin_like_what_is_typed_or_resemble_it(read: Read) -> None:
    BroadcastFactory(
        title="Éloge de la zibeline",
        slug="eloge",
        series=SeriesFactory(title="Zibelines", slug="zibelines"),
        with_guests=[GuestFactory(first_name="David", last_name="Dufresne", slug="david-dufresne")],
        tagged=[TagFactory(name="Démocratie", slug="democratie")],
    )

    def suggested(typed: str) -> list[str]:
        page = read(f"/recherche/suggestions?q={quote(typed)}")
        for address in page.links:
            read(address)
        return page.links

    assert suggested("duf") == ["/invites/david-dufresne"]
    assert suggested("david d") == ["/invites/david-dufresne"]
    assert suggested("DEMO") == ["/tags/democratie"]
    assert suggested("zib") == ["/series/zibelines", "/emissions/eloge"]
    assert suggested("dufrene") == ["/invites/david-dufresne"]
    assert suggested("d") == []
    assert suggested("%") == []


def test_one_transcript_is_searched_the_best(read: Read) -> None:
    broadcast = BroadcastFactory()
    say(broadcast, "The sable.", language="en", is_reviewed=True)
    say(broadcast, "La zibeline automatique.", origin=Transcript.Origin.MACHINE)
    say(broadcast, "La zibeline de PeerTube.", origin=Transcript.Origin.PEERTUBE)
    assert "zibeline de PeerTube" in search(read, "zibeline").text
    say(broadcast, "La zibeline envoyée.")
    page = search(read, "zibeline")
    assert "1 passage, 1 émission" in spaced(page)
    assert "zibeline envoyée" in page.text
    Transcript.objects.filter(origin="machine").update(is_reviewed=True)
    rebuild_stale(seconds=60)
    assert "zibeline automatique" in search(read, "zibeline").text


def test_nothing_of_a_deleted_broadcast_is_left(read: Read) -> None:
    broadcast = BroadcastFactory(tagged=[TagFactory()], with_guests=[GuestFactory()])
    say(broadcast, "La zibeline.")
    Broadcast.objects.get(pk=broadcast.pk).delete()
    connection.check_constraints()
    assert "Rien au dossier" in search(read, "zibeline").text


def test_results_are_narrowed_as_the_list_is_with_counts(read: Read) -> None:
    series = SeriesFactory(title="Causerie", slug="causerie")
    for season in (8, 9, 9):
        say(BroadcastFactory(series=series, season=season), "La zibeline.", "Encore la zibeline.")
    say(BroadcastFactory(slug="hors-serie", season=9), "La zibeline.")
    everything = search(read, "zibeline")
    assert "7 passages, 4 émissions" in spaced(everything)
    assert re.search(r"Causerie\s+3 ", spaced(everything))
    (choice,) = [link for link in everything.links if link.endswith("q=zibeline&serie=causerie")]
    narrowed = read(choice)
    assert "6 passages, 3 émissions" in spaced(narrowed)
    assert "/emissions/hors-serie" not in narrowed.links
    assert "/recherche?q=zibeline" in narrowed.links, "what was chosen can be lifted"
    assert "2 passages, 1 émission" in spaced(read(f"{choice}&saison=8"))
    assert "rien ici ne porte ce nom" in search(read, "zibeline", "&serie=nulle").text


def test_results_are_narrowed_by_a_name_that_is_typed(read: Read) -> None:
    """As on the list: those that the drawer does not show, together with all that was asked for."""
    for number in range(10):
        tag = TagFactory(name=f"Mot {number}")
        BroadcastFactory(title="La zibeline", slug=f"no-{number}", season=9, tagged=[tag])
    page = search(read, "zibeline", "&saison=9&tri=recentes")
    field = page.one("input", id="autre-tags")
    assert field["name"] == "tags"
    forms = re.findall(r'<form class="another" action="/recherche".*?</form>', page.html, re.S)
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', forms[0]))
    assert hidden == {"q": "zibeline", "tri": "recentes", "saison": "9"}
    typed = search(read, "zibeline", "&tri=recentes&saison=9&tags=Mot+7")
    assert "1 émission" in spaced(typed)
    assert "/emissions/no-7" in typed.links


def test_results_are_sorted_by_date_when_asked(read: Read) -> None:
    for name, title, year in (
        ("vieille", "La zibeline", 2019), ("neuve", "Autre chose", 2025), ("entre", "Rien", 2022)
    ):  # fmt: skip
        BroadcastFactory(
            slug=name, title=title, season=9, body_opening="<p>La zibeline.</p>",
            published_at=dt.datetime(year, 3, 1, tzinfo=dt.UTC),
        )  # fmt: skip

    def order(page: Page) -> list[str]:
        return [link[11:] for link in page.links if re.fullmatch("/emissions/[a-z]+", link)]

    for more in ("", "&saison=9"):
        best = search(read, "zibeline", more)
        assert order(best)[0] == "vieille"
        assert f"/recherche?q=zibeline&tri=recentes{more}" in best.links
        newest = read(f"/recherche?q=zibeline&tri=recentes{more}")
        assert order(newest) == ["neuve", "entre", "vieille"]
        assert f"/recherche?q=zibeline{more}" in newest.links, "one comes back"
    narrower = [link for link in newest.links if "annee=2022" in link]
    assert narrower == ["/recherche?q=zibeline&tri=recentes&saison=9&annee=2022"]
    assert order(search(read, "zibeline", "&tri=anciennes"))[0] == "vieille"
    assert not [
        link for link in search(read, "zibeline", "&tri=titre").links if "tri=titre" in link
    ]


def test_another_spelling_is_proposed_within_what_was_chosen(read: Read) -> None:
    BroadcastFactory(title="Les zibelines", slug="neuf", season=9)
    BroadcastFactory(title="Autre chose", season=8)
    learn_words()
    page = search(read, "zybelines", "&saison=9")
    assert "Vouliez-vous dire : zibelines" in spaced(page)
    (address,) = [link for link in page.links if "q=zibelines" in link]
    assert "/emissions/neuf" in read(f"/recherche{address}").links
    assert "saison=9" in address
    assert "Vouliez-vous" not in search(read, "zybelines", "&saison=8").text, "nothing is there"


def test_what_is_swapped_is_on_the_page(read: Read) -> None:
    """htmx takes these out of the whole page, which is the same without JavaScript."""
    BroadcastFactory(title="La zibeline", season=9)
    for question in ("zibeline", "martre"):
        page = search(read, question)
        swapped = page.one("div", id="registre")
        for selector in ("data-hx-target", "data-hx-select"):
            assert swapped[selector] == "#registre"
        assert page.one("p", id="compte")["role"] == "status"
        assert page.one("h1", id="titre")["tabindex"] == "-1"
        assert page.one("header", id="entete")
