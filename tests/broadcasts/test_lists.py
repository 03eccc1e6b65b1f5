"""The list of episodes, and what its address can ask for."""

import datetime as dt
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from tests.broadcasts.conftest import Read
from tests.donations.factories import month_with_lines
from tests.factories import (
    BroadcastFactory,
    GuestFactory,
    MottoFactory,
    QuoteFactory,
    SeriesFactory,
    TagFactory,
    TranscriptFactory,
)

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2025, 6, 15, 10, tzinfo=dt.UTC)


def listed(read: Read, address: str) -> list[str]:
    """The slugs of the list, in its order."""
    return [
        link.removeprefix("/emissions/")
        for link in read(address).links
        if link.startswith("/emissions/")
    ]


def test_the_newest_come_first(read: Read) -> None:
    for age in (3, 1, 2):
        BroadcastFactory(
            slug=f"vieille-de-{age}", published_at=timezone.now() - dt.timedelta(days=age)
        )
    assert listed(read, "/emissions") == ["vieille-de-1", "vieille-de-2", "vieille-de-3"]


def test_what_is_announced_shows_the_day_it_will_be_on_the_air(read: Read) -> None:
    said = dt.datetime(2025, 6, 1, 10, tzinfo=dt.UTC)
    aired = dt.datetime(2025, 6, 3, 19, tzinfo=dt.UTC)
    awaited = dt.datetime(timezone.now().year + 1, 2, 1, 18, tzinfo=dt.UTC)
    BroadcastFactory(slug="a-venir", published_at=said, scheduled_for=awaited)
    BroadcastFactory(slug="passee", published_at=said, scheduled_for=aired, aired_at=aired)
    text = read("/emissions").text
    assert f"à l’antenne le 1er février {awaited.year}" in text
    assert "3 juin 2025" in text
    assert "1er juin 2025" not in text
    assert text.count("à l’antenne le") == 1


def test_pages_follow_each_other(read: Read) -> None:
    BroadcastFactory.create_batch(50)
    pages = [listed(read, f"/emissions?page={number}") for number in (1, 2, 3)]
    assert [len(page) for page in pages] == [24, 24, 2]
    assert len({slug for page in pages for slug in page}) == 50
    second = read("/emissions?page=2")
    assert "Page 2 sur 3" in second.text
    assert "?page=3" in second.links


@pytest.mark.parametrize("number", ["-1", "0", "abc", "1.5", "٣", "", "9" * 5000])
def test_what_is_no_page_number_gives_the_first(read: Read, number: str) -> None:
    BroadcastFactory(slug="seule")
    assert listed(read, f"/emissions?page={quote(number)}") == ["seule"]


def test_past_the_end_is_not_found_and_says_so(read: Read) -> None:
    BroadcastFactory.create_batch(25)
    assert "La liste n’a que 2 pages." in read("/emissions?page=3", status=404).text
    assert "La liste n’a qu’une page." in read("/emissions?page=2&annee=1999", status=404).text


@pytest.mark.parametrize("address", ["?tags=Saison+04", "?saison=4", "?tags=saison%204"])
def test_a_season_may_stand_among_the_tags(read: Read, address: str) -> None:
    BroadcastFactory(slug="quatre", season=4)
    BroadcastFactory(slug="cinq", season=5)
    BroadcastFactory(slug="aucune", season=None)
    assert listed(read, f"/emissions{address}") == ["quatre"]
    assert "Saison 04" in read(f"/emissions{address}").text


@pytest.mark.parametrize("stored", ["Maintien de l’ordre", "Maintien de l'ordre"])
@pytest.mark.parametrize("asked", ["Maintien de l’ordre", "Maintien de l'ordre"])
def test_a_tag_is_found_with_either_apostrophe(read: Read, stored: str, asked: str) -> None:
    tag = TagFactory(name=stored, slug="choisi-par-la-redaction")
    BroadcastFactory(slug="ordre", tagged=[tag])
    BroadcastFactory(slug="autre")
    assert listed(read, f"/emissions?tags={quote(asked)}") == ["ordre"]


@pytest.mark.parametrize(
    "asked", ["écologie politique", "Ecologie+politique", "ECOLOGIE POLITIQUE"]
)
def test_a_tag_is_found_without_its_accents_and_capitals(read: Read, asked: str) -> None:
    tag = TagFactory(name="Écologie politique", slug="ecologie-politique")
    BroadcastFactory(slug="verte", tagged=[tag])
    BroadcastFactory(slug="autre")
    assert listed(read, f"/emissions?tags={quote(asked, safe='+')}") == ["verte"]


def test_filters_add_up(read: Read) -> None:
    series, guest, tag = SeriesFactory(slug="causerie"), GuestFactory(slug="ada"), TagFactory()
    facts = {
        "series": series,
        "season": 4,
        "published_at": NOON,
        "tagged": [tag],
        "with_guests": [guest],
    }
    BroadcastFactory(slug="voulue", **facts)
    for change in (
        {"series": None},
        {"season": 5},
        {"published_at": NOON.replace(year=2024)},
        {"tagged": []},
        {"with_guests": []},
    ):
        BroadcastFactory(**(facts | change))
    address = f"/emissions?serie=causerie&saison=4&annee=2025&invite=ada&tags={quote(tag.name)}"
    assert listed(read, address) == ["voulue"]


def test_a_year_is_a_year_in_paris(read: Read) -> None:
    new_year = dt.datetime(2024, 12, 31, 23, 30, tzinfo=dt.UTC)
    BroadcastFactory(slug="minuit-et-demi", published_at=new_year)
    assert listed(read, "/emissions?annee=2025") == ["minuit-et-demi"]
    assert "1er janvier 2025" in read("/emissions?annee=2025").text


