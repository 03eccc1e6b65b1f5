"""A server that says exactly what a test tells it to, byte by byte, be it HTTP or not."""

from __future__ import annotations

import contextlib
import json
import socketserver
import threading
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """What came in: `target` as on the request line, header names in lower case."""

    target: str
    headers: dict[str, str]

    @property
    def path(self) -> str:
        return urlsplit(self.target).path

    @property
    def query(self) -> dict[str, str]:
        return {name: values[-1] for name, values in parse_qs(urlsplit(self.target).query).items()}


Answer = Callable[[Request], Iterable[bytes]]


@dataclass
class RawServer:
    """`routes` maps paths to answers (`""` takes all others); `requests` is what was asked."""

    port: int
    routes: dict[str, Answer] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def paths(self) -> list[str]:
        return [request.path for request in self.requests]


def answer(body: bytes | str = b"", *, status: int = 200, type: str = "", **headers: str) -> Answer:
    """A well-formed answer; header names take underscores for hyphens."""
    content = body.encode() if isinstance(body, str) else body
    lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(content)}", "Connection: close"]
    lines += [f"Content-Type: {type}"] if type else []
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    whole = "\r\n".join(lines).encode() + b"\r\n\r\n" + content
    return lambda _request: [whole]


def json_answer(data: object, *, status: int = 200, **headers: str) -> Answer:
    return answer(json.dumps(data), status=status, type="application/json", **headers)


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        server: RawServer = self.server.raw  # type: ignore[attr-defined]
        with contextlib.suppress(OSError, ValueError):
            first = self.rfile.readline().decode("latin-1").split()
            headers = {}
            while line := self.rfile.readline().strip():
                name, _, value = line.decode("latin-1").partition(":")
                headers[name.strip().lower()] = value.strip()
            request = Request(target=first[1], headers=headers)
            server.requests.append(request)
            reply = server.routes.get(request.path) or server.routes.get("")
            for piece in (reply or answer(status=404))(request):
                self.wfile.write(piece)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is no news here."""


@contextlib.contextmanager
def raw_server(routes: dict[str, Answer] | None = None) -> Iterator[RawServer]:
    with _Server(("127.0.0.1", 0), _Handler) as server:
        raw = RawServer(port=server.server_address[1], routes=routes or {})
        server.raw = raw
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield raw
        server.shutdown()
