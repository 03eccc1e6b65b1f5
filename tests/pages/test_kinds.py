"""Everything that is kept, whatever its kind: for all alike, with its tag, and without a cookie."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from auposte.pages import store
from auposte.pages.policy import policy_of
from broadcasts.services import publishing
from broadcasts.tasks import follow_airings
from tests.pages.everywhere import addresses, secret
from tests.pages.test_kept import how, keys, visit

KINDS = {
    "/emissions/criptode": "text/html; charset=utf-8",
    "/emissions/criptode/transcription": "text/html; charset=utf-8",
    "/emissions/criptode/transcription.vtt": "text/vtt; charset=utf-8",
    "/emissions/criptode/transcription.txt": "text/plain; charset=utf-8",
    "/emissions/criptode/chapitres.json": "application/json+chapters",
    "/emissions/criptode/agenda.ics": "text/calendar; charset=utf-8",
    "/emissions/criptode/integrer": "text/html; charset=utf-8",
    "/agenda.ics": "text/calendar; charset=utf-8",
    "/flux/emissions.xml": "application/rss+xml; charset=utf-8",
    "/flux/emissions.atom": "application/atom+xml; charset=utf-8",
    "/podcast.xml": "application/rss+xml; charset=utf-8",
    "/sitemap.xml": "application/xml",
    "/citations/1.png": "image/png",
    "/partage/emissions/criptode.0.jpg": "image/jpeg",
    "/robots.txt": "text/plain; charset=utf-8",
}


@pytest.fixture(autouse=True)
def own_media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = str(tmp_path)


def test_each_kind_is_kept_and_asked_for_again(settings: Settings) -> None:
    shown = secret()
    at = dt.datetime(1987, 5, 5, tzinfo=dt.UTC)
    publishing.publish(broadcast=shown.broadcast, user=None, at=at)
    follow_airings()
    for asked, kind in KINDS.items():
        address = asked.replace("/1.png", f"/{shown.quote.pk}.png")
        if kind == "image/jpeg":
            address = Client().get(address)["Location"]
        first = visit(address, **{"accept-encoding": "br"})
        assert (first.status_code, how(first)) == (200, "miss"), address
        assert first["Content-Type"].startswith(kind), address
        assert "image" not in kind or "Content-Encoding" not in first, address
        assert {"Accept-Encoding", "HX-Request"} <= set(first["Vary"].split(", ")), address
        assert first["Cache-Control"] == "no-cache", address
        again = visit(address, **{"accept-encoding": "br", "if-none-match": first["ETag"]})
        assert (again.status_code, again.content, how(again)) == (304, b"", "hit"), address
        head = Client(headers={"accept-encoding": "br"}).head(address)
        assert (head.content, head["Content-Length"]) == (b"", first["Content-Length"]), address
        before = keys(settings)
        somebody = visit(address, cookie=f"sessionid={'a' * 32}", **{"accept-encoding": "identity"})
        assert (somebody.status_code, how(somebody)) == (200, ""), address
        assert keys(settings) == before, address
        for answer in (first, again, head, somebody):
            assert not answer.cookies, address
        framed = "*" if address.endswith("/integrer") else "'none'"
        assert f"frame-ancestors {framed}" in first["Content-Security-Policy"], address
        assert ("X-Frame-Options" in first) is (framed != "*"), address


def test_nobody_has_a_part_kept_as_the_page() -> None:
    """htmx's headers are anybody's to send, also as htmx would not."""
    shown = secret()
    at = dt.datetime(1987, 5, 5, tzinfo=dt.UTC)
    publishing.publish(broadcast=shown.broadcast, user=None, at=at)
    tried = 0
    for address in addresses(shown):
        if "?" in address or policy_of(address) is None:
            continue
        store.empty()
        whole = visit(address)
        if whole.status_code != 200 or b"<html" not in whole.content:
            continue
        tried += 1
        for odd in ({"hx-request": "1"}, {"hx-request": "true", "hx-boosted": "true"}):
            store.empty()
            visit(address, **odd)
            assert "<html" in visit(address).text, (address, odd)
    assert tried >= 20
