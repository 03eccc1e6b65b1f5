"""Where else somebody is found: typed a line each, shown by name."""

import pytest
from django.test import Client

from tests.admin.html import text_of
from tests.admin.test_broadcasts import change, send
from tests.broadcasts.pages import Page
from tests.factories import BroadcastFactory, GuestFactory

pytestmark = pytest.mark.django_db
SHOWN = {
    "https://fr.wikipedia.org/wiki/L’Été_?a=1&b=2": "Wikipédia",
    "https://www.wikidata.org/wiki/Q7259": "Wikidata",
    "https://piaille.fr/@ada": "@ada@piaille.fr",
    "https://www.youtube.com/@ada": "YouTube",
    "http://ada.example:8000/@ada/1": "ada.example",
    "https://notwikipedia.org": "notwikipedia.org",
}


def test_from_the_form_to_the_page(editor: Client, visitor: Client) -> None:
    guest = GuestFactory()
    BroadcastFactory(with_guests=[guest])
    assert "Ailleurs" not in Page(visitor.get(guest.get_absolute_url())).text
    typed = [address.removeprefix("https://") for address in SHOWN]
    send(editor, change(guest), elsewhere="\r\n".join(["", *typed, f" {typed[0]} "]))
    guest.refresh_from_db()
    assert guest.elsewhere.splitlines() == list(SHOWN)
    page = Page(visitor.get(guest.get_absolute_url()))
    assert f"Ailleurs {', '.join(SHOWN.values())}" in page.text
    assert [link for link in page.links if link in SHOWN] == list(SHOWN)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("https://ada.example\njavascript://x/%0aalert(1)", "n’en est pas une"),
        ("Wikipédia", "n’en est pas une"),
        ("https://[::1", "n’en est pas une"),
        ("\n".join(f"https://ada.example/{number}" for number in range(13)), "12 au plus"),
    ],
)
def test_only_addresses(typed: str, told: str, editor: Client) -> None:
    guest = GuestFactory()
    assert told in text_of(send(editor, change(guest), elsewhere=typed))
    guest.refresh_from_db()
    assert guest.elsewhere == ""
