"""Downloads from real servers on this machine: what they may not make us do."""

from __future__ import annotations

import contextlib
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from auposte.connections import Deadline, Transport, failure_of, is_public_address
from auposte.downloads import Downloaded, download
from auposte.external import ExternalServiceError
from tests.raw_server import RawServer, answer, raw_server

PICTURES = ("image/jpeg", "image/png", "image/webp", "image/avif")
MEGABYTE = 1_048_576
PRIVATE = "Cette adresse mène dans un réseau privé\xa0: on n’y va pas."
JPEG = b"\xff\xd8\xff\xe0 a picture, as far as its first bytes go"


@pytest.fixture
def server() -> Iterator[RawServer]:
    with raw_server({"/photo.jpg": answer(JPEG, type="image/jpeg")}) as server:
        yield server


def fetch(server: RawServer, path: str = "/photo.jpg", **options: object) -> Downloaded:
    """Download from a server that is trusted, as the stand-ins are."""
    defaults = {
        "max_bytes": MEGABYTE,
        "content_types": PICTURES,
        "trusted_origins": {server.url},
    }
    return download(f"{server.url}{path}", **{**defaults, **options})


def refused(url: str, **options: object) -> ExternalServiceError:
    with pytest.raises(ExternalServiceError) as caught:
        download(url, **{"max_bytes": MEGABYTE, "content_types": PICTURES, **options})
    # Editors read it: nothing of the machinery shows, not even in a log's traceback.
    assert caught.value.__cause__ is None
    return caught.value


def test_a_file_comes_back_whole(server: RawServer) -> None:
    found = fetch(server, "/photo.jpg#top")
    assert found == Downloaded(
        content=JPEG, content_type="image/jpeg", final_url=f"{server.url}/photo.jpg"
    )
    sent = server.requests[0]
    assert sent.target == "/photo.jpg"
    assert sent.headers["accept-encoding"] == "identity"
    assert "cookie" not in sent.headers


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://[::ffff:127.0.0.1]/",
        "http://[::ffff:a9fe:a9fe]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://127.1/",
        "http://0/",
        "http://10.0.0.1/",
        "https://192.168.1.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://100.64.0.1/",
        "http://[fe80::1]/",
        "http://[fd00::1]/",
        "http://[64:ff9b::7f00:1]/",
        "http://[2002:7f00:1::]/",
    ],
)
def test_private_addresses_are_refused_however_they_are_spelt(url: str) -> None:
    error = refused(url)
    assert str(error) == PRIVATE
    assert error.permanent


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("file:///etc/passwd", "ne commence ni par http"),
        ("ftp://example.org/a.jpg", "ne commence ni par http"),
        ("gopher://example.org/", "ne commence ni par http"),
        ("//example.org/a.jpg", "ne commence ni par http"),
        ("", "ne commence ni par http"),
        ("http://", "ne commence ni par http"),
        ("http://moi:secret@example.org/a.jpg", "contient un identifiant"),
        ("http://example.org:6379/", "port inhabituel"),
        ("https://example.org:80/", "port inhabituel"),
        ("http://0177.0.0.1/", "illisible"),
        ("http://[::1/", "illisible"),
        ("http://example.org/\x00", "illisible"),
        ("http://example.org/" + "a" * 3000, "illisible"),
        ("http://a..b/", "illisible"),
        (f"http://{'a' * 70}.fr/", "illisible"),
    ],
)
def test_addresses_that_are_none_are_refused(url: str, words: str) -> None:
    error = refused(url)
    assert words in str(error)
    assert error.permanent


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", True),
        ("0.0.0.0", False),
        ("127.8.8.8", False),
        ("172.31.255.255", False),
        ("172.32.0.1", True),
        ("100.127.255.255", False),
        ("192.0.0.8", False),
        ("198.19.0.1", False),
        ("224.0.0.1", False),
        ("255.255.255.255", False),
        ("::", False),
        ("::ffff:93.184.215.14", False),
        ("64:ff9b:1::1", False),
        ("2001:0:7f00:1::", False),
        ("2001:db8::1", False),
        ("ff02::1", False),
        ("fe80::1%eth0", False),
        ("nowhere", False),
    ],
)
def test_which_addresses_are_public(address: str, public: bool) -> None:
    assert is_public_address(address) is public


@pytest.mark.parametrize(
    "target",
    ["http://127.0.0.1/private", "http://[::ffff:127.0.0.1]/", "http://localhost/", "//127.0.0.1/"],
)
def test_a_redirect_into_a_private_network_is_refused(target: str, server: RawServer) -> None:
    server.routes["/go"] = answer(status=302, Location=target)
    with pytest.raises(ExternalServiceError, match="réseau privé"):
        fetch(server, "/go")


