"""Every kind of public page: readable by machines and by people, on small and large screens.

Screenshots of the main ones are kept: somebody should look at them.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT, AxeResults
from playwright.sync_api import Page, ViewportSize

from sandbox.stripe import StripeStandIn
from tests import html_checker
from tests.e2e import demo
from tests.e2e.public_pages import WAYS, Gifts, give_in_every_way
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
Sources = dict[str, str]
MAIN = (
    "accueil", "emissions", "episode", "episode-chapitres", "episode-collecte-ouverte",
    "texte-sans-image", "serie", "invites", "invite-portrait", "don-depuis-un-episode",
    "don-a-corriger", "merci", "merci-en-cours", "transparence", "transparence-un-mois",
    "404",
)  # fmt: skip
# Of the results only what we look at: all of them take longer to bring over than to find.
RUN_AXE = """options => axe.run({ ...options, resultTypes: ["violations"] })
  .then(({ violations }) => ({ violations }))"""
# A colour scheme changes nothing else.
EVERYTHING: dict[str, Any] = {}
CONTRAST = {"runOnly": ["color-contrast"]}


@pytest.fixture(scope="module")
def gifts(stripe_account: StripeStandIn) -> Gifts:
    demo.empty_the_till()
    made = give_in_every_way(stripe_account)
    demo.drain(stripe_account)
    return made


@pytest.fixture(scope="module")
def sources() -> Sources:
    """What the server sent at each visit, by the page's name: the HTML checker visits the rest."""
    return {}


def dress(page: Page, width: int, scheme: str) -> None:
    """Give the window this width (pixels) and the system this colour scheme."""
    page.set_viewport_size(ViewportSize(width=width, height=WIDTHS.get(width, 740)))
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")


@pytest.mark.parametrize("name", WAYS)
def test_it_fits_any_screen_and_axe_finds_nothing(
    name: str, reader: Reader, gifts: Gifts, sources: Sources
) -> None:
    page = WAYS[name](reader, gifts)
    sources[name] = reader.source()
    for width in (NARROWEST, *WIDTHS):
        dress(page, width, "light")
        out = page.evaluate(STICKS_OUT)
        assert not out, f"at {width} pixels: {out}"
    if name in MAIN:
        photograph(page, name)
    for details in page.locator("details").all():
        details.evaluate("details => details.open = true")
    for width in WIDTHS:
        dress(page, width, "light")
        look_with_axe(page, f"{width} light")
        dress(page, width, "dark")
        look_with_axe(page, f"{width} dark", CONTRAST)


def photograph(page: Page, name: str) -> None:
    """On the same visit: opening a page takes longest."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    for width, scheme in itertools.product(WIDTHS, SCHEMES):
        dress(page, width, scheme)
        show_lazy_pictures(page)
        page.screenshot(path=SHOTS / f"{name}-{width}-{scheme}.png", full_page=True)


def look_with_axe(page: Page, look: str, options: dict[str, Any] = EVERYTHING) -> None:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)
    found = AxeResults(page.evaluate(RUN_AXE, options))
    assert not found.violations_count, f"{look}: {found.generate_report()}"


def show_lazy_pictures(page: Page) -> None:
    """A picture below the window is not there yet when the whole page is photographed."""
    broken = page.evaluate(LOAD_ALL)
    assert not broken, f"pictures that do not load: {broken}"


def test_the_html_checker_finds_nothing(
    new_reader: Callable[..., Reader],
    gifts: Gifts,
    sources: Sources,
    say_at_the_end: Callable[[str], None],
) -> None:
    missing = html_checker.missing_programs()
    if missing:
        say_at_the_end(f"HTML non contrôlé par Nu : il manque {' et '.join(missing)}.")
        pytest.skip(f"the Nu HTML checker needs {' and '.join(missing)}")
    reader = new_reader(java_script_enabled=False)
    SOURCES.mkdir(parents=True, exist_ok=True)
    files = []
    for name, way in WAYS.items():
        if name not in sources:
            page = way(reader, gifts)
            sources[name] = reader.source()
            page.close()
        files.append(SOURCES / f"{name}.html")
        files[-1].write_text(sources[name])
    errors = html_checker.html_errors(html_checker.checker(ROOT / ".test"), files)
    assert not errors, "\n".join(map(str, errors))
