"""Two people and one form: who is there is said, and nobody overwrites anybody unawares."""

import datetime as dt
import threading
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.http import QueryDict
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from broadcasts.admin.conflicts import without_dead_rows
from broadcasts.models import Broadcast, Chapter, Presence
from broadcasts.services.presence import SILENCE
from broadcasts.services.versions import versions_of
from tests.admin.html import form_of, text_of
from tests.admin.test_broadcasts import change, send
from tests.admin.test_browser import chromium, desk, session_of
from tests.admin.world import episode, person

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]

TOLD = "a enregistré cette page le"


def ping(client: Client, broadcast: Broadcast, shown: str = "") -> object:
    return client.post(change(broadcast).replace("change", "presence"), {"shown": shown})


def named(role: str, first: str) -> None:
    User.objects.filter(username=role).update(first_name=first)


def test_a_colleague_is_seen_and_leaves(editor: Client, owner: Client) -> None:
    named("owner", "Camille")
    broadcast = episode(1)
    assert "modifie cette page" not in text_of(editor.get(change(broadcast)))
    owner.get(change(broadcast))
    now = timezone.localtime()
    page = editor.get(change(broadcast))
    told = f"Camille modifie cette page depuis {now.hour} h {now.minute:02d}."
    assert told in text_of(page)
    region = page.content.decode().partition('id="presence"')[2].partition(">")[0]
    assert 'aria-live="polite"' in region
    assert "every 20s" in region
    assert "Camille modifie" not in text_of(owner.get(change(broadcast))), (
        "nobody is told of themselves"
    )
    assert told in text_of(ping(editor, broadcast))
    send(owner, change(broadcast))
    assert "Camille" not in text_of(editor.get(change(broadcast))), "saved, and gone to the list"


def test_a_ping_speaks_only_when_something_changed(editor: Client, owner: Client) -> None:
    broadcast = episode(1)
    shown = str(form_of(editor.get(change(broadcast)))["shown"])
    assert ping(editor, broadcast, shown).status_code == 204
    ping(owner, broadcast)
    answer = ping(editor, broadcast, shown)
    assert answer.status_code == 200
    shown = str(form_of(answer)["shown"])
    assert ping(editor, broadcast, shown).status_code == 204


def test_a_page_that_fell_silent_is_closed(editor: Client, owner: Client) -> None:
    broadcast = episode(1)
    ping(owner, broadcast)
    long_ago = timezone.now() - SILENCE - dt.timedelta(seconds=1)
    Presence.objects.update(opened_at=long_ago, seen_at=long_ago)
    assert "modifie cette page" not in text_of(ping(editor, broadcast))
    ping(owner, broadcast)
    here = Presence.objects.get(user__username="owner")
    assert timezone.now() - here.opened_at < SILENCE, "they came back: since now"
    before = here.opened_at
    ping(owner, broadcast)
    here.refresh_from_db()
    assert here.opened_at == before
    assert here.seen_at > before
    Presence.objects.update(opened_at=timezone.now() - dt.timedelta(days=1))
    assert "depuis le" in text_of(ping(editor, broadcast))
    Presence.objects.update(seen_at=timezone.now() - dt.timedelta(days=2))
    ping(editor, broadcast)
    assert Presence.objects.count() == 1, "yesterday's pages are forgotten"


@pytest.mark.parametrize("role", ["outsider", "reader", "moderator", "treasurer"])
def test_others_are_not_there(role: str, staff: SignIn) -> None:
    broadcast = episode(1)
    client = staff(role)
    refused = 302 if role in {"outsider", "reader"} else 403
    assert ping(client, broadcast).status_code == refused
    client.get(change(broadcast))
    assert not Presence.objects.exists()


def test_an_odd_ping_is_no_error(editor: Client) -> None:
    broadcast = episode(1)
    address = change(broadcast).replace("change", "presence")
    assert editor.get(address).status_code == 405
    assert editor.post(address.replace(f"/{broadcast.pk}/", "/999999/")).status_code == 404


def test_the_second_to_save_is_told_and_loses_nothing(editor: Client, owner: Client) -> None:
    named("owner", "Camille")
    broadcast = episode(1, dek="Un chapô")
    mine = form_of(editor.get(change(broadcast)))
    send(owner, change(broadcast), dek="Le chapô de Camille", season="4")
    typed = {**mine, "title": "Mon titre", "body_rest": "<p>Une page entière.</p>"}
    refused = editor.post(change(broadcast), typed)
    assert refused.status_code == 200
    said = text_of(refused)
    assert f"Camille {TOLD}" in said
    assert "Rien de ce que vous avez tapé n’est perdu" in said
    page = refused.content.decode()
    assert "<del>Un chapô</del>" in page
    assert "<ins>Le chapô de Camille</ins>" in page
    assert "<del>10</del>" in page
    fields = form_of(refused)
    assert (fields["title"], fields["body_rest"]) == ("Mon titre", "<p>Une page entière.</p>")
    broadcast.refresh_from_db()
    assert (broadcast.title, broadcast.dek) == ("Épisode 1", "Le chapô de Camille")

    again = editor.post(change(broadcast), fields)
    assert TOLD in text_of(again), "« Enregistrer » still refuses"
    latest = versions_of(broadcast)[0].history_id
    assert f'name="_overwrite" value="{latest}"' in page
    answer = editor.post(change(broadcast), {**fields, "_overwrite": latest})
    assert answer.status_code == 302
    broadcast.refresh_from_db()
    assert (broadcast.title, broadcast.dek, broadcast.season) == ("Mon titre", "Un chapô", 10)
    assert versions_of(broadcast)[1].dek == "Le chapô de Camille", "and it can come back"


