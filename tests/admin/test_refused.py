"""What is said to who may not."""

from collections.abc import Callable

import pytest
from django.test import Client

from tests.admin.html import text_of
from tests.admin.test_doors import ENGLISH
from tests.admin.world import money

SignIn = Callable[[str], Client]
REFUSED = [
    ("editor", "/admin/donations/gift/"),
    ("editor", "/admin/auth/user/add/"),
    ("treasurer", "/admin/broadcasts/broadcast/add/"),
    ("moderator", "/admin/donations/ledgerentry/"),
]


@pytest.mark.parametrize(("role", "address"), REFUSED)
def test_the_staff_is_told_in_the_admin_with_a_way_back(
    role: str, address: str, staff: SignIn
) -> None:
    for response in (staff(role).get(address), staff(role).post(address)):
        assert response.status_code == 403
        page = text_of(response)
        assert "Votre compte ne donne pas accès à cette page." in page
        assert not ENGLISH.findall(page)
        content = response.content.decode()
        assert '<a class="button" href="/admin/">' in content
        assert 'id="logout-form"' in content
        assert content.count("<h1") == 1
        assert '<html lang="fr"' in content


def test_it_gives_nothing_away(staff: SignIn) -> None:
    gift = money(1)
    response = staff("editor").get(f"/admin/donations/gift/{gift.pk}/change/")
    assert response.status_code == 403
    assert str(gift.pk) not in text_of(response)
    assert "onatrice" not in text_of(response)


def test_outsiders_still_meet_the_public_page(db: None, visitor: Client) -> None:
    response = visitor.post("/don", {}, headers={"Origin": "https://ailleurs.example"})
    assert response.status_code == 403
    assert "Circulez" in text_of(response)
    assert "/admin/" not in response.content.decode()
    assert not response.cookies
