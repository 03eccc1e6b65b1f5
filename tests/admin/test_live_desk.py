"""`/admin/direct`: the last word on the air, and moments marked while it lasts."""

import datetime as dt
import re
from collections.abc import Callable

import pytest
from django.test import Client
from django.utils import timezone

from broadcasts.live import AiringState
from broadcasts.models import Airing, AiringChange, Broadcast, Chapter, Mark
from broadcasts.services import airing
from tests.admin.html import text_of
from tests.admin.world import episode

SignIn = Callable[[str], Client]
pytestmark = pytest.mark.django_db
DESK = "/admin/direct"
TEN_MINUTES = dt.timedelta(minutes=10)


@pytest.fixture
def live() -> Broadcast:
    """On the air for ten minutes."""
    broadcast = episode(1, title="La grande soirée")
    Broadcast.objects.filter(pk=broadcast.pk).update(scheduled_for=timezone.now() - TEN_MINUTES)
    airing.override(broadcast_id=broadcast.pk, state=AiringState.LIVE, user=None)
    Airing.objects.update(began_at=timezone.now() - TEN_MINUTES)
    return broadcast


def say(client: Client, broadcast: Broadcast, word: str, **more: str):
    return client.post(DESK, {"emission": str(broadcast.pk), "say": word, **more})


def tap(client: Client, broadcast: Broadcast, label: str = "", **headers: str):
    return client.post(DESK, {"emission": str(broadcast.pk), "label": label}, headers=headers)


@pytest.mark.parametrize(
    ("role", "status", "may_say"),
    [
        ("outsider", 302, False), ("reader", 302, False), ("treasurer", 403, False),
        ("moderator", 200, False), ("editor", 200, True), ("owner", 200, True),
    ],
)  # fmt: skip
def test_who_may(role: str, status: int, may_say: bool, staff: SignIn, live: Broadcast) -> None:
    client = staff(role)
    assert client.get(DESK).status_code == status
    tap(client, live)
    assert Mark.objects.exists() == (status == 200)
    answered = say(client, live, "interrupted")
    assert answered.status_code == (303 if may_say else 403 if status == 200 else status)
    assert (Airing.objects.get().state == "interrupted") == may_say
    chapters = client.get(f"{DESK}/{live.pk}/chapitres").status_code
    assert chapters == (200 if may_say else 403 if status == 200 else status)


def test_the_mornings_desk_tells_what_is_on_whatever_its_hour(
    editor: Client, live: Broadcast
) -> None:
    Broadcast.objects.update(scheduled_for=timezone.now() + dt.timedelta(days=3))
    assert "La grande soirée En direct" in text_of(editor.get("/admin/"))
    say(editor, live, "over")
    assert "Pas de direct prévu." in text_of(editor.get("/admin/"))


def test_an_editor_has_the_last_word_and_gives_it_back(editor: Client) -> None:
    broadcast = episode(1)
    broadcast.sources.update(role="live")
    hour = timezone.now() + dt.timedelta(hours=1)
    Broadcast.objects.filter(pk=broadcast.pk).update(scheduled_for=hour)
    airing.settle(broadcast.pk)
    say(editor, broadcast, "live", reason="Twitch seul", minutes="60")
    row = Airing.objects.get()
    assert row.state == "live"
    assert abs(row.override_until - hour) < dt.timedelta(minutes=1)
    text = text_of(editor.get(DESK))
    assert "Twitch seul" in text
    assert "Imposé par editor" in text
    say(editor, broadcast, "over")
    assert "C’est fini" in Client().get("/direct").content.decode()
    say(editor, broadcast, "release")
    assert Airing.objects.get().state == "announced"
    broadcast.refresh_from_db()
    assert broadcast.aired_at is None, "it has not been on the air after all"
    trail = [
        (c.to_state, c.user.username, c.detail) for c in AiringChange.objects.order_by("pk")[1:]
    ]
    assert trail == [
        ("live", "editor", "Twitch seul"),
        ("over", "editor", ""),
        ("announced", "editor", "Laissé aux plateformes"),
    ]
    say(editor, broadcast, "release")
    assert AiringChange.objects.count() == 4, "nobody had spoken"


@pytest.mark.parametrize(
    "sent",
    [
        {"say": "announced"}, {"say": "live", "minutes": "9999999"}, {"say": "live\x00"},
        {"say": "live", "reason": "x" * 500}, {"undo": "99999999999999999999"}, {"undo": "-1"},
        {"say": "live", "reason": "a\x00b"}, {"label": "a\x00b"}, {"label": "é" * 500},
    ],
)  # fmt: skip
def test_forged_words_change_nothing(sent: dict[str, str], editor: Client, live: Broadcast) -> None:
    before = AiringChange.objects.count()
    for emission in (str(live.pk), "99999999999999999999", "-1", "un", ""):
        response = editor.post(DESK, {"emission": emission, **sent})
        assert response.status_code in (200, 303), response
    assert AiringChange.objects.count() == before
    for query in ("?emission=99999999999999999999", "?emission=a%27", "?version=%C3%A9"):
        assert editor.get(DESK + query).status_code == 200