def test_a_third_save_is_told_of_too(editor: Client, owner: Client) -> None:
    broadcast = episode(1)
    mine = form_of(editor.get(change(broadcast)))
    send(owner, change(broadcast), dek="Deux")
    seen = versions_of(broadcast)[0].history_id
    send(owner, change(broadcast), dek="Trois")
    assert TOLD in text_of(editor.post(change(broadcast), {**mine, "_overwrite": seen}))
    broadcast.refresh_from_db()
    assert broadcast.dek == "Trois"


def test_the_enter_key_never_overwrites(editor: Client, owner: Client) -> None:
    broadcast = episode(1)
    mine = form_of(editor.get(change(broadcast)))
    send(owner, change(broadcast), dek="Deux")
    page = editor.post(change(broadcast), mine).content.decode()
    form = page.partition('id="broadcast_form"')[2]
    assert 'name="_save"' in form.partition('type="submit"')[2].partition(">")[0]


@pytest.mark.parametrize("edition", [None, "", "abc", "-1", "9" * 30, "²"])
def test_a_form_that_hides_its_edition_is_refused(
    edition: str | None, editor: Client, owner: Client
) -> None:
    broadcast = episode(1)
    mine = form_of(editor.get(change(broadcast)))
    send(owner, change(broadcast), dek="Deux")
    del mine["edition"]
    fields = mine if edition is None else {**mine, "edition": edition, "_overwrite": edition}
    assert TOLD in text_of(editor.post(change(broadcast), fields))
    broadcast.refresh_from_db()
    assert broadcast.dek == "Deux"


def test_a_step_is_refused_like_a_save(editor: Client, owner: Client) -> None:
    broadcast = episode(1, status="draft", published_at=None)
    mine = form_of(editor.get(change(broadcast)))
    send(owner, change(broadcast), dek="Deux")
    assert TOLD in text_of(editor.post(change(broadcast), {**mine, "_publish": "1"}))
    broadcast.refresh_from_db()
    assert broadcast.status == "draft"


def test_a_save_that_changed_nothing_is_in_nobodys_way(editor: Client, owner: Client) -> None:
    broadcast = episode(1)
    send(owner, change(broadcast))
    mine = form_of(editor.get(change(broadcast)))
    send(owner, change(broadcast))
    assert editor.post(change(broadcast), {**mine, "dek": "Deux"}).status_code == 302


def test_workers_are_in_nobodys_way_and_keep_what_they_wrote(editor: Client) -> None:
    broadcast = episode(1, duration_seconds=None, aired_at=None, scheduled_for=None)
    mine = form_of(editor.get(change(broadcast)))
    aired = timezone.now() - dt.timedelta(days=3)
    Broadcast.objects.filter(pk=broadcast.pk).update(
        duration_seconds=5000, aired_at=aired, scheduled_for=aired
    )
    broadcast.sources.update(views_count=12, duration_seconds=5000)
    assert editor.post(change(broadcast), {**mine, "dek": "Deux"}).status_code == 302
    broadcast.refresh_from_db()
    assert (broadcast.dek, broadcast.duration_seconds) == ("Deux", 5000)
    assert (broadcast.aired_at, broadcast.scheduled_for) == (aired, aired)
    send(editor, change(broadcast), duration_seconds="", aired_at_0="", aired_at_1="")
    broadcast.refresh_from_db()
    assert (broadcast.duration_seconds, broadcast.aired_at) == (None, None), "emptied on purpose"


def test_chapters_that_a_sync_replaced_do_not_block_the_form(editor: Client) -> None:
    broadcast = episode(1)
    mine = form_of(editor.get(change(broadcast)))
    broadcast.chapters.all().delete()
    Chapter.objects.create(broadcast=broadcast, start_seconds=372, title="Relu")
    fields = {**mine, "dek": "Deux"}
    said = text_of(editor.post(change(broadcast), fields, follow=True))
    assert "Chapitres : des lignes ont été remplacées" in said
    broadcast.refresh_from_db()
    assert broadcast.dek == "Deux"
    assert broadcast.chapters.get().title == "Relu"


