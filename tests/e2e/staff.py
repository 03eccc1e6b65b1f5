"""Somebody of the team, in the admin."""

from __future__ import annotations

from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from tests.e2e.reader import Reader

PASSWORD = "un-secret-assez-long"


def sign_in(reader: Reader, user: User) -> Page:
    page = reader.open("/admin/")
    page.get_by_label("Nom d’utilisateur").fill(user.username)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Connexion").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("La rédaction")
    return page


def save(page: Page) -> None:
    # The last save may have left its message.
    with page.expect_navigation():
        page.get_by_role("button", name="Enregistrer et continuer les modifications").first.click()
    expect(page.locator(".messagelist .success")).to_be_visible()
