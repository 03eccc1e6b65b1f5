"""The newsroom's forms: what an editor types, and what becomes of it."""

import datetime as dt
from hashlib import sha1

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from broadcasts.models import Broadcast, Redirect, Series, Tag
from broadcasts.services.addresses import RetiredSlugError, change_slug
from guests.models import Guest
from tests.admin.html import form_of, text_of
from tests.admin.world import episode
from tests.broadcasts.search.corpus import say
from tests.factories import GuestFactory

ADD = "/admin/broadcasts/broadcast/add/"


def send(client: Client, address: str, **changes: object) -> object:
    """Fill the page's form with `changes` and save it, as a browser would."""
    fields = form_of(client.get(address))
    response = client.post(address, {**fields, **changes})
    assert response.status_code in {200, 302}
    return response


def change(page: Broadcast | Guest | Series | Tag) -> str:
    return f"/admin/{page._meta.app_label}/{page._meta.model_name}/{page.pk}/change/"


@pytest.mark.parametrize(
    ("title", "slug"),
    [
        ("L’info du cœur d’août", "l-info-du-coeur-d-aout"),
        ("Épisode : où va l'État ?", "episode-ou-va-l-etat"),
        ("x" * 250, "x" * 200),
    ],
)
def test_an_empty_slug_is_filled(title: str, slug: str, editor: Client) -> None:
    response = send(editor, ADD, title=title, slug="")
    assert response.status_code == 302
    assert Broadcast.objects.get().slug == slug


def test_a_filled_slug_takes_a_number_when_it_is_taken_or_retired(editor: Client) -> None:
    episode(1, title="Deux fois", slug="deux-fois")
    Redirect.objects.create(path="/emissions/deux-fois-2", target_path="/don")
    send(editor, ADD, title="Deux fois", slug="")
    assert Broadcast.objects.latest("pk").slug == "deux-fois-3"


def test_a_typed_slug_is_written_as_the_site_writes_them(editor: Client) -> None:
    send(editor, ADD, title="Un titre", slug="L’Été à l'ombre")
    assert Broadcast.objects.get().slug == "l-ete-a-l-ombre"


def test_an_imported_slug_stays_as_it_is(editor: Client) -> None:
    broadcast = episode(1, slug="Vieille_Adresse--2019")
    send(editor, change(broadcast), title="Nouveau titre")
    broadcast.refresh_from_db()
    assert (broadcast.title, broadcast.slug) == ("Nouveau titre", "Vieille_Adresse--2019")


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"slug": "a" * 5000}, "Assurez-vous que cette valeur comporte au plus 200 caractères"),
        ({"slug": "episode-1"}, "Cette adresse est déjà celle d’une autre page."),
        ({"slug": "retiree"}, "Cette adresse a déjà servi : elle mène toujours à /emissions/episo"),
        ({"title": "?!", "slug": "?!"}, "Écrivez une adresse : ce nom n’en donne pas."),
        ({"title": ""}, "Ce champ est obligatoire."),
        ({"title": "x" * 5000}, "au plus 250 caractères"),
        ({"duration_seconds": "bientôt"}, "Écrivez une durée comme 1:48:00"),
        ({"duration_seconds": "108"}, "Écrivez une durée comme 1:48:00"),
        ({"duration_seconds": "1:75:00"}, "Écrivez une durée comme 1:48:00"),
        ({"season": "0"}, "Les saisons commencent à 1."),
        ({"season": "99999999999"}, "inférieure ou égale à 32767"),
        ({"focal_x": "101"}, "inférieure ou égale à 100"),
        ({"published_at_0": "hier"}, "Saisissez une date valide."),
        ({"legacy_source_url": "javascript:alert(1)"}, "Saisissez une URL valide."),
        ({"title": "a\x00b"}, "Le caractère nul n’est pas autorisé."),
        ({"tags": ["999999"]}, "Sélectionnez un choix valide"),
        ({"series": "999999"}, "Sélectionnez un choix valide"),
    ],
)
def test_bad_input_gets_a_clear_message(
    fields: dict[str, object], message: str, editor: Client
) -> None:
    broadcast = episode(1)
    Redirect.objects.create(path="/emissions/retiree", broadcast=broadcast)
    response = send(editor, ADD, **{"title": "Un titre", "slug": "un-titre", **fields})
    assert response.status_code == 200
    assert message in text_of(response).replace("'", "’").replace("l’URL", "l’URL")
    assert Broadcast.objects.count() == 1


