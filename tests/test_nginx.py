"""deploy/nginx.conf in a real nginx, before a site that repeats what reached it."""

import gzip
import json
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest

from sandbox import nginx
from tests.environment import ROOT, free_port
from tests.processes import wait_until

HASHED = "css/site.0123456789ab.css"

pytestmark = pytest.mark.skipif(
    nginx.PROGRAM is None, reason="nginx is not on this machine (Debian, Ubuntu: apt install nginx)"
)


class Echo(BaseHTTPRequestHandler):
    """Answers every request with its own path and headers, as JSON."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        body = json.dumps({"path": self.path, "headers": dict(self.headers)}).encode()
        self.send_response(404 if self.path.endswith("missing.css") else 200)
        self.send_header("Content-Type", "application/json")
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
    """nginx with our file; only addresses and folders are those of this machine."""
    port = free_port()
    command, _ = nginx.adapted(folder, name=name, port=port, upstream_port=upstream_port)
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
    process, port = start(folder, "orphan", free_port())
    yield from serving(process, port)


def serving(process: subprocess.Popen[bytes], port: int) -> Iterator[str]:
    address = f"http://127.0.0.1:{port}"

    def answers() -> bool:
        try:
            return httpx.get(f"{address}/sante/nginx", trust_env=False).text == "vivant\n"
        except httpx.TransportError:
            return False

    try:
        wait_until(answers, "nginx to answer", patience=10)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=10)


def get(address: str, **headers: str) -> httpx.Response:
    return httpx.get(address, headers=headers, trust_env=False)


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
    answer = httpx.post(f"{site}{path}", content=body, headers=whose, trust_env=False)

    assert answer.status_code == status
    assert ("trop gros" in answer.text) == (status == 413)


def test_nothing_large_is_taken_in_from_outside(site: str) -> None:
    """The answer comes while all of the body but its first letters is still to be sent."""
    host, _, port = site.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(
            b"POST /admin/broadcasts/x/?a=%0d%0ab HTTP/1.1\r\nHost: auposte.example\r\n"
            b"Content-Length: 300000000\r\n\r\nbegun"
        )
        answer = line.recv(4096).decode()
    assert answer.startswith("HTTP/1.1 302")
    assert "\r\nLocation: /admin/login/?next=/admin/broadcasts/x/?a=%0d%0ab\r\n" in answer


@pytest.mark.parametrize("dear", ["/recherche?q=x", "/?jamais=vue", "POST /don"])
def test_one_visitor_has_a_limit_on_what_is_rendered_for_them_alone(site: str, dear: str) -> None:
    # The last address in the header is whom the balancer saw: each case is a visitor of its own.
    visitor = {"X-Forwarded-For": f"203.0.113.{len(dear)}"}
    method, path = dear.split() if " " in dear else ("GET", dear)
    with httpx.Client(trust_env=False, headers=visitor) as client:
        answers = [client.request(method, f"{site}{path}") for _ in range(120)]
        page = client.get(f"{site}/emissions?page=2&tags=Police")
    turned_away = [answer for answer in answers if answer.status_code == 429]

    assert [answer.status_code for answer in answers[:50]] == [200] * 50
    assert len(turned_away) > 30
    assert "Trop de demandes" in turned_away[0].text
    assert turned_away[0].headers["Retry-After"] == "30"
    assert page.status_code == 200


def test_stripe_is_never_turned_away(site: str) -> None:
    with httpx.Client(trust_env=False, headers={"X-Forwarded-For": "203.0.113.200"}) as client:
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

    wait_until(lambda: "/recherche" in log.read_text(), "the request to be logged", patience=5)
    assert not any(told in log.read_text() for told in ("police", "127.0.0.1", "reader's", "5f"))
