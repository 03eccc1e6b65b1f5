"""What is kept, for whom, and in which form: as a browser sees it."""

from __future__ import annotations

import gzip
import re
from typing import Any

import brotli
import pytest
from django.test import Client
from django.urls import reverse
from pytest_django.fixtures import Settings
from redis import Redis

from auposte.pages import middleware
from broadcasts.models import Broadcast
from tests.factories import BroadcastFactory, SeriesFactory, TagFactory


def how(response: Any) -> str:
    """`hit`, `miss`, `stale`, or nothing for what is not kept."""
    return str(response.get("Server-Timing", "")).partition('"')[2].rstrip('"')


def visit(path: str, **headers: str) -> Any:
    return Client(raise_request_exception=False, headers=headers).get(path)


def keys(settings: Settings) -> list[str]:
    found = Redis.from_url(settings.REDIS_URL).keys("page:*")
    return sorted(key.decode() for key in found)


@pytest.fixture
def episode() -> Broadcast:
    return BroadcastFactory(title="Première version")


@pytest.fixture
def address(episode: Broadcast) -> str:
    return episode.get_absolute_url()


def test_a_second_visit_asks_the_database_nothing(
    address: str, django_assert_num_queries: Any
) -> None:
    first = visit(address)
    assert (how(first), first.status_code) == ("miss", 200)
    with django_assert_num_queries(0):
        second = visit(address)
    assert how(second) == "hit"
    assert second.content == first.content
    told = {k: v for k, v in first.items() if k != "Server-Timing"}
    assert {k: v for k, v in second.items() if k != "Server-Timing"} == told
    assert "Content-Security-Policy" in second
    assert second["Referrer-Policy"] == first["Referrer-Policy"]


@pytest.mark.parametrize("path", ["/", "/emissions", "/don", "/recherche", "/nulle-part"])
def test_other_sites_learn_no_more_than_our_name(path: str, address: str) -> None:
    """Without any, YouTube's player refuses to play ("error 153")."""
    for asked in (path, address):
        assert visit(asked)["Referrer-Policy"] == "strict-origin-when-cross-origin", asked


def test_an_edit_shows_at_once(episode: Broadcast, address: str) -> None:
    visit(address)
    Broadcast.objects.filter(pk=episode.pk).update(title="Seconde version")
    assert "Seconde version" in visit(address).text
    episode.chapters.create(start_seconds=0, title="Un chapitre de plus")
    assert "Un chapitre de plus" in visit(address).text
    episode.tags.add(TagFactory(name="Étiquette neuve"))
    assert "Étiquette neuve" in visit(address).text


def test_each_browser_gets_the_encoding_that_it_reads(address: str) -> None:
    plain = visit(address).content
    for accepted, sent in {
        "gzip, deflate, br, zstd": "br",
        "gzip": "gzip",
        "br;q=0, gzip;q=0.5": "gzip",
        "deflate": "",
        "identity": "",
        "gzip;q=0": "",
    }.items():
        for expected in ("miss", "hit") if sent else ("hit",):
            answer = visit(address, **{"accept-encoding": accepted})
            if expected == "hit":
                assert how(answer) == "hit", accepted
            assert answer.get("Content-Encoding", "") == sent, accepted
            decode = {"br": brotli.decompress, "gzip": gzip.decompress}.get(sent, bytes)
            assert decode(answer.content) == plain, accepted
            assert {"Accept-Encoding", "HX-Request"} <= set(answer["Vary"].split(", "))
            assert int(answer["Content-Length"]) == len(answer.content)


def test_whoever_has_the_page_is_told_so(address: str) -> None:
    first = visit(address)
    for tag in (first["ETag"], f"W/{first['ETag']}", f'"autre", {first["ETag"]}', "*"):
        again = visit(address, **{"if-none-match": tag})
        assert (again.status_code, again.content) == (304, b""), tag
        assert again["ETag"] == first["ETag"]
        assert "Content-Length" not in again
    assert visit(address, **{"if-none-match": '"autre"'}).status_code == 200
    other = visit(address, **{"accept-encoding": "br"})
    assert other["ETag"] != first["ETag"]


def test_conditions_do_not_keep_the_first_page_from_being_kept(address: str) -> None:
    tag = visit(address)["ETag"]
    Broadcast.objects.update(title="Autre")
    assert visit(address, **{"if-none-match": tag}).status_code == 200
    feed = reverse("broadcasts:feed")
    tag = visit(feed)["ETag"]
    Broadcast.objects.update(title="Encore autre")
    assert visit(feed, **{"if-none-match": tag}).status_code == 200
    assert how(visit(feed)) == "hit"


def test_head_gets_the_headers_of_the_page(address: str) -> None:
    for expected in ("miss", "hit"):
        answer = Client().head(address)
        assert (how(answer), answer.content) == (expected, b"")
    assert answer["Content-Length"] == str(len(visit(address).content))


@pytest.mark.parametrize(
    "headers",
    [
        {"cookie": "sessionid=abc"},
        {"cookie": "autre=1; csrftoken=abc"},
        {"cookie": "don=abc"},
        {"authorization": "Bearer abc"},
    ],
)
def test_whoever_is_somebody_neither_fills_nor_reads(
    headers: dict[str, str], address: str, settings: Settings
) -> None:
    assert how(visit(address, **headers)) == ""
    assert keys(settings) == []
    visit(address)
    assert how(visit(address, **headers)) == ""


def test_another_s_cookie_changes_nothing(address: str) -> None:
    visit(address)
    assert how(visit(address, cookie="_ga=1; london=2")) == "hit"


