"""The demonstration: its facts, its states, and that it can be loaded again and again."""

import datetime as dt
import re
from html import unescape
from io import StringIO
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from django.apps import apps
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from auposte.money import NBSP, NNBSP
from broadcasts.demo.catalogue import read_directory, read_episodes
from broadcasts.demo.pictures.posters import MOTIFS, SCHEMES, draw_poster
from broadcasts.models import (
    Appearance,
    Broadcast,
    Chapter,
    Motto,
    Redirect,
    SearchWord,
    Series,
    Tag,
    VideoSource,
)
from broadcasts.services.addresses import change_slug
from broadcasts.services.search.spelling import learn_words
from donations.demo.campaign import seed_campaign
from donations.models import BudgetLine, Campaign, LedgerEntry, Progress
from donations.services.campaigns import current_campaign
from donations.services.provisions import saved_by_label
from guests.models import Guest

PARIS = ZoneInfo("Europe/Paris")


def seed(*arguments: str, images: bool = False) -> str:
    """Load the demonstration; what the command said."""
    told = StringIO()
    call_command("seed_demo", *arguments, *([] if images else ["--without-images"]), stdout=told)
    return told.getvalue()


def counts() -> dict[str, int]:
    return {
        model._meta.label: model._default_manager.count()
        for app in ("guests", "broadcasts", "donations")
        for model in apps.get_app_config(app).get_models()
        if model is not SearchWord  # learnt from the texts, whoever wrote them
    }


@pytest.mark.django_db
class TestLoading:
    def test_twice_is_once(self) -> None:
        seed()
        once = counts()
        assert once["broadcasts.Broadcast"] > 30
        assert "0 émissions ajoutées" in seed()
        assert counts() == once

    def test_what_an_editor_changed_stays(self) -> None:
        seed()
        broadcast = Broadcast.objects.get(slug="nasses")
        broadcast.title, broadcast.body_rest = "Nassés (corrigé)", "<p>Relu.</p>"
        broadcast.save()
        change_slug(page=broadcast, slug="nasses-corrige")
        broadcast.chapters.first().delete()
        broadcast.tags.clear()
        change_slug(page=Guest.objects.get(slug="maelle-kervadoux"), slug="maelle-k")
        Motto.objects.exclude(text="Debout, micro ouvert").delete()
        ours = current_campaign().lines
        ours.filter(label="Site").update(amount_cents=1)
        Tag.objects.filter(name="Main courante").update(name="Mains courantes")
        edited = counts()

        seed()

        assert counts() == edited
        broadcast.refresh_from_db()
        assert (broadcast.title, broadcast.slug) == ("Nassés (corrigé)", "nasses-corrige")
        assert broadcast.body_rest == "<p>Relu.</p>"
        assert ours.get(label="Site").amount_cents == 1

    def test_what_is_missing_comes_back_whole(self) -> None:
        seed()
        whole = counts()
        Tag.objects.filter(name="Police").update(name="Polices")
        Series.objects.filter(title="Contre-enquête").update(title="Contre-enquêtes")
        Broadcast.objects.filter(slug__in=["nasses", "ia-le-progres-version-mad-max"]).delete()
        assert "2 émissions ajoutées" in seed()
        assert counts() == whole
        nasses = Broadcast.objects.get(slug="nasses")
        assert str(nasses.series) == "Contre-enquêtes"
        assert nasses.tags.filter(name="Polices").exists()

    def test_an_address_that_is_taken_is_left_to_its_page(self) -> None:
        Broadcast.objects.create(title="Une autre émission", slug="nasses")
        assert "« Nassés »" in seed()
        assert Broadcast.objects.get(slug="nasses").title == "Une autre émission"
        assert not VideoSource.objects.filter(external_id="demo0000724").exists()
        assert Broadcast.objects.count() > 30

    def test_numbers_go_on_after_1037_and_never_back(self) -> None:
        seed()
        first = Broadcast.objects.create(title="Suivante", slug="suivante")
        assert first.pk > 1037
        assert first.pk == Broadcast.objects.order_by("-pk")[0].pk
        given = first.pk
        first.delete()
        seed()
        assert Broadcast.objects.create(title="Encore", slug="encore").pk > given

    def test_no_invented_gift_beside_real_money(self, settings: Settings) -> None:
        settings.STRIPE_LIVEMODE = True
        with pytest.raises(CommandError, match="clé Stripe réelle"):
            seed()
        assert not LedgerEntry.objects.exists()
        assert not Broadcast.objects.exists()

    def test_pictures_are_stored_with_their_renditions(
        self, client: Client, settings: Settings, tmp_path: Path
    ) -> None:
        settings.MEDIA_ROOT = tmp_path
        seed()
        Broadcast.objects.get(slug="zibeline-hors-cadre").delete()
        Guest.objects.get(slug="zibeline").delete()
        seed(images=True)
        broadcast = Broadcast.objects.get(slug="zibeline-hors-cadre")
        guest = Guest.objects.get(slug="zibeline")
        assert broadcast.image.size_in_pixels == (1600, 900)
        assert "micro" in broadcast.image_alt
        assert guest.portrait.size_in_pixels == (480, 600)
        page = unescape(client.get("/emissions/zibeline-hors-cadre").content.decode())
        shown = {name for name in re.findall(r"/media/([^\s\"]+)", page) if "emissions/" in name}
        assert len(shown) > 5
        for name in shown:
            assert default_storage.exists(name), name


