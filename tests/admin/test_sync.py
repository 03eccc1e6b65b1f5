"""The newsroom sees its errands, hurries them on, and decides what is whose."""

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from auposte.celery import app
from broadcasts.models import (
    ApiUsage,
    Broadcast,
    SyncJob,
    SyncRun,
    VideoProposal,
    VideoSource,
)
from broadcasts.services.videos import jobs
from broadcasts.services.videos.budget import quota_day
from sandbox.video_world.world import World
from sandbox.youtube import YouTubeStandIn
from tests.admin.html import form_of, text_of
from tests.factories import BroadcastFactory, ChapterFactory, VideoSourceFactory

pytestmark = pytest.mark.django_db
SignIn = Callable[[str], Client]
DESK = "/admin/broadcasts/syncjob/"
PROPOSALS = "/admin/broadcasts/videoproposal/"


@pytest.fixture
def world() -> World:
    return World(size=0)


@pytest.fixture
def youtube(world: World, settings: object) -> Iterator[YouTubeStandIn]:
    with YouTubeStandIn(world=world) as stand_in:
        settings.YOUTUBE_API_BASE = stand_in.url
        settings.YOUTUBE_API_KEY = stand_in.api_key
        settings.YOUTUBE_CHANNEL_ID = stand_in.channel_id
        yield stand_in
    app.control.purge()


def proposal(**facts: object) -> VideoProposal:
    return VideoProposal.objects.create(
        **{
            "platform": "youtube",
            "external_id": "propositio1",
            "title": "Bassines, le retour",
            "published_at": timezone.now(),
            **facts,
        }
    )


class TestTheDesk:
    def test_without_platforms_it_says_what_to_set(self, editor: Client) -> None:
        response = editor.get(DESK)
        assert b"YOUTUBE_API_KEY" in response.content
        assert b"PEERTUBE_CHANNEL" in response.content
        assert "Liens sortants" in text_of(response)

    def test_an_errand_asked_for_is_done_and_told(
        self, editor: Client, youtube: YouTubeStandIn, world: World
    ) -> None:
        world.add(platforms=["youtube"])
        assert "Jamais faite" in text_of(editor.get(DESK))
        SyncJob.objects.update(next_run_at=timezone.now() + dt.timedelta(days=1))
        response = editor.post(f"{DESK}youtube-discover/lancer/", follow=True)
        assert "En cours" in text_of(response)
        run = SyncRun.objects.get()
        assert run.asked_by is not None
        assert run.asked_by.username == "editor"
        while jobs.work():
            pass
        text = text_of(editor.get(DESK))
        assert "Terminée" in text
        assert "1 lue, 1 brouillon" in text
        assert "3 unités sur 9" in text

    def test_trouble_is_told_in_words(
        self, editor: Client, youtube: YouTubeStandIn, settings: object
    ) -> None:
        settings.YOUTUBE_API_KEY = "AIza-wrong"
        editor.get(DESK)
        SyncJob.objects.exclude(name="youtube-discover").update(is_paused=True)
        jobs.work()
        response = editor.get(DESK)
        assert "Échouée" in text_of(response)
        assert b"AIza" not in response.content
        assert "1 tâche de synchronisation en échec" in text_of(editor.get("/admin/"))

    def test_htmx_gets_the_part_that_moves(self, editor: Client, youtube: YouTubeStandIn) -> None:
        response = editor.get(DESK, headers={"HX-Request": "true"})
        assert response.content.lstrip().startswith(b'<div id="sync"')
        started = editor.post(f"{DESK}youtube-discover/lancer/", headers={"HX-Request": "true"})
        assert started.content.lstrip().startswith(b'<div id="sync"')
        assert b"every 2s" in started.content

    def test_a_pause_holds_until_it_is_lifted(
        self, editor: Client, youtube: YouTubeStandIn
    ) -> None:
        editor.get(DESK)
        for name in jobs.configured_jobs():
            editor.post(f"{DESK}{name}/pause/", {"pause": "1"})
        assert not jobs.work()
        assert youtube.requests() == []
        assert "En pause" in text_of(editor.get(DESK))
        editor.post(f"{DESK}live/pause/", {"pause": "0"})
        assert not SyncJob.objects.get(name="live").is_paused

    def test_what_does_not_exist_is_not_found(self, editor: Client) -> None:
        for address in ("nimporte/lancer/", "nimporte/pause/", "youtube-discover/lancer/"):
            assert editor.post(DESK + address).status_code == 404
            assert editor.get(DESK + address).status_code == 405

    @pytest.mark.parametrize(
        ("role", "status"),
        [("outsider", 302), ("reader", 302), ("treasurer", 403), ("moderator", 403)],
    )
    def test_others_neither_see_nor_start_it(
        self, role: str, status: int, staff: SignIn, youtube: YouTubeStandIn
    ) -> None:
        client = staff(role)
        jobs.prepare_jobs()
        assert client.get(DESK).status_code == status
        for act in ("lancer", "pause"):
            assert client.post(f"{DESK}live/{act}/", {"pause": "1"}).status_code == status
        assert not SyncRun.objects.exists()
        assert not SyncJob.objects.filter(is_paused=True).exists()

    def test_queries_do_not_grow_with_runs(
        self, editor: Client, youtube: YouTubeStandIn, django_assert_max_num_queries: object
    ) -> None:
        editor.get(DESK)
        for job in SyncJob.objects.all():
            SyncRun.objects.bulk_create(
                SyncRun(job=job, state="done", finished_at=timezone.now()) for _ in range(20)
            )
            SyncRun.objects.create(job=job)
        with django_assert_max_num_queries(13):
            editor.get(DESK)

    def test_what_was_spent_is_of_today(self, editor: Client, youtube: YouTubeStandIn) -> None:
        today = quota_day("youtube", timezone.now())
        ApiUsage.objects.create(platform="youtube", day=today, units=41, calls=41)
        ApiUsage.objects.create(
            platform="youtube", day=today - dt.timedelta(days=1), units=9, calls=9
        )
        assert "41 unités" in text_of(editor.get(DESK))


