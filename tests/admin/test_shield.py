"""The treasurer sees the shield, and brings it down."""

import datetime as dt
from collections.abc import Callable

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client
from django.utils import timezone

from donations.models import GivingSettings
from tests.admin.html import form_of, text_of

SignIn = Callable[[str], Client]
PAGE = "/admin/donations/givingsettings/1/change/"
LOWER = "/admin/donations/givingsettings/bouclier/baisser/"
BUTTON = "Baisser le bouclier"
REASON = "23 cartes refusées sur 25 essais en dix minutes"


def shield(minutes: int) -> None:
    """Up for these minutes more; or down since then, when they are negative."""
    until = timezone.now() + dt.timedelta(minutes=minutes)
    GivingSettings.objects.update_or_create(
        pk=1, defaults={"shield_until": until, "shield_reason": REASON}
    )


def is_up() -> bool:
    until = GivingSettings.objects.get().shield_until
    return until is not None and until > timezone.now()


def test_the_start_page_tells_of_it(treasurer: Client, editor: Client) -> None:
    told = "Le bouclier est levé jusqu’à"
    assert told not in text_of(treasurer.get("/admin/"))
    shield(30)
    page = treasurer.get("/admin/")
    assert told in text_of(page)
    assert REASON in text_of(page)
    assert f'href="{PAGE}"' in page.content.decode()
    assert told not in text_of(editor.get("/admin/"))
    shield(-1)
    assert told not in text_of(treasurer.get("/admin/"))


def test_a_button_brings_it_down(treasurer: Client) -> None:
    shield(30)
    page = treasurer.get(PAGE)
    assert f": {REASON}." in text_of(page)
    assert BUTTON in text_of(page)
    page = treasurer.post(LOWER, follow=True)
    assert "Le bouclier est baissé." in text_of(page)
    assert f"La dernière fois : {REASON}." in text_of(page)
    assert BUTTON not in text_of(page)
    assert not is_up()
    assert "Bouclier baissé." in str(LogEntry.objects.get())
    assert "Le bouclier était déjà baissé." in text_of(treasurer.post(LOWER, follow=True))
    assert LogEntry.objects.count() == 1


def test_one_that_never_rose_says_so(treasurer: Client) -> None:
    assert "Il ne s’est jamais levé." in text_of(
        treasurer.get("/admin/donations/givingsettings/", follow=True)
    )


@pytest.mark.parametrize("role", ["editor", "moderator", "outsider", "reader"])
def test_others_leave_it_up(role: str, staff: SignIn) -> None:
    shield(30)
    assert staff(role).post(LOWER).status_code in {302, 403}
    assert is_up()


def test_looking_does_not_lower_it(treasurer: Client) -> None:
    shield(30)
    assert treasurer.get(LOWER).status_code == 405
    assert is_up()


def test_a_form_saved_meanwhile_takes_nothing_back(treasurer: Client) -> None:
    """The till is closed by somebody whose page is older than the shield."""
    shield(-90)
    fields = form_of(treasurer.get(PAGE))
    shield(30)
    fields.pop("is_open")
    assert treasurer.post(PAGE, fields).status_code == 302
    assert is_up()
    assert not GivingSettings.objects.get().is_open
