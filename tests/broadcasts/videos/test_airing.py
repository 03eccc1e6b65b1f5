"""One broadcast, one address, from its announcement to its replay, as readers see it."""

import datetime as dt
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from django.conf import settings as conf
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from icalendar import Calendar, Event

from broadcasts.live import AiringState
from broadcasts.models import Airing, AiringChange, Broadcast, PublicationStep, SyncRun, VideoSource
from broadcasts.services import airing, publishing
from broadcasts.tasks import follow_airings
from sandbox.peertube import PeerTubeStandIn
from sandbox.video_world.world import World
from sandbox.youtube import YouTubeStandIn
from tests.broadcasts.conftest import Read
from tests.broadcasts.pages import Page
from tests.donations.factories import month_with_lines
from tests.factories import BroadcastFactory, MottoFactory, VideoSourceFactory

pytestmark = pytest.mark.django_db
Run = Callable[[str], SyncRun]
SITE = conf.SITE_URL
HOUR, MINUTE = dt.timedelta(hours=1), dt.timedelta(minutes=1)


def later(delta: dt.timedelta) -> None:
    """As if so much time had passed: what was read and decided is older."""
    for source in VideoSource.objects.exclude(fetched_at=None):
        VideoSource.objects.filter(pk=source.pk).update(fetched_at=source.fetched_at - delta)
    for row in Airing.objects.all():
        until = row.override_until and row.override_until - delta
        Airing.objects.filter(pk=row.pk).update(since=row.since - delta, override_until=until)


def states() -> list[tuple[str, str, str]]:
    return [
        (change.from_state, change.to_state, change.cause)
        for change in AiringChange.objects.order_by("pk")
    ]


def convened(hour: dt.timedelta = HOUR, **facts: object) -> Broadcast:
    broadcast = BroadcastFactory(scheduled_for=timezone.now() + hour, **facts)
    follow_airings()
    return broadcast


def strip_of(page: Page) -> dict[str, str | None]:
    return page.one("section", id="antenne")


def test_one_address_from_the_announcement_to_the_replay(
    youtube: YouTubeStandIn, world: World, run: Run, read: Read
) -> None:
    MottoFactory()
    month_with_lines()
    at = timezone.now() + dt.timedelta(minutes=10)
    video = world.schedule_live("La grande soirée", at, platforms=["youtube"])["youtube"]
    run("youtube-discover")
    follow_airings()
    assert "La grande soirée" not in read("/direct").text, "it is a draft"
    assert "La grande soirée" not in read("/").text + read("/agenda").text
    Broadcast.objects.update(status="published", published_at=timezone.now())
    address = Broadcast.objects.get().get_absolute_url()

    for path, words in {
        "/": "Prochaine convocation\u00a0:",
        "/direct": "Prochaine convocation",
        "/agenda": "La grande soirée",
        address: "Mettre dans mon agenda",
    }.items():
        assert words in read(path).text, path
    assert read(address).one("section", id="antenne")["data-hx-get"] == (
        f"/fragments/direct{address.removeprefix('/emissions')}"
    )

    world.start_live(video.id, at=timezone.now())
    later(MINUTE)
    run("live")
    home, direct = read("/"), read("/direct")
    assert home.one("a", class_="on-air")["href"] == "/direct"
    assert "En direct" in home.text
    assert strip_of(home)["class"] == "antenne live"
    player = direct.one("a", class_="player")
    assert player["href"] == f"https://www.youtube.com/watch?v={video.id}"
    assert f"https://www.youtube.com/live_chat?is_popout=1&v={video.id}" in direct.links
    assert "<details open>" in direct.html  # the fundraising beside it
    assert "En direct" in read(address).text
    assert "Regarder le direct" in read(address).text
    strip = f"/fragments/direct{address.removeprefix('/emissions')}"
    for path in (address, strip):
        assert read(path).one("a", class_="player")["href"] == player["href"], path
    assert read(strip).one("figure")["data-hx-swap-oob"] == "true"
    assert read("/emissions").all("a", class_="on-air"), "every page says so"

    later(6 * MINUTE)  # YouTube is silent
    follow_airings()
    assert "Coupure, on revient" in read("/direct").text
    assert "Coupure, on revient" in read(address).text
    assert read("/").all("a", class_="on-air") == []
    run("live")
    assert "En direct" in read("/direct").text

    world.end_live(video.id)
    later(MINUTE)
    run("live")
    for path in ("/", "/direct", address):
        assert "C’est fini, la rediffusion arrive." in read(path).text, path
    for path in ("/direct", address, strip):
        assert read(path).all("a", class_="player") == [], path

    world.bring_replay(video.id, duration=3500)
    later(MINUTE)
    run("live")
    assert "Rediffusion" in read("/direct").text
    assert read(address).all("section", id="antenne") == []
    assert "La rediffusion est là." in read(strip).text
    assert read(strip).one("a", class_="player")["href"] == player["href"]
    assert "hidden" in strip_of(read("/"))
    assert states() == [
        ("none", "announced", "schedule"),
        ("announced", "live", "platform"),
        ("live", "interrupted", "silence"),
        ("interrupted", "live", "platform"),
        ("live", "over", "platform"),
        ("over", "replay", "platform"),
    ]


