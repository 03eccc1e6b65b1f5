"""Lists stay as quick with many rows as with few, and find what is asked for."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from broadcasts.models import ApiUsage, Broadcast, Cue, Motto, Redirect
from broadcasts.services.merging import remember_tag
from donations.models import (
    Campaign,
    Crossing,
    Gift,
    GiftImport,
    GivingSettings,
    OutgoingEmail,
    Progress,
    ReceiptIssuer,
    ReceiptRun,
    ReconciliationRun,
    StripeEvent,
)
from outlet.models import OutgoingLetter
from tests.admin.html import text_of
from tests.admin.world import books, episode, money, month, monthly, one_of_each, person
from tests.factories import TagFactory

BROADCASTS = "/admin/broadcasts/broadcast/"


def lists() -> list[str]:
    return [
        reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for model in admin.site._registry
        if model._meta.model_name != "givingsettings"
    ]


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert client.get(address).status_code == 200
    return len(queries)


def test_queries_do_not_grow_with_rows(owner: Client) -> None:
    one_of_each()
    owner.get("/admin/")  # content types are remembered from here on
    before = {address: queries_of(owner, address) for address in lists()}
    for number in range(2, 8):
        broadcast = episode(number)
        gift = money(number)
        books(gift)
        monthly(gift.donor, number)
        Motto.objects.create(text=f"Devise {number}")
        Redirect.objects.create(path=f"/vieux-{number}", broadcast=broadcast)
        person(f"collegue{number}").groups.set(Group.objects.all()[:1])
    after = {address: queries_of(owner, address) for address in lists()}
    assert after == before
    assert max(after.values()) <= 16


def found(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return text_of(response)


@pytest.mark.parametrize(
    ("address", "there"),
    [
        (f"{BROADCASTS}?q=welgryn+2", ["Épisode 2"]),
        (f"{BROADCASTS}?q=mot+3", ["Épisode 3"]),
        (f"{BROADCASTS}?etat=draft", ["Épisode 3"]),
        (f"{BROADCASTS}?etat=programmed", ["Épisode 4"]),
        (f"{BROADCASTS}?etat=public", ["Épisode 1", "Épisode 2"]),
        (f"{BROADCASTS}?video=sans", ["Épisode 2"]),
        ("/admin/guests/guest/?q=lou+welgryn+3", ["Welgryn 3 Lou"]),
        ("/admin/guests/guest/?q=WELGRYN+4", ["Welgryn 4 Lou"]),
    ],
)
def test_an_episode_is_found(address: str, there: list[str], editor: Client) -> None:
    episode(1)
    episode(2).sources.all().delete()
    episode(3, status=Broadcast.Status.DRAFT)
    episode(4, published_at=timezone.now() + dt.timedelta(days=2))
    names = [f"Épisode {number}" for number in range(1, 5)]
    names += [f"Welgryn {number} Lou" for number in range(1, 5)]
    page = found(editor, address)
    assert [name for name in names if name in page] == there


def test_keywords_are_sorted_as_french_is(editor: Client) -> None:
    for name, slug in (("Travail", "travail"), ("École", "ecole"), ("Musique", "musique")):
        TagFactory(name=name, slug=slug)
    page = found(editor, "/admin/broadcasts/tag/")
    assert page.index("École") < page.index("Musique") < page.index("Travail")


def test_keywords_and_series_without_a_public_episode_are_found(editor: Client) -> None:
    one, two = episode(1), episode(2, status=Broadcast.Status.DRAFT)
    used, unused = one.tags.get(), two.tags.get()
    remember_tag(tag=unused, name="Ancien mot", slug="ancien-mot")
    tags = "/admin/broadcasts/tag/"
    for query, there in (
        ("en-ligne=oui", [used]),
        ("en-ligne=non", [unused]),
        ("en-ligne=peut-être", [used, unused]),
        ("description__isempty=1", [used, unused]),
        ("q=ancien", [unused]),
    ):
        page = found(editor, f"{tags}?{query}")
        assert [tag for tag in (used, unused) if tag.name in page] == there, query
    assert "0 série" in found(editor, "/admin/broadcasts/series/?en-ligne=non&q=nulle")


def test_a_person_leads_to_their_episodes(editor: Client) -> None:
    broadcast = episode(1)
    episode(2)
    guest = broadcast.guests.get()
    page = editor.get(f"/admin/guests/guest/{guest.pk}/change/").content.decode()
    address = f"{BROADCASTS}?guests__id__exact={guest.pk}"
    assert f'<a href="{address}">1</a>' in page
    shown = found(editor, address)
    assert "Épisode 1" in shown
    assert "Épisode 2" not in shown


def test_the_list_says_where_an_episode_stands(editor: Client) -> None:
    episode(1)
    episode(4, published_at=timezone.now() + dt.timedelta(days=2))
    page = found(editor, BROADCASTS)
    assert "S10E01" in page
    assert "1 h 48" in page
    assert "Programmée" in page
    response = editor.get(BROADCASTS)
    assert b'href="/emissions/episode-1">Voir' in response.content
    assert b'href="/emissions/episode-4">Voir' not in response.content


def test_money_is_found_and_shown_in_euros(treasurer: Client) -> None:
    gift = money(1)
    money(2)
    month()
    assert "10,00 €" in found(treasurer, "/admin/donations/ledgerentry/")
    page = found(treasurer, "/admin/donations/ledgerentry/?q=cheque-1")
    assert "offline:cheque-1" in page
    assert "offline:cheque-2" not in page
    assert "Donatrice 1" in found(treasurer, "/admin/donations/gift/?q=donatrice1@")
    assert str(gift.pk)[:8] in found(treasurer, f"/admin/donations/gift/?q={gift.pk}")
    campaigns = found(treasurer, "/admin/donations/campaign/")
    assert "2 800,00 €" in campaigns
    assert "20,00 €" in campaigns
    assert "0,71 %" in campaigns
    donors = found(treasurer, "/admin/donations/donor/?q=Donatrice+2")
    assert "donatrice2@example.org" in donors
    assert "donatrice1@example.org" not in donors


@pytest.mark.parametrize(
    ("state", "there"),
    [
        ("attente", ["en échec", "en attente"]),
        ("echec", ["en échec"]),
        ("erreur", ["en échec"]),
        ("envoye", ["fini"]),
        ("traite", ["fini"]),
        ("nimporte", ["en échec", "en attente", "fini"]),
        ("", ["en échec", "en attente", "fini"]),
    ],
)
def test_what_waits_is_told_from_what_fails(
    state: str, there: list[str], treasurer: Client
) -> None:
    now = timezone.now()
    states = {"en échec": (None, "Non"), "en attente": (None, ""), "fini": (now, "")}
    for name, (done, error) in states.items():
        OutgoingEmail.objects.create(
            key=name, to="a@example.org", subject=name, text="x", sent_at=done,
            attempts=1 if error else 0, last_error=error,
        )  # fmt: skip
        StripeEvent.objects.create(
            id=name, type="charge.succeeded", object_id="ch_1", livemode=False, created=now,
            processed_at=done, last_error=error,
        )  # fmt: skip
    of_events = state not in {"echec", "envoye"}
    of_letters = state not in {"erreur", "traite"}
    for model, filtered in (("stripeevent", of_events), ("outgoingemail", of_letters)):
        if filtered:
            response = treasurer.get(f"/admin/donations/{model}/", {"etat": state})
            rows = response.context["cl"].result_list
            found = {row.pk if model == "stripeevent" else row.subject for row in rows}
            assert found == set(there), model


def test_what_the_machines_keep_is_found_too(owner: Client) -> None:
    rows = one_of_each()
    gift, run = rows[Gift].pk, rows[ReconciliationRun].pk
    other = Campaign.objects.create(
        title="Un studio", kind="special", starts_on="2025-01-01", ends_on="2025-02-01"
    )
    Progress.objects.update(dirty_since=None)
    Progress.objects.create(campaign=other, dirty_since=timezone.now())
    OutgoingLetter.objects.create(to="b@example.org", subject="Coincé", text="x", attempts=2)
    for query, found in (
        ("broadcasts/apiusage/?q=youtube+2025-05", [rows[ApiUsage].pk]),
        ("broadcasts/apiusage/?q=2025-06", []),
        ("broadcasts/cue/?transcript__origin__exact=peertube", [rows[Cue].pk]),
        ("broadcasts/cue/?transcript__is_reviewed__exact=1", []),
        ("donations/crossing/?q=loyer", [rows[Crossing].pk]),
        ("donations/crossing/?q=studio", []),
        ("donations/giftimport/?q=paiements", [rows[GiftImport].pk]),
        ("donations/giftimport/?q=virements", []),
        ("donations/receiptrun/?q=amis+2025", [rows[ReceiptRun].pk]),
        ("donations/receiptrun/?q=2024", []),
        ("donations/receiptissuer/?is_entitled__exact=0", [rows[ReceiptIssuer].pk]),
        ("donations/receiptissuer/?is_default__exact=1", []),
        (f"donations/reconciliationrun/?q={gift}", [run]),
        ("donations/reconciliationrun/?q=ch_faux", [run]),
        ("donations/reconciliationrun/?q=ch_vrai", []),
        ("donations/progress/?campaign__kind__exact=special", [other.progress.pk]),
        ("donations/progress/?dirty_since__isempty=1", [rows[Progress].pk]),
        ("outlet/outgoingletter/?etat=attente", [rows[OutgoingLetter].pk]),
    ):
        response = owner.get(f"/admin/{query}")
        assert response.status_code == 200, query
        assert [row.pk for row in response.context["cl"].result_list] == found, query


def test_moderators_see_no_donor(staff: Callable[[str], Client]) -> None:
    month()
    gift = money(1)
    moderator = staff("moderator")
    for address in (
        "/admin/donations/gift/",
        f"/admin/donations/gift/{gift.pk}/change/",
        f"/admin/donations/gift/{gift.pk}/history/",
    ):
        assert "onatrice" not in found(moderator, address)
    assert str(gift.pk)[:8] not in found(moderator, "/admin/donations/gift/?q=donatrice1")


def test_the_index_tells_what_waits(treasurer: Client, editor: Client) -> None:
    month()
    money(1)
    assert "Boîte" not in found(treasurer, "/admin/")
    assert "Un courriel ne part pas" in found(treasurer, "/admin/")
    assert "en attente" not in found(treasurer, "/admin/")
    StripeEvent.objects.update(processed_at=None)
    GivingSettings(pk=1, is_open=False).save()
    page = found(treasurer, "/admin/")
    assert "Un événement Stripe en attente" in page
    assert "Les dons par carte sont fermés" in page
    page = found(editor, "/admin/")
    assert "Stripe" not in page
    assert "fermés" not in page


def test_references_are_completed_while_typing(editor: Client) -> None:
    episode(1)
    for field, model in (("guest", "appearance"), ("series", "broadcast"), ("tags", "broadcast")):
        response = editor.get(
            "/admin/autocomplete/",
            {"app_label": "broadcasts", "model_name": model, "field_name": field, "term": "1"},
        )
        assert len(response.json()["results"]) == 1, field
