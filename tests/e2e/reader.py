"""Somebody's browser, and all that it met: requests, errors, cookies."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from playwright.sync_api import BrowserContext, ConsoleMessage, Page, Request, Response, Route

from tests.browser import PATIENCE_MS

STAFF_COOKIES_PATH = "/admin/"
# Whoever came in by a link of their own is known there, and nowhere else.
DONOR_COOKIE_PATH = "/don/gerer"
REFUSED = "Failed to load resource: the server responded with a status of"


class Reader:
    """A browser context that lets nothing out: other hosts get an empty answer, and are noted."""

    def __init__(self, context: BrowserContext) -> None:
        self.context = context
        self.errors: list[str] = []
        self.foreign: list[str] = []
        self._notes_foreign = True
        self.document: Response | None = None
        self._pages_refused: set[str] = set()
        self._console: list[tuple[str, str]] = []
        context.set_default_timeout(PATIENCE_MS)
        context.set_default_navigation_timeout(PATIENCE_MS)
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.errors.append(str(error.error)))
        context.on("response", self._look_at)
        context.on("requestfailed", self._note_failure)
        context.route(is_foreign, self._keep_in)

    def open(self, path: str, *, status: int = 200) -> Page:
        """A new tab at this path of the site, which must answer with this status."""
        page = self.context.new_page()
        self.go(page, path, status=status)
        return page

    def go(self, page: Page, path: str, *, status: int = 200) -> Response:
        """The same tab at another path."""
        response = page.goto(path)
        assert response is not None
        assert response.status == status, f"{path}: {response.status}"
        return response

    def source(self) -> str:
        """The HTML of the page last opened, as the server sent it."""
        assert self.document is not None
        return self.document.text()

    @property
    def cookies(self) -> list[str]:
        """`name path` of each cookie, the staff's and the donor's own left out."""
        return [
            f"{cookie.get('name')} {cookie.get('path')}"
            for cookie in self.context.cookies()
            if cookie.get("path") not in {STAFF_COOKIES_PATH, DONOR_COOKIE_PATH}
        ]

    @property
    def complaints(self) -> list[str]:
        """Errors in the console (refusals of the content security policy among them)."""
        return self.errors + [
            f"{text} ({place})"
            for text, place in self._console
            # That a page answers 404 or 422 is not the page's fault.
            if not (text.startswith(REFUSED) and place in self._pages_refused)
        ]

    def check(self) -> None:
        """AssertionError unless the visit was clean."""
        assert not self.complaints, self.complaints
        assert not self.foreign, f"nothing may leave the host: {self.foreign}"
        assert not self.cookies, f"public pages set no cookie: {self.cookies}"

    def let_out(self) -> None:
        """The reader has asked for a frame of elsewhere: no request is held against the page now,
        nor the frame's, which comes when it likes.
        """
        self.foreign.clear()
        self._notes_foreign = False

    def forgive(self) -> None:
        """Drop the complaints so far: the test has made the site fail on purpose."""
        self.errors.clear()
        self._console.clear()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            self._console.append((message.text, message.location.get("url", "")))

    def _look_at(self, response: Response) -> None:
        if not response.request.is_navigation_request():
            return
        self.document = response
        if response.status >= 400:
            self._pages_refused.add(response.url)

    def _note_failure(self, request: Request) -> None:
        # A page that is left gives up what it was loading.
        if request.failure != "net::ERR_ABORTED":
            self.errors.append(f"{request.url}: {request.failure}")

    def _keep_in(self, route: Route) -> None:
        if self._notes_foreign:
            self.foreign.append(route.request.url)
        route.fulfill(status=200, content_type="text/html", body="")


def is_foreign(url: str) -> bool:
    """Whether an address is neither the site's nor, for the payment page, Stripe's."""
    parts = urlsplit(url)
    return parts.scheme in {"http", "https", "ws", "wss"} and (
        f"{parts.scheme}://{parts.netloc}" not in {settings.SITE_URL, settings.STRIPE_API_BASE}
    )
