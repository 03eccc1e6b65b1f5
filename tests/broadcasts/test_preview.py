"""A text that is not out, for whoever holds a link to it."""

import datetime as dt

import pytest
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from broadcasts.models import Broadcast
from broadcasts.services import publishing
from broadcasts.services.previews import preview_path, revoke_previews
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


@pytest.fixture
def draft() -> Broadcast:
    return BroadcastFactory(
        title="Le grand secret",
        draft=True,
        series=SeriesFactory(),
        tagged=[TagFactory()],
        with_guests=[GuestFactory()],
    )


def follow(visitor: Client, path: str, status: int = 200) -> HttpResponse:
    """Open it; whatever the answer, it stays between those who hold the link."""
    answer = visitor.get(path)
    assert answer.status_code == status, answer
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Robots-Tag"] == "noindex, nofollow"
    assert answer["Referrer-Policy"] == "no-referrer"
    assert not answer.cookies
    assert "unsafe" not in answer["Content-Security-Policy"]
    return answer


def test_it_is_the_real_page_under_a_banner(draft: Broadcast, visitor: Client) -> None:
    VideoSourceFactory(broadcast=draft)
    ChapterFactory(broadcast=draft, title="Qui paie")
    BroadcastFactory(series=draft.series, title="La parente")
    path = preview_path(broadcast=draft, days=7)
    page = Page(follow(visitor, path))
    for words in (
        "Aperçu – non publié, lien valable jusqu’au",
        "Le grand secret", "Première partie.", "Seconde partie.", "Qui paie", "La parente",
        "Lire la vidéo",
    ):  # fmt: skip
        assert words in page.text
    assert path not in page.html, "the secret address is nowhere to copy from by mistake"
    assert page.one("meta", name="robots")["content"] == "noindex, nofollow"
    assert not page.all("link", rel="canonical")
    assert not page.all("meta", property="og:url")
    assert "ld+json" not in page.html


def test_the_text_itself_stays_where_it_was(draft: Broadcast, visitor: Client) -> None:
    follow(visitor, preview_path(broadcast=draft, days=7))
    assert visitor.get(draft.get_absolute_url()).status_code == 404
    for address in ("/", "/emissions", "/sitemap.xml", "/robots.txt"):
        text = visitor.get(address).content.decode()
        assert draft.title not in text
        assert "apercu" not in text


def test_a_draft_without_anything_has_a_preview(visitor: Client) -> None:
    bare = Broadcast.objects.create(title="Titre", slug="titre")
    page = Page(follow(visitor, preview_path(broadcast=bare, days=1)))
    assert "Date" not in page.text.partition("Fiche")[2].partition("Licence")[0]


def test_a_programmed_text_has_one_until_it_is_out(visitor: Client) -> None:
    programmed = BroadcastFactory(programmed=True)
    path = preview_path(broadcast=programmed, days=30)
    follow(visitor, path)
    Broadcast.objects.filter(pk=programmed.pk).update(published_at=timezone.now())
    assert follow(visitor, path, 302)["Location"] == programmed.get_absolute_url()


def test_what_is_taken_away_is_gone_here_too(draft: Broadcast, visitor: Client) -> None:
    path = preview_path(broadcast=draft, days=7)
    publishing.publish(broadcast=draft, user=None)
    publishing.take_away(broadcast=draft, user=None)
    page = Page(follow(visitor, path, 410))
    assert "Cette émission a été retirée." in page.text
    assert draft.title not in page.html


@pytest.mark.parametrize("days", [1, 7, 30])
def test_it_ends_at_its_hour(
    days: int, draft: Broadcast, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, made = preview_path(broadcast=draft, days=days), timezone.now()
    end = made + dt.timedelta(days=days)
    monkeypatch.setattr(timezone, "now", lambda: end - dt.timedelta(seconds=2))
    follow(visitor, path)
    monkeypatch.setattr(timezone, "now", lambda: end + dt.timedelta(seconds=1))
    page = Page(follow(visitor, path, 410))
    assert "Ce lien d’aperçu était valable jusqu’au" in page.text
    assert "Demandez-en un autre à la rédaction" in page.text


def test_revoked_links_open_nothing_and_new_ones_do(draft: Broadcast, visitor: Client) -> None:
    other = BroadcastFactory(draft=True)
    path, others = preview_path(broadcast=draft, days=7), preview_path(broadcast=other, days=7)
    revoke_previews(broadcast=draft)
    assert "a été révoqué" in Page(follow(visitor, path, 404)).text
    follow(visitor, others)
    follow(visitor, preview_path(broadcast=draft, days=7))


def test_what_is_not_ours_is_refused_kindly(draft: Broadcast, visitor: Client) -> None:
    number, until, signature = preview_path(broadcast=draft, days=1).rpartition("/")[2].split("-")
    other = BroadcastFactory(draft=True)
    for token in (
        "x",
        "1-2-3",
        f"{number}-{until}",
        f"{number}-{until}-{signature[:-1]}",
        f"{number}-{until}-{'0' * 40}",
        f"{number}-{int(until) + 86_400}-{signature}",
        f"{other.pk}-{until}-{signature}",
        f"{'9' * 18}-{until}-{signature}",
        f"{'9' * 40}-{until}-{signature}",
        f"{number}-{'9' * 11}-{signature}",
        f"{number}-{until}-{signature}é",
        f"٣-{until}-{signature}",
    ):
        page = Page(follow(visitor, f"/apercu/{token}", 404))
        assert "Ce lien d’aperçu" in page.text, token
        assert draft.title not in page.html


def test_rows_made_outside_have_keys_of_their_own() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        for slug in ("un", "deux"):
            cursor.execute(
                "INSERT INTO broadcasts_broadcast (title, slug, dek, body_opening, body_rest,"
                " status, image, image_alt, image_credit, focal_x, focal_y, licence,"
                " wp_legacy_link, legacy_source_url, created_at, updated_at)"
                " VALUES ('T', %s, '', '', '', 'draft', '', '', '', 50, 50, 'by-sa', '', '',"
                " now(), now())",
                [slug],
            )
    assert len(set(Broadcast.objects.values_list("preview_key", flat=True))) == 2


@pytest.mark.parametrize("extra", [0, 12])
def test_the_number_of_queries_does_not_grow(
    draft: Broadcast,
    visitor: Client,
    django_assert_max_num_queries: DjangoAssertNumQueries,
    extra: int,
) -> None:
    month_with_lines()
    MottoFactory.create_batch(3)
    for number in range(extra):
        AppearanceFactory(broadcast=draft, position=number + 1)
        ChapterFactory(broadcast=draft)
        VideoSourceFactory(broadcast=draft)
        draft.tags.add(TagFactory())
        BroadcastFactory(series=draft.series, with_guests=[GuestFactory()])
    path = preview_path(broadcast=draft, days=1)
    visitor.get(path)
    with django_assert_max_num_queries(QUERIES_AT_MOST):
        follow(visitor, path)
