"""The newsletter: asked for by anybody, on the list once confirmed, gone at one click."""

import datetime as dt
import re
import uuid

import pytest
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from outlet import tasks, views
from outlet.models import OutgoingLetter, Subscriber
from tests.broadcasts.pages import Page
from tests.donations.attackers import stamp
from tests.outlet.steps import HOME, ask, letters, links

pytestmark = pytest.mark.django_db
EMAIL = "lectrice@example.org"


def test_only_the_button_of_the_letter_confirms(visitor: Client) -> None:
    assert not ask(visitor, "Lectrice@Example.ORG").cookies
    (letter,) = letters()
    assert letter.to == [EMAIL]
    confirm, _leave = links(letter)
    for _ in range(2):  # a mail scanner, then somebody
        page = visitor.get(confirm)
        assert (page.status_code, page["Cache-Control"]) == (200, "no-store")
        assert "Je confirme" in page.content.decode()
    assert not Subscriber.objects.confirmed().exists()
    assert "Vous êtes inscrit·e" in visitor.post(confirm, headers=HOME).content.decode()
    assert Subscriber.objects.confirmed().get().email == EMAIL
    assert not OutgoingLetter.objects.exists(), "nothing of a letter stays once it has left"


def test_one_click_leaves_wherever_it_comes_from(visitor: Client) -> None:
    ask(visitor, EMAIL)
    (letter,) = letters()
    _, leave = links(letter)
    visitor.post(links(letter)[0], headers=HOME)
    headers = letter.extra_headers
    assert headers["List-Unsubscribe"].endswith(f"{leave}>")
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "Me désinscrire" in visitor.get(leave).content.decode()
    assert Subscriber.objects.exists(), "opening the link leaves nobody out"
    for _ in range(2):
        sent = visitor.post(
            leave, {"List-Unsubscribe": "One-Click"}, headers={"Origin": "https://mail.example"}
        )
        assert sent.status_code == 200
    assert not Subscriber.objects.exists()


def test_nobody_learns_who_reads_it(visitor: Client) -> None:
    Subscriber.objects.create(email=EMAIL, confirmed_at=timezone.now())
    answers = [ask(visitor, email) for email in (EMAIL, "inconnue@example.org")]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    assert {letter.subject[:20] for letter in letters()} == {
        "Vous recevez déjà la lettre d’Au Poste"[:20],
        "Confirmez votre inscription à la lettre d’Au Poste"[:20],
    }
    assert Subscriber.objects.confirmed().count() == 1


def test_nobody_s_letter_box_is_flooded(visitor: Client) -> None:
    for _ in range(4):
        assert ask(visitor, EMAIL).status_code == 200
    assert len(letters()) == 1
    Subscriber.objects.update(written_at=timezone.now() - dt.timedelta(hours=1))
    ask(visitor, EMAIL)
    assert len(letters()) == 1


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"email": ""}, 422),
        ({"email": "lectrice@"}, 422),
        ({"email": "a\x00@example.org"}, 422),
        ({"email": f"{'a' * 300}@example.org"}, 422),
        ({"website": "https://machine.example"}, 422),
        ({"stamp": ""}, 422),
    ],
)
def test_machines_and_slips_are_told_so(
    visitor: Client, fields: dict[str, str], status: int
) -> None:
    answer = ask(visitor, **{"email": EMAIL, **fields})
    assert answer.status_code == status
    assert "Il reste à corriger" in answer.content.decode()
    assert not Subscriber.objects.exists()


def test_who_is_too_fast_presses_again(visitor: Client, settings: Settings) -> None:
    """The form keeps what was typed, and when it was first shown."""
    settings.GIFT_FORM_MINIMUM_SECONDS = 3
    shown = stamp(0)
    page = Page(ask(visitor, EMAIL, stamp=shown))
    assert "il est resté rempli" in page.text
    assert page.one("input", name="email")["value"] == EMAIL
    assert page.one("input", name="stamp")["value"] == shown
    assert ask(visitor, EMAIL, stamp=stamp(1)).status_code == 200
    assert Subscriber.objects.count() == 1


