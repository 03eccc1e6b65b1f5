"""What readers do at `/lettre` and `/contact`, and the worker after them."""

from __future__ import annotations

import re

from django.core import mail
from django.http import HttpResponse
from django.test import Client

from outlet import tasks
from tests.donations.attackers import stamp

LINK = re.compile(r"https?://[^/\s]+(/lettre/\S+)")
HOME = {"Sec-Fetch-Site": "same-origin"}


def ask(client: Client, email: str, **fields: str) -> HttpResponse:
    return client.post("/lettre", {"email": email, "stamp": stamp(9), **fields}, headers=HOME)


def write(client: Client, **fields: str) -> HttpResponse:
    told = {"email": "lectrice@example.org", "text": "Bonsoir.", "stamp": stamp(9), **fields}
    return client.post("/contact", told, headers=HOME)


def letters() -> list[mail.EmailMessage]:
    """What the worker sends now."""
    mail.outbox.clear()
    tasks.sweep()
    return list(mail.outbox)


def links(letter: mail.EmailMessage) -> list[str]:
    """The paths in it: to confirm, to leave."""
    return LINK.findall(str(letter.body))
