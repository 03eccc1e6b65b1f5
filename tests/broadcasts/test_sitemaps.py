"""The sitemaps name what is public, once, as search engines want to be told."""

import datetime as dt

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from broadcasts.models import VideoSource
from broadcasts.services import mapping
from tests.broadcasts.pages import answers
from tests.broadcasts.sitemaps import addresses, parts, read_sitemap, texts
from tests.donations.factories import month_with_lines
from tests.factories import (
    BroadcastFactory,
    GuestFactory,
    SeriesFactory,
    TagFactory,
    TranscriptFactory,
    VideoSourceFactory,
)

pytestmark = pytest.mark.django_db
NASTY = 'L’eau & le <feu> \x0b "entre" guillemets'


def test_every_address_answers_and_none_comes_twice(visitor: Client) -> None:
    month_with_lines()
    BroadcastFactory(
        title=NASTY,
        series=SeriesFactory(),
        tagged=[TagFactory(name="Maintien de l’ordre")],
        with_guests=[GuestFactory()],
    )
    found = addresses(visitor)
    assert len(found) == len(set(found)) >= 13
    for address in found:
        path = address.removeprefix(settings.SITE_URL)
        assert path.startswith("/")
        assert visitor.get(path).status_code == 200, path


def test_parts_hold_so_many_and_stay_what_they_are(
    visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mapping, "A_PART", 2)
    rows = [BroadcastFactory() for _ in range(3)]
    assert parts(visitor)[:2] == ["/sitemaps/emissions-1.xml", "/sitemaps/emissions-2.xml"]
    first = read_sitemap(visitor, "/sitemaps/emissions-1.xml")
    BroadcastFactory(published_at=timezone.now())
    again = read_sitemap(visitor, "/sitemaps/emissions-1.xml")
    expected = [f"{settings.SITE_URL}{row.get_absolute_url()}" for row in rows[:2]]
    assert texts(first, "s:loc") == texts(again, "s:loc") == expected
    for number in ("0", "3", "01", "0001", "999999999999999999999"):
        assert visitor.get(f"/sitemaps/emissions-{number}.xml").status_code == 404


def test_videos_are_told_with_what_is_required(visitor: Client) -> None:
    long = BroadcastFactory(title=NASTY, dek="", duration_seconds=40_000)
    VideoSourceFactory(broadcast=long, live_state=VideoSource.LiveState.LIVE)
    shown = BroadcastFactory(illustrated=True, dek="x" * 4000)
    VideoSourceFactory(broadcast=shown, duration_seconds=5400)
    BroadcastFactory(title="Un texte sans vidéo")
    tree = read_sitemap(visitor, "/sitemaps/emissions-1.xml")
    assert texts(tree, "video:title") == [NASTY.replace("\x0b", ""), shown.title]
    assert texts(tree, "video:live") == ["yes", "no"]
    assert texts(tree, "video:duration") == ["5400"]
    for address in [*texts(tree, "video:thumbnail_loc"), *texts(tree, "video:player_loc")]:
        assert address.startswith(settings.SITE_URL)
        assert answers(visitor, address)


def test_news_is_of_the_last_two_days(visitor: Client) -> None:
    assert "/sitemaps/actualites.xml" not in parts(visitor)
    BroadcastFactory(published_at=timezone.now() - dt.timedelta(hours=49))
    assert texts(read_sitemap(visitor, "/sitemaps/actualites.xml"), "s:loc") == []
    fresh = BroadcastFactory(title=NASTY, published_at=timezone.now() - dt.timedelta(hours=47))
    tree = read_sitemap(visitor, "/sitemaps/actualites.xml")
    assert texts(tree, "news:title") == [fresh.title.replace("\x0b", "")]
    assert "/sitemaps/actualites.xml" in parts(visitor)


def test_words_are_named_while_they_are_public(visitor: Client) -> None:
    said = BroadcastFactory(slug="dite")
    for broadcast in (said, BroadcastFactory(slug="promise", programmed=True)):
        for language in ("fr", "en"):
            TranscriptFactory(broadcast=broadcast, language=language)
    BroadcastFactory(slug="muette").transcripts.create(origin="machine")
    tree = read_sitemap(visitor, "/sitemaps/transcriptions.xml")
    assert texts(tree, "s:loc") == [f"{settings.SITE_URL}/emissions/dite/transcription"]
    last = said.transcripts.get(language="en").updated_at
    assert [dt.datetime.fromisoformat(moment) for moment in texts(tree, "s:lastmod")] == [last]
    assert "/sitemaps/transcriptions.xml" in parts(visitor)
