"""What is not public is nowhere: before its hour, and from the moment that it was taken away."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any
from urllib.parse import unquote

import pytest
from django.test import Client
from django.utils import timezone

from broadcasts.live import AiringState
from broadcasts.services import airing, publishing
from broadcasts.services.search.spelling import learn_words
from broadcasts.tasks import follow_airings
from tests.pages.everywhere import WAYS, YEAR, Secret, addresses, routes, secret

PUBLIC = dt.datetime(YEAR, 5, 5, 12, tzinfo=dt.UTC)


def test_the_table_has_every_route_and_no_other() -> None:
    assert set(WAYS) == routes()


def said(response: Any) -> str:
    """All that an answer tells, on the way to it as well."""
    body = b"".join(response) if response.streaming else response.content
    text = body.decode(errors="replace").replace("\r\n ", "")
    headers = " ".join(value for name, value in response.items() if name != "Server-Timing")
    ways = " ".join(address for address, _ in getattr(response, "redirect_chain", ()))
    return f"{ways} {headers} {text}".replace("\u00a0", " ").casefold()


def seen(hidden: Secret, *, part: bool = False) -> dict[str, set[str]]:
    """By word, the addresses whose answers have it, other than those that name it themselves."""
    visitor = Client(headers={"hx-request": "true"} if part else {})
    found: dict[str, set[str]] = {word: set() for word in hidden.words}
    for address in addresses(hidden):
        response = visitor.get(address, follow=True)
        assert response.status_code < 500, address
        assert not response.cookies, address
        text, asked = said(response), unquote(address).casefold()
        for word in hidden.words:
            if word in text and re.split(r"\W", word)[-1] not in asked:
                found[word].add(address)
    return found


def nowhere(hidden: Secret, *, part: bool = False) -> None:
    assert {word: where for word, where in seen(hidden, part=part).items() if where} == {}


@pytest.mark.timeout(120)
def test_nothing_of_it_is_anywhere_but_while_it_is_public() -> None:
    hidden = secret()
    broadcast = hidden.broadcast
    follow_airings()
    nowhere(hidden)
    publishing.programme(broadcast=broadcast, user=None, at=timezone.now() + dt.timedelta(hours=1))
    follow_airings()
    nowhere(hidden)
    publishing.publish(broadcast=broadcast, user=None, at=PUBLIC)
    follow_airings()
    learn_words()
    found = seen(hidden)
    seen(hidden, part=True)
    assert [word for word, where in found.items() if not where] == []
    airing.override(broadcast_id=broadcast.pk, state=AiringState.LIVE, user=None)
    publishing.take_away(broadcast=broadcast, user=None)
    nowhere(hidden)
    nowhere(hidden, part=True)
