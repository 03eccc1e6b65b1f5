"""Errors in the shape that Stripe's API answers with (https://docs.stripe.com/api/errors)."""

from __future__ import annotations

from typing import Any

from sandbox.http.faults import Failure
from sandbox.http.messages import Answer

DOC_URL = "https://docs.stripe.com/error-codes/"


class StripeError(Exception):
    """An error answer: HTTP status, and the `error` object's type, code, message and param.

    `misuse` marks requests that real Stripe would never accept from correct code; the stand-in
    remembers these as violations, so that a test can ask whether there were any.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        code: str | None = None,
        param: str | None = None,
        misuse: bool = False,
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.kind = kind
        self.code = code
        self.param = param
        self.misuse = misuse
        self.headers = headers or {}

    def body(self) -> dict[str, Any]:
        """Return the JSON body: an `error` with type, message, and where known code and param."""
        error: dict[str, Any] = {"type": self.kind, "message": self.message}
        if self.code:
            error |= {"code": self.code, "doc_url": DOC_URL + self.code.replace("_", "-")}
        if self.param:
            error["param"] = self.param
        return {"error": error}


def misuse(message: str, *, param: str | None = None, code: str | None = None) -> StripeError:
    """Return the 400 for a request that breaks one of Stripe's rules."""
    return StripeError(message, code=code, param=param, misuse=True)


def refusal(status: int, message: str) -> Answer:
    """Return the answer for a request that never reached the API."""
    kind = "api_error" if status >= 500 else "invalid_request_error"
    return Answer(status=status, body=StripeError(message, kind=kind).body())


def simulated(failure: Failure) -> Answer:
    """Return the error answer that a test has asked for."""
    if failure.status != 429:
        return refusal(failure.status, "A simulated failure")
    error = StripeError("A simulated failure", code="rate_limit")
    headers = {"Retry-After": str(failure.retry_after)}
    return Answer(status=429, body=error.body(), headers=headers)


def no_such(kind: str, key: str, *, param: str = "id", in_path: bool = False) -> StripeError:
    """Return `resource_missing`: 404 when the id is in the path, 400 when it is a parameter."""
    noun = kind.rsplit(".", 1)[-1]
    return StripeError(
        f"No such {noun}: '{key}'",
        status=404 if in_path else 400,
        code="resource_missing",
        param=param,
    )