def test_a_form_of_another_site_is_refused(visitor: Client) -> None:
    sent = {"email": EMAIL, "stamp": stamp(9)}
    assert visitor.post("/lettre", sent, headers={"Origin": "https://x.example"}).status_code == 403


def test_a_line_s_many_addresses_are_one_place(visitor: Client, settings: Settings) -> None:
    """IPv6 gives each line 2⁶⁴ of them."""
    settings.TRUST_PROXY = True
    answers = []
    for number in range(21):
        visitor.defaults["HTTP_X_FORWARDED_FOR"] = f"2001:db8:1:2::{number:x}"
        answers.append(ask(visitor, f"lecteur{number}@example.org").status_code)
    assert answers[-2:] == [200, 429]
    visitor.defaults["HTTP_X_FORWARDED_FOR"] = "2001:db8:1:3::1"
    assert ask(visitor, "voisine@example.org").status_code == 200


def test_too_many_from_everywhere_wait(
    visitor: Client, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Machines without number ask for letters to strangers: the outlet is no sender of spam."""
    settings.TRUST_PROXY = True
    monkeypatch.setattr(views, "LETTERS_IN_ALL", 3)
    answers = []
    for number in range(5):
        visitor.defaults["HTTP_X_FORWARDED_FOR"] = f"198.51.100.{number}"
        answers.append(ask(visitor, f"lecteur{number}@example.org").status_code)
    assert answers == [200, 200, 200, 429, 429]


def test_a_letter_that_cannot_leave_keeps_no_other_waiting(visitor: Client) -> None:
    """Its turn had come before: nothing will ever send to such an address."""
    ask(visitor, EMAIL)
    OutgoingLetter.objects.update(to="non\r\nBcc: tous@example.org", attempts=3)
    ask(visitor, "autre@example.org")
    assert [letter.to for letter in letters()] == [["autre@example.org"]]


def test_too_many_from_one_place_wait(visitor: Client) -> None:
    answers = [ask(visitor, f"lectrice{number}@example.org") for number in range(22)]
    assert [answer.status_code for answer in answers[-3:]] == [200, 429, 429]


def test_what_nobody_confirms_is_forgotten(visitor: Client) -> None:
    long_ago = timezone.now() - dt.timedelta(days=8)
    Subscriber.objects.create(email="oubliee@example.org", asked_at=long_ago)
    Subscriber.objects.create(email=EMAIL, asked_at=long_ago, confirmed_at=long_ago)
    Subscriber.objects.create(email="nouvelle@example.org")
    tasks.forget_old()
    assert set(Subscriber.objects.values_list("email", flat=True)) == {
        EMAIL, "nouvelle@example.org",
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/lettre/{}", "/lettre/{}/quitter"])
def test_links_that_open_nothing_say_so(visitor: Client, path: str) -> None:
    page = visitor.get(path.format(uuid.uuid4()))
    assert page.status_code == (200 if path.endswith("quitter") else 410)
    assert visitor.get("/lettre/1").status_code == 404
    assert len(re.findall("<h1", page.content.decode())) == 1


def test_a_mail_server_that_is_away_is_tried_again(visitor: Client, settings: Settings) -> None:
    ask(visitor, EMAIL)
    backend = settings.EMAIL_BACKEND
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    assert letters() == []
    waiting = OutgoingLetter.objects.get()
    assert waiting.attempts == 1
    assert waiting.last_error
    settings.EMAIL_BACKEND = backend
    assert letters() == [], "not at once"
    OutgoingLetter.objects.update(next_attempt_at=timezone.now())
    assert len(letters()) == 1


def test_two_workers_send_one_letter(visitor: Client) -> None:
    ask(visitor, EMAIL)
    waiting = OutgoingLetter.objects.get()
    OutgoingLetter.objects.update(next_attempt_at=timezone.now() + dt.timedelta(minutes=1))
    mail.outbox.clear()
    tasks.send_letter(waiting.pk)  # another worker holds it
    assert mail.outbox == []


def test_the_page_is_light(visitor: Client) -> None:
    visitor.get("/lettre")
    with CaptureQueriesContext(connection) as queries:
        page = visitor.get("/lettre")
    assert page.status_code == 200
    assert len(queries) <= 3
