"""What comes back from a download: its size, its pace and its type are held to what was asked."""

from __future__ import annotations

import io
import itertools
import time
from collections.abc import Iterable, Iterator

import pytest
from PIL import Image

from auposte.connections import READ_SECONDS
from auposte.content_types import recognised_type
from auposte.downloads import Downloaded, download, retry_after
from auposte.external import ExternalServiceError
from sandbox.ports import free_ports
from tests.raw_server import RawServer, Request, answer, raw_server

PICTURES = ("image/jpeg", "image/png", "image/webp", "image/avif")
MEGABYTE = 1_048_576


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
    with pytest.raises(ExternalServiceError, match=r"met trop de temps|coupée") as caught:
        fetch(server, "/drip", timeout=0.5)
    assert not caught.value.permanent


def test_silence_ends_at_the_deadline(server: RawServer) -> None:
    def silent(_: Request) -> Iterator[bytes]:
        yield head("Connection: close") + JPEG
        time.sleep(3 * READ_SECONDS)

    server.routes["/silent"] = silent
    start = time.monotonic()
    with pytest.raises(ExternalServiceError, match="met trop de temps"):
        fetch(server, "/silent", timeout=0.5)
    assert time.monotonic() - start < READ_SECONDS - 1, "what a read may take is more"


def test_the_deadline_is_for_all_redirects_together(server: RawServer) -> None:
    def slow(request: Request) -> Iterator[bytes]:
        time.sleep(0.3)
        yield from answer(status=302, Location="/slow")(request)

    server.routes["/slow"] = slow
    with pytest.raises(ExternalServiceError, match="met trop de temps"):
        fetch(server, "/slow", timeout=0.5)
    assert len(server.requests) <= 2


def test_a_closed_door_may_be_tried_again() -> None:
    gone = RawServer(port=free_ports())
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
