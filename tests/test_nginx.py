"""deploy/nginx.conf in a real nginx, before a site that repeats what reached it."""

import gzip
import itertools
import json
import re
import shutil
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from sandbox import nginx
from sandbox.ports import free_ports
from tests.environment import ROOT
from tests.processes import PATIENCE_SECONDS, wait_until

HASHED = "css/site.0123456789ab.css"
# What one visitor is granted of what is rendered for them alone (`zone=dear`).
BURST, PER_SECOND = 50, 5
STRANGERS = itertools.count()

pytestmark = pytest.mark.usefixtures("nginx_program")


class Echo(BaseHTTPRequestHandler):
    """Answers every request with its own path and headers, as JSON; a slow visit when told to."""

    protocol_version = "HTTP/1.1"
    slow_has_come, slow_may_end = threading.Event(), threading.Event()

    def do_GET(self) -> None:
        if self.headers.get("X-Visit") == "slow":
            self.slow_has_come.set()
            self.slow_may_end.wait(PATIENCE_SECONDS)
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps({"path": self.path, "headers": dict(self.headers)}).encode()
        self.send_response(404 if self.path.endswith("missing.css") else 200)
        self.send_header("Content-Type", "application/json")
        if "X-Visit" in self.headers:
            # A page that is kept.
            self.send_header("X-Accel-Expires", self.headers.get("X-Kept-For", "60"))
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self) -> None:
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def upstream() -> Iterator[ThreadingHTTPServer]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the image has under /srv, and room for what it has under /tmp."""
    folder = tmp_path_factory.mktemp("nginx")
    files = {
        f"srv/static/{HASHED}": b"body{}",
        f"srv/static/{HASHED}.gz": gzip.compress(b"body{}"),
        "srv/static/css/site.css": b"body{}",
        "srv/media/i/photo.jpg": b"\xff\xd8",
        "srv/media/i/page.html": b"<script>",
        "srv/media/audio/son.mp3": b"ID3 et la suite",
    }
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    shutil.copytree(ROOT / "deploy" / "pages", folder / "srv" / "pages")
    (folder / "tmp").mkdir()
    return folder


def start(folder: Path, name: str, upstream_port: int) -> tuple[subprocess.Popen[bytes], int]:
    """nginx with our file; only addresses and folders are those of this machine.

    Of its addresses 127.0.0.1 alone ends TLS in front; 127.0.0.2 is anybody.
    """
    port = free_ports()
    command, _ = nginx.adapted(folder, name=name, port=port, upstream_port=upstream_port)
    conf = folder / f"{name}.conf"
    assert conf.read_text().count("127.0.0.0/8") == 2
    conf.write_text(conf.read_text().replace("127.0.0.0/8", "127.0.0.1/32"))
    tested = subprocess.run([*command, "-t"], capture_output=True, text=True, check=False)
    assert tested.returncode == 0, tested.stderr
    return subprocess.Popen(command), port


@pytest.fixture(scope="module")
def site(folder: Path, upstream: ThreadingHTTPServer) -> Iterator[str]:
    process, port = start(folder, "site", upstream.server_address[1])
    yield from serving(process, port)


@pytest.fixture(scope="module")
def orphan(folder: Path) -> Iterator[str]:
    """The same, with nothing behind it."""
    process, port = start(folder, "orphan", free_ports())
    yield from serving(process, port)


def serving(process: subprocess.Popen[bytes], port: int) -> Iterator[str]:
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(f"{address}/sante/nginx", trust_env=False).text == "vivant\n"
        except httpx.TransportError:
            return False

    try:
        wait_until(answers, "nginx to answer")
        yield address
    finally:
        process.terminate()
        process.wait(timeout=PATIENCE_SECONDS)


def get(address: str, **headers: str) -> httpx.Response:
    return httpx.get(address, headers=headers, trust_env=False, timeout=PATIENCE_SECONDS)


def test_visitors_cannot_say_who_they_are(site: str) -> None:
    """What TLS's end in front added is the last address; the ones before it are hearsay."""
    seen = get(
        f"{site}/don?emission=x",
        **{"X-Forwarded-For": "6.6.6.6, 203.0.113.7", "X-Forwarded-Proto": "https"},
    ).json()

    assert seen["path"] == "/don?emission=x"
    assert seen["headers"]["X-Forwarded-For"] == "203.0.113.7"
    assert seen["headers"]["X-Forwarded-Proto"] == "https"
    assert seen["headers"]["Host"] == site.removeprefix("http://")


