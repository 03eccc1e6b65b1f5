"""The video waits for a click: until then nobody else learns who reads."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.e2e.reader import Reader

pytestmark = pytest.mark.browser

WITH_CHAPTERS = "/emissions/qui-garde-les-gardiens"
WATCH = re.compile(r"^https://www\.youtube\.com/watch\?v=")
PLAYER = re.compile(r"^https://www\.youtube-nocookie\.com/embed/[\w-]{11}\?autoplay=1")
PLAYER_HOST = "https://www.youtube-nocookie.com/**"


@pytest.mark.parametrize("query", ["", "?autoplay=true"])
def test_nobody_is_asked_before_the_click(reader: Reader, query: str) -> None:
    page = reader.open(WITH_CHAPTERS + query)
    page.wait_for_load_state("networkidle")
    play = page.get_by_role("button", name="Lire la vidéo")
    expect(play).to_contain_text("chargée depuis YouTube après votre clic")
    expect(page.locator("iframe")).to_have_count(0)
    assert reader.foreign == []

    with page.expect_request(PLAYER_HOST):
        play.click()
    frame = page.locator("iframe")
    expect(frame).to_have_attribute("src", PLAYER)
    expect(frame).to_have_attribute("referrerpolicy", "strict-origin-when-cross-origin")
    expect(frame).to_have_attribute("title", re.compile("^Vidéo"))
    expect(frame).to_be_focused()
    assert len(reader.foreign) == 1
    assert PLAYER.match(reader.foreign.pop())


def test_a_chapter_starts_the_video_there(reader: Reader) -> None:
    page = reader.open(WITH_CHAPTERS)
    chapter = page.locator(".chapters a[data-seek]").nth(1)
    second = chapter.get_attribute("data-seek")
    with page.expect_request(PLAYER_HOST):
        chapter.click()
    expect(page.locator("iframe")).to_have_attribute("src", re.compile(rf"start={second}\b"))
    expect(page).to_have_url(re.compile(WITH_CHAPTERS))
    reader.let_out()


def test_without_javascript_it_is_a_link(new_reader: Callable[..., Reader]) -> None:
    reader = new_reader(java_script_enabled=False)
    page = reader.open(WITH_CHAPTERS)
    expect(page.get_by_role("link", name="Lire la vidéo")).to_have_attribute("href", WATCH)
    expect(page.get_by_role("link", name="Voir sur YouTube")).to_have_attribute("href", WATCH)
    expect(page.locator(".chapters a").nth(1)).to_have_attribute(
        "href", re.compile(WATCH.pattern + r".*[?&]t=\d+s")
    )
    expect(page.locator("iframe")).to_have_count(0)
