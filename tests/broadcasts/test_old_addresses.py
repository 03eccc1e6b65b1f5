"""Every address that ever worked keeps working, in one hop, and tells nothing it should not."""

from urllib.parse import quote

import pytest
from django.test import Client

from broadcasts.models import Broadcast
from tests.broadcasts.conftest import Read
from tests.factories import (
    BroadcastFactory,
    GuestFactory,
    RedirectFactory,
    SeriesFactory,
    TagFactory,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def mad_max() -> Broadcast:
    return BroadcastFactory(slug="mad-max", wp_legacy_id=38590)


def moved(visitor: Client, address: str) -> str:
    """Where a 301 leads; what it leads to must answer by itself."""
    response = visitor.get(address)
    assert response.status_code == 301, (address, response.status_code)
    there = response["Location"]
    answer = visitor.get(there)
    assert answer.status_code == 200, (there, answer.status_code)
    return str(there)


@pytest.mark.parametrize(
    "address",
    [
        "/?p=38590",
        "/?p=38590&preview=true",
        "/mad-max/",
        "/mad-max",
        "/Mad-Max/",
        "/ia-le-progres-version-mad-max/",
        "/IA-Le-Progres-Version-Mad-Max",
        "/2025/05/ia-l%E2%80%99autre-adresse/",
        "/2025/05/ia-l%e2%80%99autre-adresse",
        "/emissions/mad-max/",
        "/emissions//mad-max",
        "/EMISSIONS/Mad-Max/",
        "/emissions/ancien-slug",
        "/Emissions/Ancien-Slug/",
    ],
)
def test_old_links_lead_to_the_episode(visitor: Client, mad_max: Broadcast, address: str) -> None:
    for path in (
        "/ia-le-progres-version-mad-max",
        "/2025/05/ia-l’autre-adresse",
        "/emissions/ancien-slug",
    ):
        RedirectFactory(path=path, broadcast=mad_max)
    assert moved(visitor, address) == "/emissions/mad-max"


def test_a_redirect_follows_its_episode_when_it_moves_again(
    visitor: Client, mad_max: Broadcast
) -> None:
    RedirectFactory(path="/tres-vieux", broadcast=mad_max)
    Broadcast.objects.filter(pk=mad_max.pk).update(slug="encore-ailleurs")
    assert moved(visitor, "/tres-vieux/") == "/emissions/encore-ailleurs"


def test_people_series_and_plain_paths_move_too(visitor: Client) -> None:
    guest, series = GuestFactory(slug="ada"), SeriesFactory(slug="causerie")
    BroadcastFactory(series=series, with_guests=[guest])
    RedirectFactory(path="/invite/lovelace-ada", guest=guest)
    RedirectFactory(path="/rubrique/causerie", series=series)
    RedirectFactory(path="/qui-sommes-nous", target_path="/emissions?tags=IA")
    assert moved(visitor, "/invite/Lovelace-Ada/") == "/invites/ada"
    assert moved(visitor, "/rubrique/causerie/") == "/series/causerie"
    assert moved(visitor, "/qui-sommes-nous/") == "/emissions?tags=IA"


@pytest.mark.parametrize(
    ("address", "there"),
    [
        ("/dons", "/don"),
        ("/Dons/", "/don"),
        ("/don/", "/don"),
        ("/cat/ia/", "/emissions?tags=IA"),
        ("/CAT/IA", "/emissions?tags=IA"),
        ("/cat/themes/ia/", "/emissions?tags=IA"),
        ("/cat/maintien-de-l-ordre/", f"/emissions?tags=Maintien+de+l{quote('’')}ordre"),
        ("/cat/saison-04/", "/emissions?saison=4"),
        ("/emissions/", "/emissions"),
        ("/Invites/", "/invites"),
        ("/emissions/?tags=Saison+04&page=2", "/emissions?tags=Saison+04&page=2"),
    ],
)
def test_old_rules_and_other_spellings(visitor: Client, address: str, there: str) -> None:
    tags = [
        TagFactory(name="IA", slug="ia"),
        TagFactory(name="Maintien de l’ordre", slug="maintien-de-l-ordre"),
    ]
    BroadcastFactory.create_batch(25, tagged=tags, season=4)
    assert moved(visitor, address) == there


@pytest.mark.parametrize("kind", ["draft", "programmed"])
def test_no_old_address_gives_away_what_is_not_public(visitor: Client, kind: str) -> None:
    secret = BroadcastFactory(slug="le-secret", wp_legacy_id=7, **{kind: True})
    RedirectFactory(path="/vieux-secret", broadcast=secret)
    guest, series = GuestFactory(slug="cachee"), SeriesFactory(slug="cachee")
    BroadcastFactory(draft=True, with_guests=[guest], series=series, tagged=[TagFactory(slug="ca")])
    RedirectFactory(path="/vieille-invitee", guest=guest)
    RedirectFactory(path="/vieille-serie", series=series)
    for address in (
        "/?p=7",
        "/le-secret/",
        "/vieux-secret/",
        "/vieille-invitee/",
        "/vieille-serie/",
        "/cat/ca/",
    ):
        assert visitor.get(address).status_code == 404, address


def test_old_addresses_of_what_was_archived_are_gone(visitor: Client) -> None:
    gone = BroadcastFactory(slug="classee", wp_legacy_id=8, archived=True)
    RedirectFactory(path="/vieille-affaire", broadcast=gone)
    for address in ("/?p=8", "/classee/", "/vieille-affaire/"):
        assert visitor.get(address).status_code == 410, address


@pytest.mark.parametrize("address", ["/?p=999", "/?p=99999999999999999999", "/?p=0"])
def test_an_unknown_post_is_not_found(visitor: Client, address: str) -> None:
    assert visitor.get(address).status_code == 404


@pytest.mark.parametrize("address", ["/?p=", "/?p=abc", "/?p=-1", "/?p=٣"])
def test_what_is_no_post_number_is_the_home_page(visitor: Client, address: str) -> None:
    assert visitor.get(address).status_code == 200


def test_nothing_leads_off_the_site_or_in_circles(visitor: Client, mad_max: Broadcast) -> None:
    RedirectFactory(path="/emissions/disparue", target_path="/emissions/disparue")
    for address in ("/%2Fexemple.org/x", "/%5Cexemple.org/", "/emissions/disparue"):
        response = visitor.get(address)
        assert response.status_code == 404, address


def test_redirects_are_read_only_where_nothing_answers(
    visitor: Client, mad_max: Broadcast, django_assert_num_queries: object
) -> None:
    RedirectFactory(path="/emissions/mad-max", target_path="/don")
    assert visitor.get("/emissions/mad-max").status_code == 200


def test_a_form_sent_to_an_old_address_is_not_redirected(visitor: Client) -> None:
    assert visitor.post("/dons/").status_code == 404


def test_an_old_link_that_starts_by_itself_does_not(read: Read, mad_max: Broadcast) -> None:
    page = read("/emissions/mad-max?autoplay=true")
    assert page.all("iframe") == []