def test_without_a_proxy_in_front_the_peer_is_the_visitor(site: str) -> None:
    seen = get(f"{site}/", **{"X-Forwarded-Proto": "gopher"}).json()["headers"]

    assert seen["X-Forwarded-For"] == "127.0.0.1"
    assert seen["X-Forwarded-Proto"] == "http"


def test_who_is_no_proxy_of_ours_is_not_believed(site: str) -> None:
    claims = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    anybody = httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(
        transport=anybody, trust_env=False, headers=claims, timeout=PATIENCE_SECONDS
    ) as client:
        seen = client.get(f"{site}/don").json()["headers"]

    assert seen["X-Forwarded-For"] == "127.0.0.2"
    assert seen["X-Forwarded-Proto"] == "http"


def test_both_lists_of_proxies_are_the_same() -> None:
    conf = nginx.CONF.read_text()
    believed = re.findall(r"set_real_ip_from (\S+);", conf)

    assert believed == re.findall(r"(\S+) by-proxy;", conf)


def is_kept(site: str, address: str, *, after: str = "", **headers: str) -> bool:
    """Whether the second visit gets what the first one got, there or at an address before it."""
    # Each of them is somebody else: the limits are another test's.
    visitor = f"198.51.100.{next(STRANGERS)}"
    headers = {"Host": "kept.example", "X-Forwarded-For": visitor, **headers}
    with httpx.Client(trust_env=False, headers=headers, timeout=PATIENCE_SECONDS) as client:
        client.get(site + (after or address), headers={"X-Visit": "first"})
        seen = client.get(site + address, headers={"X-Visit": "second"}).json()["headers"]
    return bool(seen["X-Visit"] == "first")


EPISODE = "https%3A%2F%2Fauposte.example%2Femissions%2Fx"


OURS = [
    "/", "/direct", "/emissions/a-b_C4", "/emissions/x/transcription.vtt", "/flux/tags/x.atom",
    "/.well-known/security.txt", "/sitemaps/emissions-1.xml", "/transparence/2024-01.csv",
    "/partage/emissions/x.0a.carre.jpg", "/citations/12.png", "/emissions/x?t=1h12m00s",
    "/emissions?page=2", "/series/x?page=2", "/saisons/9?page=12", "/tags/x?page=2",
    "/invites/x?page=2", "/emissions?tags=Libert%C3%A9+d%E2%80%99expression",
    "/emissions?page=3&tags=Police", "/emissions?serie=x-y", "/emissions?invite=x-y",
    "/emissions?saison=9", "/emissions?page=2&annee=2024", "/emissions?duree=1-a-2-h",
    "/emissions?transcription=oui", f"/oembed?url={EPISODE}&format=xml",
    "/oembed?url=https://auposte.example/emissions/x",
]  # fmt: skip


def test_the_addresses_that_our_links_have_are_kept(site: str) -> None:
    assert [address for address in OURS if not is_kept(site, address)] == []


ENDLESS = [
    # Parameters where no view reads them, or none that it knows.
    "/?t=1", "/?page=2", "/?tags=x", "/?p=12", "/?", "/direct?tags=x", "/direct?url=x",
    "/emissions/x?page=2", "/emissions/x?t=ailleurs", "/emissions/x/transcription?t=1",
    "/emissions?t=1", "/series?page=2", "/series/x?tags=x", "/agenda.ics?page=2",
    "/citations/1.png?page=2", "/emissions?page=2&page=3", "/emissions?tags=a&tags=b",
    "/emissions?tri=titre", "/emissions?jamais=vu",
    # Values without end.
    "/emissions?page=0", "/emissions?page=02", "/emissions?page=10000", "/emissions?page=x",
    "/emissions?saison=09", "/emissions?annee=20244", "/emissions?transcription=non",
    "/emissions?serie=%78", "/emissions?invite=X+Y", "/emissions?duree=" + "x" * 21,
    "/emissions?tags=" + "x" * 361, "/emissions?tags=",
    f"/oembed?url={EPISODE}%3Ft%3D1", "/oembed?url=x", f"/oembed?url={EPISODE}&maxwidth=9",
    # Other writings of one address.
    "/%65missions", "/emissions?tags=%50olice", "/emissions?tags=Libert%c3%a9",
    "/emissions?tags=Police%20x", f"/oembed?url={EPISODE[:-1]}%78",
]  # fmt: skip