class TestProposals:
    def decide(self, client: Client, row: VideoProposal, **data: object) -> str:
        response = client.post(f"{PROPOSALS}{row.pk}/change/", {"_save": "1", **data}, follow=True)
        assert response.status_code == 200
        return text_of(response)

    def test_one_is_attached(self, editor: Client) -> None:
        broadcast = BroadcastFactory()
        row = proposal(candidate=broadcast)
        assert "1 vidéo à rattacher" in text_of(editor.get("/admin/"))
        self.decide(editor, row, candidate=broadcast.pk, decision="attach")
        row.refresh_from_db()
        assert row.state == "attached"
        assert row.decided_by is not None
        assert broadcast.sources.get().external_id == "propositio1"
        assert "1 vidéo à rattacher" not in text_of(editor.get("/admin/"))

    def test_one_becomes_a_draft(self, editor: Client) -> None:
        row = proposal(candidate=BroadcastFactory())
        self.decide(editor, row, candidate=row.candidate_id, decision="draft")
        draft = Broadcast.objects.get(status="draft")
        assert draft.title == "Bassines, le retour"
        assert draft.sources.count() == 1

    def test_one_is_set_aside_and_stays_to_be_read(self, editor: Client) -> None:
        row = proposal()
        self.decide(editor, row, candidate="", decision="ignore")
        row.refresh_from_db()
        assert row.state == "ignored"
        page = editor.get(f"{PROPOSALS}{row.pk}/change/")
        assert "Écartée" in text_of(page)
        assert b'name="_save"' not in page.content

    def test_attaching_to_nothing_is_refused(self, editor: Client) -> None:
        row = proposal()
        said = self.decide(editor, row, candidate="", decision="attach")
        assert "Choisissez l’émission" in said
        assert not VideoSource.objects.exists()

    def test_waiting_only_keeps_the_candidate(self, editor: Client) -> None:
        row, broadcast = proposal(), BroadcastFactory()
        self.decide(editor, row, candidate=broadcast.pk, decision="wait")
        row.refresh_from_db()
        assert (row.state, row.candidate) == ("waiting", broadcast)

    @pytest.mark.parametrize(
        ("action", "state"), [("attach", "attached"), ("draft", "drafted"), ("ignore", "ignored")]
    )
    def test_many_at_once(self, action: str, state: str, editor: Client) -> None:
        rows = [proposal(external_id=f"propositio{n}", candidate=BroadcastFactory()) for n in "12"]
        data = {"action": action, "_selected_action": [row.pk for row in rows]}
        assert "2 vidéos sont classées" in text_of(editor.post(PROPOSALS, data, follow=True))
        assert set(VideoProposal.objects.values_list("state", flat=True)) == {state}

    def test_somebody_was_quicker(self, editor: Client) -> None:
        broadcast = BroadcastFactory()
        row = proposal(candidate=broadcast)
        VideoSourceFactory(external_id="propositio1")
        data = {"action": "attach", "_selected_action": [row.pk]}
        assert "déjà son émission" in text_of(editor.post(PROPOSALS, data, follow=True))
        assert not broadcast.sources.exists()
        VideoProposal.objects.update(state="ignored")
        assert "vient d’en décider" in text_of(editor.post(PROPOSALS, data, follow=True))

    @pytest.mark.parametrize("role", ["treasurer", "moderator", "reader", "outsider"])
    def test_others_decide_nothing(self, role: str, staff: SignIn) -> None:
        row = proposal(candidate=BroadcastFactory())
        client = staff(role)
        for address, data in (
            (f"{PROPOSALS}{row.pk}/change/", {"decision": "draft"}),
            (PROPOSALS, {"action": "draft", "_selected_action": [row.pk]}),
        ):
            assert client.post(address, data).status_code in (302, 403)
        row.refresh_from_db()
        assert row.state == "waiting"


def test_a_video_that_has_gone_is_told_on_the_start_page(editor: Client) -> None:
    VideoSourceFactory(availability="unavailable")
    text = text_of(editor.get(reverse("admin:index")))
    assert "1 vidéo disparue de sa plateforme" in text


def test_a_chapter_that_an_editor_corrects_is_an_editors(editor: Client) -> None:
    source = VideoSourceFactory()
    for start, title in ((0, "Début"), (60, "Suite")):
        ChapterFactory(broadcast=source.broadcast, source=source, start_seconds=start, title=title)
    address = reverse("admin:broadcasts_broadcast_change", args=[source.broadcast_id])
    page = form_of(editor.get(address))
    response = editor.post(address, {**page, "chapters-1-title": "La suite", "_save": "1"})
    assert response.status_code == 302, text_of(response)
    chapters = source.broadcast.chapters.order_by("start_seconds")
    assert [(chapter.title, chapter.source_id) for chapter in chapters] == [
        ("Début", source.pk),
        ("La suite", None),
    ]
