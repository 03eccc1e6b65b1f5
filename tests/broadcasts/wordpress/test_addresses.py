"""Every address of the old site leads to the new page in one hop, and tells no secret."""

from urllib.parse import quote

import pytest
from django.test import Client

from broadcasts.models import Broadcast, Redirect
from broadcasts.wordpress import addresses
from tests.broadcasts.wordpress.conftest import Import, of
from tests.broadcasts.wordpress.exports import PAYLOADS, SITE, item, write

pytestmark = pytest.mark.django_db


@pytest.fixture
def archive(run: Import) -> None:
    run(PAYLOADS / "archive.xml", PAYLOADS / "ancienne.xml")


def hop(visitor: Client, address: str) -> str:
    """Where one 301 leads, to a page that answers by itself."""
    response = visitor.get(address)
    assert response.status_code == 301, (address, response.status_code)
    there = response["Location"]
    assert visitor.get(there).status_code == 200, there
    return str(there)


@pytest.mark.parametrize(
    ("address", "post_id"),
    [
        ("/le-prefet-la-place-et-les-barrieres/", 4101),
        ("/le-prefet-la-place-et-les-barrieres", 4101),
        ("/Le-Prefet-La-Place-Et-Les-Barrieres/", 4101),
        ("/le-prefet-et-la-place/", 4101),
        ("/?p=4101", 4101),
        ("/?p=4101&preview=true", 4101),
        ("/la-nuit-des-batons/", 4102),
        ("/la-nuit-des-batons-2/", 4103),
        ("/l%e2%80%99oeil-%c3%a9t%c3%a9/", 4104),
        ("/l%E2%80%99oeil-%C3%A9t%C3%A9", 4104),
        (f"/{quote('l’oeil-été')}/", 4104),
        ("/l-oeil-et-l-ouie/", 4104),
        ("/?p=4104", 4104),
        ("/2010/02/premiere-emission/", 12),
        ("/2010/02/emission-un", 12),
        ("/premiere-emission/", 12),
        ("/emission-un/", 12),
        ("/?p=12", 12),
        ("/le-feu/", 4114),
    ],
)
def test_old_addresses_lead_to_the_page(
    visitor: Client, archive: None, address: str, post_id: int
) -> None:
    assert hop(visitor, address) == of(post_id).get_absolute_url()


@pytest.mark.parametrize(
    ("address", "there"),
    [
        ("/cat/maintien-de-lordre/", "/emissions?tags=Maintien+de+l%E2%80%99ordre"),
        ("/cat/ia/", "/emissions?tags=IA"),
        ("/cat/ia-2/", "/emissions?tags=IA"),
        ("/cat/saison-07/", "/emissions?saison=7"),
        ("/dons", "/don"),
        ("/dons/", "/don"),
        ("/invite/rossi-anna/", "/invites/anna-rossi"),
        ("/invite/de-la-fontaine-marie-eve", "/invites/marie-eve-de-la-fontaine"),
        ("/serie/causerie/", "/series/causerie"),
    ],
)
def test_lists_and_people_lead_on(visitor: Client, archive: None, address: str, there: str) -> None:
    assert hop(visitor, address) == there


@pytest.mark.parametrize(
    "address",
    [
        "/?p=4105", "/?p=4106", "/?p=4107", "/?p=4108", "/?p=4109", "/?p=4110", "/?p=4201",
        "/note-du-bureau/", "/derriere-un-mot-de-passe/", "/programmee-pour-plus-tard/",
        "/en-relecture", "/article-4105", "/cat/bureau/", "/qui-sommes-nous/",
        "/a-la-corbeille__trashed/",
    ],
)  # fmt: skip
def test_what_is_not_public_answers_404(visitor: Client, archive: None, address: str) -> None:
    assert visitor.get(address).status_code == 404


def test_the_address_of_one_is_not_taken_by_the_past_of_another(
    visitor: Client, archive: None
) -> None:
    """Post 4104 was once at /la-nuit-des-batons, where 4102 is today."""
    assert Redirect.objects.get(path="/la-nuit-des-batons").broadcast == of(4102)


def test_it_stays_one_hop_when_the_page_moves_again(visitor: Client, archive: None) -> None:
    Broadcast.objects.filter(wp_legacy_id=4101).update(slug="ailleurs")
    assert hop(visitor, "/le-prefet-et-la-place/") == "/emissions/ailleurs"


def test_another_host_is_no_other_hop(visitor: Client, archive: None, settings: object) -> None:
    settings.ALLOWED_HOSTS = ["www.auposte.example", "auposte.example"]
    for host in settings.ALLOWED_HOSTS:
        response = visitor.get("/le-feu/", headers={"host": host})
        assert (response.status_code, response["Location"]) == (301, "/emissions/le-feu")


def test_slugs_cut_inside_a_letter_still_lead_on(visitor: Client, run: Import, tmp_path) -> None:
    """WordPress cuts encoded slugs at 200 characters, wherever that is."""
    name = "%d0%bf" * 33 + "%d0"
    run(write(tmp_path / "e.xml", item(1, "Un", name=name)))
    assert hop(visitor, f"/{name}/") == "/emissions/un"
    assert hop(visitor, f"/{name.upper()}") == "/emissions/un"


def test_an_address_that_leads_elsewhere_already_is_said(run: Import, tmp_path) -> None:
    Redirect.objects.create(path="/un", target_path="/don")
    ran = run(write(tmp_path / "e.xml", item(1, "Un", name="un")))
    assert Redirect.objects.get(path="/un").target_path == "/don"
    assert "ancienne adresse qui mène ailleurs" in ran.what("to_look_at")


@pytest.mark.parametrize(
    ("url", "path"),
    [
        ("https://www.auposte.fr/Un//deux/", "/un/deux"),
        ("https://www.auposte.fr/", ""),
        ("https://www.auposte.fr/?p=3", ""),
        ("/l%E2%80%99%C3%A9t%C3%A9?x=1#y", "/l’été"),
        ("https://[broken/", ""),
        (f"{SITE}/{'a' * 600}", ""),
    ],
)
def test_normal_paths(url: str, path: str) -> None:
    assert addresses.path_of(url) == path


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("https://auposte.fr/?p=12", 12),
        ("/?page_id=3", 3),
        ("https://auposte.fr/x?p=12", None),
        ("/?p=x", None),
        ("/?p=٣", None),
        ("https://[broken/?p=1", None),
    ],
)
def test_numbers_in_addresses(url: str, number: int | None) -> None:
    assert addresses.post_id_of(url) == number


@pytest.mark.parametrize(
    ("url", "key"),
    [
        ("https://a.fr/wp-content/uploads/2025/05/x-300x200.jpg", "2025/05/x.jpg"),
        ("http://b.fr/wp-content/uploads/2025/05/X-scaled.jpg?v=2", "2025/05/x.jpg"),
        ("https://a.fr/wp-content/uploads/2025/05/x-e1589456123456-300x200.png", "2025/05/x.png"),
        ("https://a.fr/autre/x.jpg", ""),
    ],
)
def test_all_sizes_of_an_upload_have_one_key(url: str, key: str) -> None:
    assert addresses.file_key(url) == key
