"""The site by keyboard alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.e2e import steps
from tests.e2e.reader import Reader

pytestmark = pytest.mark.browser

EPISODE = "/emissions/ia-le-progres-version-mad-max"
# What has the focus, and whether a person can see that it has.
FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  // A card draws it on the pseudo-element that makes all of it a link.
  const styles = [null, "::after"].map((part) => getComputedStyle(element, part));
  const box = element.getBoundingClientRect();
  return {
    name: element.outerHTML.slice(0, 120),
    outlined: styles.some(
      (style) => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2
    ),
    shown: box.width > 1 && box.height > 1
      && box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
  };
}"""


def walk(page: Page) -> list[dict[str, Any]]:
    """Tab through the whole page; each stop as FOCUS tells it."""
    stops: list[dict[str, Any]] = []
    while len(stops) < steps.MOST_STOPS:
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop is None:
            return stops
        stops.append(stop)
    raise AssertionError(f"no way out of the page: {stops[-3:]}")


@pytest.mark.parametrize(
    "path", ["/", EPISODE, "/emissions?saison=9", "/recherche?q=police", "/direct", "/don"]
)
def test_the_focus_is_seen_at_every_stop(reader: Reader, path: str) -> None:
    stops = walk(reader.open(path))
    assert len(stops) > 10
    assert [stop["name"] for stop in stops if not stop["outlined"]] == []
    assert [stop["name"] for stop in stops if not stop["shown"]] == []


def test_the_first_stop_skips_to_the_content(reader: Reader) -> None:
    page = reader.open(EPISODE)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Aller au contenu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{EPISODE}#contenu")
    page.keyboard.press("Tab")
    expect(page.locator("main :focus")).to_have_count(1)


def test_enter_opens_the_budget_lines(reader: Reader) -> None:
    page = reader.open(EPISODE)
    steps.till(page).focus()
    expect(page.locator("#collecte ol")).to_be_hidden()
    page.keyboard.press("Enter")
    expect(page.locator("#collecte ol")).to_be_visible()
    expect(page.locator("#collecte li")).to_have_count(7)
    page.keyboard.press("Enter")
    expect(page.locator("#collecte ol")).to_be_hidden()


def test_mistakes_in_the_form_take_the_focus(reader: Reader) -> None:
    page = reader.open("/don")
    steps.fill_in(page, amount="dix")
    expect(page.locator("#a-corriger")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Montant, en euros")).to_be_focused()
