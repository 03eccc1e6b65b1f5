"""Errors as the API words them (https://developers.google.com/youtube/v3/docs/errors)."""

from __future__ import annotations

from typing import Any

from sandbox.http.faults import Failure
from sandbox.http.messages import Answer

# reason → domain, HTTP status, message, canonical status; as real answers had them.
KNOWN: dict[str, tuple[str, int, str, str]] = {
    "quotaExceeded": (
        "youtube.quota",
        403,
        "The request cannot be completed because you have exceeded your "
        '<a href="/youtube/v3/getting-started#quota">quota</a>.',
        "",
    ),
    "dailyLimitExceeded": ("usageLimits", 403, "Daily Limit Exceeded", ""),
    "rateLimitExceeded": ("usageLimits", 403, "Rate Limit Exceeded", ""),
    "userRateLimitExceeded": ("usageLimits", 403, "User Rate Limit Exceeded", ""),
    "keyInvalid": ("usageLimits", 400, "Bad Request", ""),
    "keyExpired": (
        "global",
        400,
        "API key expired. Please renew the API key.",
        "INVALID_ARGUMENT",
    ),
    "accessNotConfigured": (
        "usageLimits",
        403,
        "YouTube Data API v3 has not been used in project 1 before or it is disabled.",
        "PERMISSION_DENIED",
    ),
    "forbidden": ("global", 403, "The caller does not have permission", "PERMISSION_DENIED"),
    "backendError": ("global", 500, "Backend Error", "INTERNAL"),
    "playlistNotFound": (
        "youtube.playlistItem",
        404,
        "The playlist identified with the request's <code>playlistId</code> parameter "
        "cannot be found.",
        "",
    ),
}
BY_STATUS = {
    429: ("rateLimitExceeded", "usageLimits", "Resource has been exhausted", "RESOURCE_EXHAUSTED"),
    500: ("backendError", "global", "Internal error encountered.", "INTERNAL"),
    503: ("backendError", "global", "The service is currently unavailable.", "UNAVAILABLE"),
}


class YouTubeError(Exception):
    """An error answer. `misuse` marks what correct code would never ask."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        reason: str,
        domain: str = "global",
        code: str = "",
        location: str = "",
        details: list[dict[str, Any]] | None = None,
        misuse: bool = False,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.status = status
        self.misuse = misuse
        error: dict[str, Any] = {"message": message, "domain": domain, "reason": reason}
        if location:
            error |= {"location": location, "locationType": "parameter"}
        self._body: dict[str, Any] = {"code": status, "message": message, "errors": [error]}
        if code:
            self._body["status"] = code
        if details:
            self._body["details"] = details

    def answer(self, headers: dict[str, str] | None = None) -> Answer:
        """Return the answer that carries this error."""
        kind = {"Content-Type": "application/json; charset=UTF-8"}
        return Answer(
            status=self.status, body={"error": self._body}, headers=kind | (headers or {})
        )


def known(reason: str, *, misuse: bool = False, location: str = "") -> YouTubeError:
    """Return the error of a reason that is listed above."""
    domain, status, message, code = KNOWN[reason]
    return YouTubeError(
        message,
        status=status,
        reason=reason,
        domain=domain,
        code=code,
        misuse=misuse,
        location=location,
    )


def simulated(failure: Failure) -> Answer:
    """Return the error that a test has asked for, by its reason or by its status."""
    headers = {"Retry-After": str(failure.retry_after)} if failure.status == 429 else {}
    if failure.reason:
        return known(failure.reason).answer(headers)
    return by_status(failure.status).answer(headers)


def by_status(status: int, message: str = "") -> YouTubeError:
    """Return an error of which only the HTTP status is known."""
    reason, domain, text, code = BY_STATUS.get(status, ("badRequest", "global", "Bad Request", ""))
    return YouTubeError(message or text, status=status, reason=reason, domain=domain, code=code)


def missing_key() -> YouTubeError:
    """Return what a request without a key gets."""
    return YouTubeError(
        "The request is missing a valid API key.",
        status=403,
        reason="forbidden",
        code="PERMISSION_DENIED",
        misuse=True,
    )


def invalid_key() -> YouTubeError:
    """Return what a request with a wrong key gets."""
    detail = {
        "@type": "type.googleapis.com/google.rpc.ErrorInfo",
        "reason": "API_KEY_INVALID",
        "domain": "googleapis.com",
        "metadata": {"service": "youtube.googleapis.com"},
    }
    return YouTubeError(
        "API key not valid. Please pass a valid API key.",
        reason="badRequest",
        code="INVALID_ARGUMENT",
        details=[detail],
    )


def unknown_parameter(name: str) -> YouTubeError:
    """Return what a parameter that the method has not gets."""
    message = (
        f'Invalid JSON payload received. Unknown name "{name}": Cannot bind query parameter. '
        f"Field '{name}' could not be found in request message."
    )
    return YouTubeError(message, reason="badRequest", code="INVALID_ARGUMENT", misuse=True)


def bad_parameter(name: str, message: str) -> YouTubeError:
    """Return what an ill-formed parameter gets."""
    return YouTubeError(
        message,
        reason="invalidParameter",
        domain="youtube.parameter",
        location=name,
        misuse=True,
    )


def missing_parameter(name: str) -> YouTubeError:
    """Return what a request without a required parameter gets."""
    return YouTubeError(
        f"Required parameter: {name}", reason="required", location=name, misuse=True
    )


def no_filter(*names: str) -> YouTubeError:
    """Return what a list without any filter gets."""
    return YouTubeError(
        f"No filter selected. Expected one of: {', '.join(names)}",
        reason="missingRequiredParameter",
        domain="youtube.parameter",
        location="parameters.",
        misuse=True,
    )


def too_many_ids() -> YouTubeError:
    """Return what more than fifty ids get."""
    return YouTubeError(
        "The request specifies an invalid filter parameter.",
        reason="invalidFilters",
        domain="youtube.parameter",
        location="id",
        misuse=True,
    )


def bad_page_token() -> YouTubeError:
    """Return what a page token of our own making gets."""
    return YouTubeError(
        "The request specifies an invalid page token.",
        reason="invalidPageToken",
        domain="youtube.parameter",
        location="pageToken",
        misuse=True,
    )


def unknown_part(part: str) -> YouTubeError:
    """Return what a part that the resource has not gets."""
    return YouTubeError(
        f"'{part}'", reason="unknownPart", domain="youtube.part", location="part", misuse=True
    )


def owners_part(part: str) -> YouTubeError:
    """Return what a stranger gets who asks for an owner's part."""
    return YouTubeError(
        f"The {part} part is only available to the owner.",
        status=403,
        reason="forbidden",
        code="PERMISSION_DENIED",
        location="part",
        misuse=True,
    )
