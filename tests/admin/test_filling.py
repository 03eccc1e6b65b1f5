"""« Remplir »: the form takes what it lacks from a video's address."""

import datetime as dt
import json
import re
from collections.abc import Iterator

import pytest
from django.test import Client
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from broadcasts.models import ApiUsage, Broadcast, VideoSource
from sandbox.peertube import PeerTubeStandIn
from sandbox.video_world.world import World
from sandbox.youtube import YouTubeStandIn
from tests.admin.html import form_of, text_of
from tests.admin.test_broadcasts import ADD, change, send
from tests.admin.test_browser import chromium, desk, session_of
from tests.admin.world import episode

TITLE = "IA, le progrès version Mad Max - S10E27 - Mardi 28 octobre 2025"
DESCRIPTION = """Qui paie la facture de l’intelligence artificielle ?

0:00 Ouverture
6:12 Qui paie
1:21:30 Qui décide

https://example.org/soutien"""
PUBLISHED = dt.datetime(2025, 10, 28, 17, 30, tzinfo=dt.UTC)
FACTS = {
    "title": TITLE,
    "description": DESCRIPTION,
    "duration": 6480,
    "published_at": PUBLISHED,
    "chapters": ((0, "Ouverture"), (372, "Qui paie"), (4890, "Qui décide")),
}
FILLED = {
    "title": "IA, le progrès version Mad Max",
    "dek": "Qui paie la facture de l’intelligence artificielle ?",
    "season": "10",
    "number": "27",
    "aired_at_0": "28/10/2025",
    "aired_at_1": "18:30:00",
    "duration_seconds": "1:48:00",
}


@pytest.fixture
def world() -> World:
    return World(size=0)


@pytest.fixture
def youtube(world: World, settings: object) -> Iterator[YouTubeStandIn]:
    with YouTubeStandIn(world=world) as stand_in:
        settings.YOUTUBE_API_BASE = stand_in.url
        settings.YOUTUBE_API_KEY = stand_in.api_key
        yield stand_in
        assert stand_in.violations() == []


@pytest.fixture
def peertube(world: World, settings: object) -> Iterator[PeerTubeStandIn]:
    with PeerTubeStandIn(world=world, rate_limit=10_000) as stand_in:
        settings.PEERTUBE_URL = stand_in.url
        settings.PEERTUBE_CHANNEL = stand_in.channel
        yield stand_in
        assert stand_in.violations() == []


def watch(external_id: str) -> str:
    return f"https://www.youtube.com/watch?v={external_id}&t=12s"


def fill(client: Client, address: str, page: str = ADD, **typed: object) -> object:
    """Press « Remplir » without scripts; the page that comes back."""
    fields = {**form_of(client.get(page)), "video_address": address, "_fill": "1", **typed}
    response = client.post(page, fields)
    assert response.status_code == 200
    return response


def said(response: object) -> str:
    """What is told below the address."""
    found = re.search(r'id="filled-told"[^>]*>(.*?)</p>', response.content.decode(), re.DOTALL)
    return re.sub(r"<[^>]+>", "", found[1]) if found else ""


def test_a_video_fills_the_form_and_nothing_is_saved(
    editor: Client, youtube: YouTubeStandIn, world: World
) -> None:
    video = world.add(platforms=["youtube"], **FACTS)["youtube"]
    response = fill(editor, watch(video.id))
    assert "Les champs vides sont remplis d’après YouTube" in said(response)
    page = form_of(response)
    assert {name: page[name] for name in FILLED} == FILLED
    assert page["sources-0-platform"] == "youtube"
    assert page["sources-0-external_id"] == video.id
    assert page["sources-0-role"] == "replay"
    assert page["sources-0-duration_seconds"] == "1:48:00"
    assert [page[f"chapters-{row}-title"] for row in range(3)] == [
        "Ouverture", "Qui paie", "Qui décide",
    ]  # fmt: skip
    assert page["chapters-2-start_seconds"] == "1:21:30"
    assert "errorlist" not in response.content.decode()
    assert not Broadcast.objects.exists()
    assert ApiUsage.objects.get().units == 1
    # Saved as it is, the video is read at once, under its own identifiers.
    page.pop("video_address")
    assert editor.post(ADD, page).status_code == 302
    broadcast = Broadcast.objects.get()
    source = broadcast.sources.get()
    assert (broadcast.title, broadcast.aired_at) == (FILLED["title"], PUBLISHED)
    assert (source.title, source.published_at) == (TITLE, PUBLISHED)
    assert broadcast.chapters.count() == 3