def test_a_redirect_to_another_port_or_scheme_is_refused(server: RawServer) -> None:
    with raw_server({"": answer(JPEG, type="image/jpeg")}) as inner:
        for target, words in (
            (f"{inner.url}/a.jpg", "port inhabituel"),
            (f"{inner.url.replace('//', '//moi@')}/a.jpg", "identifiant"),
            ("file:///etc/passwd", "ne commence ni par"),
            ("http://[::1/", "illisible"),
        ):
            server.routes["/go"] = answer(status=301, Location=target)
            with pytest.raises(ExternalServiceError, match=words):
                fetch(server, "/go")
        assert inner.requests == []


def test_trust_is_for_one_origin_exactly(server: RawServer) -> None:
    near = f"http://localhost:{server.port}"
    error = refused(f"{server.url}/photo.jpg", trusted_origins={near, f"https://{server.url[7:]}"})
    assert "port inhabituel" in str(error)
    assert server.requests == []


def test_redirects_are_followed_five_times(server: RawServer) -> None:
    for hop in range(6):
        server.routes[f"/{hop}"] = answer(status=302, Location=f"{hop + 1}?q=é")
    server.routes["/5"] = answer(JPEG, type="image/jpeg")
    assert fetch(server, "/0").final_url == f"{server.url}/5?q=%C3%A9"
    server.routes["/5"] = answer(status=307, Location="/photo.jpg")
    with pytest.raises(ExternalServiceError, match="sans fin") as caught:
        fetch(server, "/0")
    assert caught.value.permanent


def test_a_loop_of_redirects_ends(server: RawServer) -> None:
    server.routes["/loop"] = answer(status=301, Location="/loop")
    with pytest.raises(ExternalServiceError, match="sans fin"):
        fetch(server, "/loop")
    assert len(server.requests) == 6


def test_the_connection_goes_to_the_address_that_was_checked(server: RawServer) -> None:
    """A name that answers differently the second time is not asked a second time."""
    asked: list[str] = []

    def resolver(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"]

    transport = Transport(deadline=Deadline(5), any_address=True, resolver=resolver)
    with httpx.Client(transport=transport) as client:
        response = client.get(f"http://photos.example:{server.port}/photo.jpg")
    assert response.content == JPEG
    assert asked == ["photos.example"]
    assert server.requests[0].headers["host"] == f"photos.example:{server.port}"


@pytest.mark.parametrize("others", [["127.0.0.1"], ["93.184.215.14", "127.0.0.1"]])
def test_one_private_address_among_several_is_too_many(
    others: list[str], server: RawServer
) -> None:
    transport = Transport(deadline=Deadline(5), resolver=lambda host, port: others)
    with httpx.Client(transport=transport) as client, pytest.raises(ExternalServiceError):
        client.get(f"http://photos.example:{server.port}/photo.jpg")
    assert server.requests == []


def test_the_next_address_is_tried_when_one_is_dead(server: RawServer) -> None:
    transport = Transport(
        deadline=Deadline(5), any_address=True, resolver=lambda *_: ["::1", "127.0.0.1"]
    )
    with httpx.Client(transport=transport) as client:
        assert client.get(f"http://photos.example:{server.port}/photo.jpg").content == JPEG


def test_proxies_of_the_environment_are_not_used(
    server: RawServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with raw_server() as proxy:
        monkeypatch.setenv("HTTP_PROXY", proxy.url)
        monkeypatch.setenv("ALL_PROXY", proxy.url)
        assert fetch(server).content == JPEG
        assert proxy.requests == []


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_https_keeps_the_name_while_it_goes_to_the_checked_address(tmp_path: Path) -> None:
    """The server is told the name, and its certificate is held to it: here it is nobody's."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        [
            "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1",
            "-subj", "/CN=photos.example", "-addext", "subjectAltName=DNS:photos.example",
            "-keyout", key, "-out", certificate,
        ],
        check=True,
        capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    names: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: names.append(name)
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with contextlib.suppress(OSError):
                connection, _ = listening.accept()
                with connection, context.wrap_socket(connection, server_side=True):
                    pass

        serving = threading.Thread(target=serve)
        serving.start()
        transport = Transport(
            deadline=Deadline(5), any_address=True, resolver=lambda *_: ["127.0.0.1"]
        )
        url = f"https://photos.example:{listening.getsockname()[1]}/"
        with httpx.Client(transport=transport) as client, pytest.raises(httpx.HTTPError) as caught:
            client.get(url)
        serving.join()
    assert names == ["photos.example"]
    assert "certificat" in str(failure_of(caught.value, "photos.example"))
