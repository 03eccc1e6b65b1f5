"""The episode's page holds what the seed's page holds, whatever is missing from the record."""

import datetime as dt
import itertools
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from broadcasts.models import Appearance, Audio, Broadcast, Licence
from tests.broadcasts.conftest import Read
from tests.broadcasts.pages import Page
from tests.donations.factories import month_with_lines
from tests.factories import (
    AppearanceFactory,
    BroadcastFactory,
    ChapterFactory,
    GuestFactory,
    MottoFactory,
    SeriesFactory,
    TagFactory,
    VideoSourceFactory,
)

pytestmark = pytest.mark.django_db
QUERIES_AT_MOST = 1
MAY_21 = dt.datetime(2025, 5, 21, 17, tzinfo=dt.UTC)


@pytest.fixture
def mad_max() -> Broadcast:
    """The episode that the project starts from."""
    broadcast = BroadcastFactory(
        pk=1037,
        title="IA : le progrès version Mad Max",
        slug="ia-le-progres-version-mad-max",
        dek="On nous la vend comme la solution à tout.",
        published_at=MAY_21,
        series=SeriesFactory(title="Causerie", slug="causerie"),
        tagged=[TagFactory(name="IA", slug="ia")],
        illustrated=True,
        number=31,
    )
    welgryn = GuestFactory(first_name="Lou", last_name="Welgryn", slug="lou-welgryn")
    AppearanceFactory(
        broadcast=broadcast, guest=welgryn, function="secrétaire générale de Data for Good"
    )
    VideoSourceFactory(broadcast=broadcast, external_id="Vd-MyW1zqBU")
    return broadcast


def test_it_holds_all_that_the_seed_holds(mad_max: Broadcast, read: Read) -> None:
    MottoFactory(text="Debout, micro ouvert")
    month_with_lines()

    page = read("/emissions/ia-le-progres-version-mad-max")

    for words in (
        "Debout, micro ouvert",
        "Procès-verbal nº\u00a01037",
        "IA\u00a0: le progrès version Mad Max",
        "On nous la vend comme la solution à tout.",
        "Lou Welgryn",
        "secrétaire générale de Data for Good",
        "21 mai 2025",
        "1\u00a0h\u00a048",
        "CC BY-NC-SA",
        "Première partie.",
        "Seconde partie.",
        "Loyer",
        "Site",
        "Adonnez-vous\u202f!",
    ):
        assert words in page.text
    for address in (
        "https://www.youtube.com/watch?v=Vd-MyW1zqBU",
        "/invites/lou-welgryn",
        "/series/causerie",
        "/saisons/9",
        "/emissions?tags=IA",
        "/don?emission=ia-le-progres-version-mad-max",
    ):
        assert address in page.links


def test_the_gift_is_asked_for_between_the_two_parts(mad_max: Broadcast, read: Read) -> None:
    text = read(mad_max.get_absolute_url()).text
    opening, ask, rest = (
        text.index(words) for words in ("Première partie.", "en accès libre", "Seconde partie.")
    )
    assert opening < ask < rest


def test_the_video_waits_for_a_click(mad_max: Broadcast, read: Read) -> None:
    page = read(mad_max.get_absolute_url())

    assert page.all("iframe") == []
    facade = page.one("a", class_="player")
    assert facade["href"] == "https://www.youtube.com/watch?v=Vd-MyW1zqBU"
    assert str(facade["data-embed"]).startswith("https://www.youtube-nocookie.com/embed/")
    loaded = [attributes.get("src") for tag, attributes in page.tags if attributes.get("src")]
    assert all(str(address).startswith("/") for address in loaded)