def test_addresses_that_differ_in_what_no_view_reads_are_one(
    address: str, settings: Settings
) -> None:
    visit(address)
    for query in ("utm_source=x", "fbclid=1&utm_medium=y", "tags=Climat", "page=2"):
        assert how(visit(f"{address}?{query}")) == "hit", query
    assert len(keys(settings)) == 1


def test_what_names_nothing_is_not_kept(settings: Settings) -> None:
    """There is no end to addresses like these."""
    BroadcastFactory(season=9).tags.add(TagFactory(name="Climat"))
    for query in ("tags=zzz", "page=abc", "page=01", "saison=09", "tags=climat", "annee=1"):
        assert visit(f"/emissions?{query}").status_code in {200, 301}, query
        assert keys(settings) == [], query
    for query in ("tags=Climat", "saison=9", "page=1"):
        visit(f"/emissions?{query}")
        assert how(visit(f"/emissions?utm_source=a&{query}")) == "hit", query
    assert len(keys(settings)) == 3


def test_lists_are_kept_by_page_and_filter() -> None:
    BroadcastFactory.create_batch(25)
    first, second = visit("/emissions"), visit("/emissions?page=2")
    assert first.content != second.content
    assert visit("/emissions?page=2").content == second.content
    assert visit("/emissions").content == first.content


def test_what_no_view_reads_stands_on_no_page() -> None:
    """Who comes first, with whatever address, leaves nothing of it in what all others get."""
    BroadcastFactory.create_batch(25, series=SeriesFactory(slug="grande"))
    for address in ("/emissions", "/series/grande"):
        first = visit(f"{address}?utm_source=evil&page=1&x=y")
        assert "page=2" in first.text
        assert "evil" not in first.text
        assert "x=y" not in first.text


def test_of_the_list_s_filters_one_at_a_time_is_kept() -> None:
    """There is no end to their combinations; and the last of several must not stand for all."""
    a, b = TagFactory(name="Armes"), TagFactory(name="Bassines")
    BroadcastFactory(title="Seule", slug="seule", tagged=[a])
    BroadcastFactory(title="Les deux", tagged=[a, b], season=9)
    for query, expected in (
        ("tags=Armes", "hit"),
        ("tags=Bassines", "hit"),
        ("duree=1-a-2-h", "hit"),
        ("saison=9&tags=Armes", ""),
        ("tags=Bassines&tags=Armes", ""),
        ("tri=titre", ""),
    ):
        visit(f"/emissions?{query}")
        assert how(visit(f"/emissions?{query}")) == expected, query
    assert "Seule" not in visit("/emissions?tags=Bassines&tags=Armes").text
    assert "Seule" in visit("/emissions?tags=Armes").text


def test_an_old_post_s_address_is_no_home_page() -> None:
    old = BroadcastFactory(wp_legacy_id=77)
    visit("/")
    assert visit("/?p=77")["Location"] == old.get_absolute_url()
    assert visit("/?p=78").status_code == 404
    assert how(visit("/?utm_source=lettre")) == "hit"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1:1@evil.example", ""])
def test_a_foreign_host_is_refused_even_for_a_kept_page(host: str, address: str) -> None:
    visit(address)
    assert Client(headers={"host": host or " "}).get(address).status_code == 400


def test_no_host_gets_into_a_page(address: str) -> None:
    """Two names of the site share its pages, which name neither but the site's own."""
    page = Client(headers={"host": "localhost"}).get(address)
    assert "localhost" not in page.text
    assert visit(address).content == page.content


def test_another_scheme_is_another_site(address: str, settings: Settings) -> None:
    settings.SECURE_SSL_REDIRECT = True
    settings.SITE_URL = "https://127.0.0.1"
    assert Client().get(address).status_code == 301
    assert keys(settings) == []
    page = Client().get(address, secure=True)
    assert how(page) == "miss"
    assert Client().get(address).status_code == 301


@pytest.mark.parametrize(
    "path",
    ["/don", "/don/merci?session=cs_test_x", "/don/gerer", "/apercu/x", "/admin/login/",
     "/fragments/collecte", "/overlay/collecte", "/sante/pret", "/jamais-vue"],
)  # fmt: skip
def test_forms_errors_and_private_pages_are_not_kept(path: str, settings: Settings) -> None:
    for _ in range(2):
        assert how(visit(path)) == ""
    assert keys(settings) == []


def test_no_kept_page_holds_a_form_that_posts_or_a_cookie() -> None:
    BroadcastFactory(season=9)
    for name in ("home", "episodes", "all-series", "guests", "feed", "robots", "sitemap"):
        page = visit(reverse(f"broadcasts:{name}"))
        assert how(page) == "miss", name
        assert not re.search(r"<form[^>]*\bpost\b", page.text, re.IGNORECASE), name
        assert not page.cookies, name
        assert "no-cache" in page["Cache-Control"], name


def test_a_post_is_never_answered_by_a_page(address: str) -> None:
    visit(address)
    assert Client().post(address).status_code == 405


def test_a_minute_makes_any_page_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """A programmed text's hour comes without a write."""
    BroadcastFactory()
    now = middleware.time.time()
    monkeypatch.setattr(middleware.time, "time", lambda: now)
    visit("/emissions")
    monkeypatch.setattr(middleware.time, "time", lambda: now + 59)
    assert how(visit("/emissions")) == "hit"
    monkeypatch.setattr(middleware.time, "time", lambda: now + 61)
    assert how(visit("/emissions")) == "miss"
