"""What is the same in all stand-ins of reading APIs: a server, its log, faults and controls."""

from __future__ import annotations

import abc
import collections
import fnmatch
import threading
import time
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs

from sandbox.http.faults import Failure, Faults, Stage
from sandbox.http.messages import Answer, Request
from sandbox.http.server import Server

Json = dict[str, Any]
LOG_LENGTH = 20_000


class FaultControls:
    """How tests ask a stand-in to misbehave."""

    _faults: Faults

    def hold(
        self,
        path: str = "*",
        *,
        method: str | None = None,
        count: int | None = None,
        stage: Stage = "after",
    ) -> None:
        """Withhold answers: see Faults.hold."""
        self._faults.hold(path=path, method=method, count=count, stage=stage)

    def release(self) -> None:
        """Let all withheld requests go on."""
        self._faults.release()

    def waiting(self) -> list[dict[str, str]]:
        """Return the requests withheld now."""
        return self._faults.waiting()

    def wait_for_waiting(self, count: int = 1, timeout: float = 60.0) -> bool:
        """Block until `count` requests (0: none) are withheld; say whether it came to that."""
        return self._faults.wait_for_waiting(count, timeout)

    def fail(self, **options: Any) -> None:
        """Have the next `count` (1) matching requests fail: see Failure for the options."""
        self._faults.fail(**options)


class StandIn(FaultControls, abc.ABC):
    """A service played on a local port: `start` and `stop` it, or use it in a `with` statement.

    All but its controls is subject to faults and kept in the log.
    """

    name: str

    def __init__(self, *, host: str = "127.0.0.1", port: int = 0) -> None:
        """Bind a port (0 picks a free one); OSError when it is taken."""
        self._server = Server((host, port), self._handle, name=self.name, refuse=self.refuse)
        self.port = self._server.server_port
        self.url = f"http://{host}:{self.port}"
        self.running = False
        self._faults = Faults(self.word)
        self._log: collections.deque[Json] = collections.deque(maxlen=LOG_LENGTH)
        self._violations: collections.deque[Json] = collections.deque(maxlen=LOG_LENGTH)
        self._serving = threading.Thread(
            target=self._server.serve_forever, name=self.name, daemon=True
        )

    @abc.abstractmethod
    def answer(self, request: Request) -> Answer:
        """Answer one request to the service."""

    @abc.abstractmethod
    def control(self, request: Request) -> Answer:
        """Answer one request to the controls."""

    @abc.abstractmethod
    def word(self, failure: Failure) -> Answer:
        """Return the error answer that a test has asked for."""

    @abc.abstractmethod
    def refuse(self, status: int, message: str) -> Answer:
        """Return the answer for what never reached the service, or broke it."""

    def __enter__(self) -> Self:
        """Start, and return self."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def start(self) -> None:
        """Begin to answer."""
        self.running = True
        self._serving.start()

    def stop(self) -> None:
        """End all threads and connections."""
        self.running = False
        self._faults.clear()
        self._server.stop()
        self._serving.join()

    def _handle(self, request: Request) -> Answer:
        if request.path.startswith("/_/"):
            return self.control(request)
        entry: Json = {
            "at": time.time(),
            "method": request.method,
            "path": request.path,
            "query": {
                name: values[-1]
                for name, values in parse_qs(request.query, keep_blank_values=True).items()
            },
            "if_none_match": request.headers.get("if-none-match"),
            "status": None,
        }
        self._log.append(entry)
        answer = self._answer_with_faults(request)
        entry["status"] = answer.status
        return answer

    def _answer_with_faults(self, request: Request) -> Answer:
        failure = self._faults.next_failure(request)
        if failure and not failure.applied:
            return self._faults.spoil(failure, Answer())
        self._faults.pass_through(request, "before")
        answer = self.answer(request)
        self._faults.pass_through(request, "after")
        return self._faults.spoil(failure, answer) if failure else answer

    # -- what has happened -----------------------------------------------------------------

    def requests(self, path: str = "*") -> list[Json]:
        """Return the requests so far to paths of this pattern, oldest first.

        Each has at (Unix time), method, path, query, if_none_match, and status (None while
        unanswered).
        """
        return [dict(entry) for entry in list(self._log) if fnmatch.fnmatch(entry["path"], path)]

    def violations(self) -> list[Json]:
        """Return the requests that correct code would not make, oldest first."""
        return [dict(entry) for entry in list(self._violations)]

    def violate(self, request: Request, message: str) -> None:
        """Remember that a request broke a rule of the service."""
        self._violations.append(
            {
                "at": time.time(),
                "method": request.method,
                "path": request.path,
                "query": request.query,
                "message": message,
            }
        )

    def forget(self) -> None:
        """Forget requests, violations, holds and failures; the world stays as it is."""
        self._faults.clear()
        self._log.clear()
        self._violations.clear()
