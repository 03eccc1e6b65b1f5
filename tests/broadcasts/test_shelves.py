"""Seasons, keywords, and the years on the pages of series and guests; extracts."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from broadcasts.models import Broadcast, TagAlias
from tests.broadcasts.conftest import Read
from tests.factories import (
    BroadcastFactory,
    GuestFactory,
    SeriesFactory,
    TagFactory,
)

pytestmark = pytest.mark.django_db


def in_year(year: int) -> dt.datetime:
    return dt.datetime(year, 5, 21, 17, tzinfo=dt.UTC)


def test_a_shelf_tells_how_much_is_on_it_and_when(read: Read) -> None:
    series, guest = SeriesFactory(slug="causerie"), GuestFactory(slug="ada")
    tag = TagFactory(name="Climat", slug="climat", description="Ce qui chauffe.")
    facts = {"series": series, "tagged": [tag], "with_guests": [guest], "season": 4}
    for year in (2022, 2022, 2024):
        BroadcastFactory(published_at=in_year(year), duration_seconds=5400, **facts)
    BroadcastFactory(draft=True, **facts)
    BroadcastFactory(published_at=in_year(2020), season=5)
    for address, filtered in (
        ("/series/causerie", "serie=causerie"),
        ("/saisons/4", "saison=4"),
        ("/tags/climat", "tags=Climat"),
        ("/invites/ada", "invite=ada"),
    ):
        page = read(address)
        assert "Émissions 3 En tout 4\u00a0h" in page.text, address
        assert "Première 21 mai 2022 Dernière 21 mai 2024" in page.text
        assert "2 émissions en 2022 Aucune émission en 2023 1 émission en 2024" in page.text
        assert f"/emissions?{filtered}" in page.links
        asked = sorted([filtered, "annee=2022"], key=lambda pair: pair.startswith("annee"))
        assert f"/emissions?{'&'.join(asked)}" in page.links
        assert len([link for link in page.links if link.startswith("/emissions/")]) == 3
    assert "Ce qui chauffe." in read("/tags/climat").text
    assert "4\u00a0h" in read("/saisons").text


def test_indexes_lead_to_what_is_public(read: Read) -> None:
    BroadcastFactory(season=4, tagged=[TagFactory(name="Écrit", slug="ecrit")])
    BroadcastFactory(season=5, draft=True, tagged=[TagFactory(slug="cache")])
    assert "/saisons/4" in read("/saisons").links
    assert "/saisons/5" not in read("/saisons").links
    page = read("/tags")
    assert "/tags/ecrit" in page.links
    assert "/tags/cache" not in page.links
    assert page.one("h2", id="lettre-E")


def test_the_home_page_shows_the_series_in_the_editors_order(read: Read) -> None:
    assert "Les séries" not in read("/").text
    series = {
        slug: SeriesFactory(slug=slug, title=slug.title(), position=position, description=said)
        for slug, position, said in (
            ("enquetes", 1, ""),
            ("causerie", 2, "<p>Deux <b>chaises</b>.</p>"),
            ("chantier", 0, ""),
        )
    }
    for year in (2022, 2024):
        BroadcastFactory(series=series["causerie"], published_at=in_year(year))
    BroadcastFactory(series=series["causerie"], draft=True)
    BroadcastFactory(series=series["enquetes"], published_at=in_year(2023))
    BroadcastFactory(series=series["chantier"], programmed=True)
    page = read("/")
    shown = page.text.partition("Les séries")[2]
    assert shown.lstrip().startswith(
        "1\u00a0émission Enquetes Dernière\u00a0: 21 mai 2023"
        " 2\u00a0émissions Causerie Deux chaises. Dernière\u00a0: 21 mai 2024 "
    )
    assert [link for link in page.links if link.startswith("/series/")] == [
        "/series/enquetes",
        "/series/causerie",
    ]


@pytest.mark.parametrize(
    ("address", "status"),
    [("/saisons/77", 404), ("/saisons/0", 404), ("/saisons/99999999999", 404), ("/tags/rien", 404),
     ("/tags", 200), ("/saisons", 200)],
)  # fmt: skip
def test_an_empty_shelf_is_none(read: Read, address: str, status: int) -> None:
    read(address, status=status)


def test_former_addresses_of_shelves_have_moved(visitor: Client) -> None:
    tag = TagFactory(slug="climat")
    BroadcastFactory(season=4, tagged=[tag])
    TagAlias.objects.create(tag=tag, name="Météo", slug="meteo")
    for old, new in (("/tags/meteo", "/tags/climat"), ("/saisons/04", "/saisons/4")):
        answer = visitor.get(old)
        assert (answer.status_code, answer["Location"]) == (301, new)


def test_an_extract_and_its_whole_lead_to_each_other(read: Read) -> None:
    whole = BroadcastFactory(slug="entiere", title="L’émission entière", duration_seconds=6480)
    extract = BroadcastFactory(slug="extrait", extract_of=whole, extract_start_seconds=760)
    page = read("/emissions/extrait")
    assert "Extrait de L’émission entière, à partir de 12:40" in page.text
    assert {"/emissions/entiere", "/emissions/entiere?t=760"} <= set(page.links)
    assert "Extrait de cette émission" in read("/emissions/entiere").text
    assert "/emissions/extrait" in read("/emissions/entiere").links
    assert read("/emissions").html.count("<b>Extrait</b>") == 1

    for hidden in ({"status": "draft"}, {"status": "archived"}, {"published_at": in_year(2999)}):
        Broadcast.objects.filter(pk=whole.pk).update(**hidden)
        assert "L’émission entière" not in read("/emissions/extrait").html
        Broadcast.objects.filter(pk=whole.pk).update(status="published", published_at=in_year(2024))
        Broadcast.objects.filter(pk=extract.pk).update(**hidden)
        assert "/emissions/extrait" not in read("/emissions/entiere").html
        Broadcast.objects.filter(pk=extract.pk).update(
            status="published", published_at=in_year(2024)
        )


def test_no_broadcast_is_an_extract_of_itself(db: None) -> None:
    broadcast = BroadcastFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        Broadcast.objects.filter(pk=broadcast.pk).update(extract_of=broadcast)