def test_what_somebody_wrote_stays(editor: Client, youtube: YouTubeStandIn, world: World) -> None:
    video = world.add(platforms=["youtube"], **FACTS)["youtube"]
    typed = {
        "title": "Mon titre",
        "season": "9",
        "aired_at_0": "01/02/2024",
        "body_opening": "<p>Déjà</p>",
        "tags": ["nouveau:Énergie"],
        "appearances-TOTAL_FORMS": "1",
        "appearances-0-guest": "nouveau:Lou Welgryn",
        "appearances-0-role": "guest",
        "appearances-0-position": "0",
        "chapters-TOTAL_FORMS": "1",
        "chapters-0-start_seconds": "1:00",
        "chapters-0-title": "Le mien",
    }
    page = form_of(fill(editor, watch(video.id), **typed))
    kept = {name: value for name, value in typed.items() if name != "tags"}
    assert {name: page[name] for name in kept} == kept
    assert page["tags"] == "nouveau:Énergie"
    assert page["aired_at_1"] == ""
    assert (page["dek"], page["number"]) == (FILLED["dek"], "27")
    assert "chapters-1-title" not in page


def test_peertube_is_read_by_any_of_its_addresses(
    editor: Client, peertube: PeerTubeStandIn, world: World
) -> None:
    video = world.add(platforms=["peertube"], **FACTS)["peertube"]
    for path in (f"/w/{video.short}", f"/videos/watch/{video.id}", f"/videos/embed/{video.id}"):
        page = form_of(fill(editor, f"{peertube.url}{path}"))
        assert (page["title"], page["sources-0-external_id"]) == (FILLED["title"], video.id)
        assert page["chapters-1-title"] == "Qui paie"
    page.pop("video_address")
    editor.post(ADD, page)
    source = VideoSource.objects.get()
    assert (source.peertube_id, source.peertube_short_uuid) == (video.number, video.short)


def test_a_live_to_come_is_announced(editor: Client, youtube: YouTubeStandIn, world: World) -> None:
    at = dt.datetime(2099, 7, 1, 17, tzinfo=dt.UTC)
    video = world.schedule_live("Le direct", at, platforms=["youtube"])["youtube"]
    page = form_of(fill(editor, watch(video.id)))
    assert (page["scheduled_for_0"], page["scheduled_for_1"]) == ("01/07/2099", "19:00:00")
    assert (page["aired_at_0"], page["duration_seconds"]) == ("", "")
    assert page["sources-0-role"] == "live"


def test_a_form_without_a_video_is_filled_too(
    editor: Client, youtube: YouTubeStandIn, world: World
) -> None:
    video = world.add(platforms=["youtube"], **FACTS)["youtube"]
    broadcast = episode(1)
    assert "video_address" not in form_of(editor.get(change(broadcast)))
    broadcast.sources.all().delete()
    page = form_of(fill(editor, watch(video.id), change(broadcast)))
    assert (page["title"], page["dek"]) == ("Épisode 1", FILLED["dek"])
    assert page["sources-0-external_id"] == video.id
    assert page["chapters-0-title"] == "Qui paie"
    broadcast.refresh_from_db()
    assert broadcast.dek == ""
    assert editor.post(change(broadcast), page).status_code == 302
    assert broadcast.sources.get().external_id == video.id


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("", "Cette adresse n’est pas celle d’une vidéo"),
        ("bonjour", "Cette adresse n’est pas celle d’une vidéo"),
        ("https://vimeo.com/12345", "Cette adresse n’est pas celle d’une vidéo"),
        ("https://youtu.be/aaaaaaaaaaa\x00", "Cette vidéo n’existe pas chez YouTube."),
        ("https://youtu.be/aaaaaaaaaaa", "Cette vidéo n’existe pas chez YouTube."),
    ],
)
def test_an_address_without_a_video_is_told(
    address: str, told: str, editor: Client, youtube: YouTubeStandIn
) -> None:
    response = fill(editor, address, dek="Déjà là")
    assert told in said(response)
    page = form_of(response)
    assert (page["dek"], page["title"], page["sources-TOTAL_FORMS"]) == ("Déjà là", "", "0")


def test_private_and_deleted_videos_do_not_exist(
    editor: Client, youtube: YouTubeStandIn, peertube: PeerTubeStandIn, world: World
) -> None:
    videos = world.add(**FACTS)
    world.make_private(videos["youtube"].id)
    world.delete(videos["peertube"].id)
    assert said(fill(editor, watch(videos["youtube"].id))) == (
        "Cette vidéo n’existe pas chez YouTube."
    )
    assert said(fill(editor, f"{peertube.url}/w/{videos['peertube'].short}")) == (
        "Cette vidéo n’existe pas chez PeerTube."
    )