def test_published_without_a_date_is_published_now(editor: Client) -> None:
    send(editor, ADD, title="Vite", slug="", _publish="1")
    published_at = Broadcast.objects.get().published_at
    assert published_at is not None
    assert timezone.now() - published_at < dt.timedelta(minutes=1)


def test_durations_are_typed_as_they_are_said(editor: Client) -> None:
    broadcast = episode(1)
    page = form_of(editor.get(change(broadcast)))
    assert page["duration_seconds"] == "1:48:00"
    assert page["chapters-0-start_seconds"] == "6:12"
    for typed, seconds in (("1 h 52", 6720), ("52 min", 3120), ("0:59:30", 3570), ("", None)):
        send(editor, change(broadcast), duration_seconds=typed)
        broadcast.refresh_from_db()
        assert broadcast.duration_seconds == seconds, typed


def test_body_is_sanitised(editor: Client) -> None:
    send(editor, ADD, title="Texte", body_opening="<p onclick=x>Oui<script>alert(1)</script></p>")
    assert Broadcast.objects.get().body_opening == "<p>Oui</p>"


def test_a_moment_in_brackets_becomes_a_link_to_it(editor: Client) -> None:
    text = (
        '<p><abbr title="[0:01]">De</abbr> [12:34] à [1:02:33], pas [12:61] ni 12:34</p>'
        '<p><a href="/x">[0:10]</a> <code>[0:10]</code></p>'
    )
    send(editor, ADD, title="Texte", body_rest=text)
    rel = 'rel="noopener noreferrer"'
    linked = (
        f'<p><abbr title="[0:01]">De</abbr> <a href="?t=754" {rel}>[12:34]</a> '
        f'à <a href="?t=3753" {rel}>[1:02:33]</a>, pas [12:61] ni 12:34</p>'
        f'<p><a href="/x" {rel}>[0:10]</a> <code>[0:10]</code></p>'
    )
    assert Broadcast.objects.get().body_rest == linked
    # What is stored otherwise, as by an import, stays as it is when something else is changed.
    Broadcast.objects.update(body_rest="<p>[12:34]</p>")
    send(editor, change(Broadcast.objects.get()), title="Autrement")
    broadcast = Broadcast.objects.get()
    assert (broadcast.title, broadcast.body_rest) == ("Autrement", "<p>[12:34]</p>")


def test_a_text_with_more_words_than_a_vector_holds_is_saved(
    editor: Client, client: Client
) -> None:
    """And found by its first words, beside as many that were said."""
    letters = str.maketrans("0123456789", "ghijklmnop")
    words = [sha1(b"%d" % n).hexdigest().translate(letters) for n in range(32_000)]
    said = words[-16_000:]
    broadcast = episode(1, body_opening="<p>court</p>")
    say(broadcast, *(" ".join(said[start : start + 40]) for start in range(0, len(said), 40)))
    body = f"<p>{' '.join(words)}</p>"
    assert send(editor, change(broadcast), body_rest=body).status_code == 302
    broadcast.refresh_from_db()
    assert broadcast.body_rest.endswith(f"{words[-1]}</p>")
    for word in words[9], said[-9]:
        assert broadcast.get_absolute_url() in client.get(f"/recherche?q={word}").content.decode()