def test_a_moment_is_marked_once_for_a_thumb_that_trembles(editor: Client, live: Broadcast) -> None:
    tap(editor, live)
    tap(editor, live, "Le chiffre")
    mark = Mark.objects.get()
    assert mark.label == "Le chiffre"
    text = text_of(editor.get(DESK))
    assert "Le chiffre" in text
    Mark.objects.update(at=mark.at - dt.timedelta(seconds=5))
    tap(editor, live)
    assert Mark.objects.count() == 2
    editor.post(DESK, {"emission": str(live.pk), "undo": str(mark.pk)})
    assert not Mark.objects.filter(pk=mark.pk).exists()


def test_nothing_is_marked_off_the_air(editor: Client, live: Broadcast) -> None:
    say(editor, live, "over")
    response = tap(editor, live)
    assert "il n’y a pas de moment à marquer" in response.content.decode()
    assert not Mark.objects.exists()


def test_the_page_is_asked_again_and_moves_only_for_news(editor: Client, live: Broadcast) -> None:
    html = editor.get(DESK).content.decode()
    asked = html.split(f'data-hx-get="{DESK}?')[1].split('"')[0].replace("&amp;", "&")
    assert editor.get(f"{DESK}?{asked}", headers={"HX-Request": "true"}).status_code == 204
    tap(editor, live, "Le chiffre")
    news = editor.get(f"{DESK}?{asked}", headers={"HX-Request": "true"}).content.decode()
    assert "Le chiffre" in news
    assert 'id="marquer"' not in news, "what somebody types stays"
    part = tap(editor, live, **{"HX-Request": "true"}).content.decode()
    assert 'id="marquer"' in part
    assert "<html" not in part
    assert Client().get(DESK, headers={"HX-Request": "true"})["HX-Refresh"] == "true"


def test_marks_become_chapters_when_an_editor_keeps_them(editor: Client, live: Broadcast) -> None:
    for minutes, label in ((3, "Le chiffre"), (2, ""), (1, "La blague")):
        tap(editor, live, label)
        mark = Mark.objects.latest("pk")
        Mark.objects.filter(pk=mark.pk).update(at=mark.at - dt.timedelta(minutes=minutes))
    say(editor, live, "over")
    assert "3 moments marqués à relire" in text_of(editor.get("/admin/"))
    public = Client().get(live.get_absolute_url()).content.decode()
    assert "Le chiffre" not in public
    page = editor.get(f"{DESK}/{live.pk}/chapitres")
    # Ten minutes, less three, less the lead; the second is whole.
    assert re.search(r'value="6:(?:39|40)"', page.content.decode())
    first, second, third = Mark.objects.order_by("at")
    sent = {"form-TOTAL_FORMS": "3", "form-INITIAL_FORMS": "3"}
    for number, (mark, start, title, fate) in enumerate(
        [
            (first, "6:12", "Le chiffre", "keep"),
            (second, "7:40", "", "drop"),
            (third, "8:40", "La blague", "later"),
        ]
    ):
        sent |= {
            f"form-{number}-mark": str(mark.pk), f"form-{number}-start": start,
            f"form-{number}-title": title, f"form-{number}-fate": fate,
        }  # fmt: skip
    assert "Un chapitre a un titre" in (
        editor.post(f"{DESK}/{live.pk}/chapitres", {**sent, "form-0-title": ""}).content.decode()
    )
    for _ in range(2):
        assert editor.post(f"{DESK}/{live.pk}/chapitres", sent).status_code == 302
    # 6:12 was taken by a chapter of the editor's.
    assert list(Chapter.objects.values_list("start_seconds", "title")) == [
        (372, "Qui paie"), (373, "Le chiffre"),
    ]  # fmt: skip
    assert [mark.fate for mark in Mark.objects.order_by("at")] == ["kept", "dropped", "waiting"]
    assert "Le chiffre" in Client().get(live.get_absolute_url()).content.decode()
    for path in (f"{DESK}/99999999999999/chapitres", f"{DESK}/0/chapitres"):
        assert editor.get(path).status_code == 404


def test_the_trail_can_be_read_and_not_written(editor: Client, live: Broadcast) -> None:
    row = Airing.objects.get()
    text = text_of(editor.get(f"/admin/broadcasts/airing/{row.pk}/change/"))
    assert "La rédaction" in text
    assert editor.post(f"/admin/broadcasts/airing/{row.pk}/change/", {}).status_code == 403
