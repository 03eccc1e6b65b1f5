"""What a post becomes, and what becomes of it when the import runs again."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from django.test import Client

from broadcasts.models import (
    Broadcast,
    Redirect,
    Series,
    Tag,
    VideoSource,
)
from guests.models import Guest
from tests.broadcasts.wordpress.conftest import Import, Ran, of, people
from tests.broadcasts.wordpress.exports import PAYLOADS, item, write
from tests.broadcasts.wordpress.tables import all_rows
from tests.factories import BroadcastFactory, GuestFactory, TagFactory

pytestmark = pytest.mark.django_db

Bring = Callable[..., Ran]
ARCHIVE, OLD = PAYLOADS / "archive.xml", PAYLOADS / "ancienne.xml"


class TestTheSample:
    def test_every_post_has_its_facts(self, run: Import) -> None:
        ran = run(ARCHIVE, OLD)
        assert ran.error == ""
        prefect = of(4101)
        assert prefect.title == "Le préfet, la place et les barrières – S07E12 – Mardi 5 mars 2024"
        assert prefect.slug == "le-prefet-la-place-et-les-barrieres-s07e12-mardi-5-mars-2024"
        assert prefect.dek == "Une place, des barrières, quatre heures."
        assert (prefect.season, prefect.number, str(prefect.series)) == (7, 12, "Causerie")
        assert prefect.published_at == dt.datetime(2024, 3, 5, 19, tzinfo=dt.UTC)
        assert (prefect.status, prefect.is_public) == ("published", True)
        assert prefect.feed_guid == "https://www.auposte.example/?p=4101"
        assert prefect.wp_legacy_link.endswith("/le-prefet-la-place-et-les-barrieres/")
        assert [tag.name for tag in prefect.tags.all()] == ["Maintien de l’ordre"]
        assert people(4101) == [
            ("Rossi", "Anna", "guest"),
            ("de La Fontaine", "Marie-Ève", "guest"),
            ("LE GOFF", "Yann", "guest"),
            ("Dufresne", "David", "host"),
        ]
        assert [source.external_id for source in prefect.sources.all()] == ["prefetPlace"]
        assert prefect.body_opening.startswith("<p>Une place, quatre heures d'attente")
        assert prefect.body_rest.startswith("<h2>Ce qui s'est dit</h2>")
        assert "[" not in prefect.body_rest.replace("[Rires]", "").replace("[La préfecture]", "")
        assert "🚨" in prefect.body_rest

    def test_terms_bring_their_descriptions(self, run: Import) -> None:
        run(ARCHIVE, OLD)
        descriptions = dict(Tag.objects.values_list("name", "description"))
        assert descriptions == {
            "Maintien de l’ordre": "Ce que la police fait aux rues .".replace(" .", "."),
            "IA": "",
            "Main courante": "",
            "Secret du bureau": "",
            "Libertés": "Ce qu'il en reste.",
            "Radio": "",
        }
        assert Series.objects.get().description == "<p>Une table, <em>deux chaises</em>.</p>"
        assert Guest.objects.get(slug="anna-rossi").bio == "Photographe."

    def test_states_and_dates(self, run: Import) -> None:
        ran = run(ARCHIVE)
        for post_id in (4105, 4106, 4107, 4109):
            assert (of(post_id).status, of(post_id).published_at) == ("draft", None)
        later = of(4108)
        assert later.is_programmed
        assert later.published_at == dt.datetime(2099, 1, 5, 17, tzinfo=dt.UTC)  # 18 h in Paris
        assert not Broadcast.objects.filter(wp_legacy_id__in=[4110, 4111, 4112, 4113]).exists()
        assert {row["reason"]: row["total"] for row in ran.report["left_out"]} == {
            "fichier de la médiathèque": 3,
            "page (à refaire à la main)": 1,
            "entrée de menu": 1,
            "révision": 1,
            "à la corbeille": 1,
        }
        assert {row["wp_post_id"]: row["what"] for row in ran.rows("made_drafts")} == {
            4105: "brouillon, daté du 5 mars 2024",
            4106: "privé, daté du 5 mars 2024",
            4107: "protégé par un mot de passe, daté du 5 mars 2024",
            4109: "en attente de relecture, daté du 5 mars 2024",
        }

    def test_nothing_that_was_hidden_shows(self, run: Import, visitor: Client) -> None:
        run(ARCHIVE)
        pages = [
            visitor.get(path).content.decode()
            for path in ("/", "/emissions", "/sitemap.xml", "/invites", "/emissions?saison=12")
        ]
        pages += [
            visitor.get(one.get_absolute_url()).content.decode()
            for one in Broadcast.objects.public()
        ]
        for words in (
            "Note du bureau",
            "mot de passe",
            'note-du-bureau"',
            "Programmée pour",
            "Secret",
        ):
            assert not any(words in page for page in pages), words
        for post_id in (4105, 4106, 4107, 4108, 4109):
            assert visitor.get(of(post_id).get_absolute_url()).status_code == 404

    def test_titles_and_slugs_that_are_none(self, run: Import) -> None:
        run(ARCHIVE)
        assert (of(4105).title, of(4105).slug) == ("Sans titre (nº 4105)", "article-4105")
        assert (of(4114).title, of(4114).slug) == ("🔥🔥🔥", "le-feu")
        assert of(4104).slug == "l-oeil-l-ouie-ete-a-nimes"
        assert (of(4102).slug, of(4103).slug) == ("la-nuit-des-batons", "la-nuit-des-batons-2")

    def test_the_pages_are_readable(self, run: Import, visitor: Client) -> None:
        run(ARCHIVE, OLD)
        for broadcast in Broadcast.objects.public():
            page = visitor.get(broadcast.get_absolute_url())
            assert page.status_code == 200
            text = page.content.decode()
            assert "[auposte_bandeau_don]" not in text
            assert "wp:" not in text
            assert "mouchard.example" not in text

    def test_twice_is_once(self, run: Import) -> None:
        run(ARCHIVE, OLD)
        before = all_rows()
        ran = run(ARCHIVE, OLD)
        assert all_rows() == before
        assert (ran.total("unchanged"), ran.total("imported"), ran.total("updated")) == (11, 0, 0)
        assert run(OLD, ARCHIVE, ARCHIVE).total("unchanged") == 11
        assert all_rows() == before

    def test_a_video_belongs_to_the_first(self, run: Import) -> None:
        ran = run(ARCHIVE)
        assert VideoSource.objects.get(external_id="nuitBatons1").broadcast == of(4102)
        assert ran.what("videos_of_others") == ["https://youtu.be/nuitBatons1"]
        assert "https://www.youtube.com/watch?v=nuitBatons1" in of(4103).body_opening


class TestFacts:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ({"date_gmt": "2024-07-14 16:00:00"}, dt.datetime(2024, 7, 14, 16, tzinfo=dt.UTC)),
            (
                {"date_gmt": "0000-00-00 00:00:00", "date": "2024-07-14 18:00:00"},
                dt.datetime(2024, 7, 14, 16, tzinfo=dt.UTC),
            ),
            (
                {"date_gmt": "0000-00-00 00:00:00", "date": "2024-01-14 18:00:00"},
                dt.datetime(2024, 1, 14, 17, tzinfo=dt.UTC),
            ),
            ({"date_gmt": "", "date": ""}, dt.datetime(2024, 3, 5, 19, tzinfo=dt.UTC)),
        ],
    )
    def test_dates(self, bring: Bring, given: dict[str, str], expected: dt.datetime) -> None:
        bring(item(1, "Un", **given))
        assert of(1).published_at == expected

    @pytest.mark.parametrize(
        ("title", "terms", "expected"),
        [
            ("T - S10E27 - M", ["Saison 10"], (10, 27)),
            ("T s1e2", [], (1, 2)),
            ("T", ["Saison 04"], (4, None)),
            ("T", ["saison 4", "Saison 05"], (5, None)),
            ("T S09E41", ["Saison 08"], (9, 41)),
            ("T S00E01", [], (None, None)),
            ("PS5E5 et MS10E2X", [], (None, None)),
        ],
    )
    def test_seasons(
        self, bring: Bring, title: str, terms: list[str], expected: tuple[int | None, int | None]
    ) -> None:
        uses = [("post_tag", term.lower().replace(" ", "-"), term) for term in terms]
        bring(item(1, title, terms=uses))
        assert (of(1).season, of(1).number) == expected
        assert not Tag.objects.exists()

    def test_titles_lose_their_markup_and_too_long_ones_their_end(self, bring: Bring) -> None:
        bring(item(1, "<em>Un</em> &amp; deux  &#8211; 3 < 4"), item(2, "mot " * 100))
        assert of(1).title == "Un & deux – 3 < 4"
        assert len(of(2).title) <= 250
        assert of(2).title.endswith("mot…")

    @pytest.mark.parametrize("status", ["draft", "private", "pending", "inconnu", ""])
    def test_only_what_was_public_is(self, bring: Bring, status: str) -> None:
        bring(item(1, "Un", status=status), item(2, "Deux", password="x"))
        assert not Broadcast.objects.public().exists()
        assert Broadcast.objects.filter(status="draft").count() == 2

    def test_a_blank_password_protects_too(self, bring: Bring) -> None:
        bring(item(1, "Un", password=" "))
        assert of(1).status == "draft"

    def test_names_and_deks_are_text(self, bring: Bring) -> None:
        terms = [("category", "rd", "R&amp;D"), ("invite", "o", "O&#039;Neil Anna")]
        bring(item(1, "Un", excerpt="<p>Vu&nbsp;de <b>près</b>.</p><p>[a_b]Fin.</p>", terms=terms))
        assert [tag.name for tag in of(1).tags.all()] == ["R&D"]
        assert people(1) == [("O'Neil", "Anna", "guest")]
        assert of(1).dek == "Vu de près. Fin."

    @pytest.mark.parametrize("status", ["trash", "auto-draft", "inherit"])
    def test_what_nobody_wanted_stays_out(self, bring: Bring, status: str) -> None:
        bring(item(1, "Un", status=status))
        assert not Broadcast.objects.exists()

    def test_bad_numbers_stay_out(self, bring: Bring) -> None:
        text = item(1, "Un").replace("<wp:post_id>1<", "<wp:post_id>{}<")
        ran = bring(*(text.replace("{}", number) for number in ("", "x", "-3", "99999999999", "0")))
        assert not Broadcast.objects.exists()
        assert ran.error == ""

    def test_taxonomies_have_names_of_their_own(self, bring: Bring) -> None:
        terms = (("emission", "c", "Causerie"), ("people", "r", "Rossi Anna"), ("lieu", "p", "Pau"))
        ran = bring(
            item(1, "Un", terms=terms), "--series-taxonomy=emission", "--guest-taxonomy=people"
        )
        assert str(of(1).series) == "Causerie"
        assert people(1) == [("Rossi", "Anna", "guest")]
        assert ran.what("to_look_at") == ["taxonomie laissée de côté : lieu"]

    def test_an_option_may_be_put_right_in_a_second_run(self, bring: Bring) -> None:
        post = item(1, "Un", terms=[("invite", "r", "Rossi Anna")])
        bring(post, "--series-taxonomy=invite", "--guest-taxonomy=rien")
        assert str(of(1).series) == "Rossi Anna"
        assert bring(post).error == ""
        assert (of(1).series, people(1)) == (None, [("Rossi", "Anna", "guest")])

    def test_other_types_can_be_asked_for(self, bring: Bring) -> None:
        bring(item(1, "Un", type="emission"), item(2, "Deux"), "--post-type=emission")
        assert Broadcast.objects.get().wp_legacy_id == 1

    def test_a_guid_that_another_has_is_left_to_it(self, bring: Bring) -> None:
        other = BroadcastFactory(feed_guid="https://www.auposte.example/?p=1")
        ran = bring(item(1, "Un"))
        assert of(1).feed_guid is None
        assert other.feed_guid
        assert "identifiant de flux déjà pris par une autre émission" in ran.what("to_look_at")

    def test_a_slug_that_another_has_or_had_is_left_to_it(self, bring: Bring) -> None:
        BroadcastFactory(slug="un")
        Redirect.objects.create(path="/emissions/un-2", broadcast=BroadcastFactory())
        bring(item(1, "Un"), item(2, "Un"), item(3, "Voir un", '<a href="/?p=2">là</a>'))
        assert (of(1).slug, of(2).slug) == ("un-3", "un-4")
        assert "/emissions/un-4" in of(3).body_opening

    def test_terms_spelt_alike_are_one_and_others_are_not(self, bring: Bring) -> None:
        TagFactory(name="Libertés", slug="libertes")
        terms = (
            ("category", "libertes", "libertés"),
            ("post_tag", "l-info", "L'info"),
            ("category", "l-info-2", "L’info"),
            ("post_tag", "sport", "Sport"),
            ("category", "sport-2", "Police"),
        )
        bring(item(1, "Un", terms=terms))
        assert sorted(tag.name for tag in of(1).tags.all()) == [
            "L'info",
            "Libertés",
            "Police",
            "Sport",
        ]

    def test_one_person_in_two_terms_and_two_roles_is_one(self, bring: Bring) -> None:
        GuestFactory(first_name="Anna", last_name="Rossi", slug="anna-rossi")
        terms = (
            ("invite", "a", "Rossi Anna"),
            ("invite", "b", "ROSSI Anna"),
            ("author", "c", "Anna Rossi"),
        )
        bring(item(1, "Un", terms=terms))
        assert people(1) == [("Rossi", "Anna", "guest")]

    def test_an_account_says_which_name_is_which(self, bring: Bring) -> None:
        author = (
            "<wp:author><wp:author_display_name><![CDATA[Zibeline Paf]]></wp:author_display_name>"
            "<wp:author_first_name>Zib</wp:author_first_name>"
            "<wp:author_last_name>de Line</wp:author_last_name></wp:author>"
        )
        bring(item(1, "Un", terms=[("author", "z", "Zibeline Paf")]), more=author)
        assert people(1) == [("de Line", "Zib", "host")]

    def test_the_longest_names_come_in_too(self, bring: Bring) -> None:
        author = (
            "<wp:author><wp:author_display_name>Zibeline Paf</wp:author_display_name>"
            f"<wp:author_first_name>{'œ' * 200}</wp:author_first_name>"
            f"<wp:author_last_name>{'Œ' * 200}</wp:author_last_name></wp:author>"
        )
        bring(item(1, "Un", terms=[("author", "z", "Zibeline Paf")]), more=author)
        assert people(1) == [("Œ" * 120, "œ" * 120, "host")]

    def test_the_newest_of_two_versions_counts(self, run: Import, tmp_path: Path) -> None:
        old = write(tmp_path / "a.xml", item(1, "Neuf", modified="2024-05-01 00:00:00"))
        new = write(
            tmp_path / "b.xml", item(1, "Vieux", modified="2024-04-01 00:00:00"), item(2, "D")
        )
        for files in ((old, new), (new, old)):
            run(*files)
            assert of(1).title == "Neuf"
