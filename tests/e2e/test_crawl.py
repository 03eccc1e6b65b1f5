"""Every public address, found as a search engine finds it: by following links."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from html import unescape
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

import httpx
import pytest
from django.conf import settings

from broadcasts.models import Broadcast, Redirect, Series, Tag
from broadcasts.services import browsing
from tests.e2e.html_document import HtmlDocument

START = "/"
# Nothing leads there, but each must answer.
KNOWN = (
    "/robots.txt",
    "/sitemap.xml",
    "/sante/vivant",
    "/sante/pret",
    "/fragments/collecte",
    "/emissions?page=1&tags=Saison+04",
    "/emissions?page=abc",
)
# Parts of pages, which htmx asks for.
PARTS = ("/fragments/", "/recherche/suggestions")
# For those who are sent there; search engines are asked to leave them out.
UNNAMED = {"/don/merci", "/recherche"}
# What hangs on an episode, which is named.
BESIDE = ("/citer",)
FILTERS = {"tags", "serie", "saison", "invite", "annee", "duree", "transcription", "tri"}


@dataclass
class Crawl:
    """The site as it was found: pages by path and query, and what is wrong with them."""

    pages: dict[str, HtmlDocument] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    @property
    def paths(self) -> set[str]:
        return {urlsplit(address).path for address in self.pages}


@pytest.fixture(scope="module")
def crawl(site: str) -> Crawl:
    found, seen = Crawl(), set[str]()
    fragments: list[tuple[str, str, str]] = []
    queue = deque([(START, "the start"), *((path, "the known list") for path in KNOWN)])
    with httpx.Client(base_url=site, timeout=30) as client:
        while queue:
            address, source = queue.popleft()
            if address in seen:
                continue
            seen.add(address)
            document = visit(client, found, address, source)
            for link in document.addresses if document else ():
                target, fragment = urldefrag(urljoin(f"{site}{address}", link))
                if not target.startswith(f"{site}/") and target != site:
                    continue
                local = target.removeprefix(site) or "/"
                if fragment:
                    fragments.append((address, local, fragment))
                if not is_combination(local):
                    queue.append((local, address))
    for address, local, fragment in fragments:
        page = found.pages.get(local)
        if page is not None and fragment not in page.ids:
            found.faults.append(f"{address} links to {local}#{fragment}, which is not there")
    return found


def is_combination(address: str) -> bool:
    """Several filters at once: there are thousands, and none shows more than each alone."""
    asked = [name for name, _ in parse_qsl(urlsplit(address).query) if name in FILTERS]
    return len(asked) > 1


def visit(client: httpx.Client, found: Crawl, address: str, source: str) -> HtmlDocument | None:
    """Ask for one address; None when it is no page."""
    response = client.get(address)
    if response.status_code != 200:
        found.faults.append(f"{address} answers {response.status_code}, linked from {source}")
        return None
    if response.headers.get("set-cookie"):
        found.faults.append(f"{address} sets a cookie")
    found.texts[address] = (
        response.text if response.headers["content-type"].startswith(("text/", "app")) else ""
    )
    if not response.headers["content-type"].startswith("text/html"):
        return None
    document = HtmlDocument(response.text)
    if address.startswith(PARTS):
        return document
    found.pages[address] = document
    twice = {name for name in document.ids if document.ids.count(name) > 1}
    found.faults += [
        f"{address}: {fault}"
        for fault, is_there in (
            (f"{document.h1s} h1", document.h1s != 1),
            (f"language {document.language!r}", document.language != "fr"),
            ("no title", not document.title.strip()),
            (f"ids used twice: {twice}", bool(twice)),
        )
        if is_there
    ]
    return document


def test_every_page_is_sound(crawl: Crawl) -> None:
    assert not crawl.faults, "\n".join(crawl.faults)


def test_everything_public_can_be_reached_from_home(crawl: Crawl) -> None:
    public = [
        *Broadcast.objects.public(),
        *browsing.public_guests(),
        *browsing.public_series(),
        *browsing.public_seasons(),
    ]
    assert len(public) > 60
    keywords = {tag.page_address for tag in browsing.public_tags()}
    assert keywords | {thing.get_absolute_url() for thing in public} <= crawl.paths


def test_titles_tell_pages_apart(crawl: Crawl) -> None:
    """A form that is prefilled stays the form, and a filter may be a series' or a guest's own."""
    by_title: dict[str, list[str]] = {}
    for address, page in crawl.pages.items():
        if "?" not in address:
            by_title.setdefault(page.title, []).append(address)
    assert [addresses for addresses in by_title.values() if len(addresses) > 1] == []


def test_what_is_not_public_is_nowhere(crawl: Crawl) -> None:
    hidden = Broadcast.objects.exclude(pk__in=Broadcast.objects.public())
    assert {broadcast.status for broadcast in hidden} == set(Broadcast.Status)
    for broadcast in hidden:
        telling = [
            address
            for address, text in crawl.texts.items()
            if broadcast.slug in text or broadcast.title in text
        ]
        assert telling == [], broadcast.title
        gone = broadcast.status == Broadcast.Status.ARCHIVED
        answer = httpx.get(f"{settings.SITE_URL}{broadcast.get_absolute_url()}", timeout=30)
        assert answer.status_code == (410 if gone else 404)
        assert broadcast.title not in answer.text


def locations(sitemap: str) -> list[str]:
    return [unescape(part.partition("</loc>")[0]) for part in sitemap.split("<loc>")[1:]]


def test_the_sitemap_names_what_the_crawl_found(crawl: Crawl) -> None:
    index = crawl.texts["/sitemap.xml"]
    with httpx.Client(timeout=30) as client:
        named = {
            address.removeprefix(settings.SITE_URL)
            for part in locations(index)
            for address in locations(client.get(part).text)
        }
    assert {urlsplit(address).path for address in named} == named
    assert named <= crawl.paths
    assert {path for path in crawl.paths if not path.endswith(BESIDE)} - UNNAMED <= named


def test_old_addresses_lead_to_pages_in_one_step(crawl: Crawl) -> None:
    public = Broadcast.objects.public()
    old = [
        *Redirect.objects.filter(broadcast__in=public).values_list("path", flat=True),
        *(f"/?p={number}" for number in public.values_list("wp_legacy_id", flat=True) if number),
        *(f"/cat/{tag.slug}/" for tag in Tag.objects.filter(broadcasts__in=public)),
        "/dons",
        "/cat/saison-04/",
        "/emissions/",
    ]
    assert len(old) > 40
    with httpx.Client(base_url=settings.SITE_URL, timeout=30) as client:
        for path in old:
            answer = client.get(path)
            assert answer.status_code == 301, path
            assert answer.headers["location"] in crawl.pages, path


def test_series_without_anything_public_is_not_shown(crawl: Crawl) -> None:
    for series in Series.objects.exclude(pk__in=browsing.public_series()):
        assert series.get_absolute_url() not in crawl.paths
