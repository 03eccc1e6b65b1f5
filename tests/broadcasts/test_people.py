"""The register of guests, their pages, and the series."""

import datetime as dt

import pytest
from django.utils import timezone

from broadcasts.models import Appearance
from tests.broadcasts.conftest import Read
from tests.broadcasts.pages import Page
from tests.factories import (
    AppearanceFactory,
    BroadcastFactory,
    GuestFactory,
    SeriesFactory,
    drawn_picture,
)

pytestmark = pytest.mark.django_db


def test_guests_stand_by_last_name_accents_folded(read: Read) -> None:
    for last_name, first_name in (
        ("Zèbre", "Ana"),
        ("Welgryn", "Lou"),
        ("Étoile", "Karim"),
        ("Zéphir", ""),
    ):
        guest = GuestFactory(last_name=last_name, first_name=first_name)
        BroadcastFactory(with_guests=[guest])
    text = read("/invites").text
    names = ["Étoile Karim", "Welgryn Lou", "Zèbre Ana", "Zéphir"]
    positions = [text.index(name) for name in names]
    assert positions == sorted(positions)
    assert "4\u00a0personnes" in text


def test_each_letter_leads_to_its_part(read: Read) -> None:
    for last_name in ("Étoile", "Édouard", "7 Novembre", "Welgryn"):
        BroadcastFactory(with_guests=[GuestFactory(last_name=last_name)])
    page = read("/invites")
    anchors = [link for link in page.links if link.startswith("#lettre-")]
    assert anchors == ["#lettre-0", "#lettre-E", "#lettre-W"]
    assert {str(heading.get("id")) for heading in page.all("h2")} == {
        anchor.removeprefix("#") for anchor in anchors
    }


def test_hosts_are_no_guests_but_have_a_page(read: Read) -> None:
    host = GuestFactory(first_name="David", last_name="Dufresne", slug="david-dufresne")
    AppearanceFactory(guest=host, role=Appearance.Role.HOST)
    assert "Dufresne" not in read("/invites").text
    assert "David Dufresne" in read("/invites/david-dufresne").text


def test_counts_are_of_what_is_public(read: Read) -> None:
    guest = GuestFactory(last_name="Souvent", slug="souvent")
    BroadcastFactory.create_batch(2, with_guests=[guest])
    BroadcastFactory(with_guests=[guest], draft=True)
    BroadcastFactory(with_guests=[guest], programmed=True)
    BroadcastFactory(with_guests=[guest], archived=True)
    assert "2\u00a0fois" in read("/invites").text
    assert "Au poste 2\u00a0fois" in read("/invites/souvent").text


def test_a_guests_page_says_who_they_are_and_where_they_were_heard(read: Read) -> None:
    guest = GuestFactory(
        first_name="Lou",
        last_name="Welgryn",
        slug="lou-welgryn",
        title="secrétaire générale",
        bio="<p>Elle compte les serveurs.</p>",
        portrait=drawn_picture(400, 400),
        portrait_alt="Portrait dessiné",
    )
    old, new = (
        BroadcastFactory(published_at=timezone.now() - dt.timedelta(days=age), with_guests=[guest])
        for age in (9, 1)
    )
    page = read("/invites/lou-welgryn")
    assert "Lou Welgryn" in page.text
    assert "secrétaire générale" in page.text
    assert "Elle compte les serveurs." in page.text
    assert page.one("img", alt="Portrait dessiné")["width"] == "400"
    heard = [link for link in page.links if link.startswith("/emissions/")]
    assert heard == [new.get_absolute_url(), old.get_absolute_url()]


def test_a_series_page_holds_its_episodes(read: Read) -> None:
    series = SeriesFactory(title="Causerie", slug="causerie", description="<p>On cause.</p>")
    inside, outside = BroadcastFactory(series=series), BroadcastFactory()
    page = read("/series/causerie")
    assert "On cause." in page.text
    assert inside.get_absolute_url() in page.links
    assert outside.get_absolute_url() not in page.links


def test_long_lists_of_a_guest_and_of_a_series_have_pages(read: Read) -> None:
    series, guest = SeriesFactory(slug="longue"), GuestFactory(slug="souvent")
    BroadcastFactory.create_batch(26, series=series, with_guests=[guest])
    for address in ("/series/longue", "/invites/souvent"):
        assert "?page=2" in read(address).links
        assert "Page 2 sur 2" in read(f"{address}?page=2").text
        read(f"{address}?page=3", status=404)


@pytest.mark.parametrize("address", ["/invites/personne", "/series/aucune"])
def test_unknown_people_and_series_are_not_found(read: Read, address: str) -> None:
    read(address, status=404)


@pytest.mark.parametrize("address", ["/", "/emissions", "/invites", "/series"])
def test_an_empty_site_has_pages_too(read: Read, address: str) -> None:
    assert len(read(address).all("h1")) == 1


def test_a_description_is_cut_into_words_not_into_markup(read: Read) -> None:
    series = SeriesFactory(
        slug="causerie", description="<p>Q&amp;R, « franc » !</p><p>" + "é & è " * 80 + "</p>"
    )
    BroadcastFactory(series=series)
    page = read("/series")
    assert "Q&R, «\u00a0franc\u00a0»\u202f! é & è" in page.text
    assert "&amp;amp;" not in page.html
    description = page_description(read("/series/causerie"))
    assert description.startswith("Q&R, «\u00a0franc\u00a0»\u202f! é & è")
    assert len(description) == 300


def page_description(page: Page) -> str:
    return str(page.one("meta", name="description")["content"])
