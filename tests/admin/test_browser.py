"""The admin in a real browser: the site's strict policy holds there too, and it reads well."""

import contextlib
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, sync_playwright
from pytest_django.live_server_helper import LiveServer

from broadcasts.models import Broadcast
from tests.admin.test_doors import pages
from tests.admin.world import episode, person
from tests.browser import FLAGS, find_chromium
from tests.environment import ARTIFACTS

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WATCH = """document.addEventListener('securitypolicyviolation', event =>
    console.error('violation: ' + event.violatedDirective + ' ' + event.blockedURI))"""


@contextlib.contextmanager
def chromium() -> Iterator[Browser]:
    """A browser whose event loop ends with the block: beside it Django refuses its database."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(print), args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


def session_of(role: str) -> str:
    client = Client()
    client.force_login(person(role), backend="django.contrib.auth.backends.ModelBackend")
    return client.session.session_key or ""


@contextlib.contextmanager
def desk(
    browser: Browser,
    site: str,
    session: str,
    *,
    width: int = 1280,
    scheme: str = "light",
    scripts: bool = True,
) -> Iterator[tuple[Page, list[str]]]:
    """A page signed in as staff, and all that its console complains of."""
    context = browser.new_context(
        base_url=site,
        color_scheme="dark" if scheme == "dark" else "light",
        java_script_enabled=scripts,
        locale="fr-FR",
        timezone_id="Europe/Paris",
        viewport={"width": width, "height": 900},
    )
    context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": f"{site}/admin/"}]
    )
    if scripts:
        context.add_init_script(WATCH)
    complaints: list[str] = []

    def listen(page: Page) -> None:
        page.on("pageerror", lambda error: complaints.append(f"{page.url} {error}"))
        page.on(
            "console",
            lambda message: (
                complaints.append(f"{page.url} {message.text}")
                if message.type in {"error", "warning"}
                else None
            ),
        )
        page.on(
            "request",
            lambda request: (
                complaints.append(f"{page.url} asks {request.url}")
                if not request.url.startswith((site, "data:", "about:"))
                else None
            ),
        )

    context.on("page", listen)
    page = context.new_page()
    try:
        yield page, complaints
    except Exception:
        page.screenshot(path=ARTIFACTS / "admin" / "failure.png", full_page=True)
        raise
    finally:
        context.close()


def test_no_page_breaks_the_policy(live_server: LiveServer) -> None:
    addresses = [
        "/admin/",
        "/admin/second-facteur/",
        *(address for _, kind, address in pages() if kind in {"list", "change"}),
    ]
    session = session_of("owner")
    with chromium() as browser, desk(browser, live_server.url, session) as (page, complaints):
        for address in addresses:
            answer = page.goto(address)
            assert answer is not None
            assert answer.status == 200, address
            policy = answer.headers["content-security-policy"]
            assert "unsafe" not in policy
            assert "nonce" not in policy
        assert complaints == []


def test_an_editor_works_with_the_form(live_server: LiveServer) -> None:
    broadcast = episode(1, status=Broadcast.Status.DRAFT, published_at=None)
    episode(2)
    session = session_of("owner")
    with chromium() as browser, desk(browser, live_server.url, session) as (page, complaints):
        page.goto(f"/admin/broadcasts/broadcast/{broadcast.pk}/change/")
        page.click("#appearances-group .add-row a")
        page.click("#appearances-1 .select2-selection")
        page.keyboard.type("welgryn 2")
        page.wait_for_selector(".select2-results__option:first-child:has-text('Lou Welgryn 2')")
        page.keyboard.press("Enter")
        page.fill("#id_appearances-1-position", "2")
        page.click("#chapters-group .add-row a")
        page.fill("#id_chapters-1-start_seconds", "1:02:03")
        page.fill("#id_chapters-1-title", "Qui décide")
        page.click(".field-published_at .datetimeshortcuts a:has-text('Aujourd')")
        page.click(".field-published_at .datetimeshortcuts a:has-text('Maintenant')")
        page.click(".field-scheduled_for .date-icon")
        page.click(".calendarbox td:not(.nonday) a >> visible=true >> nth=3")
        page.fill("#id_scheduled_for_1", "19:00")
        with page.expect_popup() as popup:
            page.click("#add_id_series")
        popup.value.fill("#id_title", "Causerie")
        with popup.value.expect_event("close"):
            popup.value.click("[name=_save]")
        page.click("button.theme-toggle >> visible=true")
        page.click("#toggle-nav-sidebar")
        page.click("[name=_save] >> nth=0")
        page.wait_for_selector("li.success")
        page.wait_for_load_state()  # its scripts, too
        page.check("#action-toggle")
        page.select_option("select[name=action]", "delete_selected")
        page.click("button[name=index]")
        page.wait_for_selector("body.delete-selected-confirmation")
        assert complaints == []
    broadcast.refresh_from_db()
    assert broadcast.series is not None
    assert broadcast.series.slug == "causerie"
    assert [str(one.guest) for one in broadcast.appearances.all()] == [
        "Lou Welgryn 1", "Lou Welgryn 2",
    ]  # fmt: skip
    assert broadcast.chapters.get(title="Qui décide").start_seconds == 3723
    assert broadcast.published_at is not None
    assert broadcast.scheduled_for is not None


def test_pages_fit_a_telephone_and_are_photographed(live_server: LiveServer) -> None:
    found = {f"{name}-{kind}": address for name, kind, address in pages()}
    shown = {"index": "/admin/", "second-facteur": "/admin/second-facteur/"} | {
        name: found[name]
        for name in (
            "broadcast-list", "broadcast-change", "campaign-change", "gift-change",
            "ledgerentry-list",
        )
    }  # fmt: skip
    session = session_of("owner")
    folder = ARTIFACTS / "admin"
    with chromium() as browser:
        for scheme in ("light", "dark"):
            for width in (360, 1280):
                with desk(browser, live_server.url, session, width=width, scheme=scheme) as (
                    page,
                    complaints,
                ):
                    for name, address in shown.items():
                        page.goto(address)
                        page.screenshot(
                            path=folder / f"{name}-{width}-{scheme}.png", full_page=True
                        )
                        wide = page.evaluate("document.documentElement.scrollWidth")
                        assert wide <= width, (name, width, wide)
                    assert complaints == []
