"""The podcast holds all that can be listened to, as applications and directories want it."""

import io
import json
import uuid
from urllib.parse import urlsplit

import feedparser
import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client
from lxml import etree
from PIL import Image

from broadcasts.models import (
    Appearance,
    Audio,
    Broadcast,
    Chapter,
    Licence,
    Transcript,
    VideoSource,
)
from tests.broadcasts.schemas import check_json
from tests.factories import (
    AppearanceFactory,
    BroadcastFactory,
    ChapterFactory,
    GuestFactory,
    TranscriptFactory,
    VideoSourceFactory,
    drawn_picture,
)

pytestmark = pytest.mark.django_db
ADDRESS = "/podcast.xml"
NAMES = {
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "podcast": "https://podcastindex.org/namespace/1.0",
}


def sound(broadcast: Broadcast, **facts: object) -> Audio:
    given = {
        "url": f"https://video.example/{broadcast.pk}.m4a", "mime": "audio/mp4",
        "size_bytes": 104_857_600, "duration_seconds": 6482,
    }  # fmt: skip
    return Audio.objects.create(broadcast=broadcast, **(given | facts))


def channel(visitor: Client) -> etree._Element:
    response = visitor.get(ADDRESS)
    assert response.status_code == 200
    assert not response.cookies
    found = feedparser.parse(response.content)
    assert not found.bozo, found.get("bozo_exception")
    root = etree.fromstring(response.content)[0]
    assert root.tag == "channel"
    return root


def one(element: etree._Element, path: str) -> etree._Element:
    (found,) = element.findall(path, NAMES)
    return found


def test_an_episode_is_whole(visitor: Client) -> None:
    broadcast = BroadcastFactory(
        title="L’eau & le <feu>\x0b", dek="Un < deux", season=10, number=27,
        feed_guid="https://www.auposte.fr/?p=38590", licence=Licence.BY_SA,
    )  # fmt: skip
    guest = GuestFactory(portrait=drawn_picture())
    AppearanceFactory(broadcast=broadcast, guest=guest)
    AppearanceFactory(broadcast=broadcast, role=Appearance.Role.HOST)
    ChapterFactory(broadcast=broadcast)
    TranscriptFactory(broadcast=broadcast)
    audio = sound(broadcast)
    item = one(channel(visitor), "item")
    page = f"{settings.SITE_URL}{broadcast.get_absolute_url()}"

    plain = {
        "title": "L’eau & le <feu>", "guid": broadcast.feed_guid, "link": page,
        "itunes:title": "L’eau & le <feu>", "itunes:duration": "6482", "itunes:season": "10",
        "itunes:episode": "27", "itunes:episodeType": "full", "itunes:explicit": "false",
        "podcast:season": "10", "podcast:episode": "27", "podcast:license": "cc-by-sa-4.0",
    }  # fmt: skip
    assert {name: one(item, name).text for name in plain} == plain
    assert one(item, "guid").get("isPermaLink") == "false"
    assert "Un &lt; deux" in str(one(item, "description").text)
    enclosure = dict(one(item, "enclosure").attrib)
    assert enclosure == {"url": audio.address, "length": "104857600", "type": "audio/mp4"}
    people = item.findall("podcast:person", NAMES)
    assert [person.get("role") for person in people] == ["guest", "host"]
    assert (people[0].text, people[0].get("href")) == (
        guest.name,
        f"{settings.SITE_URL}{guest.get_absolute_url()}",
    )
    assert people[0].get("img") == f"{settings.SITE_URL}{guest.portrait.url}"
    transcripts = {t.get("type"): t.get("url") for t in item.findall("podcast:transcript", NAMES)}
    assert transcripts == {
        "text/vtt": f"{page}/transcription.vtt",
        "text/plain": f"{page}/transcription.txt",
    }
    assert one(item, "podcast:chapters").get("url") == f"{page}/chapitres.json"
    # https://podcasters.apple.com/support/896-artwork-requirements
    image = str(one(item, "itunes:image").get("href"))
    assert image.startswith(f"{settings.SITE_URL}/partage/emissions/{broadcast.slug}.")
    drawn = visitor.get(urlsplit(image).path)
    assert (drawn.status_code, drawn["Content-Type"]) == (200, "image/jpeg")
    with Image.open(io.BytesIO(drawn.content)) as picture:
        assert (picture.format, picture.mode, picture.size) == ("JPEG", "RGB", (1400, 1400))
    assert len(drawn.content) < 512_000
    Broadcast.objects.update(title="Autrement")
    moved = visitor.get(urlsplit(image).path)
    assert (moved.status_code, moved["Location"].endswith(".carre.jpg")) == (302, True)


