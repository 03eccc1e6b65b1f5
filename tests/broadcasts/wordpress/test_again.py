"""The import runs again: what WordPress changed follows, what the newsroom changed stays."""

from collections.abc import Callable

import pytest
from django.test import Client

from auposte.models import Removal
from broadcasts.models import (
    Appearance,
    Broadcast,
    Series,
    Tag,
    VideoSource,
)
from broadcasts.services.addresses import change_slug
from broadcasts.services.merging import merge_guests, merge_tags
from broadcasts.services.versions import versions_of
from guests.models import Guest
from tests.broadcasts.wordpress.conftest import Ran, of, people
from tests.broadcasts.wordpress.exports import item
from tests.factories import BroadcastFactory, TagFactory, VideoSourceFactory

pytestmark = pytest.mark.django_db

Bring = Callable[..., Ran]


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
        bring(item(1, "Un", name="un"), item(2, "Deux", name="deux"))
        bring(
            item(1, "Un", name="un", status="private"),
            item(2, "Deux", name="deux", date_gmt="2099-01-01 00:00:00"),
        )
        left = Removal.objects.values_list("path", flat=True)
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
