"""People and keywords that are created by naming them in the broadcast's form."""

import threading

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import Client
from playwright.sync_api import expect
from pytest_django.live_server_helper import LiveServer

from broadcasts.models import Appearance, Broadcast, Redirect, Tag, TagAlias
from broadcasts.services.naming import ensure_guest, ensure_tag, guest_named, tag_named
from guests.models import Guest
from tests.admin.html import form_of, text_of
from tests.admin.test_broadcasts import ADD, change, send
from tests.admin.test_browser import chromium, desk, session_of
from tests.admin.world import episode, person

ROW = {"appearances-0-role": "guest", "appearances-0-position": "0"}


def add_with(client: Client, **fields: object) -> object:
    """The add form with a title, one row of people when one is named, and these fields."""
    rows = sum(1 for name in fields if name.endswith("-guest"))
    for row in range(rows):
        fields = {f"appearances-{row}-role": "guest", f"appearances-{row}-position": row, **fields}
    return send(client, ADD, **{"title": "Neuve", "appearances-TOTAL_FORMS": rows, **fields})


@pytest.mark.parametrize(
    ("typed", "first", "last", "slug"),
    [
        ("Lou Welgryn", "Lou", "Welgryn", "lou-welgryn"),
        ("  Anne-Lise   de La Tour ", "Anne-Lise", "de La Tour", "anne-lise-de-la-tour"),
        ("Welgryn, Lou", "Lou", "Welgryn", "lou-welgryn"),
        ("WELGRYN Lou", "Lou", "WELGRYN", "lou-welgryn"),
        ("lou welgryn", "Lou", "Welgryn", "lou-welgryn"),
        ("Médine", "", "Médine", "medine"),
        ("Collectif Stop Béton", "", "Collectif Stop Béton", "collectif-stop-beton"),
    ],
)
@pytest.mark.django_db
def test_names_are_split_as_lists_want_them(typed: str, first: str, last: str, slug: str) -> None:
    guest = guest_named(typed)
    assert (guest.first_name, guest.last_name, guest.slug) == (first, last, slug)
    assert guest.pk is None


def test_people_and_keywords_are_created_with_the_broadcast(editor: Client) -> None:
    response = add_with(
        editor, **{"appearances-0-guest": "nouveau:Lou Welgryn", "tags": ["nouveau:Intelligence"]}
    )
    assert response.status_code == 302
    broadcast = Broadcast.objects.get()
    [appearance] = broadcast.appearances.all()
    assert appearance.guest.list_name == "Welgryn Lou"
    assert [tag.name for tag in broadcast.tags.all()] == ["Intelligence"]
    # By the same names, the same rows: in an old broadcast as in a new one.
    other = episode(7)
    send(
        editor,
        change(other),
        **{
            "appearances-TOTAL_FORMS": "2",
            "appearances-1-guest": "nouveau:lou  welgryn",
            "appearances-1-role": "host",
            "appearances-1-position": "2",
            "tags": [str(other.tags.get().pk), "nouveau:intelligence"],
        },
    )
    assert other.guests.filter(slug="lou-welgryn").exists()
    assert sorted(tag.name for tag in other.tags.all()) == ["Intelligence", "Mot 7"]
    assert Tag.objects.count() == 2


def test_nothing_is_created_by_a_form_that_is_refused(editor: Client) -> None:
    fields = {"appearances-0-guest": "nouveau:Lou Welgryn", "tags": ["nouveau:Énergie"]}
    response = add_with(editor, season="0", **fields)
    assert response.status_code == 200
    assert not Guest.objects.exists()
    assert not Tag.objects.exists()
    # What is to be created is still chosen in the form that comes back.
    page = form_of(response)
    assert page["appearances-0-guest"] == "nouveau:Lou Welgryn"
    assert page["tags"] == "nouveau:Énergie"
    assert "Lou Welgryn (à créer)" in text_of(response)


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"tags": ["nouveau:Saison 04"]}, "Une saison se note dans le champ « saison »."),
        ({"tags": ["nouveau:" + "x" * 121]}, "Un nom a 120 caractères au plus."),
        ({"tags": ["nouveau: ?! "]}, "Écrivez un nom, avec des lettres ou des chiffres."),
        ({"tags": ["nouveau:a\x00b"]}, "Un nom a 120 caractères au plus."),
        ({"appearances-0-guest": "nouveau:"}, "Écrivez un nom, avec des lettres ou des chiffres."),
        ({"appearances-0-guest": "nouveau:" + "x " * 70}, "Un nom a 120 caractères au plus."),
        ({"appearances-0-guest": "neuf:Lou"}, "Sélectionnez un choix valide."),
        (
            {"appearances-0-guest": "nouveau:Lou W", "appearances-1-guest": "nouveau:W, Lou"},
            "Une même personne est deux fois dans l’émission.",
        ),
    ],
)
def test_what_is_no_name_gets_a_clear_message(
    fields: dict[str, object], message: str, editor: Client
) -> None:
    response = add_with(editor, **fields)
    assert response.status_code == 200
    assert message in text_of(response)
    assert not Broadcast.objects.exists()
    assert not Guest.objects.exists()


