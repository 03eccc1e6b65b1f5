"""Passing an episode on: plain links for everybody, a button for who has JavaScript."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.e2e.reader import Reader

pytestmark = pytest.mark.browser

EPISODE = "/emissions/qui-garde-les-gardiens"


def test_the_link_is_copied_and_said_to_be(new_reader: Callable[..., Reader]) -> None:
    reader = new_reader(permissions=["clipboard-read", "clipboard-write"])
    page = reader.open(EPISODE + "?autoplay=true")
    page.get_by_role("button", name="Copier le lien").click()
    expect(page.locator(".share [role=status]")).to_have_text("Lien copié")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == settings.SITE_URL + EPISODE
    expect(page.get_by_role("button", name="Copier le lien")).to_be_visible()


def test_without_javascript_only_links_are_there(new_reader: Callable[..., Reader]) -> None:
    page = new_reader(java_script_enabled=False).open(EPISODE)
    share = page.locator(".share")
    expect(share.get_by_role("button")).to_have_count(0)
    address = quote(settings.SITE_URL + EPISODE, safe="")
    links = [link.get_attribute("href") for link in share.get_by_role("link").all()]
    assert len(links) == 5
    assert all(link.endswith(address) for link in links), links
    assert all("utm" not in link for link in links)
