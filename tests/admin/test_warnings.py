"""What is said after a save of what the broadcast lacks."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone

from broadcasts.models import Appearance, Broadcast, VideoSource
from broadcasts.services.warnings import warnings_for
from guests.models import Guest
from tests.admin.html import form_of, text_of
from tests.admin.test_broadcasts import ADD, change, send
from tests.admin.test_images import encoded, hand_in
from tests.admin.world import episode


def complete(**facts: object) -> Broadcast:
    """A broadcast that lacks nothing, but for these facts."""
    broadcast = episode(
        1,
        **{"dek": "Un chapô", "image": "emissions/a-960x540.jpg", "image_alt": "Une rue", **facts},
    )
    Guest.objects.update(title="secrétaire générale")
    return broadcast


def said(response: object) -> str:
    """The page's words, links and points joined as they are read."""
    return text_of(response).replace(" ,", ",").replace(" .", ".")


def texts(broadcast: Broadcast) -> list[str]:
    return [warning.text for warning in warnings_for(broadcast)]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("facts", "text", "anchor"),
    [
        ({"title": "x" * 143}, "titre de 143 caractères, coupé ailleurs après 110", "id_title"),
        ({"dek": "  "}, "pas de chapô", "id_dek"),
        ({"series": None}, "pas de série", "id_series"),
        ({"season": None}, "pas de saison", "id_season"),
        ({"image": ""}, "pas d’image", "id_image"),
        ({"image_alt": " "}, "pas de texte alternatif", "id_image_alt"),
    ],
)
def test_each_lack_is_told(facts: dict[str, object], text: str, anchor: str) -> None:
    [warning] = warnings_for(complete(**facts))
    assert (warning.text, warning.anchor) == (text, anchor)


@pytest.mark.django_db
def test_what_lacks_nothing_is_left_in_peace() -> None:
    assert texts(complete(title="x" * 110)) == []


@pytest.mark.django_db
def test_people_and_videos_are_looked_at_too() -> None:
    broadcast = complete()
    hosted = Guest.objects.create(first_name="Sol", last_name="Diallo", slug="sol-diallo")
    Appearance.objects.create(broadcast=broadcast, guest=hosted, role="host", position=2)
    assert texts(broadcast) == []
    Guest.objects.update(title="")
    assert texts(broadcast) == ["Lou Welgryn 1 sans fonction"]
    broadcast.appearances.filter(role="guest").update(function="ce jour-là")
    assert texts(broadcast) == []
    broadcast.appearances.all().delete()
    assert texts(broadcast) == ["personne n’est nommé"]
    VideoSource.objects.update(availability="unavailable")
    assert texts(broadcast) == ["personne n’est nommé", "vidéo disparue de YouTube"]
    # A text without a video needs neither people nor a season.
    VideoSource.objects.all().delete()
    Broadcast.objects.update(season=None)
    broadcast.refresh_from_db()
    assert texts(broadcast) == []


def test_a_draft_is_saved_and_told_what_it_lacks(editor: Client) -> None:
    response = editor.post(ADD, {**form_of(editor.get(ADD)), "title": "Brouillon"}, follow=True)
    broadcast = Broadcast.objects.get()
    assert "À voir avant de publier : pas de chapô, pas de série, pas d’image." in said(response)
    page = response.content.decode()
    assert f'href="/admin/broadcasts/broadcast/{broadcast.pk}/change/#id_dek"' in page


def test_publishing_with_warnings_is_possible_and_says_them(editor: Client) -> None:
    broadcast = complete(status="draft", published_at=None, dek="")
    fields = form_of(editor.get(change(broadcast)))
    response = editor.post(change(broadcast), {**fields, "_publish": "1"}, follow=True)
    broadcast.refresh_from_db()
    assert broadcast.is_public
    assert "En ligne, mais il y a à voir : pas de chapô." in said(response)


def test_nothing_is_said_where_nothing_lacks(editor: Client) -> None:
    broadcast = complete()
    assert hand_in(editor, broadcast, encoded("JPEG")).status_code == 302
    assert "À voir" not in said(editor.get("/admin/"))
    assert "il y a à voir" not in said(editor.get("/admin/broadcasts/broadcast/"))


def test_a_title_is_shown_and_not_run(editor: Client) -> None:
    broadcast = complete()
    Guest.objects.update(first_name="<b>Lou", title="")
    send(editor, change(broadcast))
    page = editor.get("/admin/broadcasts/broadcast/").content.decode()
    assert "&lt;b&gt;Lou Welgryn 1 sans fonction" in page


@pytest.mark.django_db
def test_warnings_take_a_fixed_number_of_queries(
    django_assert_num_queries: object,
) -> None:
    broadcast = complete()
    for number in range(5):
        guest = Guest.objects.create(last_name=f"N{number}", slug=f"n{number}")
        Appearance.objects.create(broadcast=broadcast, guest=guest)
    broadcast = Broadcast.objects.get(pk=broadcast.pk)
    with django_assert_num_queries(2):
        assert len(warnings_for(broadcast)) == 5


@pytest.mark.django_db
def test_a_programmed_broadcast_is_not_yet_online(editor: Client) -> None:
    broadcast = complete(dek="", published_at=timezone.now() + dt.timedelta(days=2))
    response = editor.post(change(broadcast), form_of(editor.get(change(broadcast))), follow=True)
    assert "À voir avant de publier : pas de chapô." in said(response)