def test_the_same_keyword_typed_twice_is_one(editor: Client) -> None:
    add_with(editor, tags=["nouveau:Énergie", "nouveau:énergie", "nouveau:Energie"])
    assert [tag.name for tag in Broadcast.objects.get().tags.all()] == ["Energie"]


def test_a_merged_name_leads_to_what_it_was_merged_into(editor: Client) -> None:
    kept = Guest.objects.create(first_name="Lou", last_name="Welgryn", slug="lou-w")
    Redirect.objects.create(path="/invites/lou-welgryn", guest=kept)
    tag = Tag.objects.create(name="Police", slug="police")
    TagAlias.objects.create(tag=tag, name="Les flics", slug="les-flics")
    add_with(
        editor, **{"appearances-0-guest": "nouveau:Lou Welgryn", "tags": ["nouveau:Les flics"]}
    )
    assert Appearance.objects.get().guest == kept
    assert Broadcast.objects.get().tags.get() == tag
    assert Guest.objects.count() == Tag.objects.count() == 1


@pytest.mark.parametrize("kind", ["guest", "tag"])
def test_creating_takes_the_right_to_add(kind: str, editor: Client) -> None:
    user = person("reader")
    user.is_staff = True
    user.save()
    names = ["add_broadcast", "change_broadcast", "view_broadcast", "add_appearance", "view_tag"]
    user.user_permissions.set(Permission.objects.filter(codename__in=[*names, "view_guest"]))
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    fields = {
        "guest": {"appearances-0-guest": "nouveau:Lou Welgryn"},
        "tag": {"tags": ["nouveau:Énergie"]},
    }[kind]
    response = add_with(client, **fields)
    assert response.status_code == 200
    assert "Vous n’avez pas le droit de créer" in text_of(response)
    assert "data-new" not in client.get(ADD).content.decode()
    assert not Broadcast.objects.exists()
    # Whom everybody knows is chosen by name all the same.
    Guest.objects.create(first_name="Lou", last_name="Welgryn", slug="lou-welgryn")
    Tag.objects.create(name="Énergie", slug="energie")
    assert add_with(client, **fields).status_code == 302


@pytest.mark.django_db(transaction=True)
def test_two_who_create_the_same_at_once_get_the_same() -> None:
    barrier = threading.Barrier(2)
    found: list[tuple[int, int]] = []

    def create() -> None:
        guest, tag = guest_named("Lou Welgryn"), tag_named("Énergie")
        barrier.wait(timeout=20)
        found.append((ensure_guest(guest).pk, ensure_tag(tag).pk))
        connection.close()

    threads = [threading.Thread(target=create) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert len(found) == 2
    assert found[0] == found[1]


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_by_keyboard(live_server: LiveServer) -> None:
    broadcast = episode(1, status=Broadcast.Status.DRAFT, published_at=None)
    Tag.objects.create(name="Énergie", slug="energie")
    session = session_of("editor")
    with chromium() as browser, desk(browser, live_server.url, session) as (page, complaints):
        page.goto(change(broadcast))
        keys = page.keyboard
        results = page.locator(".select2-results__option")
        page.locator(".field-tags .select2-search__field").focus()
        keys.type("énerg")
        # What exists is what Enter takes; creating comes last.
        expect(results).to_have_text(["Énergie", "Créer « énerg »"], use_inner_text=True)
        keys.press("Enter")
        keys.type("Eau douce")
        expect(results).to_have_text(["Créer « Eau douce »"])
        keys.press("Enter")
        expect(page.locator(".field-tags .select2-selection__choice")).to_contain_text(
            ["Mot 1", "Énergie", "Eau douce (à créer)"]
        )
        page.locator("#appearances-group .add-row a, #appearances-group .add-row button").focus()
        keys.press("Enter")
        page.locator("#appearances-1 .select2-selection").focus()
        keys.press("Enter")
        search = page.locator(".select2-dropdown .select2-search__field")
        expect(search).to_be_focused()
        keys.type("Personne d’autre")
        expect(results).to_have_text(["Créer « Personne d’autre »"])
        keys.press("Escape")
        # Nobody is chosen by having been typed.
        expect(page.locator("#id_appearances-1-guest")).to_have_value("")
        keys.press("Enter")
        expect(search).to_be_focused()
        keys.type("lou wel")
        expect(results).to_have_text(["Lou Welgryn 1", "Créer « lou wel »"])
        expect(page.locator(".select2-results__option--highlighted")).to_have_text("Lou Welgryn 1")
        keys.press("Control+a")
        keys.type("Anne-Lise de La Tour")
        expect(results).to_have_text(["Créer « Anne-Lise de La Tour »"])
        keys.press("Enter")
        expect(page.locator("#appearances-1 .select2-selection__rendered")).to_contain_text(
            "Anne-Lise de La Tour (à créer)"
        )
        page.locator("[name=_continue]").first.click()
        page.wait_for_selector("li.success")
        expect(page.locator("#appearances-0 .select2-selection__rendered")).to_contain_text(
            "Anne-Lise de La Tour"
        )
        assert complaints == []
    assert Guest.objects.get(slug="anne-lise-de-la-tour").last_name == "de La Tour"
    assert {tag.name for tag in broadcast.tags.all()} == {"Mot 1", "Énergie", "Eau douce"}
