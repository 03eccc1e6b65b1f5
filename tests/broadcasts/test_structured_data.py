"""What pages tell search engines: the shapes that Google asks for, and only true addresses."""

import datetime as dt
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from broadcasts.models import Airing, Audio, Broadcast, VideoSource
from tests.broadcasts.conftest import Read
from tests.broadcasts.pages import Page, answers
from tests.factories import (
    AppearanceFactory,
    BroadcastFactory,
    ChapterFactory,
    GuestFactory,
    SeriesFactory,
    VideoSourceFactory,
    drawn_picture,
)

pytestmark = pytest.mark.django_db
Thing = dict[str, object]

# https://developers.google.com/search/docs/appearance/structured-data/search-gallery
REQUIRED = {
    "NewsArticle": {"headline", "image", "datePublished", "dateModified", "author", "url"},
    "VideoObject": {"name", "thumbnailUrl", "uploadDate", "description", "embedUrl"},
    "Clip": {"name", "startOffset", "url"},
    "SeekToAction": {"target", "startOffset-input"},
    "BroadcastEvent": {"isLiveBroadcast", "startDate", "name"},
    "BreadcrumbList": {"itemListElement"},
    "ListItem": {"position", "name", "item"},
    "ProfilePage": {"mainEntity"},
    "Person": {"name", "url"},
    "NewsMediaOrganization": {"name", "url", "logo"},
    "WebSite": {"name", "url", "potentialAction"},
    "SearchAction": {"target", "query-input"},
    "EntryPoint": {"urlTemplate"},
    "CreativeWorkSeries": {"name", "url"},
    "PodcastEpisode": {"name", "url", "datePublished", "associatedMedia", "partOfSeries"},
    "AudioObject": {"contentUrl", "encodingFormat"},
    "PodcastSeries": {"name", "webFeed"},
    "CorrectionComment": {"text", "datePublished"},
}
ADDRESSES = {
    "url",
    "item",
    "image",
    "thumbnailUrl",
    "embedUrl",
    "logo",
    "webFeed",
    "mainEntityOfPage",
}
MOMENTS = {"datePublished", "dateModified", "uploadDate", "startDate", "endDate"}


def things(told: object) -> Iterator[Thing]:
    """All of them, at any depth."""
    if isinstance(told, list):
        for one in told:
            yield from things(one)
    elif isinstance(told, dict):
        if "@type" in told:
            yield told
        for value in told.values():
            yield from things(value)


def check(page: Page, visitor: Client) -> dict[str, list[Thing]]:
    """The page's things by type, each as it must be; every address of ours answers."""
    found: dict[str, list[Thing]] = {}
    for top in page.all_structured_data:
        assert top["@context"] == "https://schema.org"
        for thing in things(top):
            kind = str(thing["@type"])
            found.setdefault(kind, []).append(thing)
            assert REQUIRED[kind] <= set(thing), (kind, set(thing))
            assert not [key for key, value in thing.items() if value in ("", [], {}, None)]
            for key in MOMENTS & set(thing):
                assert parse_datetime(str(thing[key])) or dt.date.fromisoformat(str(thing[key]))
            for key in ADDRESSES & set(thing):
                for address in thing[key] if isinstance(thing[key], list) else [thing[key]]:
                    assert str(address).startswith(f"{settings.SITE_URL}/"), address
                    # Static files are WhiteNoise's, which the test client does not pass.
                    assert "/static/" in address or answers(visitor, address), address
    return found


@pytest.fixture
def episode() -> Broadcast:
    broadcast = BroadcastFactory(
        series=SeriesFactory(), illustrated=True, with_guests=[GuestFactory()]
    )
    AppearanceFactory(broadcast=broadcast, role="host")
    for seconds, title in ((0, "L’ouverture"), (600, "La suite"), (6000, "La fin")):
        ChapterFactory(broadcast=broadcast, start_seconds=seconds, title=title)
    VideoSourceFactory(broadcast=broadcast, duration_seconds=6480)
    return broadcast


def test_an_episode_with_its_chapters(episode: Broadcast, read: Read, visitor: Client) -> None:
    page = f"{settings.SITE_URL}{episode.get_absolute_url()}"
    found = check(read(episode.get_absolute_url()), visitor)
    (video,) = found["VideoObject"]
    assert (video["duration"], video["embedUrl"]) == ("PT1H48M0S", f"{page}/integrer")
    clips = [(c["name"], c["startOffset"], c["endOffset"], c["url"]) for c in found["Clip"]]
    assert clips == [
        ("L’ouverture", 0, 600, f"{page}?t=0"),
        ("La suite", 600, 6000, f"{page}?t=600"),
        ("La fin", 6000, 6480, f"{page}?t=6000"),
    ]
    assert found["SeekToAction"][0]["target"] == f"{page}?t={{seek_to_second_number}}"
    trail = [(step["position"], step["name"]) for step in found["ListItem"]]
    assert trail == [
        (1, "Au Poste"), (2, "Émissions"), (3, episode.series.title), (4, episode.title),
    ]  # fmt: skip


