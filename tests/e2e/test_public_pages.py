"""Every kind of public page: readable by machines and by people, on small and large screens.

Screenshots of the main ones are kept: somebody should look at them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import DEFAULT_OPTIONS, Axe
from playwright.sync_api import Page, ViewportSize

from sandbox.stripe import StripeStandIn
from tests import html_checker
from tests.e2e import demo
from tests.e2e.public_pages import WAYS, Gifts, Way, give_in_every_way
from tests.e2e.reader import Reader
from tests.environment import ARTIFACTS, ROOT

pytestmark = pytest.mark.browser

NARROWEST = 320
WIDTHS = {360: 740, 1280: 900}
SCHEMES = ("light", "dark")
SHOTS, SOURCES = ARTIFACTS / "pages", ARTIFACTS / "html"
# What sticks out to the right of the window, the innermost first.
STICKS_OUT = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > width + 1)
    .map((element) => element.outerHTML.slice(0, 150))
    .reverse();
}"""

LOAD_ALL = """async () => {
  const pictures = [...document.images];
  await Promise.all(pictures.map((picture) => {
    picture.loading = "eager";
    if (picture.complete && picture.naturalWidth) return;
    return new Promise((resolve) => { picture.onload = picture.onerror = resolve; });
  }));
  return pictures.filter((picture) => !picture.naturalWidth).map((picture) => picture.currentSrc);
}"""
MAIN = (
    "accueil", "emissions", "episode", "episode-chapitres", "episode-collecte-ouverte",
    "texte-sans-image", "serie", "invites", "invite-portrait", "don-depuis-un-episode",
    "don-a-corriger", "merci", "merci-en-cours", "404",
)  # fmt: skip
# A colour scheme changes nothing else.
CONTRAST = {"resultTypes": ["violations"], "runOnly": ["color-contrast"]}


@pytest.fixture(scope="module")
def gifts(stripe_account: StripeStandIn) -> Gifts:
    demo.empty_the_till()
    made = give_in_every_way(stripe_account)
    demo.drain(stripe_account)
    return made


def dress(page: Page, width: int, scheme: str) -> None:
    """Give the window this width (pixels) and the system this colour scheme."""
    page.set_viewport_size(ViewportSize(width=width, height=WIDTHS.get(width, 740)))
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS)
def test_it_fits_any_screen_and_axe_finds_nothing(way: Way, reader: Reader, gifts: Gifts) -> None:
    page = way(reader, gifts)
    for width in (NARROWEST, *WIDTHS):
        dress(page, width, "light")
        out = page.evaluate(STICKS_OUT)
        assert not out, f"at {width} pixels: {out}"
    for details in page.locator("details").all():
        details.evaluate("details => details.open = true")
    for width in WIDTHS:
        dress(page, width, "light")
        look_with_axe(page, f"{width} light")
        dress(page, width, "dark")
        look_with_axe(page, f"{width} dark", CONTRAST)


def look_with_axe(page: Page, look: str, options: dict[str, Any] = DEFAULT_OPTIONS) -> None:
    found = Axe().run(page, options=options)
    assert not found.violations_count, f"{look}: {found.generate_report()}"


@pytest.mark.parametrize("name", MAIN)
def test_pictures_are_taken(name: str, reader: Reader, gifts: Gifts) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    page = WAYS[name](reader, gifts)
    for width, scheme in itertools.product(WIDTHS, SCHEMES):
        dress(page, width, scheme)
        show_lazy_pictures(page)
        page.screenshot(path=SHOTS / f"{name}-{width}-{scheme}.png", full_page=True)


def show_lazy_pictures(page: Page) -> None:
    """A picture below the window is not there yet when the whole page is photographed."""
    broken = page.evaluate(LOAD_ALL)
    assert not broken, f"pictures that do not load: {broken}"


def test_the_html_checker_finds_nothing(
    new_reader: Callable[..., Reader], gifts: Gifts, say_at_the_end: Callable[[str], None]
) -> None:
    missing = html_checker.missing_programs()
    if missing:
        say_at_the_end(f"HTML non contrôlé par Nu : il manque {' et '.join(missing)}.")
        pytest.skip(f"the Nu HTML checker needs {' and '.join(missing)}")
    # As it was sent: scripts change nothing, and what they come with is not looked at.
    reader = new_reader(java_script_enabled=False)
    reader.context.route(re.compile("/(static|media)/"), lambda route: route.fulfill(body=""))
    files = []
    for name, way in WAYS.items():
        page = way(reader, gifts)
        files.append(save(name, reader.source()))
        page.close()
    errors = html_checker.html_errors(html_checker.checker(ROOT / ".test"), files)
    assert not errors, "\n".join(map(str, errors))


def save(name: str, source: str) -> Path:
    SOURCES.mkdir(parents=True, exist_ok=True)
    file = SOURCES / f"{name}.html"
    file.write_text(source)
    return file