def test_the_channel_is_whole(visitor: Client) -> None:
    root = channel(visitor)
    assert one(root, "itunes:author").text == "Au Poste"
    assert one(root, "itunes:owner/itunes:email").text == settings.CONTACT_EMAIL
    assert one(root, "itunes:category").get("text") == "News"
    assert one(root, "language").text == "fr"
    assert one(root, "podcast:medium").text == "podcast"
    assert one(root, "podcast:locked").text == "yes"
    assert one(root, "podcast:license").text == "cc-by-nc-sa-4.0"
    funding = one(root, "podcast:funding")
    assert funding.get("url") == f"{settings.SITE_URL}/don"
    assert visitor.get("/don").status_code == 200
    address = settings.SITE_URL.partition("://")[2] + ADDRESS
    guid = uuid.uuid5(uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6"), address)
    assert one(root, "podcast:guid").text == str(guid)

    cover = one(root, "itunes:image").get("href")
    assert str(cover).startswith(f"{settings.SITE_URL}/static/img/podcast.")
    with Image.open(str(finders.find("img/podcast.jpg"))) as picture:
        assert picture.format == "JPEG"
        assert picture.width == picture.height
        assert 1400 <= picture.width <= 3000


def test_the_guid_is_the_standard_s_own_example(settings: object, visitor: Client) -> None:
    """https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/tags/guid.md"""
    settings.SITE_URL = "https://mp3s.nashownotes.com"
    found = one(channel(visitor), "podcast:guid").text
    space = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
    assert found == str(uuid.uuid5(space, "mp3s.nashownotes.com/podcast.xml"))
    assert (
        str(uuid.uuid5(space, "mp3s.nashownotes.com/pc20rss.xml"))
        == "917393e3-1b1e-5cef-ace4-edaa54e1f810"
    )


def test_only_what_is_public_and_can_be_heard_is_in_it(visitor: Client) -> None:
    heard = BroadcastFactory()
    sound(heard)
    BroadcastFactory()
    for trait in ("draft", "programmed", "archived"):
        sound(BroadcastFactory(**{trait: True}))
    lost = VideoSourceFactory(on_peertube=True, availability=VideoSource.Availability.UNAVAILABLE)
    sound(lost.broadcast, source=lost)
    guids = [guid.text for guid in channel(visitor).findall("item/guid")]
    assert guids == [f"auposte:emission:{heard.pk}"]


def test_all_of_it_in_a_fixed_number_of_queries(
    visitor: Client, django_assert_num_queries: object
) -> None:
    for _ in range(40):
        sound(BroadcastFactory(with_guests=[GuestFactory(), GuestFactory()]))
    with django_assert_num_queries(2):
        assert len(channel(visitor).findall("item")) == 40


def test_chapters_stand_on_the_sound_s_clock(visitor: Client) -> None:
    source = VideoSourceFactory(on_peertube=True)
    broadcast = source.broadcast
    sound(broadcast, source=source)
    address = f"{broadcast.get_absolute_url()}/chapitres.json"
    assert visitor.get(address).status_code == 404
    ChapterFactory(broadcast=broadcast, start_seconds=0, title="L’ouverture")
    ChapterFactory(broadcast=broadcast, start_seconds=95, title="La suite")

    def told() -> list[float] | None:
        response = visitor.get(address)
        listed = channel(visitor).find("item/podcast:chapters", NAMES) is not None
        assert listed == (response.status_code == 200)
        if response.status_code != 200:
            return None
        assert response["Content-Type"] == "application/json+chapters"
        facts = json.load(io.BytesIO(response.content))
        check_json("chapters", facts)
        assert [row["title"] for row in facts["chapters"]] == ["L’ouverture", "La suite"]
        return [row["startTime"] for row in facts["chapters"]]

    assert told() == [0, 95]
    # Another video whose cut differs: nobody knows whose times the chapters have.
    other = VideoSourceFactory(broadcast=broadcast)
    assert told() is None
    # The chapters came from it: nobody has said that its clock is another one.
    Chapter.objects.update(source=source)
    assert told() == [0, 95]
    Chapter.objects.update(source=other)
    assert told() is None
    Chapter.objects.update(source=source)
    VideoSource.objects.filter(pk=other.pk).update(offset_seconds=5)
    assert told() is None
    Chapter.objects.update(source=None)
    VideoSource.objects.filter(pk=source.pk).update(offset_seconds=12)
    assert told() == [12, 107]
    Broadcast.objects.filter(pk=broadcast.pk).update(status=Broadcast.Status.DRAFT)
    assert visitor.get(address).status_code == 404
    Broadcast.objects.filter(pk=broadcast.pk).update(status=Broadcast.Status.ARCHIVED)
    assert visitor.get(address).status_code == 410


def test_a_transcript_that_is_told_of_is_there(visitor: Client) -> None:
    broadcast = BroadcastFactory()
    TranscriptFactory(broadcast=broadcast, language="en")
    sound(broadcast)
    wordless = BroadcastFactory()
    Transcript.objects.create(broadcast=wordless, origin=Transcript.Origin.PEERTUBE)
    sound(wordless)
    every = channel(visitor).findall("item/podcast:transcript", NAMES)
    assert [told.get("language") for told in every] == ["en", "en"]
    for told in every:
        response = visitor.get(urlsplit(str(told.get("url"))).path)
        assert response.status_code == 200
        assert response["Content-Type"].startswith(str(told.get("type")))
