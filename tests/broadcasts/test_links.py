"""Links that lead out of the archive are found, tried over real HTTP, and told when they break."""

import http.server
import threading
from collections.abc import Iterator

import pytest
from django.utils import timezone

from broadcasts.models import OutgoingLink
from broadcasts.services.links import check_link, due_links, links_in, note_links
from tests.factories import BroadcastFactory

pytestmark = pytest.mark.django_db


class Site(http.server.BaseHTTPRequestHandler):
    """Answers with the status that its path names; `/vers/…` redirects there."""

    def do_GET(self) -> None:
        if self.path.startswith("/vers/"):
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/vers"))
        else:
            self.send_response(int(self.path.strip("/")))
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def site(settings: object) -> Iterator[str]:
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Site)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    settings.PEERTUBE_URL = f"http://127.0.0.1:{server.server_port}"
    yield settings.PEERTUBE_URL
    server.shutdown()
    server.server_close()


def test_the_links_of_a_text(settings: object) -> None:
    html = f"""
        <p><a href="https://example.org/a?b=1&amp;c=2#bas">un</a> <a href="#note">une note</a>
        <a href="https://example.org/a?b=1&amp;c=2">le même</a> <a href="mailto:a@b.fr">courrier</a>
        <a href="/emissions/x">chez nous</a> <a href="{settings.SITE_URL}/don">chez nous</a></p>
    """
    assert links_in(html) == {"https://example.org/a?b=1&c=2"}


def test_a_link_is_kept_once_and_forgotten_with_its_last_text() -> None:
    body = '<p><a href="https://example.org/">là</a></p>'
    one, two = BroadcastFactory(body_opening=body), BroadcastFactory(body_rest=body)
    for broadcast in (one, two, one):
        note_links(broadcast)
    link = OutgoingLink.objects.get()
    assert set(link.broadcasts.all()) == {one, two}
    for broadcast in (one, two):
        broadcast.body_opening = broadcast.body_rest = ""
        note_links(broadcast)
    assert not OutgoingLink.objects.exists()


@pytest.mark.parametrize("path", ["/200", "/vers/200", "/403", "/429"])
def test_an_answer_is_an_answer(site: str, path: str) -> None:
    link = OutgoingLink.objects.create(url=site + path, failures=2)
    assert check_link(link)
    link.refresh_from_db()
    assert (link.failures, link.problem) == (0, "")


@pytest.mark.parametrize("path", ["/404", "/vers/410", "/500", "/vers/vers/404"])
def test_three_failures_days_apart_make_a_broken_link(site: str, path: str) -> None:
    link = OutgoingLink.objects.create(url=site + path)
    for _ in range(3):
        assert not OutgoingLink.objects.broken().exists()
        assert not check_link(link)
        assert (link.check_due_at - timezone.now()).days in (0, 1, 6)
    assert OutgoingLink.objects.broken().get() == link
    assert "répond" in link.problem


def test_inside_addresses_are_never_asked(site: str, settings: object) -> None:
    settings.PEERTUBE_URL = "https://video.auposte.example"
    link = OutgoingLink.objects.create(url=f"{site}/200")
    assert not check_link(link)
    assert link.status is None
    assert link.problem


def test_no_two_links_of_one_site_in_a_row() -> None:
    for path in range(3):
        OutgoingLink.objects.create(url=f"https://a.example/{path}")
    OutgoingLink.objects.create(url="https://b.example/")
    assert len(due_links(3)) == 2
