"""A budget line is crossed once, at the time of the money, and the live's chapters say so."""

import datetime as dt
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from auposte.templatetags.french import french_time
from broadcasts.live import AiringState
from broadcasts.models import Broadcast, Chapter, VideoSource
from broadcasts.platforms import PlatformChapter
from broadcasts.services.airing import follow_airings, override
from broadcasts.services.videos.details import store_chapters
from donations.models import BudgetLine, Campaign, Crossing, LedgerEntry
from donations.services.campaigns import recompute_progress
from donations.services.offline import record_offline_gift
from sandbox.stripe import StripeStandIn
from tests.donations.factories import month_with_lines
from tests.donations.pages import spaced
from tests.donations.steps import post_event, start, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def campaign() -> Campaign:
    return month_with_lines((("Loyer", 100_00), ("Gestion", 50_00), ("Divers", 500_00)))


def live(*, minutes: int = 64, slug: str = "direct", **facts: object) -> VideoSource:
    """A broadcast that has been live for so many minutes."""
    broadcast = Broadcast.objects.create(title="En direct", slug=slug)
    facts = {
        "platform": "youtube",
        "external_id": f"{slug:0<11}"[:11],
        "role": VideoSource.Role.LIVE,
        "live_state": VideoSource.LiveState.LIVE,
        "started_at": timezone.now() - dt.timedelta(minutes=minutes),
        "fetched_at": timezone.now(),
        **facts,
    }
    source = VideoSource.objects.create(broadcast=broadcast, **facts)
    follow_airings()
    return source


@pytest.fixture
def ten_minutes_ago(monkeypatch: pytest.MonkeyPatch) -> Callable[[], AbstractContextManager[None]]:
    """What is done within was done then."""

    @contextmanager
    def ago() -> Iterator[None]:
        then = timezone.now() - dt.timedelta(minutes=10)
        with monkeypatch.context() as clock:
            clock.setattr(timezone, "now", lambda: then)
            yield

    return ago


def give(client: Client, stripe: StripeStandIn, *amounts: str, **fields: str) -> None:
    """Gifts through the form, the payment page and the webhook, up to the bar."""
    for amount in amounts:
        started = start(client, amount=amount, **fields)
        stripe.pay(started.session)
    for event in stripe.events():
        post_event(client, stripe, event)
    work_off()


def crossed() -> list[str]:
    return list(Crossing.objects.order_by("line__position").values_list("line__label", flat=True))


def titles() -> list[str]:
    return list(Chapter.objects.values_list("title", flat=True))


def test_a_palier_is_crossed_by_the_gift_that_reaches_it(
    client: Client, stripe: StripeStandIn, campaign: Campaign
) -> None:
    give(client, stripe, "99,99")
    assert crossed() == []
    give(client, stripe, "1")
    crossing = Crossing.objects.get()
    assert crossing.line.label == "Loyer"
    assert crossing.crossed_at == LedgerEntry.objects.get(amount_cents=100).occurred_at
    assert crossing.broadcast is None
    assert not Chapter.objects.exists()


def test_during_a_live_it_becomes_a_chapter_that_names_nobody(
    client: Client, stripe: StripeStandIn, campaign: Campaign
) -> None:
    source = live(minutes=64)
    give(client, stripe, "100", show_name="on", public_name="Camille Oriot")
    crossing, chapter = Crossing.objects.get(), Chapter.objects.get()
    assert crossing.broadcast == source.broadcast == chapter.broadcast
    assert chapter.title == spaced(f"{french_time(crossing.crossed_at)} : le loyer est payé")
    assert source.started_at is not None
    assert chapter.start_seconds == int((crossing.crossed_at - source.started_at).total_seconds())
    assert abs(chapter.start_seconds - 64 * 60) <= 30


def test_one_gift_over_several_paliers_is_one_chapter(
    client: Client, stripe: StripeStandIn, campaign: Campaign
) -> None:
    live()
    give(client, stripe, "650")
    assert crossed() == ["Loyer", "Gestion", "Divers"]
    assert titles()[0].endswith(
        spaced(": le loyer est payé, la gestion est payée et « Divers » est financé")
    )


def test_a_provision_is_said_to_be_complete(
    client: Client, stripe: StripeStandIn, campaign: Campaign
) -> None:
    live()
    BudgetLine.objects.filter(label="Loyer").update(is_provision=True)
    give(client, stripe, "100")
    assert titles()[0].endswith(spaced(": la provision « Loyer » est complète"))


def test_recomputing_and_refunds_change_nothing(
    client: Client, stripe: StripeStandIn, campaign: Campaign
) -> None:
    live()
    started = start(client, amount="120")
    stripe.pay(started.session)
    stripe.refund(started.session)
    for event in stripe.events():
        post_event(client, stripe, event)
    work_off()
    assert crossed() == ["Loyer"]  # it was, for a moment
    give(client, stripe, "110")
    recompute_progress(campaign.pk)
    assert crossed() == ["Loyer"]
    assert len(titles()) == 1


