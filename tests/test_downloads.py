"""Downloads from real servers on this machine: what they may not make us do."""

from __future__ import annotations

import io
import itertools
import time
from collections.abc import Iterable, Iterator

import httpx
import pytest
from PIL import Image

from auposte.connections import Deadline, Transport, is_public_address
from auposte.content_types import recognised_type
from auposte.downloads import Downloaded, download, retry_after
from auposte.external import ExternalServiceError
from tests.raw_server import RawServer, Request, answer, raw_server

PICTURES = ("image/jpeg", "image/png", "image/webp", "image/avif")
MEGABYTE = 1_048_576
PRIVATE = "Cette adresse mène dans un réseau privé\xa0: on n’y va pas."


def drawn(kind: str) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (16, 9), "teal").save(buffer, kind)
    return buffer.getvalue()


JPEG, PNG = drawn("JPEG"), drawn("PNG")


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


# --- size -----------------------------------------------------------------------------------------


def head(*lines: str) -> bytes:
    return "\r\n".join(("HTTP/1.1 200 OK", "Content-Type: image/jpeg", *lines, "", "")).encode()


def test_a_size_that_is_announced_too_large_is_not_read(server: RawServer) -> None:
    server.routes["/big"] = lambda _: [head(f"Content-Length: {MEGABYTE + 1}"), JPEG]
    with pytest.raises(ExternalServiceError, match="1\xa0Mo au plus") as caught:
        fetch(server, "/big")
    assert caught.value.permanent


def test_an_endless_body_is_cut_at_the_limit(server: RawServer) -> None:
    sent = itertools.count()

    def endless(_: Request) -> Iterator[bytes]:
        yield head("Connection: close")
        yield JPEG
        for _n in sent:
            yield b"\x00" * 65_536

    server.routes["/endless"] = endless
    with pytest.raises(ExternalServiceError, match="trop lourd"):
        fetch(server, "/endless")
    # What the sockets' own buffers took on the way is a few megabytes at most.
    assert next(sent) < 200


def test_endless_chunks_are_cut_too(server: RawServer) -> None:
    def endless(_: Request) -> Iterator[bytes]:
        yield head("Transfer-Encoding: chunked")
        while True:
            yield b"10000\r\n" + b"\x00" * 65_536 + b"\r\n"

    server.routes["/endless"] = endless
    with pytest.raises(ExternalServiceError, match="trop lourd"):
        fetch(server, "/endless")


def test_a_length_that_lies_low_ends_the_file_there(server: RawServer) -> None:
    server.routes["/low"] = lambda _: [head("Content-Length: 20"), JPEG * 100_000]
    assert fetch(server, "/low").content == JPEG[:20]


@pytest.mark.parametrize(
    "pieces",
    [
        [head("Content-Length: 5000"), JPEG],
        [head("Transfer-Encoding: chunked"), b"ffff\r\n", JPEG],
        [head("Content-Length: tout"), JPEG],
        [head("Content-Length: -1"), JPEG],
        [b"HTTP/1.1 200 OK\r\n"],
        [b"\x00\x01\x02 not HTTP\r\n\r\n"],
        [b""],
    ],
)
def test_a_broken_answer_may_be_tried_again(pieces: Iterable[bytes], server: RawServer) -> None:
    server.routes["/broken"] = lambda _: pieces
    with pytest.raises(ExternalServiceError, match="coupée ou illisible") as caught:
        fetch(server, "/broken")
    assert not caught.value.permanent
    assert caught.value.__cause__ is None


def test_a_compressed_body_is_refused(server: RawServer) -> None:
    server.routes["/bomb"] = answer(JPEG, type="image/jpeg", Content_Encoding="gzip")
    with pytest.raises(ExternalServiceError, match="compressé"):
        fetch(server, "/bomb")


def test_headers_without_end_are_refused(server: RawServer) -> None:
    def endless(_: Request) -> Iterator[bytes]:
        yield b"HTTP/1.1 200 OK\r\n"
        while True:
            yield b"X-More: " + b"a" * 1000 + b"\r\n"

    server.routes["/headers"] = endless
    with pytest.raises(ExternalServiceError, match="coupée ou illisible"):
        fetch(server, "/headers")


# --- time -----------------------------------------------------------------------------------------


def drip(first: bytes, piece: bytes) -> Iterator[bytes]:
    yield first
    while True:
        time.sleep(0.05)
        yield piece


