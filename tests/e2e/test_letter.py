"""The newsletter from its sign-up to its end, and a message to the newsroom, by letters sent."""

from __future__ import annotations

import email
import re
from collections.abc import Callable
from email.message import EmailMessage
from email.policy import default

import pytest
from playwright.sync_api import expect

from outlet.models import ContactMessage, Subscriber
from tests.e2e import demo
from tests.e2e.reader import Reader
from tests.processes import wait_until

pytestmark = pytest.mark.browser

LINK = re.compile(r"https?://[^/\s]+(/lettre/\S+)")
# Django's own line, after each letter in a file.
AFTER_EACH = b"-" * 79 + b"\n"
ways = pytest.mark.parametrize("scripts", [True, False], ids=["htmx", "plain"])


def letter_to(address: str) -> EmailMessage:
    """The last one that the worker has sent there."""

    def sent() -> list[EmailMessage]:
        files = sorted(demo.MAIL.glob("*"), key=lambda file: file.stat().st_mtime_ns)
        # A file is there before its letter is; and two workers may write to one.
        whole = [text for file in files for text in file.read_bytes().split(AFTER_EACH)[:-1]]
        read = [email.message_from_bytes(text, policy=default) for text in whole]
        return [letter for letter in read if address in letter["To"]]

    wait_until(sent, f"a letter to {address}")
    return sent()[-1]


@ways
def test_the_letter_is_asked_for_confirmed_and_left(
    new_reader: Callable[..., Reader], scripts: bool
) -> None:
    reader = new_reader(java_script_enabled=scripts)
    address = f"lettre-{scripts}@example.org".lower()
    page = reader.open("/")
    heading = page.get_by_role("heading", level=1)
    page.get_by_role("contentinfo").get_by_role("link", name="La lettre").click()
    page.get_by_label("Adresse électronique").fill("pas une adresse")
    page.get_by_role("button", name="Recevoir la lettre").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("Adresse électronique").fill(address)
    page.get_by_role("button", name="Recevoir la lettre").click()
    expect(heading).to_have_text("Regardez vos courriels")

    letter = letter_to(address)
    confirm, leave = LINK.findall(letter.get_content())
    assert letter["List-Unsubscribe"].endswith(f"{leave}>")
    reader.go(page, confirm)
    expect(heading).to_have_text("Plus qu’un clic")
    assert Subscriber.objects.get(email=address).confirmed_at is None, "scanners open links"
    page.get_by_role("button", name="Je confirme").click()
    expect(heading).to_have_text("Vous êtes inscrit·e")

    reader.go(page, leave)
    page.get_by_role("button", name="Me désinscrire").click()
    expect(heading).to_have_text("C’est fait")
    assert not Subscriber.objects.filter(email=address).exists()
    reader.go(page, confirm, status=410)


@ways
def test_the_newsroom_is_written_to(new_reader: Callable[..., Reader], scripts: bool) -> None:
    reader = new_reader(java_script_enabled=scripts)
    page = reader.open("/")
    page.get_by_role("contentinfo").get_by_role("link", name="Contact").click()
    page.get_by_label("Adresse électronique").fill("auditeur@example.org")
    page.get_by_label("Message").fill(f"La date est fausse ({scripts}).")
    page.get_by_role("button", name="Envoyer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est envoyé")
    assert ContactMessage.objects.filter(text__endswith=f"({scripts}).").exists()
    wait_until(
        lambda: f"({scripts})." in letter_to("bonjour@auposte.example").get_content(),
        "the newsroom's letter",
    )
    ContactMessage.objects.filter(email="auditeur@example.org").delete()
