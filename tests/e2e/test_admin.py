"""The newsroom's door, from a browser: signing in, and no cookie taken outside."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from broadcasts.models import Broadcast
from donations.services.campaigns import current_campaign
from tests.e2e.reader import Reader

pytestmark = pytest.mark.browser

PASSWORD = "un-secret-assez-long"


@pytest.fixture
def editor_in_chief(site: str) -> Iterator[User]:
    user = User.objects.create_superuser("camille", password=PASSWORD)
    yield user
    user.delete()


def test_the_staff_signs_in_and_its_cookie_stays_inside(
    reader: Reader, editor_in_chief: User
) -> None:
    page = reader.open("/admin/")
    page.get_by_label("Nom d’utilisateur").fill(editor_in_chief.username)
    page.get_by_label("Mot de passe").fill("pas le bon")
    page.get_by_role("button", name="Connexion").click()
    expect(page.locator(".errornote")).to_be_visible()
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Connexion").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("La rédaction")

    episode = Broadcast.objects.public().newest_first().first()
    campaign = current_campaign()
    for path in (
        "/admin/broadcasts/broadcast/",
        f"/admin/broadcasts/broadcast/{episode.pk}/change/",
        "/admin/donations/ledgerentry/",
        f"/admin/donations/campaign/{campaign.pk}/change/",
    ):
        reader.go(page, path)
        expect(page.get_by_role("heading", level=1)).to_be_visible()

    assert {cookie.get("path") for cookie in reader.context.cookies()} == {"/admin/"}
    with page.expect_request("**/emissions") as asked:
        reader.go(page, "/emissions")
    assert "cookie" not in asked.value.all_headers()


def test_outsiders_stay_outside(reader: Reader) -> None:
    page = reader.open("/admin/broadcasts/broadcast/")
    expect(page.get_by_label("Mot de passe")).to_be_visible()