def test_a_video_that_another_broadcast_has_is_told_with_a_link(
    editor: Client, youtube: YouTubeStandIn
) -> None:
    broadcast = episode(1, title="L’autre <émission>")
    response = fill(editor, watch(broadcast.sources.get().external_id))
    assert "Cette vidéo est déjà celle de" in said(response)
    assert "L’autre &lt;émission&gt;" in said(response)
    assert f"href='{change(broadcast)}'" in response.content.decode()
    assert form_of(response)["title"] == ""
    assert youtube.requests() == []


@pytest.mark.parametrize(
    "failure",
    [
        {"status": 500},
        {"status": 429, "reason": "rateLimitExceeded"},
        {"status": 403, "reason": "quotaExceeded"},
        {"status": 400, "reason": "keyInvalid"},
        {"kind": "truncated"},
        {"kind": "disconnect"},
    ],
    ids=str,
)
def test_a_platform_in_trouble_loses_nothing(
    failure: dict[str, object], editor: Client, youtube: YouTubeStandIn, world: World
) -> None:
    video = world.add(platforms=["youtube"], **FACTS)["youtube"]
    youtube.fail(count=5, **failure)
    response = fill(editor, watch(video.id), title="Mon titre")
    assert said(response).startswith("YouTube n’a pas pu être lu : ")
    assert "Rien n’est perdu" in said(response)
    page = form_of(response)
    assert (page["title"], page["video_address"]) == ("Mon titre", watch(video.id))
    assert youtube.api_key not in response.content.decode()


def test_what_the_day_grants_is_not_passed(
    editor: Client, youtube: YouTubeStandIn, settings: object
) -> None:
    settings.YOUTUBE_DAILY_UNITS = 0
    response = fill(editor, watch("aaaaaaaaaaa"))
    assert "YouTube n’a pas pu être lu : Les 0 unités du jour sont dépensées." in said(response)
    assert youtube.requests() == []


@pytest.mark.parametrize(
    ("address", "platform", "external_id"),
    [
        ("https://www.youtube.com/live/abcdefghijk?si=x", "youtube", "abcdefghijk"),
        ("https://www.twitch.tv/videos/123456789", "twitch", "123456789"),
    ],
)
def test_without_an_api_the_address_is_kept(
    address: str, platform: str, external_id: str, editor: Client, settings: object
) -> None:
    settings.YOUTUBE_API_KEY = ""
    response = fill(editor, address, title="À la main")
    assert "l’adresse est gardée comme source" in said(response)
    page = form_of(response)
    assert (page["sources-0-platform"], page["sources-0-external_id"]) == (platform, external_id)
    assert page["title"] == "À la main"
    page.pop("video_address")
    assert editor.post(ADD, page).status_code == 302
    assert VideoSource.objects.get().external_id == external_id


@pytest.mark.parametrize("role", ["outsider", "reader", "treasurer", "moderator"])
def test_only_editors_ask_the_platforms(
    role: str, staff: object, youtube: YouTubeStandIn, world: World
) -> None:
    video = world.add(platforms=["youtube"], **FACTS)["youtube"]
    broadcast = episode(1)
    broadcast.sources.all().delete()
    for page in (ADD, change(broadcast)):
        data = {"video_address": watch(video.id), "_fill": "1"}
        assert staff(role).post(page, data).status_code in {302, 403}
    assert youtube.requests() == []
    assert staff("editor").post("/admin/broadcasts/broadcast/999/change/", data).status_code == 302


def test_htmx_gets_a_word_and_the_values(
    editor: Client, youtube: YouTubeStandIn, world: World
) -> None:
    video = world.add(platforms=["youtube"], **FACTS)["youtube"]
    data = {"video_address": watch(video.id), "_fill": "1"}
    response = editor.post(ADD, data, headers={"HX-Request": "true"})
    page = response.content.decode()
    assert page.startswith('<p id="filled-told"')
    found = re.search(r'data-values="([^"]*)"', page)
    assert found
    values = json.loads(found[1].replace("&quot;", '"').replace("&#x27;", "'"))
    assert values["fields"] == FILLED
    assert values["rows"]["sources"][0]["external_id"] == video.id


