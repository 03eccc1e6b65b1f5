"""What donors do at `/don/gerer`, by the doors that they use."""

import datetime as dt
import re
import uuid

from django.core import mail
from django.test import Client
from django.utils import timezone

from auposte.http import form_stamp
from donations.models import Gift
from donations.services.offline import record_offline_gift
from tests.donations.pages import Page
from tests.donations.steps import work_off

HOME = {"sec-fetch-site": "same-origin"}
EMAIL = "lectrice@example.org"


def given(email: str = EMAIL, cents: int = 1000, days: int = 1, **facts: object) -> Gift:
    """A gift of a donor, paid `days` ago."""
    gift = record_offline_gift(
        key=str(uuid.uuid4()),
        amount_cents=cents,
        occurred_at=timezone.now() - dt.timedelta(days=days),
        donor_email=email,
    )
    Gift.objects.filter(pk=gift.pk).update(**facts)
    return gift


def ask(client: Client, email: str = EMAIL, **fields: str) -> object:
    data = {"email": email, "stamp": form_stamp(), **fields}
    return client.post("/don/gerer", data, headers=HOME)


def letter_link() -> str:
    """The path in the letter that was sent last."""
    work_off()
    found = re.search(r"/don/gerer/[\w-]{43}", mail.outbox[-1].body)
    assert found
    return found[0]


def sign_in(client: Client, email: str = EMAIL) -> None:
    """By the letter, as a person does."""
    ask(client, email)
    assert client.post(letter_link(), headers=HOME).status_code == 303


def send(client: Client, path: str, **fields: str) -> object:
    """Send a form of the space, with the stamp that its pages carry."""
    stamps = {field["value"] for field in Page(client.get("/don/gerer")).all("input", name="stamp")}
    (stamp,) = stamps
    return client.post(path, {"stamp": stamp or "", **fields}, headers=HOME)