def test_rows_that_a_colleague_deleted_come_back_if_one_saves_anyway(
    editor: Client, owner: Client
) -> None:
    broadcast = episode(1)
    mine = form_of(editor.get(change(broadcast)))
    gone = {"chapters-0-DELETE": "on", "appearances-0-DELETE": "on"}
    send(owner, change(broadcast), **gone)
    assert not broadcast.chapters.exists()
    refused = editor.post(change(broadcast), mine)
    assert TOLD in text_of(refused)
    assert "Sélectionnez un choix valide" not in text_of(refused)
    fields = form_of(refused)
    assert fields["chapters-0-title"] == "Qui paie"
    latest = versions_of(broadcast)[0].history_id
    assert editor.post(change(broadcast), {**fields, "_overwrite": latest}).status_code == 302
    assert broadcast.chapters.get().title == "Qui paie"
    assert broadcast.guests.get().slug == "lou-welgryn-1"


def test_a_file_has_to_be_chosen_again(editor: Client, owner: Client) -> None:
    from tests.factories import drawn_picture

    broadcast = episode(1)
    mine = form_of(editor.get(change(broadcast)))
    send(owner, change(broadcast), dek="Deux")
    said = text_of(editor.post(change(broadcast), {**mine, "image": drawn_picture()}))
    assert "Le fichier que vous aviez choisi est à choisir de nouveau." in said


@pytest.mark.django_db(transaction=True)
def test_of_two_saves_at_once_one_is_told(settings: object) -> None:
    """On two real connections: the second waits for the first, then sees its version."""
    broadcast = episode(1)
    clients = {role: Client() for role in ("owner", "editor")}
    forms = {}
    for role, client in clients.items():
        client.force_login(person(role), backend="django.contrib.auth.backends.ModelBackend")
        forms[role] = form_of(client.get(change(broadcast)))
    start = threading.Barrier(2)
    answers: dict[str, int] = {}

    def save(role: str) -> None:
        try:
            start.wait()
            fields = {**forms[role], "dek": f"Le chapô de {role}"}
            answers[role] = clients[role].post(change(broadcast), fields).status_code
        finally:
            connection.close()

    threads = [threading.Thread(target=save, args=(role,)) for role in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers.values()) == [200, 302]
    saved = next(role for role, status in answers.items() if status == 302)
    broadcast.refresh_from_db()
    assert broadcast.dek == f"Le chapô de {saved}"


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_an_open_page_hears_of_a_colleague(live_server: LiveServer) -> None:
    broadcast = episode(1)
    session = session_of("owner")
    colleague = Client()
    colleague.force_login(person("editor"), backend="django.contrib.auth.backends.ModelBackend")
    with chromium() as browser, desk(browser, live_server.url, session) as (page, complaints):
        page.goto(change(broadcast))
        page.fill("#id_title", "Ce que j’écris")

        def arrive() -> None:
            colleague.get(change(broadcast))
            connection.close()

        arrived = threading.Thread(target=arrive)
        arrived.start()
        arrived.join()
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
        page.wait_for_selector("#presence p:has-text('editor modifie cette page depuis')")
        assert page.input_value("#id_title") == "Ce que j’écris"
        assert complaints == []


def rows(*ids: str, initial: int) -> QueryDict:
    data = QueryDict(mutable=True)
    data.update({"c-TOTAL_FORMS": str(len(ids)), "c-INITIAL_FORMS": str(initial), "other": "x"})
    for row, pk in enumerate(ids):
        data.update({f"c-{row}-id": pk, f"c-{row}-title": f"T{row}"})
    return data


@pytest.mark.parametrize(
    ("revive", "left"),
    [(False, [("1", "T0"), ("3", "T2"), ("", "T3")]),
     (True, [("1", "T0"), ("3", "T2"), ("", "T1"), ("", "T3")])],
)  # fmt: skip
def test_dead_rows(revive: bool, left: list[tuple[str, str]]) -> None:
    data = rows("1", "2", "3", "", initial=3)
    assert without_dead_rows(data, "c", {1, 3}, revive=revive) == 1
    total = int(data["c-TOTAL_FORMS"])
    assert [(data[f"c-{row}-id"], data[f"c-{row}-title"]) for row in range(total)] == left
    assert data["c-INITIAL_FORMS"] == "2"
    assert f"c-{total}-id" not in data
    assert data["other"] == "x"


def test_rows_that_all_live_and_odd_counts_are_left_alone() -> None:
    data = rows("1", "2", "", initial=2)
    before = data.urlencode()
    assert without_dead_rows(data, "c", {1, 2}, revive=True) == 0
    assert data.urlencode() == before
    for count in ("", "abc", "-3", "9" * 40, "99999999"):
        data["c-TOTAL_FORMS"] = count
        assert without_dead_rows(data, "c", set(), revive=True) == 0