def test_a_room_that_empties_is_a_break_and_then_the_end(
    peertube: PeerTubeStandIn, world: World, run: Run
) -> None:
    at = timezone.now()
    room = world.schedule_live("La grande soirée", at, platforms=["peertube"])["peertube"]
    world.start_live(room.id, at=at)
    run("peertube-discover")
    follow_airings()
    world.end_live(room.id)
    later(MINUTE)
    run("live")
    assert Airing.objects.get().state == "interrupted"
    later(10 * MINUTE)
    world.start_live(room.id, at=timezone.now())
    run("live")
    assert Airing.objects.get().state == "live"
    world.end_live(room.id)
    later(MINUTE)
    run("live")
    later(21 * MINUTE)
    follow_airings()
    assert [to for _, to, _ in states()] == [
        "live", "interrupted", "live", "interrupted", "over",
    ]  # fmt: skip


def test_an_editors_word_wins_and_ends(read: Read, settings: object) -> None:
    settings.TWITCH_CHANNEL = "auposte"
    broadcast = convened()
    airing.override(
        broadcast_id=broadcast.pk, state=AiringState.LIVE, user=None, reason="Twitch seul"
    )
    direct = read("/direct")
    player = direct.one("a", class_="player")
    assert player["data-embed"] == "https://player.twitch.tv/?channel=auposte&autoplay=true"
    assert player["data-platform"] == "twitch"
    assert "https://www.twitch.tv/popout/auposte/chat" in direct.links
    broadcast.refresh_from_db()
    assert broadcast.aired_at is not None
    later(4 * HOUR + MINUTE)
    follow_airings()
    row = Airing.objects.get()
    assert (row.state, row.override_state) == ("interrupted", "")
    assert states()[-1] == ("live", "interrupted", "expiry")


def test_the_end_of_an_editors_word_is_told_even_where_nothing_changes() -> None:
    broadcast = convened()
    VideoSourceFactory(
        broadcast=broadcast, role="live", live_state="live", fetched_at=timezone.now()
    )
    airing.override(broadcast_id=broadcast.pk, state=AiringState.LIVE, user=None)
    Airing.objects.update(override_until=timezone.now())
    follow_airings()
    follow_airings()
    assert Airing.objects.get().override_state == ""
    assert states()[-2:] == [("announced", "live", "override"), ("live", "live", "expiry")]


def test_nothing_moves_nothing_is_written() -> None:
    convened()
    trail = AiringChange.objects.count()
    with CaptureQueriesContext(
        connection,
    ) as asked:
        follow_airings()
    assert not [one for one in asked if not one["sql"].startswith("SELECT")]
    assert AiringChange.objects.count() == trail


def test_the_trail_is_append_only() -> None:
    convened()
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        AiringChange.objects.update(detail="Rien vu")


@pytest.mark.parametrize("kind", ["draft", "programmed", "archived"])
def test_what_is_not_public_is_nowhere(kind: str, read: Read, visitor: Client) -> None:
    hidden = convened(**{kind: True}, title="À ne pas voir")
    airing.override(broadcast_id=hidden.pk, state=AiringState.LIVE, user=None)
    for path in ("/", "/direct", "/agenda", "/agenda.ics", "/fragments/direct", "/emissions"):
        response = visitor.get(path)
        assert response.status_code == 200
        assert "À ne pas voir" not in response.content.decode(), path
        assert "on-air" not in response.content.decode(), path
    status = 410 if kind == "archived" else 404
    for path in (f"/emissions/{hidden.slug}/agenda.ics", f"/fragments/direct/{hidden.slug}"):
        assert visitor.get(path).status_code == status, path


def test_the_agenda_is_a_calendar(visitor: Client) -> None:
    late = convened(
        dt.timedelta(days=40), title="Après ; le changement, d’heure", dek="Chapô\nlong"
    )
    soon = convened()
    response = visitor.get("/agenda.ics")
    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    calendar = Calendar.from_ical(response.content)
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == ["Europe/Paris"]
    first, second = calendar.walk("VEVENT")
    assert str(first["UID"]) == f"emission-{soon.pk}@{urlsplit(SITE).hostname}"
    assert first["DTSTART"].params["TZID"] == "Europe/Paris"
    assert first.decoded("DTSTART").astimezone(dt.UTC) == soon.scheduled_for.replace(microsecond=0)
    assert first.decoded("DTEND") - first.decoded("DTSTART") == 2 * HOUR
    assert str(second["SUMMARY"]) == f"Au Poste : {late.title}"
    assert str(second["URL"]).endswith(late.get_absolute_url())
    before = int(first["SEQUENCE"])
    soon.scheduled_for += HOUR
    soon.save()
    Broadcast.objects.filter(pk=soon.pk).update(updated_at=timezone.now() + MINUTE)
    moved = Calendar.from_ical(visitor.get(f"{soon.get_absolute_url()}/agenda.ics").content)
    [event] = moved.walk("VEVENT")
    assert str(event["UID"]) == str(first["UID"])
    assert int(event["SEQUENCE"]) > before
    assert event.decoded("DTSTART").astimezone(dt.UTC) == soon.scheduled_for.replace(microsecond=0)
    assert visitor.get(f"{BroadcastFactory().get_absolute_url()}/agenda.ics").status_code == 404