@pytest.mark.parametrize(
    "query",
    ["tags=Inconnu", "serie=inconnue", "saison=-4", "saison=x", "invite=personne", "annee=0",
     "annee=20255", "tags=" + "x" * 5000],
)  # fmt: skip
def test_unknown_values_are_left_aside_and_said_so(read: Read, query: str) -> None:
    BroadcastFactory(slug="toutes")
    address = f"/emissions?{query}"
    assert listed(read, address) == ["toutes"]
    assert "Ce filtre a été laissé de côté." in read(address).text


def test_an_unknown_value_is_shown_as_text(read: Read) -> None:
    assert "<b>gras" not in read("/emissions?tags=%3Cb%3Egras").html


def test_a_known_filter_with_nothing_behind_it_says_so(read: Read) -> None:
    BroadcastFactory(season=4)
    page = read("/emissions?saison=77")
    assert "Aucune émission ne répond" in page.text


def test_nothing_and_one_are_singular(read: Read) -> None:
    assert "0\N{NO-BREAK SPACE}émission " in read("/emissions?annee=1999").text
    assert "0\N{NO-BREAK SPACE}émissions" not in read("/emissions?annee=1999").text
    assert "0\N{NO-BREAK SPACE}série " in read("/series").text
    assert "0\N{NO-BREAK SPACE}séries" not in read("/series").text
    BroadcastFactory()
    assert "1\N{NO-BREAK SPACE}émissions" not in read("/emissions").text
    BroadcastFactory()
    assert "2\N{NO-BREAK SPACE}émissions" in read("/emissions").text


def test_the_address_is_written_one_way_for_search_engines(read: Read) -> None:
    BroadcastFactory.create_batch(30, season=4)
    page = read("/emissions?utm=x&page=2&tags=Saison+04&serie=inconnue")
    canonical = str(page.one("link", rel="canonical")["href"])
    assert canonical.endswith("/emissions?page=2&saison=4")


def test_filters_can_be_lifted_and_added_by_links(read: Read) -> None:
    BroadcastFactory(season=4, series=SeriesFactory(slug="causerie"), published_at=NOON)
    page = read("/emissions?saison=4&page=1")
    assert "/emissions?serie=causerie&saison=4" in page.links
    assert "/emissions?saison=4&annee=2025" in page.links
    chosen = page.one("a", aria_current="true", href="/emissions")
    assert chosen["href"] == "/emissions"


def test_only_the_public_is_listed_counted_or_named(read: Read) -> None:
    hidden_guest = GuestFactory(last_name="Cachette", slug="cachette")
    hidden_series, hidden_tag = SeriesFactory(title="Cachotterie"), TagFactory(name="Cachoterie")
    facts = {
        "title": "Cachée",
        "series": hidden_series,
        "tagged": [hidden_tag],
        "with_guests": [hidden_guest],
        "season": 77,
    }
    BroadcastFactory(draft=True, **facts)
    BroadcastFactory(programmed=True, **facts)
    BroadcastFactory(archived=True, **facts)
    BroadcastFactory(slug="visible")

    for address in (
        "/", "/emissions", "/series", "/saisons", "/tags", "/invites", "/flux", "/podcast.xml",
        "/sitemaps/emissions-1.xml", "/sitemaps/invites.xml", "/sitemaps/series.xml",
        "/sitemaps/tags.xml", "/sitemaps/actualites.xml", "/flux/emissions.atom",
        "/emissions?invite=cachette",
        f"/emissions?serie={hidden_series.slug}", "/emissions?tags=Cachoterie",
    ):  # fmt: skip
        page = read(address)
        asked = f"«&nbsp;{address.partition('=')[2]}&nbsp;»"
        seen = page.html.replace(asked, "")
        for secret in ("Cachée", "Cachette", "Cachotterie", "Cachoterie", ">77<"):
            assert secret not in seen, (address, secret)
    assert "1\u00a0émission" in read("/emissions").text
    read("/invites/cachette", status=404)
    read(f"/series/{hidden_series.slug}", status=404)
    read(f"/tags/{hidden_tag.slug}", status=404)
    read("/saisons/77", status=404)


@pytest.mark.parametrize(
    "address",
    ["/", "/emissions", "/emissions?page=1&saison=9", "/emissions?serie=grande&invite=souvent",
     "/invites", "/series", "/saisons", "/tags", "/flux", "/flux/emissions.atom",
     "/sitemap.xml", "/sitemaps/emissions-1.xml", "/sitemaps/tags.xml",
     "/sitemaps/transcriptions.xml",
     "/series/grande", "/invites/souvent", "/saisons/9", "/tags/partout"],
)  # fmt: skip
def test_queries_do_not_grow_with_the_rows(visitor: Client, address: str) -> None:
    month_with_lines()
    MottoFactory()
    series, guest = SeriesFactory(slug="grande"), GuestFactory(slug="souvent")
    keyword = TagFactory(slug="partout")

    def queries_with_more_rows(number: int) -> int:
        for _ in range(number):
            people = [guest, GuestFactory()]
            said = BroadcastFactory(
                series=series, tagged=[keyword, TagFactory()], with_guests=people
            )
            TranscriptFactory(broadcast=said)
            QuoteFactory(broadcast=said)
            BroadcastFactory(series=SeriesFactory(), with_guests=people)
        with CaptureQueriesContext(connection) as queries:
            assert visitor.get(address).status_code == 200
        return len(queries)

    queries_with_more_rows(2)  # the first reading may fill caches of Django's own
    few = queries_with_more_rows(1)
    assert queries_with_more_rows(9) == few
    assert few <= 12
