"""The frame of every page for those who zoom, want more contrast, or bring their own colours."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.axe import CONTRAST, assert_accessible
from tests.e2e.reader import Reader
from tests.e2e.test_public_pages import STICKS_OUT

pytestmark = pytest.mark.browser

EPISODE = "/emissions/qui-garde-les-gardiens"
# The button of the header stood out of pages by a few pixels, without making them wider.
PAST_THE_EDGE = """() => {
  const width = document.documentElement.clientWidth;
  return [...document.querySelectorAll(".site *, .site-foot *")]
    .filter((element) => element.getBoundingClientRect().right > width - 8)
    .map((element) => element.outerHTML.slice(0, 100));
}"""
LONGEST_DAYS = """() => {
  for (const day of document.querySelectorAll("time[datetime^='20']")) {
    day.textContent = "30 septembre 2026";
  }
}"""


@pytest.mark.parametrize("path", [EPISODE, "/contact"])
def test_it_fits_down_to_a_page_at_400_percent(path: str, reader: Reader) -> None:
    page = reader.open(path)
    page.evaluate(LONGEST_DAYS)  # whatever day it is today
    for width in (256, 320, 360, 390):
        page.set_viewport_size({"width": width, "height": 640})
        assert page.evaluate(STICKS_OUT) == [], width
        assert page.evaluate(PAST_THE_EDGE) == [], width


@pytest.mark.parametrize(
    "wish",
    [
        {"contrast": "more"},
        {"contrast": "more", "color_scheme": "dark"},
        {"forced_colors": "active"},
    ],
)
def test_other_colours_can_be_read(wish: dict[str, str], new_reader: Callable[..., Reader]) -> None:
    reader = new_reader(**wish)
    page = reader.context.new_page()
    for path in ("/don", "/transparence", "/emissions?saison=9", EPISODE):
        reader.go(page, path)
        assert_accessible(page, f"{path} {wish}", options=CONTRAST)
    width = page.locator(".site nav a[aria-current]").evaluate(
        "link => getComputedStyle(link).borderTopWidth"
    )
    assert width == ("4px" if "forced_colors" in wish else "0px"), "where one is stays told"


def test_the_first_tab_skips_to_the_text(reader: Reader) -> None:
    page = reader.open(EPISODE)
    page.keyboard.press("Tab")
    skip = page.get_by_role("link", name="Aller au contenu")
    expect(skip).to_be_focused()
    expect(skip).to_be_in_viewport()
    page.keyboard.press("Enter")
    expect(page).to_have_url(f"{EPISODE}#contenu")
    page.keyboard.press("Tab")
    expect(page.locator("main :focus")).to_have_count(1)