def test_no_clip_where_nobody_knows_whose_times_they_are(
    episode: Broadcast, read: Read, visitor: Client
) -> None:
    VideoSourceFactory(broadcast=episode, on_peertube=True)
    assert "Clip" not in check(read(episode.get_absolute_url()), visitor)
    VideoSource.objects.filter(platform="peertube").update(offset_seconds=30)
    clips = check(read(episode.get_absolute_url()), visitor)["Clip"]
    assert [clip["startOffset"] for clip in clips] == [30, 630, 6030]


def test_a_live_is_told_before_during_and_after(read: Read, visitor: Client) -> None:
    now = timezone.now()
    broadcast = BroadcastFactory(scheduled_for=now + dt.timedelta(hours=3))

    def event() -> Thing | None:
        found = check(read(broadcast.get_absolute_url()), visitor)
        return found.get("BroadcastEvent", [None])[0]

    announced = event()
    assert announced is not None
    assert announced["startDate"] == broadcast.scheduled_for.isoformat()
    source = VideoSourceFactory(
        broadcast=broadcast, live_state=VideoSource.LiveState.LIVE, started_at=now
    )
    running = event()
    assert running is not None
    assert running["startDate"] == now.isoformat()
    assert "endDate" not in running
    source.live_state, source.ended_at = VideoSource.LiveState.ENDED, now + dt.timedelta(hours=2)
    source.save()
    over = event()
    assert over is not None
    assert over["endDate"] == source.ended_at.isoformat()
    Broadcast.objects.update(scheduled_for=None)
    VideoSource.objects.update(live_state="none", started_at=None, ended_at=None)
    assert event() is None


def test_the_team_s_word_on_the_air_goes_first(read: Read, visitor: Client) -> None:
    source = VideoSourceFactory()
    began = timezone.now() - dt.timedelta(minutes=20)
    airing = Airing.objects.create(
        broadcast=source.broadcast, state=Airing.State.LIVE, began_at=began
    )
    address = source.broadcast.get_absolute_url()
    (event,) = check(read(address), visitor)["BroadcastEvent"]
    assert event["startDate"] == began.isoformat()
    assert "endDate" not in event
    airing.state, airing.since = Airing.State.OVER, timezone.now()
    airing.save()
    (event,) = check(read(address), visitor)["BroadcastEvent"]
    assert event["endDate"] == airing.since.isoformat()


def test_what_can_be_listened_to_is_an_episode_of_the_podcast(read: Read, visitor: Client) -> None:
    broadcast = BroadcastFactory(number=27)
    address = broadcast.get_absolute_url()
    assert "PodcastEpisode" not in check(read(address), visitor)
    audio = Audio.objects.create(
        broadcast=broadcast, url="https://video.example/a.m4a", mime="audio/mp4",
        size_bytes=104_857_600, duration_seconds=6482,
    )  # fmt: skip
    found = check(read(address), visitor)
    (episode,), (sound,) = found["PodcastEpisode"], found["AudioObject"]
    assert (episode["duration"], episode["episodeNumber"]) == ("PT1H48M2S", 27)
    assert (sound["contentUrl"], sound["encodingFormat"]) == (audio.address, "audio/mp4")
    assert found["PodcastSeries"][0]["webFeed"] == f"{settings.SITE_URL}/podcast.xml"


def test_people_series_and_the_outlet(read: Read, visitor: Client) -> None:
    elsewhere = "https://fr.wikipedia.org/wiki/Ada_Lovelace\nhttps://ada.example/"
    guest = GuestFactory(
        portrait=drawn_picture(), bio="<p>Elle <b>calcule</b>.</p>", elsewhere=elsewhere
    )
    series = SeriesFactory()
    BroadcastFactory(series=series, with_guests=[guest])
    (person,) = check(read(guest.get_absolute_url()), visitor)["Person"]
    assert (person["name"], person["jobTitle"]) == (guest.name, guest.title)
    assert person["description"] == "Elle calcule."
    assert person["sameAs"] == elsewhere.splitlines()
    shown = check(read(series.get_absolute_url()), visitor)["CreativeWorkSeries"]
    assert shown[0]["name"] == series.title
    assert set(check(read("/"), visitor)) >= {"WebSite", "NewsMediaOrganization", "SearchAction"}


@pytest.mark.parametrize("where", ["title", "series", "guest"])
def test_nothing_breaks_out(where: str, read: Read) -> None:
    nasty = "</script><script>alert(1)</script> & <b>gras</b>"
    guest = GuestFactory(last_name=nasty if where == "guest" else "Lovelace")
    series = SeriesFactory(title=nasty if where == "series" else "Causerie")
    broadcast = BroadcastFactory(
        title=nasty if where == "title" else "Titre", series=series, with_guests=[guest]
    )
    for thing in (broadcast, series, guest):
        page = read(thing.get_absolute_url())
        assert "<script>alert" not in page.html
        assert page.all_structured_data