def test_the_enter_key_fills_a_form_just_begun(
    editor: Client, youtube: YouTubeStandIn, world: World
) -> None:
    """Without scripts it presses « Enregistrer », the first button."""
    video = world.add(platforms=["youtube"], **FACTS)["youtube"]
    fields = {**form_of(editor.get(ADD)), "video_address": watch(video.id), "_save": "1"}
    response = editor.post(ADD, fields)
    assert form_of(response)["title"] == FILLED["title"]
    assert not Broadcast.objects.exists()


def test_a_source_takes_any_name_of_a_peertube_video(
    editor: Client, peertube: PeerTubeStandIn, world: World
) -> None:
    video = world.add(platforms=["peertube"], **FACTS)["peertube"]
    row = {"sources-TOTAL_FORMS": "1", "sources-0-platform": "peertube", "sources-0-role": "replay"}
    for typed in (
        str(video.number),
        video.short,
        video.id.upper(),
        f"{peertube.url}/w/{video.short}",
    ):
        send(editor, ADD, title="Neuve", slug="", **row, **{"sources-0-external_id": typed})
        assert VideoSource.objects.get().external_id == video.id, typed
        Broadcast.objects.all().delete()
    response = send(editor, ADD, title="Neuve", **row, **{"sources-0-external_id": "50"})
    assert response.status_code == 200
    assert "Cette vidéo n’existe pas chez PeerTube." in text_of(response)
    peertube.fail(count=5, status=500)
    response = send(
        editor, ADD, title="Neuve", **row, **{"sources-0-external_id": str(video.number)}
    )
    assert "PeerTube n’a pas pu être lu" in text_of(response)
    assert not VideoSource.objects.exists()


def test_a_source_that_its_platform_does_not_know_is_told_after_the_save(
    editor: Client, youtube: YouTubeStandIn, world: World
) -> None:
    row = {"sources-TOTAL_FORMS": "1", "sources-0-platform": "youtube", "sources-0-role": "replay"}
    fields = {**form_of(editor.get(ADD)), "title": "Neuve", **row}
    response = editor.post(ADD, {**fields, "sources-0-external_id": "aaaaaaaaaaa"}, follow=True)
    assert "cette vidéo n’existe pas chez YouTube : aaaaaaaaaaa" in text_of(response)
    assert VideoSource.objects.get().broadcast.title == "Neuve"
    # A platform that does not answer is given the benefit of the doubt.
    youtube.fail(count=5, status=500)
    response = editor.post(
        ADD,
        {**fields, "title": "Autre", "slug": "", "sources-0-external_id": "bbbbbbbbbbb"},
        follow=True,
    )
    assert "n’existe pas chez YouTube" not in text_of(response)


def see_filled(page: Page) -> None:
    expect(page.locator("#filled")).to_contain_text("Les champs vides sont remplis")
    for name, value in FILLED.items():
        expect(page.locator(f"#id_{name}")).to_have_value(value)
    expect(page.locator("#id_sources-0-platform")).to_have_value("youtube")
    expect(page.locator("#id_chapters-2-title")).to_have_value("Qui décide")


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_in_the_browser_by_keyboard(
    live_server: LiveServer, youtube: YouTubeStandIn, world: World
) -> None:
    video = world.add(platforms=["youtube"], **FACTS)["youtube"]
    session = session_of("editor")
    with chromium() as browser, desk(browser, live_server.url, session) as (page, complaints):
        page.goto(ADD)
        page.get_by_label("Adresse de la vidéo").focus()
        page.keyboard.type("https://youtu.be/aaaaaaaaaaa")
        page.keyboard.press("Enter")
        expect(page.locator("#filled")).to_have_text("Cette vidéo n’existe pas chez YouTube.")
        page.keyboard.press("Control+a")
        page.keyboard.type(watch(video.id))
        page.keyboard.press("Enter")
        see_filled(page)
        page.locator("[name=_continue]").first.click()
        page.wait_for_selector("li.success")
        expect(page.get_by_label("Adresse de la vidéo")).to_have_count(0)
        assert complaints == []
    assert Broadcast.objects.get().sources.get().title == TITLE


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_in_the_browser_without_scripts(
    live_server: LiveServer, youtube: YouTubeStandIn, world: World
) -> None:
    video = world.add(platforms=["youtube"], **FACTS)["youtube"]
    session = session_of("editor")
    with (
        chromium() as browser,
        desk(browser, live_server.url, session, scripts=False) as (page, _),
    ):
        page.goto(ADD)
        page.get_by_label("Adresse de la vidéo").fill(watch(video.id))
        page.get_by_role("button", name="Remplir").click()
        see_filled(page)
        page.locator("[name=_save]").first.click()
        page.wait_for_selector("li.success")
    assert Broadcast.objects.get().chapters.count() == 3
