"""Errors as PeerTube sends them: RFC 7807 documents; too many requests are plain text."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from sandbox.http.faults import Failure
from sandbox.http.messages import Answer

TOO_MANY = "Too many requests, please try again later."
DOCS = "https://docs.joinpeertube.org/api-rest-reference.html"


class PeerTubeError(Exception):
    """An error answer: status, detail, and what else the document holds.

    `misuse` marks what correct code would not ask.
    """

    def __init__(self, status: int, detail: str, *, misuse: bool = False, **more: Any) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.misuse = misuse
        self._more = more

    def answer(self) -> Answer:
        """Return the answer that carries this problem."""
        body = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "detail": self.detail,
            "status": self.status,
            "docs": DOCS,
        }
        headers = {"Content-Type": "application/problem+json; charset=utf-8"}
        return Answer(status=self.status, body=body | self._more, headers=headers)


def bad_parameter(name: str, value: str, message: str, *, location: str = "query") -> PeerTubeError:
    """Return what an ill-formed parameter gets."""
    found = {"type": "field", "value": value, "msg": message, "path": name, "location": location}
    return PeerTubeError(
        400,
        f"Incorrect request parameters: {name}",
        misuse=True,
        **{"invalid-params": {name: found}},
    )


def too_many_requests(retry_after: int) -> Answer:
    """Return what comes when the allowance is used up; `retry_after` is in seconds."""
    headers = {"Content-Type": "text/html; charset=utf-8", "Retry-After": str(retry_after)}
    return Answer(status=429, body=TOO_MANY.encode(), headers=headers)


def simulated(failure: Failure) -> Answer:
    """Return the error that a test has asked for."""
    if failure.status == 429:
        return too_many_requests(failure.retry_after)
    return PeerTubeError(failure.status, failure.reason or "A simulated failure").answer()
