"""What a post becomes, and what becomes of it when the import runs again."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client

from broadcasts.models import (
    Appearance,
    Broadcast,
    Redirect,
    Series,
    Tag,
    VideoSource,
)
from broadcasts.services.addresses import change_slug
from broadcasts.services.merging import merge_guests, merge_tags
from broadcasts.services.versions import versions_of
from broadcasts.signals import left_the_site
from broadcasts.wordpress.importing import LOCK
from guests.models import Guest
from tests.broadcasts.wordpress.conftest import Import, Ran, of
from tests.broadcasts.wordpress.exports import PAYLOADS, item, write
from tests.broadcasts.wordpress.tables import all_rows
from tests.factories import BroadcastFactory, GuestFactory, TagFactory, VideoSourceFactory

pytestmark = pytest.mark.django_db

Bring = Callable[..., Ran]
ARCHIVE, OLD = PAYLOADS / "archive.xml", PAYLOADS / "ancienne.xml"


def people(post_id: int) -> list[tuple[str, str, str]]:
    rows = of(post_id).appearances.select_related("guest")
    return [(row.guest.last_name, row.guest.first_name, row.role) for row in rows]


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

    def test_the_newest_of_two_versions_counts(self, run: Import, tmp_path: Path) -> None:
        old = write(tmp_path / "a.xml", item(1, "Neuf", modified="2024-05-01 00:00:00"))
        new = write(
            tmp_path / "b.xml", item(1, "Vieux", modified="2024-04-01 00:00:00"), item(2, "D")
        )
        for files in ((old, new), (new, old)):
            run(*files)
            assert of(1).title == "Neuf"


class TestAgain:
    def test_what_wordpress_changed_follows(self, bring: Bring) -> None:
        terms = [("category", "a", "A"), ("invite", "r", "Rossi Anna")]
        bring(item(1, "Un", "Texte.", terms=terms, status="draft"))
        slug = of(1).slug
        ran = bring(
            item(1, "Deux S02E03", "Autre.", excerpt="Chapô", terms=[("category", "b", "B")])
        )
        again = of(1)
        assert (again.title, again.slug, again.dek) == ("Deux S02E03", slug, "Chapô")
        assert (again.body_opening, again.is_public) == ("<p>Autre.</p>", True)
        assert (again.season, again.number) == (2, 3)
        assert [tag.name for tag in again.tags.all()] == ["B"]
        assert people(1) == []
        assert ran.rows("updated")[0]["changed"] == [
            "titre", "chapô", "texte", "saison et numéro", "état et date", "mots-clés", "personnes",
        ]  # fmt: skip

    def test_what_the_newsroom_changed_stays(self, bring: Bring) -> None:
        first = item(
            1, "Un", "Texte.", terms=[("category", "a", "A"), ("invite", "r", "Rossi Anna")]
        )
        second = item(
            1, "Deux", "Autre.", excerpt="Chapô",
            terms=[("category", "b", "B"), ("invite", "z", "Zibeline")],
        )  # fmt: skip
        bring(first)
        edited = of(1)
        edited.title, edited.body_opening = "Corrigé", "<p>Relu.</p>"
        edited.save()
        edited.tags.add(TagFactory(name="Ajouté"))
        edited.appearances.update(function="photographe")
        ran = bring(second)
        now = of(1)
        assert (now.title, now.body_opening, now.dek) == ("Corrigé", "<p>Relu.</p>", "Chapô")
        assert sorted(tag.name for tag in now.tags.all()) == ["A", "Ajouté"]
        assert people(1) == [("Zibeline", "", "guest")]  # only a function was written: not a change
        assert ran.rows("kept_because_edited")[0]["kept"] == ["titre", "texte", "mots-clés"]
        ran = bring(second, "--overwrite")
        now = of(1)
        assert (now.title, now.body_opening) == ("Deux", "<p>Autre.</p>")
        assert [tag.name for tag in now.tags.all()] == ["B"]
        assert ran.rows("kept_because_edited") == []

    def test_a_function_survives_other_changes_of_the_cast(self, bring: Bring) -> None:
        bring(item(1, "Un", terms=[("invite", "r", "Rossi Anna")]))
        Appearance.objects.update(function="photographe")
        bring(item(1, "Un", terms=[("invite", "z", "Zibeline"), ("invite", "r", "Rossi Anna")]))
        assert [(row.guest.last_name, row.function) for row in of(1).appearances.all()] == [
            ("Zibeline", ""),
            ("Rossi", "photographe"),
        ]

    def test_what_was_taken_away_stays_away_whatever_is_asked(self, bring: Bring) -> None:
        bring(item(1, "Un"))
        Broadcast.objects.update(status="archived")
        ran = bring(item(1, "Un"), "--overwrite")
        assert of(1).status == "archived"
        assert ran.rows("kept_because_edited")[0]["kept"] == ["état et date"]

    @pytest.mark.django_db(transaction=True)
    def test_what_wordpress_hides_again_leaves_the_site(
        self, bring: Bring, visitor: Client
    ) -> None:
        left: list[str] = []

        def hear(path: str, **_: object) -> None:
            left.append(path)

        left_the_site.connect(hear)
        try:
            bring(item(1, "Un", name="un"), item(2, "Deux", name="deux"))
            bring(
                item(1, "Un", name="un", status="private"),
                item(2, "Deux", name="deux", date_gmt="2099-01-01 00:00:00"),
            )
        finally:
            left_the_site.disconnect(hear)
        assert sorted(left) == ["/emissions/deux", "/emissions/un"]
        assert (of(1).status, of(1).published_at) == ("draft", None)
        assert of(2).is_programmed
        for path in ("/emissions/un", "/un/", "/emissions/deux", "/?p=2"):
            assert visitor.get(path).status_code == 404
        assert of(1).has_been_public()
        assert [step.action for step in of(1).steps.all()] == ["drafted"]

    def test_what_stood_here_before_can_be_had_back(self, bring: Bring) -> None:
        bring(item(1, "Un", "Texte."))
        bring(item(1, "Deux", "Autre."))
        assert [version.title for version in versions_of(of(1))] == ["Un"]
        bring(item(1, "Deux", "Autre."))
        assert versions_of(of(1)).count() == 1

    def test_what_was_deleted_stays_deleted(self, bring: Bring) -> None:
        post = item(1, "Un", status="draft", terms=[("category", "a", "A")])
        bring(post)
        of(1).delete()
        Tag.objects.all().delete()
        ran = bring(post)
        assert not Broadcast.objects.exists()
        assert ran.rows("skipped")[0]["reason"] == "supprimé ici par la rédaction"
        bring(post, "--overwrite")
        assert [tag.name for tag in of(1).tags.all()] == ["A"]

    def test_deleted_terms_do_not_come_back(self, bring: Bring) -> None:
        terms = [("category", "a", "A"), ("serie", "c", "C"), ("invite", "r", "Rossi Anna")]
        posts = [item(1, "Un", terms=terms), item(2, "Deux")]
        bring(*posts)
        Appearance.objects.all().delete()
        for model in (Tag, Series, Guest):
            model.objects.all().delete()
        ran = bring(item(1, "Un", terms=terms), item(2, "Deux", terms=terms))
        assert ran.error == ""
        for model in (Tag, Series, Guest):
            assert not model.objects.exists()
        assert "personne laissée de côté (supprimée ici)" in ran.what("to_look_at")
        bring(item(2, "Deux", terms=terms), "--overwrite")
        assert people(2) == [("Rossi", "Anna", "guest")]

    def test_what_was_renamed_or_merged_is_found_again(self, bring: Bring) -> None:
        terms = [
            ("category", "a", "A"), ("category", "b", "B"), ("serie", "c", "C"),
            ("invite", "r", "Rossi Anna"), ("invite", "s", "Rossi Ana"),
        ]  # fmt: skip
        bring(item(1, "Un", terms=terms), item(2, "Deux"))
        Tag.objects.filter(name="A").update(name="Alpha", slug="alpha")
        merge_tags(keep=Tag.objects.get(name="Alpha"), others=[Tag.objects.get(name="B")])
        Series.objects.update(title="Cé", slug="ce")
        change_slug(page=Guest.objects.get(slug="anna-rossi"), slug="anna-r")
        merge_guests(
            keep=Guest.objects.get(slug="anna-r"), others=[Guest.objects.get(slug="ana-rossi")]
        )
        bring(item(1, "Un", terms=terms), item(2, "Deux", terms=terms))
        assert Tag.objects.get().name == "Alpha"
        assert Series.objects.get().title == "Cé"
        assert Guest.objects.get().slug == "anna-r"
        for post_id in (1, 2):
            assert [tag.name for tag in of(post_id).tags.all()] == ["Alpha"]
            assert str(of(post_id).series) == "Cé"
            assert of(post_id).appearances.count() == 1

    def test_videos_are_added_and_never_taken_away(self, bring: Bring) -> None:
        first, second, found = (f"https://youtu.be/{letter * 11}" for letter in "abc")
        bring(item(1, "Un", first))
        VideoSourceFactory(broadcast=of(1), external_id="z" * 11)
        bring(item(1, "Un", f"{first}\n\n{second}"))
        kept = {source.external_id for source in of(1).sources.all()}
        assert kept == {"a" * 11, "b" * 11, "z" * 11}
        VideoSource.objects.filter(external_id="a" * 11).delete()
        bring(item(1, "Un", f"{first}\n\n{second}\n\n{found}"))
        kept = {source.external_id for source in of(1).sources.all()}
        assert kept == {"b" * 11, "c" * 11, "z" * 11}

    def test_a_broadcast_that_was_there_before_any_import_keeps_what_it_has(
        self, bring: Bring
    ) -> None:
        BroadcastFactory(
            wp_legacy_id=1,
            title="Le nôtre",
            slug="le-notre",
            dek="",
            season=None,
            body_rest="",
            feed_guid=None,
        )
        bring(item(1, "Le leur", "Texte.", excerpt="Chapô", terms=[("post_tag", "s", "Saison 03")]))
        ours = of(1)
        assert (ours.title, ours.slug, ours.dek) == ("Le nôtre", "le-notre", "Chapô")
        assert (ours.season, ours.feed_guid) == (3, "https://www.auposte.example/?p=1")
        assert ours.body_opening == "<p>Première partie.</p>"

    def test_descriptions_follow_until_somebody_writes_one(self, bring: Bring) -> None:
        def head(words: str) -> str:
            return (
                "<wp:category><wp:category_nicename>a</wp:category_nicename><wp:cat_name>A</wp:cat_name>"
                f"<wp:category_description>{words}</wp:category_description></wp:category>"
            )

        post = item(1, "Un", terms=[("category", "a", "A")])
        for words, expected in (("un", "un"), ("deux", "deux")):
            bring(post, more=head(words))
            assert Tag.objects.get().description == expected
        Tag.objects.update(description="la nôtre")
        bring(post, more=head("trois"))
        assert Tag.objects.get().description == "la nôtre"
        bring(post, "--overwrite", more=head("trois"))
        assert Tag.objects.get().description == "trois"

    def test_links_to_what_comes_later_and_to_what_becomes_public(self, bring: Bring) -> None:
        link = '<a href="https://auposte.example/deux/">là</a>'
        ran = bring(item(1, "Un", link), item(2, "Deux", name="deux", status="draft"))
        assert "https://auposte.example/deux/" in of(1).body_opening
        assert [row["detail"] for row in ran.rows("links_kept")] == ["texte qui n’est pas public"]
        bring(item(1, "Un", link), item(2, "Deux", name="deux"))
        assert 'href="/emissions/deux"' in of(1).body_opening
        Broadcast.objects.filter(wp_legacy_id=2).update(status="draft")  # an editor's decision
        bring(item(1, "Un", link), item(2, "Deux", name="deux"))
        assert "https://auposte.example/deux/" in of(1).body_opening


class TestDryRun:
    @pytest.mark.django_db(transaction=True)
    def test_it_writes_nothing_at_all(self, run: Import) -> None:
        BroadcastFactory(wp_legacy_id=4101, dek="")
        before = all_rows()
        ran = run(ARCHIVE, OLD, "--dry-run", "--overwrite")
        assert all_rows() == before
        assert (ran.total("imported"), ran.total("updated")) == (10, 1)
        assert ran.report["dry_run"] is True
        Tag.objects.create(name="Écrire", slug="ecrire")  # and afterwards writing works again

    def test_it_says_what_the_import_then_does(self, run: Import) -> None:
        told = run(ARCHIVE, OLD, "--dry-run").report
        done = run(ARCHIVE, OLD).report
        for report in (told, done):
            report["seconds"] = report["made_at"] = report["dry_run"] = None
            for listed in [*report["posts"].values(), *report.values()]:
                for row in listed.get("rows", ()) if isinstance(listed, dict) else ():
                    row["broadcast"] = None
        assert told == done


class TestTheCommand:
    def test_a_missing_file_stops_it_before_anything(self, run: Import) -> None:
        ran = run(ARCHIVE, "/nulle/part.xml")
        assert "/nulle/part.xml" in ran.error
        assert not Broadcast.objects.exists()

    def test_a_broken_file_gives_what_it_can_and_the_others_all(
        self, run: Import, tmp_path: Path
    ) -> None:
        broken = write(tmp_path / "casse.xml", item(1, "Un"), item(2, "Deux"))
        broken.write_text(
            broken.read_text().replace("<title><![CDATA[Deux", "<title>&<![CDATA[Deux")
        )
        refused = write(tmp_path / "doctype.xml", item(3, "Trois"))
        refused.write_text(refused.read_text().replace("<rss", "<!DOCTYPE rss><rss"))
        whole = write(tmp_path / "entier.xml", item(4, "Quatre"))
        ran = run(broken, refused, whole)
        assert sorted(Broadcast.objects.values_list("wp_legacy_id", flat=True)) == [1, 4]
        assert "pas complet" in ran.error
        assert [(Path(e["file"]).name, e["line"] > 0) for e in ran.report["errors"]] == [
            ("casse.xml", True),
            ("doctype.xml", False),
        ]
        assert "casse.xml, ligne" in ran.told
        assert "DOCTYPE" in ran.told

    def test_two_at_a_time_are_one_too_many(self, run: Import) -> None:
        from django.db import connections

        other = connections["default"].copy()
        try:
            with other.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
            assert "déjà en cours" in run(ARCHIVE).error
            assert not Broadcast.objects.exists()
        finally:
            other.close()
        assert run(ARCHIVE).error == ""

    def test_queries_do_not_grow_with_the_posts_before(self, run: Import, tmp_path: Path) -> None:
        from django.test.utils import CaptureQueriesContext

        def cost(number: int) -> int:
            posts = [item(n, f"Post {n}", "Texte.", name=f"post-{n}") for n in range(1, number + 1)]
            file = write(tmp_path / f"{number}.xml", *posts)
            with CaptureQueriesContext(
                connection,
            ) as queries:
                call_command("import_wordpress", str(file), verbosity=0)
            return len(queries)

        costs = [(cost(number), cost(number))[1] for number in (5, 25, 45)]
        assert costs[2] - costs[1] == costs[1] - costs[0]
