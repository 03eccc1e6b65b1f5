"""Words are words: whatever stands in a title, a name or a line of speech, on every way out."""

from __future__ import annotations

import datetime as dt
import json
from xml.sax.saxutils import unescape

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from icalendar import Calendar
from lxml import etree

from broadcasts.captions import parse_webvtt
from broadcasts.models import Audio, Broadcast, Correction, Quote
from broadcasts.services.passages import rebuild_passages
from broadcasts.tasks import follow_airings
from tests.broadcasts.pages import Page
from tests.factories import (
    AppearanceFactory,
    BroadcastFactory,
    ChapterFactory,
    GuestFactory,
    SeriesFactory,
    TagFactory,
    TranscriptFactory,
    VideoSourceFactory,
)

pytestmark = pytest.mark.django_db
# Ends a script and an attribute, begins an event, ends a line and a cue; and what XML has no way
# to write.
EVIL = (
    "</script><b onload=x>]]>&amp;\"'\r\nATTACH:https://mal.example\r\n\r\n00:00.000 --> 00:09.000"
    "\x0b\x1b\ufffe\u2028{{7*7}}"
)
LONG = "Rindfleischetikettierungsüberwachungsaufgabenübertragungsgesetz😀ﷺ" * 2


@pytest.fixture
def evil() -> Broadcast:
    guest = GuestFactory(
        first_name="Ada", last_name=EVIL[:110], slug="ada", title=EVIL, bio="<p>Bonsoir.</p>"
    )
    broadcast = BroadcastFactory(
        title=f"{LONG[:90]} {EVIL}", slug="mal", dek=EVIL, illustrated=True, image_alt=EVIL,
        image_credit=EVIL, series=SeriesFactory(title=EVIL[:119], slug="mal"),
        tagged=[TagFactory(name=EVIL[:119], slug="mal")], with_guests=[guest],
        scheduled_for=timezone.now() + dt.timedelta(hours=1),
    )  # fmt: skip
    AppearanceFactory(
        broadcast=broadcast, guest=GuestFactory(last_name=EVIL[:110]), role="host", function=EVIL
    )
    source = VideoSourceFactory(broadcast=broadcast)
    ChapterFactory(broadcast=broadcast, start_seconds=0, title=EVIL)
    ChapterFactory(broadcast=broadcast, start_seconds=30, title=LONG)
    TranscriptFactory(
        broadcast=broadcast, is_reviewed=True, source=source, said=[EVIL, LONG, f"dossier {EVIL}"],
        said__voice=EVIL[:110],
    )  # fmt: skip
    Audio.objects.create(
        broadcast=broadcast, url="https://video.example/son.m4a", mime="audio/mp4", size_bytes=1,
        duration_seconds=60,
    )  # fmt: skip
    Correction.objects.create(
        broadcast=broadcast, kind="reply", author=EVIL[:190], text="<p>Non.</p>"
    )
    rebuild_passages(broadcast.pk)
    follow_airings()
    return broadcast


def quote_of(broadcast: Broadcast, text: str) -> Quote:
    return Quote.objects.create(
        broadcast=broadcast, start_ms=0, end_ms=9, speaker=EVIL[:110], text=text, digest=text[:60]
    )


PAGES = (
    "/", "/emissions", "/emissions?tags=mal&serie=mal&invite=ada", "/emissions/mal",
    "/emissions/mal/transcription", "/emissions/mal/citer", "/emissions/mal/integrer",
    "/series", "/series/mal", "/tags", "/tags/mal", "/invites", "/invites/ada", "/saisons/9",
    "/recherche?q=dossier", "/recherche/suggestions?q=rindf", "/direct", "/agenda", "/flux",
    "/fragments/direct", "/fragments/direct/mal", "/don?emission=mal",
)  # fmt: skip


def test_no_page_takes_them_for_html(evil: Broadcast, visitor: Client) -> None:
    numbers = [quote_of(evil, text).pk for text in (EVIL, LONG * 4)]
    for address in (*PAGES, *(f"/citations/{number}" for number in numbers)):
        response = visitor.get(address)
        assert response.status_code == 200, address
        page = Page(response)
        assert "<b onload" not in page.html, address
        assert not [attributes for _, attributes in page.tags if "onload" in attributes], address
        if "ld+json" in page.html:
            assert page.all_structured_data, address
        assert "\nATTACH" not in str(response.headers), address


@pytest.mark.parametrize(
    "address",
    [
        "/flux/emissions.xml", "/flux/emissions.atom", "/flux/tags/mal.xml",
        "/flux/series/mal.atom",
        "/flux/invites/ada.xml", "/flux/invites/ada.atom", "/podcast.xml", "/sitemap.xml",
        "/sitemaps/emissions-1.xml", "/sitemaps/actualites.xml", "/sitemaps/series.xml",
        "/sitemaps/invites.xml", "/sitemaps/tags.xml", "/sitemaps/saisons.xml",
        "/oembed?url={site}/emissions/mal&format=xml",
    ],
)  # fmt: skip
def test_xml_stays_xml(address: str, evil: Broadcast, visitor: Client) -> None:
    # Each process of the suite has a site of its own: no name of a test may hold its address.
    response = visitor.get(address.format(site=settings.SITE_URL))
    assert response.status_code == 200
    root = etree.fromstring(response.content)
    assert not root.xpath("//*[local-name()='b' or local-name()='script']")


def test_a_calendar_has_one_event(evil: Broadcast, visitor: Client) -> None:
    for address in ("/agenda.ics", "/emissions/mal/agenda.ics"):
        response = visitor.get(address)
        calendar = Calendar.from_ical(response.content)
        (event,) = calendar.walk("VEVENT")
        assert "ATTACH" not in event
        assert "mal.example" in event["SUMMARY"]
        assert all(len(line) <= 75 for line in response.content.split(b"\r\n"))
        assert not set(response.content) & set(range(32)) - {9, 10, 13}


def test_subtitles_have_the_lines_that_were_said(evil: Broadcast, visitor: Client) -> None:
    text = visitor.get("/emissions/mal/transcription.vtt").text
    assert text.count("-->") == 3
    assert len(parse_webvtt(text)) == 3
    assert visitor.get("/emissions/mal/transcription.txt").text.count("\n[") == 1


def test_json_stays_json(evil: Broadcast, visitor: Client) -> None:
    found = json.loads(visitor.get(f"/oembed?url={settings.SITE_URL}/emissions/mal").content)
    assert found["title"] == evil.title
    frame = etree.HTML(found["html"])[0]
    assert [(child.tag, child.get("onload")) for child in frame] == [("iframe", None)]
    assert unescape(frame[0].get("title")).startswith("Rind")
    chapters = json.loads(visitor.get("/emissions/mal/chapitres.json").content)["chapters"]
    assert len(chapters) == 2


def test_pictures_are_drawn_of_anything(evil: Broadcast, visitor: Client) -> None:
    for text in (EVIL, LONG, "\U0001f600" * 30, "\u202e\u0300" * 40, "W" * 600, "—"):
        number = quote_of(evil, text).pk
        assert visitor.get(f"/citations/{number}.png").content[:4] == b"\x89PNG"
    for kind, slug in (("emissions", "mal"), ("series", "mal"), ("invites", "ada")):
        response = visitor.get(f"/partage/{kind}/{slug}.0.jpg", follow=True)
        assert response.content[:2] == b"\xff\xd8", kind
