"""From a word that somebody misspells to the second where it is said."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.e2e.reader import Reader

pytestmark = pytest.mark.browser

# In an announcement and in what was said, and nowhere else.
WORD, MISSPELT = "plainte", "plinte"


def search(page: Page) -> None:
    page.get_by_role("banner").get_by_role("link", name="Chercher").click()
    page.get_by_label("Chercher dans ce qui s’est dit").fill(MISSPELT)
    page.get_by_label("Chercher dans ce qui s’est dit").press("Enter")
    expect(page.locator(".verdict")).to_contain_text("Rien au dossier")
    page.locator(".instead").get_by_role("link", name=WORD).click()
    expect(page.locator(".verdict")).to_contain_text(
        re.compile(r"\d+\spassages?,\s+\d+\sémissions?\s+pour")
    )
    expect(page.locator(".moments mark").first).to_have_text(WORD)


def test_the_moment_opens_in_the_player(reader: Reader) -> None:
    page = reader.open("/")
    search(page)
    moment = page.locator(".moments a").first
    second = (moment.get_attribute("href") or "").partition("?t=")[2]
    moment.click()
    page.get_by_role("button", name=re.compile("^Lire à")).click()
    expect(page.locator("iframe")).to_have_attribute("src", re.compile(rf"start={second}\b"))
    reader.let_out()
    page.go_back()
    expect(page.get_by_label("Chercher dans ce qui s’est dit")).to_have_value(WORD)


def test_without_javascript_it_opens_at_the_platform(new_reader: Callable[..., Reader]) -> None:
    reader = new_reader(java_script_enabled=False)
    page = reader.open("/")
    search(page)
    moment = page.locator(".moments a").first
    second = (moment.get_attribute("href") or "").partition("?t=")[2]
    expect(page.locator(".moments .elsewhere").first).to_have_attribute(
        "href", re.compile(rf"[?&](t|start)={second}s$")
    )
    moment.click()
    expect(page.get_by_role("link", name="Lire la vidéo")).to_be_visible()


def test_pages_are_proposed_while_somebody_types(reader: Reader) -> None:
    page = reader.open("/recherche")
    field = page.get_by_role("combobox", name="Chercher dans ce qui s’est dit")
    option = page.get_by_role("option", name="Jeanne Castelvieilh Personne")
    # Each letter may bring an answer of its own.
    with page.expect_response(re.compile(r"[?&]q=castelv(&|$)")):
        field.press_sequentially("castelv")
    expect(option).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    field.press("Escape")
    expect(option).to_be_hidden()
    expect(field).to_have_value("castelv")
    field.press("ArrowDown")
    expect(field).to_have_attribute("aria-activedescendant", option.get_attribute("id") or "")
    field.press("Enter")
    expect(page).to_have_url(re.compile("/invites/jeanne-castelvieilh$"))


def test_what_is_chosen_stays_when_an_answer_comes_late(reader: Reader) -> None:
    page = reader.open("/recherche")
    field = page.get_by_role("combobox", name="Chercher dans ce qui s’est dit")
    option = page.get_by_role("option", name="Jeanne Castelvieilh Personne")
    with page.expect_response(re.compile(r"[?&]q=castel(&|$)")):
        field.press_sequentially("castel")
    expect(option).to_be_visible()
    late: list[Route] = []
    page.route(re.compile(r"[?&]q=castelv"), lambda route: late.append(route))
    with page.expect_request(re.compile(r"[?&]q=castelv")):
        field.press("v")
    field.press("ArrowDown")
    option.evaluate("option => { option.dataset.old = ''; }")
    late[0].continue_()
    expect(page.locator("#propositions [data-old]")).to_have_count(0)
    expect(option).to_have_attribute("aria-selected", "true")
    field.press("Enter")
    expect(page).to_have_url(re.compile("/invites/jeanne-castelvieilh$"))