@pytest.mark.django_db(transaction=True)
def test_workers_side_by_side_note_it_once(client: Client, stripe: StripeStandIn) -> None:
    campaign = month_with_lines((("Loyer", 100_00),))
    live()
    started = start(client, amount="100")
    stripe.pay(started.session)
    client.get(f"/don/merci?session={started.session}")  # books, and nobody recomputes
    Crossing.objects.all().delete()
    Chapter.objects.all().delete()
    together = threading.Barrier(4)

    def recompute() -> None:
        try:
            together.wait()
            recompute_progress(campaign.pk)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=recompute) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (crossed(), len(titles())) == (["Loyer"], 1)


def test_a_cheque_crosses_a_palier_and_no_live(campaign: Campaign) -> None:
    live()
    now = timezone.now()
    record_offline_gift(key="cheque", amount_cents=100_00, occurred_at=now)
    work_off()
    assert Crossing.objects.get().broadcast is None
    assert titles() == []


def test_a_budget_cut_later_does_not_rewrite_the_evening(
    client: Client, stripe: StripeStandIn, campaign: Campaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    live()
    give(client, stripe, "60")
    BudgetLine.objects.filter(label="Loyer").update(amount_cents=50_00)
    later = timezone.now() + dt.timedelta(minutes=20)
    monkeypatch.setattr(timezone, "now", lambda: later)
    recompute_progress(campaign.pk)
    assert crossed() == ["Loyer"]
    assert titles() == []


def test_of_two_lives_the_one_that_began_last(
    client: Client,
    stripe: StripeStandIn,
    campaign: Campaign,
    ten_minutes_ago: Callable[[], AbstractContextManager[None]],
) -> None:
    with ten_minutes_ago():
        over = live(minutes=5, slug="breve")
        override(broadcast_id=over.broadcast_id, state=AiringState.OVER, user=None)
    live(minutes=200, slug="matinale")
    evening = live(minutes=60, slug="soiree")
    give(client, stripe, "100")
    assert Crossing.objects.get().broadcast == evening.broadcast


def test_what_an_editor_says_is_on_the_air_is(
    client: Client,
    stripe: StripeStandIn,
    campaign: Campaign,
    ten_minutes_ago: Callable[[], AbstractContextManager[None]],
) -> None:
    """On Twitch alone no platform tells of it; a break is part of the evening."""
    broadcast = Broadcast.objects.create(title="Sur Twitch", slug="twitch")
    with ten_minutes_ago():
        override(broadcast_id=broadcast.pk, state=AiringState.LIVE, user=None)
    override(broadcast_id=broadcast.pk, state=AiringState.INTERRUPTED, user=None)
    give(client, stripe, "100")
    assert Crossing.objects.get().broadcast == broadcast
    assert abs(Chapter.objects.get().start_seconds - 600) <= 30


def test_a_special_collection_has_its_paliers(stripe: StripeStandIn, campaign: Campaign) -> None:
    today = timezone.localdate()
    special = Campaign.objects.create(
        title="Procès", kind=Campaign.Kind.SPECIAL, starts_on=today, ends_on=today
    )
    BudgetLine.objects.create(campaign=special, position=1, label="Avocate", amount_cents=1000)
    gift = record_offline_gift(key="a", amount_cents=100, occurred_at=timezone.now())
    LedgerEntry.objects.create(
        kind="offline", amount_cents=1000, occurred_at=timezone.now(), campaign=special,
        gift=gift, source="offline:special",
    )  # fmt: skip
    recompute_progress(special.pk)
    assert crossed() == ["Avocate"]


def test_the_platforms_chapters_and_the_moments_live_together(
    client: Client, stripe: StripeStandIn, campaign: Campaign
) -> None:
    source = live(minutes=1)
    give(client, stripe, "100")
    moment = Chapter.objects.get()
    read = (
        PlatformChapter(start_seconds=0, title="Générique"),
        PlatformChapter(start_seconds=moment.start_seconds, title="Le loyer"),
        PlatformChapter(start_seconds=5000, title="Fin"),
    )
    assert store_chapters(source=source, chapters=read)
    assert titles() == ["Générique", moment.title, "Le loyer", "Fin"]
    source.refresh_from_db()
    give(client, stripe, "50")
    assert store_chapters(source=source, chapters=read[:2])
    assert [title for title in titles() if "payé" not in title] == ["Générique", "Le loyer"]
    assert len(titles()) == 4


def test_an_editors_chapters_still_keep_the_platforms_out(
    client: Client, stripe: StripeStandIn, campaign: Campaign
) -> None:
    source = live(minutes=1)
    Chapter.objects.create(broadcast=source.broadcast, start_seconds=0, title="À ma façon")
    give(client, stripe, "100")
    read = (PlatformChapter(start_seconds=0, title="Générique"),)
    assert not store_chapters(source=source, chapters=read)
    assert len(titles()) == 2
