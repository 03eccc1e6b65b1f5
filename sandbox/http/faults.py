"""Answers withheld and answers spoiled, as tests ask for them."""

from __future__ import annotations

import contextlib
import dataclasses
import fnmatch
import select
import socket
import threading
from collections.abc import Callable
from typing import Any, Literal

from sandbox.http.messages import Answer, Request, Spoiling

Stage = Literal["before", "after"]
FailureKind = Literal["error", "truncated", "disconnect", "timeout", "slow", "cut"]


@dataclasses.dataclass(kw_only=True)
class _Rule:
    method: str | None = None
    path: str = "*"
    left: int | None = None

    def take(self, request: Request) -> bool:
        """Say whether the rule applies to this request, and count it."""
        if self.left == 0 or (self.method and request.method != self.method.upper()):
            return False
        if not fnmatch.fnmatchcase(request.path, self.path):
            return False
        if self.left is not None:
            self.left -= 1
        return True


@dataclasses.dataclass(kw_only=True)
class _Hold(_Rule):
    stage: Stage = "after"


@dataclasses.dataclass(kw_only=True)
class Failure(_Rule):
    """How matching requests fail; `applied` says whether they take effect all the same.

    `reason` is the service's own word for an error ("quotaExceeded"); "" is for the status alone.
    A "slow" answer is whole, `seconds` late; "timeout" is silence for as long. A "truncated" body
    ends before its announced length; a "cut" one is just as short, but announced so: only its
    reader can tell.
    """

    kind: FailureKind = "error"
    status: int = 500
    reason: str = ""
    applied: bool = False
    seconds: float = 30.0
    retry_after: int = 1


class Faults:
    """The holds and failures now in force; `word` makes the service's answer for an error."""

    def __init__(self, word: Callable[[Failure], Answer]) -> None:
        self._word = word
        self._changed = threading.Condition()
        self._holds: list[_Hold] = []
        self._failures: list[Failure] = []
        self._waiting: dict[int, Request] = {}
        self._round = 0

    def hold(
        self,
        *,
        path: str = "*",
        method: str | None = None,
        count: int | None = None,
        stage: Stage = "after",
    ) -> None:
        """Withhold the answers to the next `count` (or all) matching API requests.

        `path` is a pattern such as `/v1/refunds/*`. "after" withholds the answer to a request
        that has taken effect, "before" keeps the request from taking effect.
        """
        with self._changed:
            self._holds.append(_Hold(path=path, method=method, left=count, stage=stage))

    def release(self) -> None:
        """Let all withheld requests go on, and withhold no more."""
        with self._changed:
            self._holds.clear()
            self._round += 1
            self._changed.notify_all()

    def waiting(self) -> list[dict[str, str]]:
        """Return method and path of the requests withheld now whose client still listens."""
        with self._changed:
            return [
                {"method": request.method, "path": request.path}
                for request in self._waiting.values()
            ]

    def wait_for_waiting(self, count: int, timeout: float) -> bool:
        """Block until `count` requests (0: none) are withheld; say whether it came to that."""
        with self._changed:
            return self._changed.wait_for(
                lambda: len(self._waiting) >= count if count else not self._waiting, timeout
            )

    def pass_through(self, request: Request, stage: Stage) -> None:
        """Block while a hold concerns this request, unless its client goes away."""
        with self._changed:
            held = [hold for hold in self._holds if hold.stage == stage and hold.take(request)]
            if not held:
                return
            self._waiting[id(request)] = request
            self._changed.notify_all()
            current = self._round
            while self._round == current and not client_is_gone(request.connection):
                self._changed.wait(0.05)
            del self._waiting[id(request)]
            self._changed.notify_all()

    def fail(self, **options: Any) -> None:
        """Have matching API requests fail: see Failure for the options."""
        kind = options.get("kind", "error")
        # An answer that is lost on its way says nothing about the request: it took effect.
        options.setdefault("applied", kind != "error")
        options["left"] = options.pop("count", 1)
        with self._changed:
            self._failures.append(Failure(**options))

    def spoil(self, failure: Failure, answer: Answer) -> Answer:
        """Return what the client gets instead of `answer`."""
        if failure.kind == "error":
            return self._word(failure)
        spoiling: Spoiling = failure.kind
        return dataclasses.replace(answer, spoiling=spoiling, spoiling_seconds=failure.seconds)

    def next_failure(self, request: Request) -> Failure | None:
        """Return the failure that this request is to meet, if any."""
        with self._changed:
            return next((f for f in self._failures if f.take(request)), None)

    def clear(self) -> None:
        """Forget all holds and failures; release what waits."""
        with self._changed:
            self._failures.clear()
        self.release()


def client_is_gone(connection: socket.socket | None) -> bool:
    """Say whether the other end has closed its connection."""
    if connection is None:
        return False
    with contextlib.suppress(OSError, ValueError):
        readable, _, _ = select.select([connection], [], [], 0)
        return bool(readable) and connection.recv(1, socket.MSG_PEEK) == b""
    return True
