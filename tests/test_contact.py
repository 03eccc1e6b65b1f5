"""Where donors are told to write: an address of its own, not the one that letters leave from."""

import pytest
from django.core import mail
from django.test import Client
from pytest_django.fixtures import Settings

from donations.models import GivingSettings, OutgoingEmail
from donations.services import letters

CONTACT = "dons@auposte.example"


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/don", "/don/merci"])
@pytest.mark.parametrize("is_open", [True, False])
def test_pages_give_the_contact(
    address: str, is_open: bool, visitor: Client, settings: Settings
) -> None:
    settings.CONTACT_EMAIL = CONTACT
    GivingSettings.objects.create(pk=1, is_open=is_open)
    page = visitor.get(address).content.decode()
    assert f'<a href="mailto:{CONTACT}">{CONTACT}</a>' in page
    assert "bonjour@auposte.example" not in page


@pytest.mark.django_db
def test_answers_to_a_letter_go_there(settings: Settings) -> None:
    settings.CONTACT_EMAIL = CONTACT
    letter = OutgoingEmail.objects.create(
        key="thanks:1", to="lectrice@example.org", subject="Merci", text="Merci."
    )
    assert letters.send(letter.pk)
    sent = mail.outbox[-1]
    assert (sent.from_email, sent.reply_to) == (settings.DEFAULT_FROM_EMAIL, [CONTACT])