def test_the_picture_keeps_its_place_and_comes_in_three_formats(
    mad_max: Broadcast, read: Read, visitor: Client
) -> None:
    page = read(mad_max.get_absolute_url())

    image = page.one("img", fetchpriority="high")
    assert (image["width"], image["height"]) == ("640", "360")
    assert {source["type"] for source in page.all("source")} == {"image/avif", "image/webp"}
    offered = [image["src"]] + [
        candidate.split()[0]
        for attributes in (image, *page.all("source"))
        for candidate in str(attributes["srcset"]).split(", ")
    ]
    assert len(offered) == 7
    for address in offered:
        answer = visitor.get(address)
        answer.close()
        assert answer.status_code == 200, address


def crops(page: Page, broadcast: Broadcast) -> list[str | None]:
    """The classes of each picture of this broadcast on the page, in its order."""
    return [img.get("class") for img in page.all("img") if img["src"] == broadcast.image.url]


def test_what_matters_in_a_picture_stays_in_sight_wherever_it_is_cropped(
    mad_max: Broadcast, read: Read
) -> None:
    Broadcast.objects.update(focal_x=18, focal_y=100)
    newest = BroadcastFactory(illustrated=True, focal_x=70, series=mad_max.series)
    left, right = "focus-x-20 focus-y-100", "focus-x-70"
    # On a card, be it of kin; large on the home page and before a video. Without one it is whole.
    for address, of_mad_max, of_newest in (
        ("/", [left], [right]),
        ("/emissions", [left], [right]),
        (mad_max.get_absolute_url(), [left], [right]),
        (newest.get_absolute_url(), [left], [None]),
        (f"{mad_max.get_absolute_url()}/integrer", [left], []),
    ):
        page = read(address)
        assert (crops(page, mad_max), crops(page, newest)) == (of_mad_max, of_newest), address
    rules = (Path(settings.BASE_DIR) / "static" / "css" / "base.css").read_text()
    for axis, percent in itertools.product("xy", {*range(0, 101, 10)} - {50}):
        assert f".focus-{axis}-{percent} {{ --focus-{axis}: {percent}%; }}" in rules


def test_a_text_without_video_or_image_is_a_page_too(read: Read) -> None:
    BroadcastFactory(slug="un-texte", title="Un texte", duration_seconds=None, season=None, dek="")
    page = read("/emissions/un-texte")

    assert "À lire" in page.text
    assert "Rediffusion" not in page.text
    for absent in ("Durée", "Saison", "Mots-clés", "Invité·e ", "Chapitres", "Lire la vidéo"):
        assert absent not in page.text.partition("Fiche")[2]
    assert page.all("figure") == []


@pytest.mark.parametrize(
    ("size_bytes", "said"),
    [
        (1, "1\u00a0ko"),
        (640_400, "640\u00a0ko"),
        (1_234_567, "1,2\u00a0Mo"),
        (5_000_000, "5\u00a0Mo"),
        (104_857_600, "105\u00a0Mo"),
        (1_234_567_890, "1,2\u00a0Go"),
    ],
)
def test_our_own_sound_is_said_with_what_it_weighs(
    mad_max: Broadcast, read: Read, size_bytes: int, said: str
) -> None:
    assert "Écouter" not in read(mad_max.get_absolute_url()).text
    sound = Audio.objects.create(
        broadcast=mad_max, file="audio/x.mp3", mime="audio/mpeg", size_bytes=size_bytes
    )
    page = read(mad_max.get_absolute_url())
    assert "Écouter" in page.text
    assert f"Télécharger le son ({said})" in page.text
    assert page.one("audio")["src"] == sound.address
    assert "download" in page.one("a", href=sound.address)


def test_an_unavailable_video_is_not_offered(mad_max: Broadcast, read: Read) -> None:
    mad_max.sources.update(availability="unavailable")
    page = read(mad_max.get_absolute_url())
    assert "youtube" not in page.html.lower()
    assert "Lire la vidéo" not in page.text


def test_hosts_stand_apart_from_guests(mad_max: Broadcast, read: Read) -> None:
    host = GuestFactory(first_name="David", last_name="Dufresne", slug="david-dufresne")
    AppearanceFactory(broadcast=mad_max, guest=host, role=Appearance.Role.HOST)
    text = read(mad_max.get_absolute_url()).text
    assert "Invité·e Lou Welgryn" in text
    assert "Animation David Dufresne" in text