def test_addresses_without_end_are_not_kept(site: str) -> None:
    assert [address for address in ENDLESS if is_kept(site, address)] == []


def test_moments_are_kept_as_the_page_that_they_are_of(site: str) -> None:
    assert is_kept(site, "/emissions/moments?t=72", after="/emissions/moments")
    assert not is_kept(site, "/emissions/moments-2?t=72", after="/emissions/moments")


def test_two_names_of_the_site_do_not_mix(site: str) -> None:
    """And a name has one writing: another port is the same, other letters are not kept."""
    for name in ("auposte.example", "www.auposte.example"):
        assert is_kept(site, "/series/noms", Host=name)
    for name in ("auposte.example", "www.auposte.example", "auposte.example:81"):
        answer = get(f"{site}/series/noms", Host=name).json()["headers"]
        assert answer["Host"] == name.removesuffix(":81")
    for name in ("AuPoste.example", "auposte.example.", "auposte.example:"):
        assert not is_kept(site, "/series/noms", Host=name)


def test_nobody_waits_for_a_page_that_somebody_has_asked_for_anew(site: str) -> None:
    """The stored one is too old by then, and is given at once."""
    with httpx.Client(
        trust_env=False, headers={"X-Kept-For": "1"}, timeout=PATIENCE_SECONDS
    ) as client:

        def visit(name: str) -> str:
            answer = client.get(f"{site}/emissions/lente", headers={"X-Visit": name})
            return str(answer.json()["headers"]["X-Visit"])

        assert visit("first") == "first"
        with ThreadPoolExecutor() as another:
            asked = another.submit(wait_until, lambda: visit("slow") == "slow", "it to be old")
            try:
                assert Echo.slow_has_come.wait(PATIENCE_SECONDS)
                assert [visit("second"), visit("third")] == ["first", "first"]
                assert not asked.done()
            finally:
                Echo.slow_may_end.set()
            asked.result()


def test_static_files_come_compressed_and_stay_with_the_reader(site: str) -> None:
    hashed = get(f"{site}/static/{HASHED}", **{"Accept-Encoding": "gzip"})

    assert hashed.text == "body{}"
    assert hashed.headers["Content-Encoding"] == "gzip"
    assert hashed.headers["Content-Type"] == "text/css; charset=utf-8"
    assert hashed.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Accept-Encoding" in hashed.headers["Vary"]
    assert hashed.headers["X-Content-Type-Options"] == "nosniff"
    unhashed = get(f"{site}/static/css/site.css")
    assert unhashed.headers["Cache-Control"] == "public, max-age=60"
    assert "nginx/" not in unhashed.headers["Server"]


def test_media_are_pictures_and_sound_and_nothing_else(site: str) -> None:
    photo = get(f"{site}/media/i/photo.jpg")
    assert photo.content == b"\xff\xd8"
    assert photo.headers["Content-Type"] == "image/jpeg"
    assert photo.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    sound = get(f"{site}/media/audio/son.mp3", Range="bytes=4-5")
    assert (sound.status_code, sound.content) == (206, b"et")
    assert sound.headers["Content-Type"] == "audio/mpeg"
    # Left to the site, which serves no such thing either.
    assert get(f"{site}/media/i/page.html").json()["path"] == "/media/i/page.html"
    assert "secret" not in get(f"{site}/media/../../site.conf").text


def test_the_site_answers_for_what_is_not_there(site: str) -> None:
    missing = get(f"{site}/static/missing.css")

    assert missing.status_code == 404
    assert missing.json()["path"] == "/static/missing.css"
    assert "immutable" not in missing.headers.get("Cache-Control", "")


