"""Versions: one a save, read in words, given back."""

import random
import time
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from broadcasts.models import Broadcast, Chapter, Series, Tag
from broadcasts.services.differences import Piece, compare_lines, readable_lines
from broadcasts.services.versions import OTHER_HANDS, keep_version, versions_of
from guests.models import Guest
from tests.admin.html import form_of, text_of
from tests.admin.test_broadcasts import ADD, change, send
from tests.admin.test_doors import ENGLISH
from tests.admin.world import episode, month, person
from tests.factories import TagFactory, drawn_picture

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]


def history(page: Broadcast | Guest | Series) -> str:
    return change(page).replace("change", "history")


def version_page(page: Broadcast | Guest | Series, place: int) -> str:
    """The page of a version; 0 is the last one."""
    return change(page).replace("change", f"versions/{versions_of(page)[place].history_id}")


def restore(client: Client, page: Broadcast | Guest | Series, place: int) -> str:
    address = version_page(page, place)
    fields = form_of(client.get(address))
    said = text_of(client.post(address, fields, follow=True))
    page.refresh_from_db()
    return said


def reasons(page: Broadcast | Guest | Series) -> list[tuple[str | None, str | None]]:
    return [
        (version.history_user and version.history_user.username, version.history_change_reason)
        for version in versions_of(page)
    ]


def test_a_save_is_one_version_that_holds_everything(editor: Client) -> None:
    broadcast = episode(1)
    tag = TagFactory(name="Maintien de l’ordre")
    send(
        editor,
        change(broadcast),
        title="Un autre titre",
        tags=[tag.pk],
        **{"chapters-0-title": "Qui décide", "appearances-0-function": "ce jour-là"},
    )
    assert reasons(broadcast) == [("editor", None), (None, OTHER_HANDS)]
    latest = versions_of(broadcast)[0]
    assert latest.title == "Un autre titre"
    assert latest.parts["tags"] == [{"id": tag.pk, "name": "Maintien de l’ordre"}]
    assert latest.parts["chapters"] == [{"start_seconds": 372, "title": "Qui décide"}]
    assert latest.parts["appearances"][0]["name"] == "Lou Welgryn 1"
    assert latest.parts["appearances"][0]["function"] == "ce jour-là"
    assert latest.parts["sources"][0]["external_id"] == "abcdefg0001"
    send(editor, change(broadcast))
    assert versions_of(broadcast).count() == 2, "nothing changed, so nothing is kept"


def test_the_first_form_keeps_the_first_version(editor: Client) -> None:
    send(editor, ADD, title="Tout neuf")
    assert reasons(Broadcast.objects.get()) == [("editor", None)]


def test_what_other_hands_wrote_is_not_put_down_to_the_next_person(editor: Client) -> None:
    broadcast = episode(1)
    send(editor, change(broadcast), title="Deux")
    Broadcast.objects.filter(pk=broadcast.pk).update(dek="Venu d’un import")
    send(editor, change(broadcast), title="Trois")
    assert [who for who, _ in reasons(broadcast)] == ["editor", None, "editor", None]
    said = text_of(editor.get(history(broadcast)))
    assert OTHER_HANDS in said


def test_the_list_says_who_when_and_what(editor: Client) -> None:
    User.objects.filter(username="editor").update(first_name="Camille", last_name="Roy")
    broadcast = episode(1, status="draft", published_at=None)
    send(editor, change(broadcast), title="Autre", dek="Un chapô", _publish="1")
    said = text_of(editor.get(history(broadcast)))
    assert "Camille Roy Titre, chapô" in said
    assert "Brouillon → Publiée" in said
    assert "Première version" in said
    assert not ENGLISH.findall(said)


