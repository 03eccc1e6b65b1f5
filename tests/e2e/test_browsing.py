"""Narrowing the list of episodes, with htmx and without JavaScript: the same for both."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.axe import assert_accessible
from tests.e2e.reader import Reader

pytestmark = pytest.mark.browser


def narrow(page: Page) -> None:
    """By a series, a season, a keyword that is typed; then without the series."""
    page.locator("#serie-causerie").click()
    expect(page).to_have_url(re.compile(r"/emissions\?serie=causerie$"))
    page.locator("#tiroirs").get_by_role("link", name=re.compile("^09 ")).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Causerie, Saison 09")
    count = int(page.locator("#compte").inner_text().split()[0])
    expect(page.locator(".card")).to_have_count(count)
    page.get_by_role("link", name="Retirer le filtre Causerie").click()
    expect(page).to_have_url(re.compile(r"/emissions\?saison=9$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Saison 09")
    page.get_by_role("link", name="plus anciennes").click()
    expect(page).to_have_url(re.compile(r"/emissions\?saison=9&tri=anciennes$"))


def test_htmx_swaps_the_list_and_keeps_the_address_the_focus_and_the_way_back(
    new_reader: Callable[..., Reader],
) -> None:
    reader = new_reader()
    page = reader.open("/emissions?page=2")
    page.evaluate("window.isTheSame = true")
    narrow(page)
    assert page.evaluate("window.isTheSame"), "nothing was loaded anew"
    assert_accessible(page, "swapped by htmx")
    expect(page.locator("#tri-anciennes")).to_be_focused()
    page.go_back()
    expect(page).to_have_url(re.compile(r"/emissions\?saison=9$"))
    expect(page.locator("#tri-recentes")).to_have_attribute("aria-current", "true")
    page.get_by_role("link", name="Retirer le filtre Saison 09").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Émissions")
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    page.get_by_label("Une autre personne").fill("Lou Welgryn")
    page.get_by_label("Une autre personne").press("Enter")
    expect(page).to_have_url(re.compile(r"/emissions\?invite=Lou(?:\+|%20)Welgryn$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Lou Welgryn")
    reader.check()


def test_it_is_the_same_without_javascript(new_reader: Callable[..., Reader]) -> None:
    reader = new_reader(java_script_enabled=False)
    page = reader.open("/emissions?page=2")
    narrow(page)
    reader.go(page, "/emissions?tri=longues")
    page.get_by_label("Une autre personne").fill("Lou Welgryn")
    page.get_by_label("Une autre personne").press("Enter")
    expect(page).to_have_url(re.compile(r"/emissions\?tri=longues&invite=Lou\+Welgryn$"))
    expect(page.get_by_role("heading", level=1)).to_have_text("Lou Welgryn")
    reader.check()
