"""Many broadcasts at once: sorted, published, taken away, each after a page that asks."""

from collections.abc import Callable

import pytest
from django.test import Client

from broadcasts.models import Broadcast
from broadcasts.services.versions import versions_of
from tests.admin.html import text_of
from tests.factories import BroadcastFactory, SeriesFactory, TagFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
LIST = "/admin/broadcasts/broadcast/"


def act(client: Client, action: str, rows: list[Broadcast], **answers: object) -> str:
    data = {"action": action, "_selected_action": [row.pk for row in rows], **answers}
    response = client.post(LIST, data, follow=True)
    return text_of(response) if response.status_code == 200 else str(response.status_code)


def test_it_asks_before_it_does(editor: Client) -> None:
    rows = [BroadcastFactory() for _ in range(2)]
    for action in (
        "add_tags", "remove_tags", "set_series", "set_season", "publish_all", "take_all_away",
    ):  # fmt: skip
        text = act(editor, action, rows)
        assert "Appliquer à 2 émissions" in text, action
        assert rows[0].title in text
    assert Broadcast.objects.public().count() == 2


def test_keywords_come_and_go(editor: Client) -> None:
    old, new = TagFactory(), TagFactory()
    rows = [BroadcastFactory(tagged=[old]) for _ in range(3)]
    others = BroadcastFactory(tagged=[old])
    said = act(editor, "add_tags", rows, answered="1", tags=[new.pk, old.pk])
    assert "3 émissions sont modifiées" in said
    assert Broadcast.objects.filter(tags=new).count() == 3
    act(editor, "remove_tags", rows, answered="1", tags=[old.pk])
    assert list(Broadcast.objects.filter(tags=old)) == [others]
    assert versions_of(rows[0]).first().history_user.username == "editor"


def test_a_series_and_a_season(editor: Client) -> None:
    series = SeriesFactory()
    rows = [BroadcastFactory(season=None) for _ in range(2)]
    act(editor, "set_series", rows, answered="1", series=series.pk)
    act(editor, "set_season", rows, answered="1", season="11")
    assert set(Broadcast.objects.values_list("series", "season")) == {(series.pk, 11)}
    act(editor, "set_series", rows, answered="1", series="")
    act(editor, "set_season", rows, answered="1", season="")
    assert set(Broadcast.objects.values_list("series", "season")) == {(None, None)}


@pytest.mark.parametrize(
    ("action", "answers"),
    [("set_season", {"season": "0"}), ("set_season", {"season": "dix"}), ("add_tags", {}),
     ("add_tags", {"tags": ["abc"]}), ("set_series", {"series": "999999"})],
)  # fmt: skip
def test_a_wrong_answer_is_asked_again(
    action: str, answers: dict[str, object], editor: Client
) -> None:
    row = BroadcastFactory(season=9)
    assert "Appliquer à 1 émission" in act(editor, action, [row], answered="1", **answers)
    row.refresh_from_db()
    assert row.season == 9


def test_drafts_go_out_and_what_is_out_already_says_so(editor: Client, visitor: Client) -> None:
    drafts = [BroadcastFactory(draft=True) for _ in range(2)]
    public = BroadcastFactory()
    said = act(editor, "publish_all", [*drafts, public], answered="1")
    assert "2 émissions sont modifiées" in said
    assert f"« {public} » : Cette émission est déjà en ligne" in said
    for draft in drafts:
        assert visitor.get(draft.get_absolute_url()).status_code == 200


def test_many_are_taken_away(editor: Client, visitor: Client) -> None:
    rows = [BroadcastFactory() for _ in range(2)]
    draft = BroadcastFactory(draft=True)
    act(editor, "take_all_away", [*rows, draft], answered="1", reason="Demande de l’invité")
    for row in rows:
        assert visitor.get(row.get_absolute_url()).status_code == 410
    draft.refresh_from_db()
    assert draft.status == "draft"


def test_at_most_five_hundred(editor: Client) -> None:
    rows = Broadcast.objects.bulk_create(
        Broadcast(title=f"Émission {n}", slug=f"e-{n}") for n in range(501)
    )
    assert "Au plus 500" in act(editor, "publish_all", rows, answered="1")
    assert not Broadcast.objects.public().exists()


@pytest.mark.parametrize("role", ["outsider", "reader", "treasurer", "moderator"])
@pytest.mark.parametrize("action", ["take_all_away", "publish_all", "set_season"])
def test_others_change_nothing(action: str, role: str, staff: SignIn) -> None:
    rows = [BroadcastFactory(season=9), BroadcastFactory(draft=True, season=9)]
    act(staff(role), action, rows, answered="1", season="3")
    assert list(Broadcast.objects.order_by("pk").values_list("status", "season")) == [
        ("published", 9),
        ("draft", 9),
    ]


def test_what_is_missing_is_found(editor: Client) -> None:
    bare = BroadcastFactory(title="Sans rien", dek="")
    BroadcastFactory(title="Avec un chapô", illustrated=True)
    for lack in ("image", "chapo"):
        text = text_of(editor.get(f"{LIST}?manque={lack}"))
        assert bare.title in text
        assert "Avec un chapô" not in text
    for lack in ("alt", "texte", "invites", "video", "nimporte"):
        assert editor.get(f"{LIST}?manque={lack}").status_code == 200