def test_the_list_has_pages_and_a_fixed_number_of_queries(
    editor: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    broadcast = episode(1)
    user = User.objects.get(username="editor")
    for number in range(30):
        Broadcast.objects.filter(pk=broadcast.pk).update(title=f"Titre {number}")
        keep_version(page=broadcast, user=user)
    with django_assert_max_num_queries(14):
        first = text_of(editor.get(history(broadcast)))
    assert "Page 1 sur 2" in first
    assert "Versions plus anciennes" in first
    last = text_of(editor.get(history(broadcast) + "?page=2"))
    assert "Première version" in last
    for page in ("abc", "99", "-1", "9" * 5000):
        assert editor.get(history(broadcast) + f"?page={page}").status_code == 200


def test_a_difference_is_read_word_by_word(editor: Client) -> None:
    body = "<p>Un premier paragraphe.</p><p>La police interroge deux témoins.</p><p>Fin.</p>"
    broadcast = episode(1, body_opening=body, dek="Le même chapô")
    after = body.replace("deux témoins", 'trois <a href="/don">témoins</a> hier')
    send(editor, change(broadcast), body_opening=after, season="11", series="")
    page = editor.get(version_page(broadcast, 0)).content.decode()
    assert "<del>deux témoins.</del> <ins>trois témoins [/don] hier.</ins>" in page
    assert "La police interroge" in page
    assert "<del>10</del>" in page
    assert "<ins>11</ins>" in page
    assert "<del>Série 1</del>" in page
    assert "Le même chapô" not in page
    assert "style=" not in page.partition('id="content-main"')[2]
    assert not ENGLISH.findall(text_of(editor.get(version_page(broadcast, 0))))


def test_markup_alone_is_said_to_be_just_that(editor: Client) -> None:
    broadcast = episode(1, body_rest="<p>Un mot</p>")
    send(editor, change(broadcast), body_rest="<p>Un <em>mot</em></p>")
    assert "Seule la mise en forme a changé." in text_of(editor.get(version_page(broadcast, 0)))


def test_what_is_written_in_a_text_stays_text(editor: Client) -> None:
    broadcast = episode(1)
    send(editor, change(broadcast), title="<script>alert(1)</script>", dek="<ins>faux</ins>")
    page = editor.get(version_page(broadcast, 0)).content.decode()
    assert "<script>alert" not in page
    assert "&lt;ins&gt;faux" in page


def test_a_version_comes_back_as_a_new_one(editor: Client, client: Client) -> None:
    broadcast = episode(1, dek="Le premier chapô", body_opening="<p>Avant.</p>")
    tag, guest = broadcast.tags.get(), broadcast.guests.get()
    other = Guest.objects.create(last_name="Autre", slug="autre")
    send(
        editor,
        change(broadcast),
        dek="Le second chapô",
        body_opening="<p>Après.</p>",
        slug="nouvelle-adresse",
        season="3",
        series="",
        tags=[],
        **{
            "appearances-0-guest": other.pk,
            "chapters-0-DELETE": "on",
            "sources-0-external_id": "zyxwvut0001",
        },
    )
    broadcast.refresh_from_db()
    said = restore(editor, broadcast, 1)
    assert "La version est restaurée : c’est maintenant la dernière." in said
    assert "restaurée" in said
    assert (broadcast.dek, broadcast.body_opening) == ("Le premier chapô", "<p>Avant.</p>")
    assert (broadcast.season, broadcast.series.slug) == (10, "serie-1")
    assert list(broadcast.tags.all()) == [tag]
    assert list(broadcast.guests.all()) == [guest]
    assert broadcast.chapters.get().title == "Qui paie"
    assert broadcast.sources.get().external_id == "zyxwvut0001", "videos stay"
    assert versions_of(broadcast).count() == 3
    assert reasons(broadcast)[0][0] == "editor"
    assert client.get("/emissions/episode-1").status_code == 200
    assert client.get("/emissions/nouvelle-adresse")["Location"] == "/emissions/episode-1"
    restore(editor, broadcast, 1)
    assert broadcast.slug == "nouvelle-adresse"


def test_restoring_moves_no_text_in_or_out(editor: Client, client: Client) -> None:
    broadcast = episode(1, status="draft", published_at=None, dek="Un")
    send(editor, change(broadcast), dek="Deux", _publish="1")
    broadcast.refresh_from_db()
    published_at = broadcast.published_at
    assert reasons(broadcast)[-1][0] is None
    restore(editor, broadcast, versions_of(broadcast).count() - 1)
    assert broadcast.dek == "Un"
    assert (broadcast.status, broadcast.published_at) == ("published", published_at)
    editor.post(f"/admin/broadcasts/broadcast/{broadcast.pk}/retirer/")
    restore(editor, broadcast, 2)
    assert broadcast.status == "archived"
    assert client.get(broadcast.get_absolute_url()).status_code == 410


def test_corrections_stay_whatever_comes_back(editor: Client) -> None:
    broadcast = episode(1)
    send(editor, change(broadcast), title="Deux")
    broadcast.corrections.create(text="<p>Ce n’était pas lui.</p>")
    restore(editor, broadcast, 1)
    assert broadcast.title == "Épisode 1"
    assert broadcast.corrections.count() == 1


def test_what_cannot_come_back_is_said(
    editor: Client, django_capture_on_commit_callbacks: object
) -> None:
    broadcast = episode(1, dek="Avant", image=drawn_picture(), image_alt="Une salle")
    fields = {
        "dek": "Après",
        "tags": [],
        "series": "",
        "slug": "ailleurs",
        "image": drawn_picture(400, 300),
        "image_alt": "Un couloir",
        "appearances-0-DELETE": "on",
    }
    with django_capture_on_commit_callbacks(execute=True):
        send(editor, change(broadcast), **fields)
    broadcast.refresh_from_db()
    Series.objects.all().delete()
    Guest.objects.all().delete()
    kept = broadcast.image.name
    Tag.objects.all().delete()
    broadcast.redirects.all().delete()
    Broadcast.objects.create(title="Nouvelle", slug="episode-1")
    said = restore(editor, broadcast, 1)
    for sentence in (
        "L’image de cette version a été supprimée depuis : l’actuelle reste.",
        "Sa série n’existe plus.",
        "Mot-clé disparu : Mot 1.",
        "Personne disparue : Lou Welgryn 1.",
        "L’adresse « episode-1 » mène à une autre page : l’actuelle reste.",
        "La version est restaurée",
    ):
        assert sentence in said, sentence
    assert (broadcast.dek, broadcast.slug) == ("Avant", "ailleurs")
    assert (broadcast.image.name, broadcast.image_alt) == (kept, "Un couloir")
    assert broadcast.image.storage.exists(kept)


def test_a_version_without_image_takes_none_away(editor: Client) -> None:
    broadcast = episode(1, dek="Avant")
    send(editor, change(broadcast), dek="Après", image=drawn_picture(), image_alt="Une salle")
    said = restore(editor, broadcast, 1)
    assert "L’image actuelle reste : cette version n’en avait pas." in said
    assert (broadcast.dek, broadcast.image_alt) == ("Avant", "Une salle")


def test_a_save_in_between_is_shown_first(editor: Client, owner: Client) -> None:
    broadcast = episode(1, dek="Un")
    send(editor, change(broadcast), dek="Deux")
    address = version_page(broadcast, 1)
    fields = form_of(editor.get(address))
    send(owner, change(broadcast), dek="Trois")
    for edition in (fields["edition"], "", "abc", "9" * 30):
        said = text_of(editor.post(address, {"edition": edition}, follow=True))
        assert "Cette page a été enregistrée entre-temps." in said
    broadcast.refresh_from_db()
    assert broadcast.dek == "Trois"


def test_people_and_series_have_versions_too(editor: Client) -> None:
    broadcast = episode(1)
    guest, series = broadcast.guests.get(), broadcast.series
    assert series is not None
    send(editor, change(guest), bio="<p>Elle écrit.</p>", slug="lou")
    send(editor, change(series), title="Causerie")
    guest.refresh_from_db()
    assert "Adresse, présentation" in text_of(editor.get(history(guest)))
    assert "<ins>Elle écrit.</ins>" in editor.get(version_page(guest, 0)).content.decode()
    restore(editor, guest, 1)
    assert (guest.bio, guest.slug) == ("", "lou-welgryn-1")
    Series.objects.create(title="Série 1", slug="usurpatrice")
    assert "Une autre page porte aujourd’hui ce titre" in restore(editor, series, 1)
    assert series.title == "Causerie"


def test_versions_go_with_their_page(owner: Client) -> None:
    broadcast = episode(1, status="draft", published_at=None)
    send(owner, change(broadcast), title="Deux")
    owner.post(change(broadcast).replace("change", "delete"), {"post": "yes"})
    assert not Broadcast.objects.exists()
    assert not Broadcast.history.exists()


def test_what_does_not_exist_is_said_kindly(editor: Client) -> None:
    broadcast = episode(1)
    other = episode(2)
    send(editor, change(other), title="Deux")
    foreign = change(broadcast).replace("change", f"versions/{versions_of(other)[0].history_id}")
    for address in (foreign, change(broadcast).replace("change", "versions/999999")):
        for answer in (editor.get(address, follow=True), editor.post(address, follow=True)):
            assert "Cette version n’existe pas." in text_of(answer)
    gone = change(broadcast).replace(f"/{broadcast.pk}/", "/999999/")
    assert editor.get(gone.replace("change", "history")).status_code == 302
    assert editor.get(gone.replace("change", "versions/1")).status_code == 302


@pytest.mark.parametrize("role", ["outsider", "reader", "moderator", "treasurer"])
def test_others_give_nothing_back(role: str, staff: SignIn, editor: Client) -> None:
    broadcast = episode(1)
    send(editor, change(broadcast), title="Deux")
    client, address = staff(role), version_page(broadcast, 1)
    fields = {"edition": form_of(editor.get(address))["edition"]}
    answer, posted = client.get(address), client.post(address, fields)
    if role in {"outsider", "reader"}:
        assert (answer.status_code, posted.status_code) == (302, 302)
    else:
        assert (answer.status_code, posted.status_code) == (200, 403)
        assert "Restaurer cette version" not in text_of(answer)
    broadcast.refresh_from_db()
    assert broadcast.title == "Deux"


def test_readers_cost_no_version_and_no_session(
    client: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    person("editor")
    month()
    broadcast = episode(1)
    client.get(broadcast.get_absolute_url())
    with django_assert_max_num_queries(7) as queries:
        answer = client.get(broadcast.get_absolute_url())
    assert answer.status_code == 200
    assert not answer.cookies
    asked = " ".join(query["sql"] for query in queries.captured_queries)
    for table in ("historical", "django_session", "auth_user", "presence"):
        assert table not in asked


def test_chapters_read_by_a_sync_stay_its_own_when_they_come_back_unchanged(
    editor: Client,
) -> None:
    broadcast = episode(1, dek="Un")
    Chapter.objects.update(source=broadcast.sources.get())
    send(editor, change(broadcast), dek="Deux")
    restore(editor, broadcast, 1)
    assert broadcast.chapters.get().source is not None


@pytest.mark.parametrize(
    ("html", "lines"),
    [
        ("<p>Un <b>mot</b></p><p>Deux</p>", ["Un mot", "Deux"]),
        ("<ul><li>a</li><li>b &amp; c</li></ul>", ["a", "b & c"]),
        ('<p><a href="https://x.org/a">ici</a>.</p>', ["ici [https://x.org/a]."]),
        ('<figure><img src="/media/x.jpg" alt="Une rue"></figure>', ["[image : Une rue]"]),
        ("un<br>deux", ["un", "deux"]),
        ("", []),
    ],
)
def test_a_text_is_read_line_by_line(html: str, lines: list[str]) -> None:
    assert readable_lines(html) == lines


def test_lines_that_stayed_are_passed_over() -> None:
    old = [f"Ligne {number}" for number in range(20)]
    new = [*old[:10], "Une phrase toute neuve", *old[10:]]
    assert compare_lines(old, new) == (
        (Piece("skipped"),),
        (Piece("added", "Une phrase toute neuve"),),
        (Piece("skipped"),),
    )
    assert compare_lines(old, old) == ()


def test_a_long_text_is_compared_in_no_time() -> None:
    said = random.Random(7)
    words = [*("la", "de", "et") * 100, *(f"mot{number}" for number in range(2000))]
    old = [" ".join(said.choices(words, k=120)) for _ in range(300)]
    new = [line.replace(" la ", " les ") for line in old]
    start = time.process_time()
    assert len(compare_lines(old, new)) == 300
    assert time.process_time() - start < 5