@pytest.mark.parametrize(
    ("path", "megabytes", "status"),
    [
        ("/don", 0.9, 200), ("/don", 1.1, 413), ("/admin/x/", 16, 200), ("/admin/x/", 21, 413),
        ("/admin/broadcasts/x/", 21, 200),
    ],
)  # fmt: skip
def test_bodies_are_limited(site: str, path: str, megabytes: float, status: int) -> None:
    body = b"x" * int(megabytes * 1024 * 1024)
    whose = {"Cookie": "sessionid=a"}
    answer = httpx.post(
        f"{site}{path}", content=body, headers=whose, trust_env=False, timeout=PATIENCE_SECONDS
    )

    assert answer.status_code == status
    assert ("trop gros" in answer.text) == (status == 413)


def test_nothing_large_is_taken_in_from_outside(site: str) -> None:
    """The answer comes while all of the body but its first letters is still to be sent."""
    host, _, port = site.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=PATIENCE_SECONDS) as line:
        line.sendall(
            b"POST /admin/broadcasts/x/?a=%0d%0ab HTTP/1.1\r\nHost: auposte.example\r\n"
            b"Content-Length: 300000000\r\n\r\nbegun"
        )
        answer = line.recv(4096).decode()
    assert answer.startswith("HTTP/1.1 302")
    assert "\r\nLocation: /admin/login/?next=/admin/broadcasts/x/?a=%0d%0ab\r\n" in answer


@pytest.mark.parametrize(
    "dear", ["/recherche?q=x", "/citations/1.png", "/direct?tags=jamais-vu", "POST /don"]
)
def test_one_visitor_has_a_limit_on_what_is_rendered_for_them_alone(site: str, dear: str) -> None:
    # The last address in the header is whom the balancer saw: each case is a visitor of its own.
    visitor = {"X-Forwarded-For": f"203.0.113.{len(dear)}"}
    method, path = dear.split() if " " in dear else ("GET", dear)
    statuses: list[int] = []
    began = time.monotonic()
    with httpx.Client(trust_env=False, headers=visitor, timeout=PATIENCE_SECONDS) as client:
        while statuses.count(429) <= 30:
            answer = client.request(method, f"{site}{path}")
            statuses.append(answer.status_code)
            # Meanwhile the allowance comes back: what was granted never passes it.
            granted = BURST + PER_SECOND * (time.monotonic() - began)
            assert statuses.count(200) <= granted + 1, f"{len(statuses)} were asked for"
        page = client.get(f"{site}/emissions?page=2&tags=Police")

    assert statuses[:BURST] == [200] * BURST
    assert set(statuses) == {200, 429}
    assert "Trop de demandes" in answer.text
    assert answer.headers["Retry-After"] == "30"
    assert page.status_code == 200


def test_stripe_is_never_turned_away(site: str) -> None:
    visitor = {"X-Forwarded-For": "203.0.113.200"}
    with httpx.Client(trust_env=False, headers=visitor, timeout=PATIENCE_SECONDS) as client:
        answers = {client.post(f"{site}/stripe/webhook").status_code for _ in range(120)}
    assert answers == {200}


def test_a_site_that_is_down_is_said_in_french(orphan: str) -> None:
    answer = get(f"{orphan}/emissions")

    assert answer.status_code == 502
    assert "Le site ne répond pas" in answer.text
    assert answer.headers["Retry-After"] == "30"
    assert answer.headers["Cache-Control"] == "no-store"


def test_error_pages_are_not_pages(site: str) -> None:
    assert get(f"{site}/pages/indisponible.html").status_code == 404


def test_logs_tell_nothing_about_readers(site: str, folder: Path) -> None:
    get(f"{site}/apercu/1037-1764012345-{'5f' * 20}")
    get(f"{site}/recherche?q=police", **{"User-Agent": "reader's own"})
    log = folder / "tmp" / "site-access.log"

    wait_until(lambda: "/recherche" in log.read_text(), "the request to be logged")
    assert not any(told in log.read_text() for told in ("police", "127.0.0.1", "reader's", "5f"))