def test_chapters_lead_into_the_video_they_were_timed_on(mad_max: Broadcast, read: Read) -> None:
    ChapterFactory(broadcast=mad_max, start_seconds=1900, title="L’eau")
    page = read(mad_max.get_absolute_url())
    assert "https://www.youtube.com/watch?v=Vd-MyW1zqBU&t=1900s" in page.links
    assert "31:40 L’eau" in page.text


def test_chapters_follow_the_confirmed_clock_among_several(mad_max: Broadcast, read: Read) -> None:
    ChapterFactory(broadcast=mad_max, start_seconds=100)
    other = VideoSourceFactory(broadcast=mad_max, on_peertube=True)
    page = read(mad_max.get_absolute_url())
    assert not any("t=100s" in link or "start=" in link for link in page.links)

    other.offset_seconds = 20
    other.save()
    page = read(mad_max.get_absolute_url())
    assert f"{other.watch_url}?start=120s" in page.links


def test_the_sound_tells_its_clock_and_how_it_is_kept(mad_max: Broadcast, read: Read) -> None:
    """Browsers do not save another site's file because a link asks them to."""
    source = VideoSourceFactory(broadcast=mad_max, on_peertube=True)
    there = f"{settings.PEERTUBE_URL}/static/0.mp4"
    sound = Audio.objects.create(
        broadcast=mad_max, source=source, url=there, mime="audio/mp4", size_bytes=5_000_000
    )
    page = read(mad_max.get_absolute_url())
    assert page.one("audio")["data-offset"] == ""
    assert "Les moments de ce son ne sont pas connus" in page.text
    assert "Ouvrir le son chez PeerTube (5\u00a0Mo)" in page.text
    assert "download" not in page.one("a", href=there)

    source.offset_seconds = 120
    source.save()
    sound.download_url = f"{settings.PEERTUBE_URL}/download/0.mp4"
    sound.save()
    page = read(mad_max.get_absolute_url())
    assert page.one("audio")["data-offset"] == "120"
    assert "ne sont pas connus" not in page.text
    assert "Télécharger le son (5\u00a0Mo)" in page.text
    assert sound.download_url in page.links
    assert there not in page.links


def test_neighbours_and_kin_are_public_only(mad_max: Broadcast, read: Read) -> None:
    day = dt.timedelta(days=1)
    ia = list(mad_max.tags.all())
    BroadcastFactory(title="Juste avant", published_at=MAY_21 - day)
    BroadcastFactory(title="Juste après", published_at=MAY_21 + 3 * day)
    BroadcastFactory(title="Parente", published_at=MAY_21 - 9 * day, tagged=ia)
    BroadcastFactory(title="Étrangère", published_at=MAY_21 - 8 * day)
    hidden = [
        BroadcastFactory(title="Brouillon caché", draft=True, tagged=ia),
        BroadcastFactory(title="Programmée cachée", programmed=True, tagged=ia),
        BroadcastFactory(
            title="Archivée cachée", archived=True, tagged=ia, published_at=MAY_21 + day
        ),
    ]

    page = read(mad_max.get_absolute_url())

    assert "Émission précédente Juste avant" in page.text
    assert "Émission suivante Juste après" in page.text
    assert "Parente" in page.text.partition("Également au dossier")[2]
    assert "Étrangère" not in page.text
    for broadcast in hidden:
        assert broadcast.title not in page.html


