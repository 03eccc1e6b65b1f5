"""Programs that try out stolen cards on the giving page, as far as HTTP shows them."""

import collections
import time
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.core import signing
from django.http import HttpResponse
from django.test import Client

from auposte.http import STAMP_SALT
from donations import tasks
from sandbox.stripe import StripeStandIn
from sandbox.stripe.errors import StripeError
from tests.donations.steps import post_event

STOLEN = "4000000000000002"


def stamp(age: int) -> str:
    """A form's stamp as of so many seconds ago."""
    shown = f"form:{signing.b62_encode(int(time.time()) - age)}"
    return f"{shown}:{signing.TimestampSigner(salt=STAMP_SALT).signature(shown)}"


def fill_in(
    client: Client,
    *,
    source: str = "192.0.2.1",
    email: str = "lectrice@example.org",
    amount: str = "20",
    after: int = 60,
    **fields: str,
) -> HttpResponse:
    """Send the form from an IP address, so many seconds after it was shown."""
    data = {"amount": amount, "email": email, "stamp": stamp(after), **fields}
    return client.post(
        "/don",
        urlencode(data),
        content_type="application/x-www-form-urlencoded",
        headers={"x-forwarded-for": source},
    )


@dataclass
class Attack:
    """One attack: what it got done, and how it was answered."""

    client: Client
    stripe: StripeStandIn
    pages: list[str] = field(default_factory=list)
    tried: int = 0
    turned_away: int = 0
    answers: collections.Counter[int] = field(default_factory=collections.Counter)
    _known: int = 0

    def attempt(self, number: int, *, source: str, amount: str = "20", after: int = 60) -> None:
        """Fill in the form; where it leads to a payment page, try a card there."""
        email = f"x{number}@example.net"
        response = fill_in(self.client, source=source, email=email, amount=amount, after=after)
        self.answers[response.status_code] += 1
        if response.status_code == 303:
            session = response["Location"].rpartition("/")[2]
            self.pages.append(session)
            self.try_card(session)

    def try_card(self, session: str) -> None:
        """Try a card on a payment page. Stripe announces what happens, and a worker is awake."""
        try:
            self.stripe.pay(session, STOLEN)
        except StripeError:
            self.turned_away += 1
        else:
            self.tried += 1
        self.let_events_arrive()

    def let_events_arrive(self) -> None:
        events = self.stripe.events()
        for event in events[self._known :]:
            assert post_event(self.client, self.stripe, event) == 200
            tasks.process_event(event["id"])
        self._known = len(events)
