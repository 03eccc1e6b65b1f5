"""Writing to the newsroom: kept, told by mail, forgotten after a year."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from outlet import tasks
from outlet.models import ContactMessage, Page
from tests.outlet.steps import letters, write

pytestmark = pytest.mark.django_db


def test_a_message_is_kept_and_told_and_answered_by_a_reply(
    visitor: Client, settings: Settings
) -> None:
    settings.CONTACT_EMAIL = "redaction@auposte.example"
    answer = write(visitor, name="Une auditrice", text="La date est fausse.\n\nMerci & à bientôt.")
    assert (answer.status_code, dict(answer.cookies)) == (200, {})
    assert "C’est envoyé" in answer.content.decode()
    message = ContactMessage.objects.get()
    (letter,) = letters()
    assert (letter.to, letter.reply_to) == (["redaction@auposte.example"], [message.email])
    assert "La date est fausse.\n\nMerci & à bientôt." in letter.body
    assert f"/admin/outlet/contactmessage/{message.pk}/change/" in letter.body


def test_what_strangers_type_never_reaches_a_header(visitor: Client) -> None:
    write(visitor, name="Moi\nBcc: tous@example.org")
    (letter,) = letters()
    assert letter.recipients() == letter.to
    assert "Bcc" not in letter.message().as_string().split("\n\n")[0]


@pytest.mark.parametrize(
    "fields",
    [
        {"email": "lectrice@"},
        {"email": "lectrice@example.org\nbcc: tous@example.org"},
        {"text": " "},
        {"text": "a" * 5001},
        {"text": "\x00"},
        {"name": "n" * 121},
        {"website": "https://machine.example"},
        {"stamp": "faux"},
    ],
)
def test_slips_come_back_with_what_was_typed(visitor: Client, fields: dict[str, str]) -> None:
    answer = write(visitor, **{"name": "Camille", **fields})
    assert answer.status_code == 422
    assert "Il reste à corriger" in answer.content.decode()
    assert not ContactMessage.objects.exists()
    assert letters() == []


def test_floods_wait(visitor: Client) -> None:
    answers = [write(visitor).status_code for _ in range(12)]
    assert answers[9:] == [200, 429, 429]


def test_the_newsroom_s_own_words_stand_above_the_form(visitor: Client) -> None:
    Page.objects.update_or_create(
        slug="contact", defaults={"title": "Nous écrire", "body": "<p>Oui.</p>", "status": "draft"}
    )
    assert "<p>Oui.</p>" not in visitor.get("/contact").content.decode()
    Page.objects.filter(slug="contact").update(status="published")
    page = visitor.get("/contact").content.decode()
    assert "<p>Oui.</p>" in page
    assert "<h1>Nous écrire</h1>" in page


def test_a_year_later_it_is_forgotten(visitor: Client) -> None:
    write(visitor)
    old = ContactMessage.objects.create(email="ancienne@example.org", text="Bonsoir.")
    long_ago = timezone.now() - dt.timedelta(days=366)
    ContactMessage.objects.filter(pk=old.pk).update(created_at=long_ago)
    tasks.forget_old()
    assert ContactMessage.objects.get().email == "lectrice@example.org"
