"""Every kind of public page: readable by machines and by people, on small and large screens.

Screenshots of the main ones are kept: somebody should look at them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, ViewportSize

from sandbox.stripe import StripeStandIn
from tests import html_checker
from tests.axe import CONTRAST, assert_accessible
from tests.e2e import demo
from tests.e2e.public_pages import WAYS, Gifts, give_in_every_way
from tests.e2e.reader import Reader
from tests.environment import ARTIFACTS, ROOT

pytestmark = pytest.mark.browser

# 256 is a telephone's or a small laptop's page at 400 %.
ALL_WIDTHS = (256, 320, 360, 768, 1280, 1920)
WIDTHS = {360: 740, 1280: 900}
SCHEMES = ("light", "dark")
SHOTS, SOURCES = ARTIFACTS / "pages", ARTIFACTS / "html"
# What is said of bodies that are too large, of haste, of a site that is away.
OF_NGINX_ITSELF = sorted((ROOT / "deploy" / "pages").glob("*.html"))
# What sticks out to the right of the window, the innermost first.
STICKS_OUT = """() => {
  const width = document.documentElement.clientWidth;
  if (document.documentElement.scrollWidth <= width) return [];
  return [...document.querySelectorAll("body *")]
    .filter((element) => element.getBoundingClientRect().right > width + 1)
    .map((element) => element.outerHTML.slice(0, 150))
    .reverse();
}"""

# What a screen reader is led by: headings without jumps, landmarks, the title before the player.
MISLEADS = """() => {
  const wrong = [];
  const all = (selector) => [...document.querySelectorAll(selector)];
  const headings = all("h1, h2, h3, h4, h5, h6").filter((it) => it.checkVisibility());
  let last = 0;
  for (const heading of headings) {
    const level = Number(heading.localName[1]);
    if (level > last + 1) wrong.push(`h${level} after h${last}: ${heading.textContent.trim()}`);
    last = level;
  }
  const titles = headings.filter((it) => it.localName === "h1");
  if (titles.length !== 1) wrong.push(`${titles.length} h1`);
  const first = titles[0];
  for (const player of all(".player, iframe, audio")) {
    if (!(first?.compareDocumentPosition(player) & Node.DOCUMENT_POSITION_FOLLOWING)) {
      wrong.push("a player before the title");
    }
  }
  const inParts = ":is(article, aside, main, nav, section) *";
  const frame = document.body.matches(".framed") ? 0 : 1; // Elsewhere's page has its own.
  const wanted = { banner: ["header", frame], main: ["main", 1], contentinfo: ["footer", frame] };
  for (const [role, [tag, count]] of Object.entries(wanted)) {
    const found = all(`${tag}, [role=${role}]`)
      .filter((it) => tag === "main" || !it.matches(inParts));
    if (found.length !== count) wrong.push(`${found.length} ${role}`);
  }
  const names = all("nav").filter((it) => it.checkVisibility()).map((nav) => {
    const by = nav.getAttribute("aria-labelledby");
    return (by ? document.getElementById(by)?.textContent : nav.ariaLabel)?.trim();
  });
  if (names.some((name) => !name)) wrong.push("a nav without a name");
  if (new Set(names).size !== names.length) wrong.push(`navs of the same name: ${names}`);
  return wrong;
}"""
# What moves on a page, or would as soon as something changes on it.
MOVES = """() => [...document.querySelectorAll("*")].flatMap((element) =>
  [null, "::before", "::after"].flatMap((part) => {
    const style = getComputedStyle(element, part);
    if (part && style.content === "none") return [];
    const lasts = style.transitionDuration.split(", ").some((time) => parseFloat(time) > 0);
    return [
      ...(style.animationName === "none" ? [] : [`${element.className}: ${style.animationName}`]),
      ...(lasts ? [`${element.localName}.${element.className}: ${style.transition}`] : []),
      ...(style.scrollBehavior === "smooth" ? [`${element.localName}: smooth`] : []),
    ];
  }))"""

ON_PAPER = ("episode-ouvert", "episode", "texte", "transcription", "citation")
# What paper has no use for, or does not show: white letters, and addresses behind words.
LOST_ON_PAPER = """() => {
  const wrong = [];
  const say = (what, element) => wrong.push(`${what}: ${element.outerHTML.slice(0, 100)}`);
  const seen = (element) => element.checkVisibility({ visibilityProperty: true });
  const useless = "nav:not(.chapters), .skip, .give, #collecte, .player, audio, iframe, .share,"
    + ".fold, button, .button, input, .site-foot ul";
  for (const element of document.querySelectorAll(useless)) {
    if (seen(element)) say("useless", element);
  }
  for (const element of document.querySelectorAll("h1, .brand, .cite, .prose > p, .sign")) {
    if (!element.closest(".desk, .ask, .direct-beside") && !seen(element)) say("missing", element);
  }
  for (const element of document.querySelectorAll("body *")) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim());
    if (!own || !seen(element)) continue;
    const [red, green, blue] = getComputedStyle(element).color.match(/[\\d.]+/g).map(Number);
    if (red !== green || green !== blue) say("coloured", element);
    if (red > 0x77) say("pale", element);
  }
  // No text of the demonstration leads out of the site.
  document.querySelector(".prose")?.insertAdjacentHTML(
    "beforeend", "<p><a href='https://exemple.example/piece'>La pièce</a></p>",
  );
  for (const link of document.querySelectorAll(".prose a[href^=http]")) {
    const address = getComputedStyle(link, "::after").content.includes(link.getAttribute("href"));
    if (seen(link) && !address) say("no address", link);
  }
  return wrong;
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
    for width in ALL_WIDTHS:
        dress(page, width, "light")
        out = page.evaluate(STICKS_OUT)
        assert not out, f"at {width} pixels: {out}"
    assert page.evaluate(MISLEADS) == []
    assert page.evaluate(MOVES) == [], "for whoever asks for less movement"
    if name == "merci":
        page.emulate_media(reduced_motion="no-preference")
        assert page.evaluate(MOVES) == ["html: smooth", "stamp: stamp"]
        page.emulate_media(reduced_motion="reduce")
    if name in MAIN:
        photograph(page, name)
    if name in ON_PAPER:
        page.emulate_media(media="print")
        assert page.evaluate(LOST_ON_PAPER) == []
        page.emulate_media(media="screen")
    for details in page.locator("details").all():
        details.evaluate("details => details.open = true")
    for width in WIDTHS:
        dress(page, width, "light")
        assert_accessible(page, f"{width} light")
        dress(page, width, "dark")
        assert_accessible(page, f"{width} dark", options=CONTRAST)


