"""Two rows for one person, or one keyword, become one; nothing that was linked is lost."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from broadcasts.models import Appearance, Broadcast, Redirect, TagAlias
from broadcasts.services.merging import merge_guests, merge_tags
from guests.models import Guest
from tests.admin.html import text_of
from tests.factories import (
    AppearanceFactory,
    BroadcastFactory,
    GuestFactory,
    TagFactory,
    drawn_picture,
)

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
GUESTS = "admin:guests_guest_changelist"
TAGS = "admin:broadcasts_tag_changelist"


def merge(client: Client, address: str, rows: list[object], keep: object | None = None) -> object:
    data = {"action": "merge", "_selected_action": [row.pk for row in rows]}
    if keep is not None:
        data["keep"] = keep.pk
    return client.post(reverse(address), data, follow=True)


def test_the_list_asks_which_one_stays_and_merges(editor: Client, visitor: Client) -> None:
    kept, double = (
        GuestFactory(last_name="Welgryn", first_name="Lou", slug=slug, title="")
        for slug in ("lou-welgryn", "lou-welgryn-2")
    )
    Guest.objects.filter(pk=double.pk).update(title="secrétaire générale")
    both, hers = BroadcastFactory(with_guests=[kept]), BroadcastFactory(with_guests=[double])
    AppearanceFactory(broadcast=both, guest=double, function="invitée du soir")
    asked = merge(editor, GUESTS, [kept, double])
    assert "Laquelle garder" in text_of(asked)
    assert Guest.objects.count() == 2
    done = merge(editor, GUESTS, [kept, double], kept)
    assert "1 ligne est fusionnée dans « Lou Welgryn »" in text_of(done)
    guest = Guest.objects.get()
    assert guest.title == "secrétaire générale"
    assert {(a.broadcast_id, a.function) for a in guest.appearances.all()} == {
        (both.pk, "invitée du soir"),
        (hers.pk, ""),
    }
    moved = visitor.get("/invites/lou-welgryn-2")
    assert (moved.status_code, moved["Location"]) == (301, "/invites/lou-welgryn")


def test_addresses_that_led_to_the_one_that_goes_lead_on(visitor: Client) -> None:
    kept, double = GuestFactory(), GuestFactory()
    BroadcastFactory(with_guests=[kept])
    Redirect.objects.create(path="/invites/un-vieux-nom", guest=double)
    merge_guests(keep=kept, others=[double])
    moved = visitor.get("/invites/un-vieux-nom")
    assert (moved.status_code, moved["Location"]) == (301, kept.get_absolute_url())


def test_the_portrait_goes_along(own_media: object) -> None:
    kept = GuestFactory()
    double = GuestFactory(portrait=drawn_picture(), portrait_alt="De face")
    name = double.portrait.name
    merge_guests(keep=kept, others=[double])
    kept.refresh_from_db()
    assert (kept.portrait.name, kept.portrait_alt) == (name, "De face")
    assert kept.portrait.storage.exists(name)


def test_merging_again_changes_nothing() -> None:
    kept, double = GuestFactory(), GuestFactory()
    assert merge_guests(keep=kept, others=[double]) == 1
    assert merge_guests(keep=kept, others=[double, kept]) == 0
    assert Appearance.objects.count() == 0


def test_a_keyword_keeps_the_links_of_both(editor: Client, visitor: Client) -> None:
    kept = TagFactory(name="Écologie", slug="ecologie")
    double = TagFactory(name="Ecologies", slug="ecologies", description="Le vivant")
    one, two = BroadcastFactory(tagged=[kept, double]), BroadcastFactory(tagged=[double])
    merge(editor, TAGS, [kept, double], kept)
    kept.refresh_from_db()
    assert kept.description == "Le vivant"
    assert set(Broadcast.objects.filter(tags=kept)) == {one, two}
    for old in ("/emissions?tags=Ecologies", "/cat/ecologies/", "/emissions?tags=ecologies"):
        moved = visitor.get(old)
        assert (moved.status_code, moved["Location"]) == (301, "/emissions?tags=%C3%89cologie"), old


def test_a_merged_keyword_that_is_merged_again_leads_to_the_last(visitor: Client) -> None:
    first, second, third = (TagFactory() for _ in range(3))
    BroadcastFactory(tagged=[first])
    merge_tags(keep=second, others=[first])
    merge_tags(keep=third, others=[second])
    for name in (first.name, second.name):
        assert visitor.get("/emissions", {"tags": name})["Location"] == third.get_absolute_url()
    assert TagAlias.objects.filter(tag=third).count() == 2


def test_a_keyword_that_is_renamed_is_still_found(editor: Client, visitor: Client) -> None:
    tag = TagFactory(name="Flics", slug="flics")
    BroadcastFactory(tagged=[tag])
    form = {"name": "Police", "slug": "police", "description": "", "_save": "1"}
    prefix = {"aliases-TOTAL_FORMS": 0, "aliases-INITIAL_FORMS": 0}
    response = editor.post(reverse("admin:broadcasts_tag_change", args=[tag.pk]), form | prefix)
    assert response.status_code == 302, text_of(response)
    assert visitor.get("/emissions?tags=Flics")["Location"] == "/emissions?tags=Police"
    assert visitor.get("/cat/flics/")["Location"] == "/emissions?tags=Police"


@pytest.mark.parametrize(("rows", "said"), [(1, "au moins deux"), (21, "Au plus 20")])
def test_too_few_or_too_many_are_refused(editor: Client, rows: int, said: str) -> None:
    guests = [GuestFactory() for _ in range(rows)]
    response = merge(editor, GUESTS, guests, guests[0])
    assert said in text_of(response)
    assert Guest.objects.count() == rows


@pytest.mark.parametrize("role", ["outsider", "reader", "treasurer", "moderator"])
def test_others_merge_nothing(role: str, staff: SignIn) -> None:
    kept, double = GuestFactory(), GuestFactory()
    merge(staff(role), GUESTS, [kept, double], kept)
    assert Guest.objects.count() == 2