@pytest.mark.django_db
class TestEpisodes:
    def test_the_real_episode_has_its_facts(self, client: Client) -> None:
        seed()
        broadcast = Broadcast.objects.get(pk=1037)
        assert broadcast.title == "IA : le progrès version Mad Max"
        assert broadcast.slug == "ia-le-progres-version-mad-max"
        assert broadcast.wp_legacy_id == 38590
        assert broadcast.wp_legacy_link == "https://www.auposte.fr/ia-le-progres-version-mad-max/"
        assert broadcast.legacy_source_url == ""
        assert broadcast.date is not None
        assert broadcast.date.astimezone(PARIS).date() == dt.date(2025, 5, 21)
        assert (broadcast.season, broadcast.series, broadcast.duration_seconds) == (9, None, None)
        assert [tag.name for tag in broadcast.tags.all()] == ["IA"]
        assert broadcast.licence_terms.label == "CC BY-NC-SA"
        [source] = broadcast.sources.all()
        assert (source.platform, source.external_id) == ("youtube", "Vd-MyW1zqBU")
        [appearance] = broadcast.appearances.all()
        assert appearance.guest.list_name == "Welgryn Lou"
        assert appearance.function == "secrétaire générale de Data for Good"
        page = client.get("/emissions/ia-le-progres-version-mad-max")
        assert page.status_code == 200
        assert "Lou Welgryn" in page.content.decode()

    @pytest.mark.parametrize("old", ["/ia-le-progres-version-mad-max", "/?p=38590"])
    def test_its_old_addresses_lead_to_it(self, client: Client, old: str) -> None:
        seed()
        assert Redirect.objects.get(path="/ia-le-progres-version-mad-max").broadcast_id == 1037
        answer = client.get(old)
        assert answer.status_code == 301
        assert answer["Location"] == "/emissions/ia-le-progres-version-mad-max"

    def test_every_state_is_there_and_answers_as_it_should(self, client: Client) -> None:
        seed()
        now = timezone.now()
        states = {
            broadcast.slug: client.get(broadcast.get_absolute_url()).status_code
            for broadcast in Broadcast.objects.all()
        }
        draft = Broadcast.objects.get(status=Broadcast.Status.DRAFT)
        archived = Broadcast.objects.get(status=Broadcast.Status.ARCHIVED)
        [coming] = [one for one in Broadcast.objects.all() if one.is_programmed]
        assert (states.pop(draft.slug), states.pop(archived.slug)) == (404, 410)
        assert states.pop(coming.slug) == 404
        assert set(states.values()) == {200}
        assert coming.scheduled_for is not None
        assert now < coming.scheduled_for < now + dt.timedelta(days=8)
        newest = Broadcast.objects.public().newest_first()[0]
        assert newest.date is not None
        assert now - dt.timedelta(days=3) < newest.date < now

    def test_there_is_one_of_each_kind(self) -> None:
        seed()
        public = Broadcast.objects.public()
        assert set(range(4, 11)) <= set(public.values_list("season", flat=True))
        text = public.filter(tags__name="Main courante", sources=None)
        assert text.exists()
        assert public.filter(tags__name="Maintien de l’ordre").count() > 3
        assert any(len(title) > 120 for title in public.values_list("title", flat=True))
        both = public.filter(sources__platform="youtube").filter(sources__platform="peertube")
        assert both.exists()
        assert VideoSource.objects.filter(availability="unavailable").count() == 1
        assert public.filter(duration_seconds__lt=600).count() == 1
        assert any(broadcast.appearances.count() > 3 for broadcast in public)
        assert Appearance.objects.filter(role="host", guest__slug="david-dufresne").exists()
        assert Chapter.objects.count() > 80
        assert Redirect.objects.count() > 10


