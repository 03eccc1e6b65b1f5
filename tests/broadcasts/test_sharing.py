"""What other sites show of ours: pictures to share, oEmbed, the player in a frame."""

import io
import re
from urllib.parse import quote, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from lxml import etree
from PIL import Image

from broadcasts.models import Broadcast
from tests.broadcasts.conftest import Read
from tests.broadcasts.pages import Page
from tests.broadcasts.schemas import check_json, check_xml
from tests.factories import (
    BroadcastFactory,
    GuestFactory,
    RedirectFactory,
    SeriesFactory,
    VideoSourceFactory,
    drawn_picture,
)

pytestmark = pytest.mark.django_db
AWKWARD = "L’État\u202f: «\u00a0qui\u00a0» garde 中文 🚓 Anticonstitutionnellement " + "très " * 60


def picture_of(page: Page) -> str:
    """The path of the picture that the page is shared with."""
    address = str(page.one("meta", property="og:image")["content"])
    assert address.startswith(settings.SITE_URL)
    assert page.one("meta", name="twitter:card")["content"] == "summary_large_image"
    return urlsplit(address).path


def opened(visitor: Client, path: str) -> Image.Image:
    response = visitor.get(path)
    assert response.status_code == 200
    assert response["Content-Type"] == "image/jpeg"
    assert "Cache-Control" not in response, "as pages are: caches ask before they show it again"
    assert not response.cookies
    assert len(response.content) < 200_000
    picture = Image.open(io.BytesIO(response.content))
    picture.load()
    return picture


def test_pages_are_shared_with_a_drawn_picture(read: Read, visitor: Client) -> None:
    guest = GuestFactory(first_name="", last_name=AWKWARD[:100], portrait=drawn_picture())
    series = SeriesFactory(title=AWKWARD[:100])
    shown = BroadcastFactory(
        title=AWKWARD[:250], series=series, with_guests=[guest, GuestFactory()], illustrated=True
    )
    for thing in (shown, BroadcastFactory(title="Nu", dek=""), series, guest):
        page = read(thing.get_absolute_url())
        assert opened(visitor, picture_of(page)).size == (1200, 630)
        assert page.one("meta", property="og:title")["content"]
        assert page.one("meta", property="og:image:alt")["content"]


def test_the_broadcast_s_picture_is_on_it_around_its_focus(read: Read, visitor: Client) -> None:
    broadcast = BroadcastFactory(illustrated=True)
    picture = opened(visitor, picture_of(read(broadcast.get_absolute_url())))
    red, green, blue = picture.getpixel((1000, 100))
    assert abs(red) < 12
    assert abs(green - 128) < 12
    assert abs(blue - 128) < 12


def test_its_address_changes_with_what_it_shows(read: Read, visitor: Client) -> None:
    broadcast = BroadcastFactory(title="Avant")
    before = picture_of(read(broadcast.get_absolute_url()))
    Broadcast.objects.filter(pk=broadcast.pk).update(title="Après")
    after = picture_of(read(broadcast.get_absolute_url()))
    assert before != after
    moved = visitor.get(before)
    assert (moved.status_code, moved["Location"]) == (302, after)
    RedirectFactory(path="/emissions/jadis", broadcast=broadcast)
    moved = visitor.get(after.replace(broadcast.slug, "jadis"))
    assert (moved.status_code, moved["Location"]) == (301, after)


def test_nothing_is_drawn_of_what_is_not_public(read: Read, visitor: Client) -> None:
    guest, series = GuestFactory(), SeriesFactory()
    broadcast = BroadcastFactory(with_guests=[guest], series=series)
    pictures = [picture_of(read(it.get_absolute_url())) for it in (broadcast, guest, series)]
    for status, answer in ((Broadcast.Status.DRAFT, 404), (Broadcast.Status.ARCHIVED, 410)):
        Broadcast.objects.update(status=status)
        codes = [visitor.get(picture).status_code for picture in pictures]
        assert codes == [answer, 404, 404]
    for path in ("tags/x.0", "emissions/x.0", "emissions/x.", "emissions/%00.0", "admin/x.0"):
        assert visitor.get(f"/partage/{path}.jpg").status_code in {400, 404}, path


def test_every_other_page_is_shared_with_the_outlet_s(read: Read) -> None:
    BroadcastFactory()
    for address in ("/", "/emissions", "/series", "/invites", "/flux", "/transparence", "/don"):
        assert re.fullmatch(r"/static/img/social\.\w+\.png", picture_of(read(address)))


# oEmbed


def ask(visitor: Client, address: str, **others: str) -> dict[str, object]:
    response = visitor.get("/oembed", {"url": address, **others})
    assert response.status_code == 200
    assert response["Content-Type"].startswith("application/json")
    told: dict[str, object] = response.json()
    check_json("oembed", told)
    return told


@pytest.fixture
def episode() -> Broadcast:
    return VideoSourceFactory(broadcast__title="L’eau & le <feu>").broadcast


def url_of(broadcast: Broadcast) -> str:
    return f"{settings.SITE_URL}{broadcast.get_absolute_url()}"