def test_what_nginx_says_itself_is_for_everybody_too(reader: Reader) -> None:
    """Sent as it is, with nothing of the site's around it."""
    page = reader.context.new_page()
    for file in OF_NGINX_ITSELF:
        page.set_content(file.read_text())
        assert page.locator("html").get_attribute("lang") == "fr"
        assert page.locator("h1").count() == 1
        for width in ALL_WIDTHS:
            dress(page, width, "light")
            assert page.evaluate(STICKS_OUT) == [], f"{file.name}, {width}"
        assert_accessible(page, file.name)
        misprints = r" [;:!?»]|« |\w'\w"
        assert re.findall(misprints, page.locator("body").inner_text()) == []


def photograph(page: Page, name: str) -> None:
    """On the same visit: opening a page takes longest."""
    SHOTS.mkdir(parents=True, exist_ok=True)
    for width, scheme in itertools.product(WIDTHS, SCHEMES):
        dress(page, width, scheme)
        show_lazy_pictures(page)
        page.screenshot(path=SHOTS / f"{name}-{width}-{scheme}.png", full_page=True)


def show_lazy_pictures(page: Page) -> None:
    """A picture below the window is not there yet when the whole page is photographed."""
    broken = page.evaluate(LOAD_ALL)
    assert not broken, f"pictures that do not load: {broken}"


def test_the_html_checker_finds_nothing(
    reader: Reader,
    gifts: Gifts,
    sources: Sources,
    say_at_the_end: Callable[[str], None],
) -> None:
    missing = html_checker.missing_programs()
    if missing:
        say_at_the_end(f"HTML non contrôlé par Nu : il manque {' et '.join(missing)}.")
        pytest.skip(f"the Nu HTML checker needs {' and '.join(missing)}")
    SOURCES.mkdir(parents=True, exist_ok=True)
    files = []
    for name, way in WAYS.items():
        if name not in sources:
            page = way(reader, gifts)
            sources[name] = reader.source()
            page.close()
        files.append(SOURCES / f"{name}.html")
        files[-1].write_text(sources[name])
    errors = html_checker.html_errors(
        html_checker.checker(ROOT / ".test"), [*files, *OF_NGINX_ITSELF]
    )
    assert not errors, "\n".join(map(str, errors))