@pytest.mark.parametrize("leave", [publishing.take_away, publishing.back_to_draft])
def test_what_leaves_before_its_hour_is_cancelled_in_agendas(
    leave: Callable[..., object], visitor: Client
) -> None:
    def event() -> Event:
        [found] = Calendar.from_ical(visitor.get("/agenda.ics").content).walk("VEVENT")
        return found

    kept = convened(title="Le secret", slug="le-secret")
    hour = kept.scheduled_for.replace(microsecond=0)
    before = event()
    leave(broadcast=kept, user=None)
    # What is changed once it is out of sight concerns nobody.
    Broadcast.objects.filter(pk=kept.pk).update(scheduled_for=timezone.now() + 9 * HOUR)
    after = event()
    assert (after["UID"], after["STATUS"]) == (before["UID"], "CANCELLED")
    assert after.decoded("DTSTART").astimezone(dt.UTC) == hour
    assert after["SEQUENCE"] >= before["SEQUENCE"]
    assert after.decoded("LAST-MODIFIED") >= before.decoded("LAST-MODIFIED")
    assert "secret" not in visitor.get("/agenda.ics").content.decode()
    assert kept.slug not in visitor.get("/agenda.ics").content.decode()
    assert "Émission annulée" in after["SUMMARY"]

    step = publishing.put_back if leave == publishing.take_away else publishing.publish
    step(broadcast=kept, user=None)
    assert (event()["STATUS"], event()["UID"]) == ("CONFIRMED", before["UID"])
    leave(broadcast=kept, user=None)
    PublicationStep.objects.update(scheduled_for=timezone.now() - 4 * HOUR)
    assert b"VEVENT" not in visitor.get("/agenda.ics").content, "its hour has passed"


def test_direct_answers_on_an_empty_site_and_shows_the_last_replay(read: Read) -> None:
    assert "Pas de direct en ce moment." in read("/direct").text
    VideoSourceFactory(broadcast__title="Hier soir")
    assert "Hier soir" in read("/direct").text


def test_peertube_comes_first(read: Read) -> None:
    broadcast = convened()
    now = timezone.now()
    facts = {"broadcast": broadcast, "role": "live", "live_state": "live", "fetched_at": now}
    VideoSourceFactory(**facts)
    VideoSourceFactory(on_peertube=True, **facts)
    follow_airings()
    direct = read("/direct")
    assert direct.one("a", class_="player")["data-platform"] == "peertube"
    assert len([link for link in direct.links if "youtube.com/watch" in link]) == 1


def test_an_hour_that_passes_without_a_live_lapses(read: Read) -> None:
    broadcast = convened()
    Broadcast.objects.update(scheduled_for=timezone.now() - MINUTE)
    follow_airings()
    assert "ça va commencer" in read("/").text
    Broadcast.objects.update(scheduled_for=timezone.now() - 3 * HOUR)
    assert "ça va commencer" not in read("/").text, "even while nobody follows"
    follow_airings()
    assert Airing.objects.get(broadcast=broadcast).state == "none"


def test_pages_ask_a_fixed_number_of_queries(visitor: Client) -> None:
    MottoFactory()

    def asked(path: str) -> int:
        visitor.get(path)
        with CaptureQueriesContext(connection) as queries:
            visitor.get(path)
        return len(queries)

    convened()
    few = {path: asked(path) for path in ("/direct", "/agenda", "/agenda.ics", "/fragments/direct")}
    for _ in range(3):
        convened(2 * HOUR)
    assert {path: asked(path) for path in few} == few
    assert few["/fragments/direct"] <= 2


def test_what_is_on_the_air_is_called_so_on_its_own_page(read: Read) -> None:
    broadcast = convened()
    page = read(broadcast.get_absolute_url())
    assert "Cette émission est en accès libre." in page.text, "it has no video yet, and is no text"
    for on_peertube in (False, True):
        VideoSourceFactory(
            broadcast=broadcast, on_peertube=on_peertube, role="live", live_state="live",
            fetched_at=timezone.now(),
        )  # fmt: skip
    follow_airings()
    page = read(broadcast.get_absolute_url())
    assert "Regarder le direct s’ouvre chez" in page.text
    assert "Lire la vidéo" not in page.text
    assert "personne n’a encore mesuré" not in page.text
