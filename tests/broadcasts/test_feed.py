"""The feed tells of what is public, once, by names that never change."""

from html import unescape
from xml.etree import ElementTree

import feedparser
import pytest
from django.conf import settings
from django.test import Client

from broadcasts.models import Appearance, Broadcast, TagAlias
from tests.broadcasts.conftest import Read
from tests.factories import (
    AppearanceFactory,
    BroadcastFactory,
    GuestFactory,
    RedirectFactory,
    SeriesFactory,
    TagFactory,
)

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
    with django_assert_num_queries(3):
        titles = [item["title"] for item in items(visitor)]
    newest = sorted(broadcasts, key=lambda row: row.published_at, reverse=True)[:30]
    assert titles == [row.title for row in newest]


def test_who_has_it_already_is_not_sent_it_again(visitor: Client) -> None:
    BroadcastFactory()
    first = visitor.get(FEED)
    again = visitor.get(FEED, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")


FORMS = ("xml", "atom")
TYPES = {"xml": "application/rss+xml", "atom": "application/atom+xml"}


def parse(visitor: Client, address: str) -> feedparser.FeedParserDict:
    """As a reader's program does, which must find nothing to complain about."""
    response = visitor.get(address)
    assert response.status_code == 200, address
    assert response["Content-Type"].startswith(TYPES[address.rpartition(".")[2]])
    found = feedparser.parse(
        response.content, response_headers={"content-type": response["Content-Type"]}
    )
    assert not found.bozo, found.get("bozo_exception")
    return found


@pytest.mark.parametrize("form", FORMS)
def test_it_holds_whole_texts_that_work_anywhere(visitor: Client, form: str) -> None:
    host = GuestFactory(first_name="David", last_name="Dufresne")
    broadcast = BroadcastFactory(
        title="L’eau & le <feu>\x0b",
        dek="Un < deux & trois",
        illustrated=True,
        body_opening=(
            '<p><a href="/invites">Eux</a> et <a href="#note">la note</a> <a href="?t=90">à</a></p>'
        ),
        body_rest='<p><img src="/media/x.jpg" alt=""> <a href="https://ailleurs.example/a">là</a></p>',
        tagged=[TagFactory(name="Écologie")],
    )
    AppearanceFactory(broadcast=broadcast, guest=host, role=Appearance.Role.HOST)
    (item,) = parse(visitor, f"/flux/emissions.{form}").entries
    site, page = settings.SITE_URL, f"{settings.SITE_URL}{broadcast.get_absolute_url()}"
    assert (item.link, item.id) == (page, f"auposte:emission:{broadcast.pk}")
    assert unescape(item.title) == "L’eau & le <feu>"
    assert unescape(item.summary) == broadcast.dek
    assert item.author == host.name
    assert [tag.term for tag in item.tags] == ["Écologie"]
    body = item.content[0].value
    for address in (
        f"{site}/invites",
        f"{page}#note",
        f"{page}?t=90",
        f"{site}/media/x.jpg",
        "https://ailleurs",
    ):
        assert f'="{address}' in body
    assert item.media_content[0]["url"] == f"{site}{broadcast.image.url}"
    assert item.media_thumbnail[0]["url"] == f"{site}{broadcast.image.url}"
    assert item.published_parsed[:3] == broadcast.published_at.utctimetuple()[:3]


# What browsers take for an address of `tiers.example`, though it looks like a path of this site.
DISGUISED = (
    r"/\tiers.example/p.png", r"\\tiers.example/p.png", r"\/tiers.example/p.png",
    "/\t/tiers.example/p.png", "/&#10;/tiers.example/p.png", "\x0b/\r/tiers.example/p.png",
    "///tiers.example/p.png", "/\x01/tiers.example/p.png", " /&Tab;/tiers.example/p.png",
)  # fmt: skip


@pytest.mark.parametrize("form", FORMS)
def test_bodies_hide_no_third_party_behind_a_path_of_ours(visitor: Client, form: str) -> None:
    """Readers of feeds have no policy of ours that would keep them from fetching it."""
    kept = '<img src=" /media/x.jpg " alt=""><a href="\n/don">A</a><a href="//b.example/c">B</a>'
    BroadcastFactory(
        body_opening=kept
        + "".join(
            f'<p><img src="{address}" alt=""><a href="{address}">là</a>'
            f'<q cite="{address}">là</q></p>'
            for address in (*DISGUISED, "//tiers.example/p.png")
        ).replace('<a href="//tiers.example/p.png">là</a><q cite="//tiers.example/p.png">', "<q>")
    )
    body = parse(visitor, f"/flux/emissions.{form}").entries[0].content[0].value
    assert "là" in body
    assert "tiers.example" not in body
    for address in (
        f"{settings.SITE_URL}/media/x.jpg",
        f"{settings.SITE_URL}/don",
        "//b.example/c",
    ):
        assert f'="{address}"' in body


@pytest.mark.parametrize("form", FORMS)
def test_a_keyword_a_series_and_somebody_have_their_own(
    visitor: Client, read: Read, form: str
) -> None:
    tag, series, guest = TagFactory(name="Eau"), SeriesFactory(), GuestFactory()
    ours = BroadcastFactory(tagged=[tag], series=series, with_guests=[guest])
    BroadcastFactory()
    BroadcastFactory(tagged=[tag], series=series, with_guests=[guest], draft=True)
    for kind, thing in (("tags", tag), ("series", series), ("invites", guest)):
        address = f"/flux/{kind}/{thing.slug}.{form}"
        found = parse(visitor, address)
        assert [item.id for item in found.entries] == [f"auposte:emission:{ours.pk}"]
        home = thing.page_address if kind == "tags" else thing.get_absolute_url()
        assert found.feed.link == f"{settings.SITE_URL}{home}"
        links = {(link.rel, link.href) for link in found.feed.links}
        assert ("self", f"{settings.SITE_URL}{address}") in links
        for place in {home, thing.get_absolute_url()}:
            declared = read(place).all("link", rel="alternate", type=TYPES[form])
            assert address in {link["href"] for link in declared}
        assert address in visitor.get("/flux").content.decode() or kind == "invites"


def test_feeds_of_nothing_public_are_not_there(visitor: Client) -> None:
    tag, series, guest = TagFactory(), SeriesFactory(), GuestFactory()
    for trait in ("draft", "programmed", "archived"):
        BroadcastFactory(**{trait: True}, tagged=[tag], series=series, with_guests=[guest])
    for form in FORMS:
        for path in (
            f"tags/{tag.slug}", f"series/{series.slug}", f"invites/{guest.slug}",
            "tags/jamais", "auteurs/x", "emissions/x", "tags/%00",
        ):  # fmt: skip
            assert visitor.get(f"/flux/{path}.{form}").status_code in {400, 404}, path
    page = visitor.get("/flux").content.decode()
    assert tag.name not in page
    assert series.title not in page


def test_feeds_move_along_with_what_they_are_of(visitor: Client) -> None:
    tag, guest = TagFactory(slug="eau"), GuestFactory(slug="ada")
    BroadcastFactory(tagged=[tag], with_guests=[guest])
    TagAlias.objects.create(tag=tag, name="Flotte", slug="flotte")
    RedirectFactory(path="/invites/ada-byron", guest=guest)
    for old, new in (
        ("/flux/tags/flotte.atom", "/flux/tags/eau.atom"),
        ("/flux/invites/ada-byron.xml", "/flux/invites/ada.xml"),
    ):
        moved = visitor.get(old)
        assert (moved.status_code, moved["Location"]) == (301, new)


@pytest.mark.parametrize("address", ["/feed", "/feed/", "/Feed/"])
def test_the_old_feed_leads_to_it(address: str, visitor: Client) -> None:
    moved = visitor.get(address)
    assert (moved.status_code, moved["Location"]) == (301, FEED)


def test_pages_declare_it(visitor: Client) -> None:
    html = visitor.get("/").content.decode()
    for address in (FEED, "/flux/emissions.atom", "/podcast.xml"):
        assert f'href="{address}"' in html
