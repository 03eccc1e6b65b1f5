"""The HTTP server of every stand-in: reads requests, hands them on, sends what comes back."""

from __future__ import annotations

import contextlib
import json
import logging
import socket
import socketserver
import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote, urlsplit

from sandbox.http.faults import client_is_gone
from sandbox.http.messages import Answer, Request

log = logging.getLogger(__name__)

BODY_LIMIT = 1_000_000
Handle = Callable[[Request], Answer]
# Status and message → the service's own shape of an error.
Refuse = Callable[[int, str], Answer]


class Server(ThreadingHTTPServer):
    """A local server with a thread for each connection, which ends them all when it stops."""

    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def __init__(
        self, address: tuple[str, int], handle: Handle, *, name: str, refuse: Refuse
    ) -> None:
        """Bind; `name` is what the Server header says, `refuse` words what we cannot answer."""
        super().__init__(address, Handler)
        self.handle_request_object = handle
        self.name = name
        self.refuse = refuse
        self.stopping = threading.Event()
        self._connections: set[socket.socket] = set()
        self._lock = threading.Lock()

    def server_bind(self) -> None:
        """Bind without asking DNS for this machine's name, as HTTPServer would."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = self.socket.getsockname()[:2]

    def process_request(self, request: Any, client_address: Any) -> None:
        """Remember the connection, so that kept-alive ones end with the server."""
        with self._lock:
            self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        """Forget the connection as it closes."""
        with self._lock:
            self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Log what a handler did not expect; a client that went away is no error."""
        log.debug("connection from %s ended", client_address, exc_info=True)

    def stop(self) -> None:
        """Stop listening and close every connection."""
        self.stopping.set()
        ending = threading.Thread(target=self.shutdown)
        ending.start()
        while ending.is_alive():
            # A connection wakes the listener, which looks up only now and then by itself.
            with contextlib.suppress(OSError):
                socket.create_connection(self.socket.getsockname(), timeout=1).close()
            ending.join(0.01)
        self.server_close()
        with self._lock:
            connections = list(self._connections)
        for connection in connections:
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)


class Handler(BaseHTTPRequestHandler):
    """Speaks HTTP/1.1 for Server."""

    server: Server
    protocol_version = "HTTP/1.1"
    # One packet an answer: headers and body apart would wait for each other.
    wbufsize = -1
    disable_nagle_algorithm = True

    def version_string(self) -> str:
        """Say which stand-in answers."""
        return self.server.name

    def do_GET(self) -> None:
        """Answer a GET."""
        self._answer()

    def do_HEAD(self) -> None:
        """Answer a HEAD."""
        self._answer()

    def do_POST(self) -> None:
        """Answer a POST."""
        self._answer()

    def do_DELETE(self) -> None:
        """Answer a DELETE."""
        self._answer()

    def _answer(self) -> None:
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal() or int(length) > BODY_LIMIT:
            self.close_connection = True
            self._send(self.server.refuse(413, "Body too large"))
            return
        target = urlsplit(self.path)
        request = Request(
            method=self.command,
            path=unquote(target.path),
            query=target.query,
            body=self.rfile.read(int(length)),
            headers={name.lower(): value for name, value in self.headers.items()},
            connection=self.connection,
        )
        try:
            answer = self.server.handle_request_object(request)
        except Exception:
            log.exception("%s %s failed inside the stand-in", request.method, request.path)
            answer = self.server.refuse(500, "The stand-in has a fault: see its log")
        self._send(answer)

    def _send(self, answer: Answer) -> None:
        if answer.spoiling in ("timeout", "disconnect"):
            self._keep_silent(answer.spoiling_seconds if answer.spoiling == "timeout" else 0)
            self.close_connection = True
            return
        if answer.spoiling == "slow":
            self._keep_silent(answer.spoiling_seconds)
        body = answer.body
        headers = {"Content-Type": "application/json"} | answer.headers
        if not isinstance(body, bytes):
            body = json.dumps(body, indent=2, ensure_ascii=False).encode() + b"\n"
        if answer.spoiling == "cut":
            body = body[: len(body) // 2]
        headers["Content-Length"] = str(len(body))
        if answer.status == HTTPStatus.NOT_MODIFIED:
            headers, body = answer.headers, b""
        self.send_response(answer.status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        if answer.spoiling == "truncated":
            body = body[: len(body) // 2]
            self.close_connection = True
        if self.command != "HEAD":
            self.wfile.write(body)

    def _keep_silent(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while time.monotonic() < until and not client_is_gone(self.connection):
            if self.server.stopping.wait(0.05):
                return

    def log_message(self, format: str, *args: Any) -> None:
        """Log a request line without a time stamp of its own."""
        log.info(format, *args)