def test_an_episode_says_how_to_show_it(episode: Broadcast, read: Read, visitor: Client) -> None:
    page = read(episode.get_absolute_url())
    declared = page.one("link", type="application/json+oembed")["href"]
    told = visitor.get(str(declared).removeprefix(settings.SITE_URL)).json()
    assert told == ask(visitor, url_of(episode))
    assert (told["version"], told["type"]) == ("1.0", "video")
    assert told["title"] == episode.title
    frame = etree.fromstring(re.sub(r" allowfullscreen", "", told["html"]))
    assert frame.get("src") == f"{url_of(episode)}/integrer"
    assert (frame.get("width"), frame.get("height")) == ("800", "450")
    assert (told["width"], told["height"]) == (800, 450)
    opened(visitor, urlsplit(str(told["thumbnail_url"])).path)

    declared = page.one("link", type="text/xml+oembed")["href"]
    answer = visitor.get(str(declared).removeprefix(settings.SITE_URL))
    assert answer["Content-Type"].startswith("text/xml")
    tree = etree.fromstring(answer.content)
    check_xml("oembed", tree)
    assert {field.tag: field.text for field in tree} == {k: str(v) for k, v in told.items()}


def test_it_stays_within_what_is_asked_for(episode: Broadcast, visitor: Client) -> None:
    told = ask(visitor, url_of(episode), maxwidth="400", maxheight="100")
    assert (told["width"], told["height"]) == (177, 100)
    assert (told["thumbnail_width"], told["thumbnail_height"]) == (190, 100)
    told = ask(visitor, url_of(episode), maxwidth="99999")
    assert told["width"] == 800


def test_a_text_is_a_link(visitor: Client) -> None:
    told = ask(visitor, url_of(BroadcastFactory()))
    assert told["type"] == "link"
    assert "html" not in told
    answer = visitor.get("/oembed", {"url": str(url_of(Broadcast.objects.get())), "format": "xml"})
    check_xml("oembed", etree.fromstring(answer.content))


def test_old_and_decorated_addresses_are_understood(episode: Broadcast, visitor: Client) -> None:
    RedirectFactory(path="/emissions/jadis", broadcast=episode)
    expected = ask(visitor, url_of(episode))
    for address in (
        f"{url_of(episode)}/", f"{url_of(episode)}?t=<b>", f"{url_of(episode)}/transcription#t90",
        f"{settings.SITE_URL}/emissions/jadis",
    ):  # fmt: skip
        assert ask(visitor, address) == expected


def test_a_moment_goes_along(episode: Broadcast, visitor: Client) -> None:
    for moment in ("90", "1h12m", "1:12:00"):
        told = ask(visitor, f"{url_of(episode)}?utm=x&t={moment}")
        assert f'src="{url_of(episode)}/integrer?t={moment}"' in str(told["html"])


def test_it_speaks_of_our_public_episodes_only(episode: Broadcast, visitor: Client) -> None:
    path = episode.get_absolute_url()
    draft = BroadcastFactory(draft=True)
    gone = BroadcastFactory(archived=True)
    for address in (
        f"https://ailleurs.example{path}", f"javascript:{path}", path, "http://[::1", "x" * 5000,
        f"https://{urlsplit(settings.SITE_URL).netloc}@ailleurs.example{path}",
        f"{settings.SITE_URL}/don", f"{settings.SITE_URL}/emissions", url_of(draft), url_of(gone),
        f"{settings.SITE_URL}/emissions/jamais", f"{settings.SITE_URL}:99999999{path}",
    ):  # fmt: skip
        assert visitor.get("/oembed", {"url": address}).status_code == 404, address
    assert visitor.get("/oembed").status_code == 400
    asked = f"/oembed?url={quote(url_of(episode))}"
    assert visitor.get(f"{asked}&format=yaml").status_code == 501
    for wrong in ("0", "-1", "1e3", "١٢", "9" * 400, "400px"):
        assert visitor.get(f"{asked}&maxwidth={wrong}").status_code == 400, wrong


def test_the_player_alone_may_stand_on_any_site(
    episode: Broadcast, read: Read, visitor: Client
) -> None:
    page = read(f"{episode.get_absolute_url()}/integrer")
    response = visitor.get(f"{episode.get_absolute_url()}/integrer")
    assert "X-Frame-Options" not in response
    assert "frame-ancestors *" in response["Content-Security-Policy"]
    player = page.one("a", class_="player")
    assert player["href"] == episode.sources.get().watch_url
    assert not page.all("iframe")
    assert {link["href"] for link in page.all("a", target="_blank")} >= {url_of(episode)}

    other = visitor.get(episode.get_absolute_url())
    assert other["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in other["Content-Security-Policy"]
    assert visitor.get(f"{BroadcastFactory().get_absolute_url()}/integrer").status_code == 404
    Broadcast.objects.update(status=Broadcast.Status.DRAFT)
    assert visitor.get(f"{episode.get_absolute_url()}/integrer").status_code == 404
