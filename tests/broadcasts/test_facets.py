"""The drawers of the list: what they hold, and that each count is what one gets."""

import datetime as dt
import random
import re
from urllib.parse import parse_qsl, urlsplit

import pytest

from broadcasts.models import Appearance
from broadcasts.services.passages import rebuild_stale
from tests.broadcasts.conftest import Read
from tests.broadcasts.pages import Page
from tests.factories import (
    AppearanceFactory,
    BroadcastFactory,
    GuestFactory,
    SeriesFactory,
    TagFactory,
    TranscriptFactory,
)

pytestmark = pytest.mark.django_db
DRAWER = re.compile(
    r'<a href="([^"]+)" id="([^"]+)"( aria-current="true")?[^>]*><span>(.*?)</span> '
    r"<small>(\d+)</small></a>"
)


def drawers(page: Page) -> list[tuple[str, bool, int]]:
    """(address, whether it is chosen, count) of everything that the list offers."""
    return [
        (address.replace("&amp;", "&"), bool(chosen), int(count))
        for address, _, chosen, _, count in DRAWER.findall(page.html)
    ]


def total(page: Page) -> int:
    found = re.search(r'id="compte" role="status">(\d+)&nbsp;émission', page.html)
    assert found
    return int(found[1])


@pytest.fixture
def archive() -> None:
    """Sixty broadcasts that differ in everything, the same ones each time."""
    chance = random.Random(9)
    series = [SeriesFactory(title=f"Série {n}", slug=f"serie-{n}") for n in range(3)]
    tags = [
        TagFactory(name=name) for name in ("Maintien de l’ordre", "Climat", "Bac & co", "Écrit")
    ]
    guests = [GuestFactory(last_name=f"Nom{n}", slug=f"nom-{n}") for n in range(4)]
    host = GuestFactory(slug="hote")
    for number in range(60):
        broadcast = BroadcastFactory(
            title=f"Numéro {number}",
            series=chance.choice([*series, None]),
            season=chance.choice([4, 9, 10, None]),
            published_at=dt.datetime(chance.choice([2022, 2024, 2025]), 3, 1, 18, tzinfo=dt.UTC),
            duration_seconds=chance.choice([900, 1800, 3599, 3600, 7199, 7200, None]),
            tagged=chance.sample(tags, chance.randrange(4)),
            with_guests=chance.sample(guests, chance.randrange(3)),
            status="published" if number % 6 else "draft",
        )
        AppearanceFactory(broadcast=broadcast, guest=host, role=Appearance.Role.HOST, position=9)
        if chance.random() < 0.4:
            TranscriptFactory(broadcast=broadcast, origin="machine")
            TranscriptFactory(broadcast=broadcast, origin="upload")
    rebuild_stale(seconds=60)


@pytest.mark.parametrize(
    "address",
    [
        "/emissions",
        "/emissions?saison=9",
        "/emissions?tags=Climat&serie=serie-1",
        "/emissions?tags=Bac+%26+co&tags=Climat",
        "/emissions?invite=nom-1&annee=2024&duree=1-a-2-h",
        "/emissions?serie=serie-0&saison=4&annee=2025&transcription=oui",
        "/emissions?saison=77",
    ],
)
def test_each_count_is_what_one_gets(archive: None, read: Read, address: str) -> None:
    page = read(address)
    offered = drawers(page)
    assert len(offered) >= 3
    assert "hote" not in page.html
    for target, chosen, count in offered:
        assert count > 0
        if chosen:
            assert count == total(page), target
        else:
            assert total(read(target)) == count, target


def test_choosing_leads_back_to_the_first_page_and_lifts_again(read: Read) -> None:
    BroadcastFactory.create_batch(30, season=4, series=SeriesFactory(slug="causerie"))
    page = read("/emissions?page=2&saison=4")
    assert not [link for link in page.links if "page=2" in link and "serie" in link]
    assert "/emissions?serie=causerie&saison=4" in page.links
    there = read("/emissions?serie=causerie&saison=4")
    assert "/emissions?saison=4" in there.links
    assert "Retirer le filtre Saison 04" in there.text
    assert "Tout retirer" in there.text
    assert "Tout retirer" not in page.text