@pytest.mark.django_db
class TestLoadEpisodes:
    def test_fifty_are_made_once(self, client: Client) -> None:
        seed("--episodes", "50")
        fifty = counts()
        demo = len(read_episodes(timezone.now()))
        assert fifty["broadcasts.Broadcast"] == demo + 50
        assert SearchWord.objects.count() == learn_words(), "their words are known too"
        seed("--episodes", "50")
        assert counts() == fifty
        seed("--episodes", "60")
        assert Broadcast.objects.count() == demo + 60
        load = Broadcast.objects.filter(feed_guid__startswith="demo-load-")
        assert {one.is_public for one in load} == {True}
        assert all(one.tags.exists() and one.sources.exists() for one in load)
        assert all(one.appearances.exists() and one.chapters.count() > 3 for one in load)
        assert min(len(one.body_opening + one.body_rest) for one in load) > 1500
        assert client.get(load[0].get_absolute_url()).status_code == 200

    def test_they_are_the_same_every_time(self) -> None:
        def known() -> list[tuple[object, ...]]:
            load = Broadcast.objects.filter(feed_guid__startswith="demo-load-")
            return list(load.order_by("feed_guid").values_list("slug", "published_at", "body_rest"))

        seed("--episodes", "20")
        first = known()
        Broadcast.objects.filter(feed_guid__startswith="demo-load-").delete()
        seed("--episodes", "20")
        assert known() == first

    def test_fewer_than_none_are_refused(self) -> None:
        with pytest.raises(CommandError, match="positif"):
            seed("--episodes", "-1")


@pytest.mark.django_db
class TestCampaign:
    def test_the_page_says_ten_euros_of_thirty_thousand(self, client: Client) -> None:
        seed()
        html = client.get("/emissions/ia-le-progres-version-mad-max").content.decode()
        text = re.sub(r"[ \n]+", " ", unescape(re.sub(r"<[^>]+>", "", html)))
        assert (
            f"10,00{NBSP}€ récoltés / objectif 30{NNBSP}000,00{NBSP}€ (0,03{NBSP}%)"
            f" – 1{NBSP}donateur·ice"
        ) in text
        campaign = current_campaign()
        assert list(campaign.lines.values_list("label", "amount_cents", "is_provision")) == [
            ("Loyer", 190_000, False),
            ("Gestion", 90_000, False),
            ("Transport", 100_000, False),
            ("Salaires", 1_300_000, False),
            ("Divers", 100_000, False),
            ("Projet", 320_000, True),
            ("Site", 900_000, True),
        ]
        [entry] = campaign.entries.all()
        assert (entry.kind, entry.amount_cents) == ("offline", 1000)
        assert entry.source.startswith("offline:demo-")
        assert entry.gift is not None
        assert entry.gift.broadcast_id == 1037

    def test_three_months_before_it_have_saved_something(self, client: Client) -> None:
        seed()
        months = list(Campaign.objects.order_by("starts_on"))
        assert [month.goal_cents for month in months] == [3_000_000] * 4
        raised = [month.progress.raised_cents for month in months]
        assert raised == [1_843_000, 2_238_500, 1_906_000, 1_000]
        saved = saved_by_label()
        assert {name: one.cents for name, one in saved.items()} == {
            "projet": 63_000 + 320_000 + 126_000,
            "site": 138_500,
        }
        assert saved["projet"].since == months[0].starts_on
        page = unescape(client.get("/fragments/collecte").content.decode())
        assert f"5{NNBSP}090,00{NBSP}€ mis de côté depuis" in page

    def test_a_later_month_has_its_own_campaign_and_gift(self) -> None:
        january = dt.datetime(2031, 1, 31, 22, 30, tzinfo=dt.UTC)
        february = january + dt.timedelta(hours=1)  # half past midnight in Paris
        for now in (january, january, february, february):
            seed_campaign(now=now)
        assert Campaign.objects.count() == 2
        assert BudgetLine.objects.count() == 14
        assert list(Progress.objects.values_list("raised_cents", "donors")) == [(1000, 1)] * 2
        assert LedgerEntry.objects.count() == 2


class TestContents:
    def test_the_files_agree_with_each_other(self) -> None:
        directory, episodes = read_directory(), read_episodes(timezone.now())
        people = {person.slug for person in directory.people}
        shows = {show.title for show in directory.series}
        for episode in episodes:
            assert {slug for slug, _ in episode.guests} <= people, episode.key
            assert episode.series in shows | {""}, episode.key
            assert not episode.motif or episode.motif in MOTIFS, episode.key
            assert not episode.scheme or episode.scheme in SCHEMES, episode.key
            starts = [start for start, _ in episode.chapters]
            assert starts == sorted(set(starts)), episode.key
            assert not starts or starts[-1] < (episode.duration or 0), episode.key
        assert len({episode.slug for episode in episodes}) == len(episodes)

    def test_no_real_person_is_quoted(self) -> None:
        real = {person.slug: person for person in read_directory().people if person.real}
        assert len(real) == 2
        for episode in read_episodes(timezone.now()):
            signatures = re.findall(r"<footer>(.*?)</footer>", episode.opening + episode.rest)
            for signature in signatures:
                assert not any(person.last_name in signature for person in real.values())
            if any(slug in real for slug, _ in episode.guests):
                assert signatures
                assert all("araphrase" in signature for signature in signatures)

    def test_a_picture_is_always_the_same(self) -> None:
        pictures = [
            draw_poster(motif="waveform", scheme="nuit", key=key, number="12").tobytes()
            for key in ("a", "a", "b")
        ]
        assert pictures[0] == pictures[1] != pictures[2]