def test_a_changed_slug_leaves_a_redirect(editor: Client, client: Client) -> None:
    broadcast = episode(1)
    response = send(editor, change(broadcast), slug="le-nouveau-nom")
    assert response.status_code == 302
    page = client.get("/emissions/episode-1")
    assert (page.status_code, page["Location"]) == (301, "/emissions/le-nouveau-nom")
    assert client.get("/emissions/le-nouveau-nom").status_code == 200


def test_moving_twice_is_still_one_hop_and_moving_back_is_allowed(
    editor: Client, client: Client
) -> None:
    broadcast = episode(1)
    send(editor, change(broadcast), slug="deux")
    send(editor, change(broadcast), slug="trois")
    for old in ("episode-1", "deux"):
        assert client.get(f"/emissions/{old}")["Location"] == "/emissions/trois"
    assert send(editor, change(broadcast), slug="episode-1").status_code == 302
    assert client.get("/emissions/episode-1").status_code == 200
    assert client.get("/emissions/trois")["Location"] == "/emissions/episode-1"
    assert set(Redirect.objects.values_list("path", flat=True)) == {
        "/emissions/deux", "/emissions/trois",
    }  # fmt: skip


def test_people_and_series_keep_their_old_address_too(editor: Client, client: Client) -> None:
    broadcast = episode(1)
    guest = broadcast.guests.get()
    send(editor, change(guest), slug="lou")
    send(editor, change(broadcast.series), slug="causerie")
    assert client.get("/invites/lou-welgryn-1")["Location"] == "/invites/lou"
    assert client.get("/series/serie-1")["Location"] == "/series/causerie"
    other = Guest.objects.create(last_name="Autre", slug="autre")
    response = send(editor, change(other), slug="lou-welgryn-1")
    assert "Cette adresse a déjà servi" in text_of(response)


def test_a_draft_that_nobody_saw_leaves_nothing(editor: Client) -> None:
    draft = episode(1, status=Broadcast.Status.DRAFT, published_at=None)
    send(editor, change(draft), slug="autrement")
    assert not Redirect.objects.exists()


def test_the_database_gives_no_retired_slug_away(db: None) -> None:
    broadcast = episode(1)
    guest, series = broadcast.guests.get(), broadcast.series
    assert series is not None
    for page in (broadcast, guest, series):
        old = page.slug
        change_slug(page=page, slug=f"{old}-bis")
        page.refresh_from_db()
        assert page.slug == f"{old}-bis"
        names = {"last_name": "X"} if page is guest else {"title": "X"}
        with pytest.raises(IntegrityError), transaction.atomic():
            type(page).objects.create(slug=old, **names)
        other = type(page).objects.create(slug="ailleurs", **names)
        with pytest.raises(RetiredSlugError):
            change_slug(page=other, slug=old)
        with pytest.raises(IntegrityError), transaction.atomic():
            type(page).objects.filter(pk=other.pk).update(slug=old)
        other.delete()


def test_the_longest_names_are_kept_and_sorted(editor: Client) -> None:
    add = "/admin/guests/guest/add/"
    for slug, last, first in (
        ("b", "œ" * 119 + "b", "z"),
        ("a", "Œ" * 120, "a" * 10),
        ("c", "㎯" * 120, "㎯" * 120),
    ):
        assert send(editor, add, slug=slug, last_name=last, first_name=first).status_code == 302
    GuestFactory(last_name="Étoile", slug="etoile")
    assert [guest.slug for guest in Guest.objects.in_order()] == ["etoile", "b", "a", "c"]