def test_the_closest_kin_come_first(mad_max: Broadcast, read: Read) -> None:
    far = MAY_21 - dt.timedelta(days=400)
    BroadcastFactory(published_at=MAY_21 - dt.timedelta(days=1), title="Voisine")
    BroadcastFactory(series=mad_max.series, title="Même série", published_at=far)
    BroadcastFactory(tagged=list(mad_max.tags.all()), title="Même mot", published_at=far)
    BroadcastFactory(with_guests=list(mad_max.guests.all()), title="Même invitée", published_at=far)

    kin = read(mad_max.get_absolute_url()).text.partition("Également au dossier")[2]

    positions = [kin.index(title) for title in ("Même invitée", "Même mot", "Même série")]
    assert positions == sorted(positions)


def test_the_licence_is_the_broadcasts_own(read: Read) -> None:
    reserved = BroadcastFactory(licence=Licence.RESERVED)
    page = read(reserved.get_absolute_url())
    assert "Licence Tous droits réservés" in page.text


def test_previews_and_search_engines_are_told_what_it_is(mad_max: Broadcast, read: Read) -> None:
    page = read("/emissions/ia-le-progres-version-mad-max?utm=x")
    address = page.one("link", rel="canonical")["href"]
    assert str(address).endswith("/emissions/ia-le-progres-version-mad-max")
    assert page.one("meta", property="og:url")["content"] == address
    assert str(page.one("meta", property="og:image")["content"]).startswith("http://127.0.0.1")

    data = page.structured_data
    assert data["@type"] == "NewsArticle"
    assert data["video"]["duration"] == "PT1H48M0S"
    assert data["about"][0]["name"] == "Lou Welgryn"


def test_a_title_cannot_break_out_of_the_structured_data(read: Read) -> None:
    nasty = "</script><script>alert(1)</script> & <b>gras</b>"
    page = read(BroadcastFactory(title=nasty).get_absolute_url())
    assert "<script>alert" not in page.html
    assert page.structured_data["headline"] == nasty


@pytest.mark.parametrize("extra", [0, 12])
def test_the_number_of_queries_does_not_grow(
    mad_max: Broadcast,
    visitor: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    extra: int,
) -> None:
    month_with_lines()
    MottoFactory.create_batch(3)
    for number in range(extra):
        AppearanceFactory(broadcast=mad_max, position=number)
        ChapterFactory(broadcast=mad_max)
        VideoSourceFactory(broadcast=mad_max)
        mad_max.tags.add(TagFactory())
        BroadcastFactory(series=mad_max.series, with_guests=[GuestFactory()])
    visitor.get(mad_max.get_absolute_url())  # content types and the like are read once

    with django_assert_max_num_queries(QUERIES_AT_MOST):
        visitor.get(mad_max.get_absolute_url())


@pytest.mark.parametrize("kind", ["draft", "programmed"])
def test_what_is_not_public_does_not_exist(read: Read, kind: str) -> None:
    secret = BroadcastFactory(title="Le grand secret", slug="le-grand-secret", **{kind: True})
    for address in ("/emissions/le-grand-secret", "/le-grand-secret/"):
        assert secret.title not in read(address, status=404).html


def test_a_programmed_episode_appears_at_its_time(read: Read) -> None:
    broadcast = BroadcastFactory(programmed=True)
    read(broadcast.get_absolute_url(), status=404)
    Broadcast.objects.filter(pk=broadcast.pk).update(published_at=timezone.now())
    read(broadcast.get_absolute_url())


def test_what_was_archived_is_gone(read: Read) -> None:
    gone = BroadcastFactory(title="Une affaire classée", archived=True)
    page = read(gone.get_absolute_url(), status=410)
    assert "Cette émission a été retirée" in page.text
    assert gone.title not in page.html


def test_quotes_in_a_title_are_nested_where_it_is_quoted(read: Read) -> None:
    broadcast = BroadcastFactory(title="Extrait : « Une ville, ça se discute »")
    page = read(broadcast.get_absolute_url())
    assert "Pour citer «\u00a0Extrait\u00a0: “Une ville, ça se discute”\u00a0»," in page.text
    assert "Extrait\u00a0: «\u00a0Une ville, ça se discute\u00a0»" in page.text, "the title itself"
