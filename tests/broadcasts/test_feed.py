"""The feed tells of what is public, once, by names that never change."""

from xml.etree import ElementTree

import pytest
from django.test import Client

from broadcasts.models import Broadcast
from tests.factories import BroadcastFactory, TagFactory

pytestmark = pytest.mark.django_db
FEED = "/flux/emissions.xml"


def items(visitor: Client) -> list[dict[str, str | None]]:
    response = visitor.get(FEED)
    assert response.status_code == 200
    assert not response.cookies
    channel = ElementTree.fromstring(response.content).find("channel")
    assert channel is not None
    return [{field.tag: field.text for field in item} for item in channel.findall("item")]


def test_it_tells_of_new_broadcasts(visitor: Client, settings: object) -> None:
    tag = TagFactory(name="Écologie")
    broadcast = BroadcastFactory(title="L’eau & le feu <3", tagged=[tag])
    (item,) = items(visitor)
    assert item["title"] == "L’eau & le feu <3"
    assert item["link"] == f"{settings.SITE_URL}{broadcast.get_absolute_url()}"
    assert (item["description"], item["category"]) == (broadcast.dek, "Écologie")


def test_a_guid_of_wordpress_is_kept_and_ours_outlives_the_address(visitor: Client) -> None:
    old = BroadcastFactory(feed_guid="https://www.auposte.fr/?p=38590")
    new = BroadcastFactory()
    before = [item["guid"] for item in items(visitor)]
    assert old.feed_guid in before
    Broadcast.objects.filter(pk=new.pk).update(slug="une-autre-adresse")
    assert [item["guid"] for item in items(visitor)] == before


def test_what_is_not_public_is_not_in_it(visitor: Client) -> None:
    for trait in ("draft", "archived", "programmed"):
        BroadcastFactory(**{trait: True})
    assert items(visitor) == []


def test_the_newest_thirty_in_a_fixed_number_of_queries(
    visitor: Client, django_assert_num_queries: object
) -> None:
    broadcasts = [BroadcastFactory(tagged=[TagFactory()]) for _ in range(32)]
    with django_assert_num_queries(2):
        titles = [item["title"] for item in items(visitor)]
    newest = sorted(broadcasts, key=lambda row: row.published_at, reverse=True)[:30]
    assert titles == [row.title for row in newest]


def test_who_has_it_already_is_not_sent_it_again(visitor: Client) -> None:
    BroadcastFactory()
    first = visitor.get(FEED)
    again = visitor.get(FEED, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("address", ["/feed", "/feed/", "/Feed/"])
def test_the_old_feed_leads_to_it(address: str, visitor: Client) -> None:
    moved = visitor.get(address)
    assert (moved.status_code, moved["Location"]) == (301, FEED)


def test_pages_declare_it(visitor: Client) -> None:
    assert f'href="{FEED}"' in visitor.get("/").content.decode()