def test_a_redirect_cannot_hide_a_living_page(editor: Client) -> None:
    episode(1)
    add = "/admin/broadcasts/redirect/add/"
    for path, message in (
        ("/emissions/episode-1", "Une page vit à cette adresse"),
        ("https://auposte.fr/emissions/episode-1/", "Une page vit à cette adresse"),
        ("sans-barre", "L’adresse commence par /"),
    ):
        response = send(editor, add, path=path, target_path="/don")
        assert message in text_of(response), path
    assert "une seule" in text_of(send(editor, add, path="/vieux"))
    assert "tournerait en rond" in text_of(send(editor, add, path="/a", target_path="/a"))
    for elsewhere in ("//mal.example", r"/\mal.example", "/don\\x", "/\t/mal.example", "/don\x7f"):
        answer = text_of(send(editor, add, path="/a", target_path=elsewhere))
        assert "Écrivez un chemin de ce site" in answer, elsewhere
        with pytest.raises(IntegrityError), transaction.atomic():
            Redirect.objects.create(path="/a", target_path=elsewhere)
    send(editor, add, path="/index", target_path="/")
    assert Redirect.objects.filter(path="/index", target_path="/").delete()[0]
    send(editor, add, path="https://auposte.fr/l%C3%A9o/", target_path="/don")
    assert Redirect.objects.get().path == "/léo"


def test_what_was_public_is_taken_off_but_not_deleted(owner: Client) -> None:
    public = episode(1)
    draft = episode(2, status=Broadcast.Status.DRAFT, published_at=None)
    for broadcast in (public, draft):
        owner.post(change(broadcast).replace("change", "delete"), {"post": "yes"})
    data = {"action": "delete_selected", "_selected_action": [public.pk], "post": "yes"}
    owner.post("/admin/broadcasts/broadcast/", data)
    assert list(Broadcast.objects.all()) == [public]


def test_a_video_is_pasted_as_its_address(editor: Client) -> None:
    broadcast = episode(1)
    broadcast.sources.all().delete()
    uuid = "9c9de5e8-0a1e-484a-b099-e80766180a6d"
    addresses = (
        ("youtube", "https://www.youtube.com/watch?t=3&v=RGrOjGnX32g", "RGrOjGnX32g"),
        ("youtube", "https://youtu.be/RGrOjGnX32h?si=x", "RGrOjGnX32h"),
        ("peertube", f"https://video.example/videos/watch/{uuid}", uuid),
        ("twitch", "https://www.twitch.tv/videos/1234567890", "1234567890"),
    )
    fields: dict[str, object] = {"sources-TOTAL_FORMS": len(addresses)}
    for row, (platform, address, _) in enumerate(addresses):
        fields |= {
            f"sources-{row}-platform": platform,
            f"sources-{row}-external_id": address,
            f"sources-{row}-role": "replay",
            f"sources-{row}-offset_seconds": "-0:12",
            f"sources-{row}-broadcast": broadcast.pk,
        }
    send(editor, change(broadcast), **fields)
    kept = list(broadcast.sources.values_list("external_id", "offset_seconds"))
    assert kept == [(identifier, -12) for _, _, identifier in addresses]


@pytest.mark.parametrize("identifier", ["50", "https://example.org/" + "x" * 200, "<script>"])
def test_a_wrong_video_is_refused(identifier: str, editor: Client) -> None:
    broadcast = episode(1)
    response = send(editor, change(broadcast), **{"sources-0-external_id": identifier})
    assert "Cet identifiant n’est pas de ceux de la plateforme." in text_of(response)


def test_a_season_is_not_a_tag(editor: Client) -> None:
    response = send(editor, "/admin/broadcasts/tag/add/", name="Saison 04")
    assert "Une saison se note dans le champ" in text_of(response)
    send(editor, "/admin/broadcasts/tag/add/", name="Maintien de l’ordre")
    assert Tag.objects.get().slug == "maintien-de-l-ordre"


def test_a_person_is_not_twice_in_an_episode(editor: Client) -> None:
    broadcast = episode(1)
    guest = broadcast.guests.get()
    twice = {
        "appearances-TOTAL_FORMS": 2,
        "appearances-1-guest": guest.pk,
        "appearances-1-role": "guest",
        "appearances-1-position": 2,
        "appearances-1-broadcast": broadcast.pk,
    }
    response = send(editor, change(broadcast), **twice)
    assert "données en double" in text_of(response)