@pytest.mark.parametrize(
    ("first", "piece"),
    [
        (head("Connection: close") + JPEG, b"\x00"),
        (b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"),
        (b"", b"H"),
    ],
)
def test_a_drip_ends_at_the_deadline(first: bytes, piece: bytes, server: RawServer) -> None:
    server.routes["/drip"] = lambda _: drip(first, piece)
    start = time.monotonic()
    with pytest.raises(ExternalServiceError, match=r"met trop de temps|coupée") as caught:
        fetch(server, "/drip", timeout=0.5)
    assert time.monotonic() - start < 2
    assert not caught.value.permanent


def test_the_deadline_is_for_all_redirects_together(server: RawServer) -> None:
    def slow(request: Request) -> Iterator[bytes]:
        time.sleep(0.3)
        yield from answer(status=302, Location="/slow")(request)

    server.routes["/slow"] = slow
    start = time.monotonic()
    with pytest.raises(ExternalServiceError, match="met trop de temps"):
        fetch(server, "/slow", timeout=0.5)
    assert time.monotonic() - start < 1.5


def test_a_closed_door_may_be_tried_again() -> None:
    with raw_server() as gone:
        pass
    with pytest.raises(ExternalServiceError, match=r"127\.0\.0\.1 est injoignable") as caught:
        fetch(gone)
    assert not caught.value.permanent


# --- type -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("AVIF", "image/avif")],
)
def test_pictures_are_known_by_their_first_bytes(kind: str, type: str, server: RawServer) -> None:
    for claimed in (type, f"{type}; charset=binary", "application/octet-stream", "image/jpg", ""):
        server.routes["/picture"] = answer(drawn(kind), type=claimed)
        assert fetch(server, "/picture").content_type == type, claimed


@pytest.mark.parametrize(
    ("content", "claimed"),
    [
        (b"<!doctype html><title>Introuvable</title>", "image/jpeg"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "image/png"),
        (drawn("GIF"), "image/png"),
        (b"hello", "image/png"),
        (b"\xff\xd8", "image/jpeg"),
        (JPEG, "text/html"),
        (JPEG, "image/gif"),
        (b"{}", "application/octet-stream"),
    ],
)
def test_header_and_bytes_must_both_be_allowed(
    content: bytes, claimed: str, server: RawServer
) -> None:
    server.routes["/wrong"] = answer(content, type=claimed)
    with pytest.raises(ExternalServiceError, match="pas du type attendu") as caught:
        fetch(server, "/wrong")
    assert caught.value.permanent


def test_an_empty_file_is_none(server: RawServer) -> None:
    server.routes["/empty"] = answer(b"", type="image/jpeg")
    with pytest.raises(ExternalServiceError, match="vide"):
        fetch(server, "/empty")


@pytest.mark.parametrize(
    ("content", "type"),
    [
        (b"\xef\xbb\xbf<?xml version='1.0'?>\n<!-- x -->\n<svg width='1'>", "image/svg+xml"),
        (b"<html>", "text/html"),
        (b"\xef\xbb\xbfWEBVTT\n\n", "text/vtt"),
        (b"%PDF-1.7", "application/pdf"),
        (b"\x00\x00\x00\x1cftypmp42\x00\x00\x00\x00", "video/mp4"),
        (b"\x00\x00\x00\x1cftypmif1\x00\x00\x00\x00mif1avif", "image/avif"),
        (b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", "image/heic"),
        (b"RIFF\x00\x00\x00\x00WAVE", ""),
        (b"plain", ""),
        (b"", ""),
    ],
)
def test_other_files_are_known_too(content: bytes, type: str) -> None:
    assert recognised_type(content) == type


def test_what_cannot_be_recognised_is_taken_at_its_word(server: RawServer) -> None:
    server.routes["/data"] = answer(b'{"a": 1}', type="application/json; charset=utf-8")
    found = fetch(server, "/data", content_types={"application/json"})
    assert found.content_type == "application/json"
    server.routes["/data"] = answer(PNG, type="application/json")
    with pytest.raises(ExternalServiceError, match="image/png"):
        fetch(server, "/data", content_types={"application/json"})


# --- refusals -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "permanent", "missing", "wait"),
    [
        (404, True, True, None),
        (410, True, True, None),
        (403, True, False, None),
        (400, True, False, None),
        (302, True, False, None),
        (204, True, False, None),
        (206, True, False, None),
        (304, True, False, None),
        (408, False, False, 120),
        (429, False, False, 120),
        (500, False, False, 120),
        (503, False, False, 120),
    ],
)
def test_each_status_says_what_to_do(
    status: int, permanent: bool, missing: bool, wait: int | None, server: RawServer
) -> None:
    server.routes["/no"] = answer(JPEG, status=status, type="image/jpeg", Retry_After="120")
    with pytest.raises(ExternalServiceError) as caught:
        fetch(server, "/no")
    error = caught.value
    assert (error.permanent, error.missing, error.retry_after) == (permanent, missing, wait)
    assert str(status) in str(error)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        (" 7 ", 7),
        ("99999999999", 86_400),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
        ("Fri, 31 Dec 2999 23:59:59 GMT", 86_400),
        ("Wed, 21 Oct 2015 07:28:00 -0000", None),
        ("bientôt", None),
        ("-5", None),
        ("٣", None),
        ("", None),
    ],
)
def test_how_long_to_wait(header: str, seconds: int | None) -> None:
    assert retry_after(header) == seconds
