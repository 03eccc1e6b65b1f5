"""The real site behind a real nginx with our file, which keeps pages for a second."""

from __future__ import annotations

import gzip
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import brotli
import httpx
import pytest
from django.conf import settings as site_settings
from django.db import connections

from broadcasts.models import Broadcast
from broadcasts.services import publishing
from sandbox.services import Services
from tests import processes, test_nginx
from tests.environment import SITE_PORT
from tests.factories import BroadcastFactory, TranscriptFactory

pytestmark = [test_nginx.pytestmark, pytest.mark.timeout(120)]
folder = test_nginx.folder


@pytest.fixture(scope="module")
def door(folder: Path, hashed_static_files: None) -> Iterator[str]:
    """The address of nginx, before the site on this suite's database and Valkey."""
    process, port = test_nginx.start(folder, "pages", SITE_PORT)
    address = f"http://127.0.0.1:{port}"
    command = (
        *("granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(SITE_PORT)),
        *("--workers", "1", "--blocking-threads", "2", "auposte.wsgi:application"),
    )
    kept = {"PAGES_KEPT": "true", "NGINX_CACHE": str(cache_of(folder)), "TRUST_PROXY": "true"}
    log = folder / "tmp" / "site.log"
    with processes.running(*command, log=log, ready="Started worker-1", env=kept):
        for _ in test_nginx.serving(process, port):
            yield address


def cache_of(folder: Path) -> Path:
    return folder / "tmp" / "pages-cache"


@pytest.fixture
def visit(door: str) -> Iterator[Callable[..., httpx.Response]]:
    """Ask nginx as the site's name, and take the bytes as they come."""
    host = site_settings.SITE_URL.removeprefix("http://")
    as_it_is = {"Accept-Encoding": "identity"}
    with httpx.Client(
        trust_env=False, headers=as_it_is, timeout=processes.PATIENCE_SECONDS
    ) as client:

        def ask(path: str, **headers: str) -> httpx.Response:
            with client.stream("GET", door + path, headers={"Host": host, **headers}) as answer:
                answer.raw = b"".join(answer.iter_raw())
                return answer

        # After a test that took Valkey away, the site does without it for a moment.
        processes.wait_until(lambda: "Server-Timing" in ask("/series").headers, "kept pages")
        yield ask


@pytest.fixture
def episode(folder: Path, settings: object) -> Broadcast:
    settings.NGINX_CACHE = cache_of(folder)  # type: ignore[attr-defined]
    return BroadcastFactory(title="Ce que nginx garde")


def wait_for_a_second() -> None:
    """nginx counts whole seconds."""
    time.sleep(2.1)


def test_encodings_do_not_mix(visit: Callable[..., httpx.Response], episode: Broadcast) -> None:
    address = episode.get_absolute_url()
    plain = visit(address).raw
    for _ in range(2):
        for accepted, decode in {
            "gzip, deflate, br": brotli.decompress,
            "br": brotli.decompress,
            "gzip;q=0.9": gzip.decompress,
            "br;q=0, gzip": gzip.decompress,
            "deflate": bytes,
        }.items():
            answer = visit(address, **{"Accept-Encoding": accepted})
            assert decode(answer.raw) == plain, accepted
            assert "X-Accel-Expires" not in answer.headers
            assert answer.headers["Vary"].count("Accept-Encoding")


def test_an_edit_shows_within_two_seconds(
    visit: Callable[..., httpx.Response], episode: Broadcast
) -> None:
    address = episode.get_absolute_url()
    visit(address)
    Broadcast.objects.update(title="Ce que nginx a vu ensuite")
    wait_for_a_second()
    assert "Ce que nginx a vu ensuite" in visit(address).raw.decode()


def test_what_is_taken_away_is_gone_at_once(
    visit: Callable[..., httpx.Response], episode: Broadcast
) -> None:
    TranscriptFactory(broadcast=episode, said=[episode.title])
    address = episode.get_absolute_url()
    own = [address, *(f"{address}/transcription{kind}" for kind in ("", ".vtt", ".txt"))]
    lists = ["/", "/emissions", "/flux/emissions.xml", "/sitemaps/emissions-1.xml"]
    lists.append("/recherche?q=garde")
    for page in (*own, *lists):
        for accepted in ("br", "gzip", "identity"):
            assert visit(page, **{"Accept-Encoding": accepted}).status_code == 200, page
    publishing.take_away(broadcast=episode, user=None)
    assert [visit(page).status_code for page in own] == [410] * len(own)
    for page in (*own, *lists):
        assert episode.title not in visit(page).raw.decode(), page


def test_a_part_is_never_taken_for_the_page(
    visit: Callable[..., httpx.Response], episode: Broadcast
) -> None:
    """Nor by who writes htmx's headers so that nginx and the site would read them differently."""
    written = [
        {"HX-Request": "true"},
        {"HX-Request": "1"},
        {"HX-Request": "true", "HX-Boosted": "truex"},
        {"HX-Request": "true", "HX-Boosted": "x:y", "HX-History-Restore-Request": "true"},
    ]
    # Each an address that nginx has never kept.
    asked = [(f"{episode.get_absolute_url()}/transcription", written[0]), ("/direct", written[1])]
    for headers in written[1:]:
        other = TranscriptFactory().broadcast
        asked.append((f"{other.get_absolute_url()}/transcription", headers))
    TranscriptFactory(broadcast=episode)
    wait_for_a_second()
    for address, headers in asked:
        visit(address, **headers)
        assert b"<html" in visit(address).raw, (address, headers)
        assert b"<html" not in visit(address, **{"HX-Request": "true"}).raw, (address, headers)


@pytest.mark.parametrize(
    "headers", [{"Cookie": "sessionid=x"}, {"Cookie": "a=1; don=x"}, {"Authorization": "Basic x"}]
)
def test_somebody_s_answers_are_not_kept(
    visit: Callable[..., httpx.Response],
    episode: Broadcast,
    headers: dict[str, str],
    folder: Path,
) -> None:
    before = {path for path in cache_of(folder).rglob("*") if path.is_file()}
    assert visit(episode.get_absolute_url(), **headers).status_code == 200
    for path in (
        "/don", "/admin/login/", f"{episode.get_absolute_url()}?utm_source=x", "/rien",
        "/emissions?saison=9&duree=1-a-2-h", "/emissions?tri=titre", "/emissions?tags=a&tags=b",
        "/?t=1", "/direct?tags=x", f"{episode.get_absolute_url()}?page=2",
        # Other writings of what is kept.
        "/%65missions", "//emissions", "/emissions?",
        "/sitemaps/emissions-01.xml",
    ):  # fmt: skip
        visit(path)
    assert {path for path in cache_of(folder).rglob("*") if path.is_file()} == before


def test_links_to_moments_are_one_page(
    visit: Callable[..., httpx.Response], episode: Broadcast, folder: Path
) -> None:
    address = episode.get_absolute_url()
    visit(address)
    before = {path for path in cache_of(folder).rglob("*") if path.is_file()}
    assert before
    for moment in ("72", "1h12m00s", "1:12:00"):
        assert visit(f"{address}?t={moment}").status_code == 200
    assert {path for path in cache_of(folder).rglob("*") if path.is_file()} == before


def test_a_foreign_host_gets_nothing(
    visit: Callable[..., httpx.Response], episode: Broadcast
) -> None:
    address = episode.get_absolute_url()
    visit(address)
    assert visit(address, Host="evil.example").status_code == 400
    assert b"evil" not in visit(address).raw


def test_everything_behind_it_is_down(
    visit: Callable[..., httpx.Response], episode: Broadcast, services: Services
) -> None:
    """PostgreSQL, then Valkey too: pages that somebody has seen stay readable, and come back."""
    address = episode.get_absolute_url()
    assert visit(address).status_code == 200
    connections.close_all()
    services.postgres.stop()
    try:
        wait_for_a_second()
        assert episode.title in visit(address).raw.decode()
        services.valkey.stop()
        try:
            wait_for_a_second()
            assert episode.title in visit(address).raw.decode()
            assert visit(f"{address}?utm_source=jamais-vue").status_code == 500
        finally:
            services.valkey.start()
    finally:
        services.postgres.start()
        connections.close_all()
    Broadcast.objects.update(title="De retour")
    processes.wait_until(
        lambda: "De retour" in visit(address).raw.decode(), "the site to come back"
    )