def test_people_stand_by_last_name_as_in_the_register(read: Read) -> None:
    lou = GuestFactory(first_name="Lou", last_name="Welgryn", slug="lou-welgryn")
    zoe = GuestFactory(first_name="Zoé", last_name="Élan", slug="zoe-elan")
    BroadcastFactory(with_guests=[lou, zoe])
    page = read("/emissions")
    assert "Élan Zoé 1 Welgryn Lou 1" in page.text
    page = read("/emissions?invite=lou-welgryn")
    assert "Retirer le filtre Lou Welgryn" in page.text


def test_keywords_and_people_add_up_in_one_writing(read: Read) -> None:
    a, b = TagFactory(name="Armes", slug="armes"), TagFactory(name="Bassines", slug="bassines")
    lou = GuestFactory(first_name="Lou", last_name="Welgryn", slug="lou-welgryn")
    ada = GuestFactory(slug="ada")
    BroadcastFactory(slug="les-deux", tagged=[a, b], with_guests=[lou, ada])
    BroadcastFactory(slug="une", tagged=[a], with_guests=[lou])
    for address in (
        "/emissions?tags=Bassines&tags=Armes&invite=lou-welgryn&invite=ada",
        "/emissions?tags=armes&tags=bassines&invite=Lou+Welgryn&invite=ada",
        "/emissions?tags=Armes&tags=Bassines&tags=Armes&invite=Welgryn+Lou&invite=ada",
    ):
        page = read(address)
        assert [link for link in page.links if link.startswith("/emissions/")] == [
            "/emissions/les-deux"
        ]
        canonical = urlsplit(str(page.one("link", rel="canonical")["href"]))
        assert parse_qsl(canonical.query) == [
            ("tags", "Armes"), ("tags", "Bassines"),
            ("invite", "ada"), ("invite", "lou-welgryn"),
        ]  # fmt: skip
        assert page.one("meta", name="robots")["content"] == "noindex, follow"


@pytest.mark.parametrize(
    ("order", "slugs"),
    [
        ("", ["zebre", "ecole", "etoile"]),
        ("recentes", ["zebre", "ecole", "etoile"]),
        ("anciennes", ["etoile", "ecole", "zebre"]),
        ("longues", ["ecole", "zebre", "etoile"]),
        ("titre", ["ecole", "etoile", "zebre"]),
        ("inconnu", ["zebre", "ecole", "etoile"]),
    ],
)
def test_the_list_can_be_sorted(read: Read, order: str, slugs: list[str]) -> None:
    noon = dt.datetime(2025, 6, 15, 10, tzinfo=dt.UTC)
    for slug, title, days, length in (
        ("etoile", "Étoile", 0, None),
        ("ecole", "« École »", 1, 900),
        ("zebre", "Zèbre", 2, 60),
    ):
        BroadcastFactory(
            slug=slug,
            title=title,
            published_at=noon + dt.timedelta(days=days),
            duration_seconds=length,
        )
    page = read(f"/emissions?tri={order}")
    listed = [link for link in page.links if link.startswith("/emissions/")]
    assert [link.removeprefix("/emissions/") for link in listed] == slugs
    assert page.text.count("laissé de côté") == (order == "inconnu")


@pytest.mark.parametrize(
    "query",
    ["duree=x", "transcription=non", "tri=x", "tags[]=a", "saison=9999999999", "annee=-1",
     "page=99999999999999999999", "tags=a&tags=b&tags=c&tags=d&tags=e&tags=f&tags=g&tags=h",
     "invite=" + "-".join("ab" * 90), "invite=%F0%9F%92%A9"],
)  # fmt: skip
def test_whatever_is_asked_there_is_an_answer(read: Read, query: str) -> None:
    BroadcastFactory(slug="toutes")
    assert "/emissions/toutes" in read(f"/emissions?{query}").links


def test_what_is_typed_keeps_what_is_chosen(read: Read) -> None:
    tags = [TagFactory(name=f"Mot {number:02d}") for number in range(20)]
    BroadcastFactory(tagged=tags, season=9)
    page = read("/emissions?saison=9")
    assert page.one("input", type="hidden", name="saison")["value"] == "9"
    offered = [str(option["value"]) for option in page.all("option")]
    linked = [link for link in page.links if "tags=Mot" in link]
    assert len(offered) + len(linked) == 20
    assert set(offered) < {tag.name for tag in tags}
