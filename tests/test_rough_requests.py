"""Whatever somebody sends: no page breaks. What cannot be read is refused, in French."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from broadcasts.services import publishing
from donations.services import campaigns
from tests.broadcasts.pages import Page
from tests.pages.everywhere import addresses, secret

pytestmark = pytest.mark.django_db
# Broken UTF-8, half a pair, too much, numbers that are none or have no end, controls, a header.
ROUGH = (
    "%ff%fe", "%ED%A0%80", "a" * 10_000, "9" * 25, "9" * 5_000, "-1", "1e400", "%D9%A3",
    "%01%1f%7f", "%0d%0aX-Mal:%20oui", "%5C", "%25", "9223372036854775808", "2147483648", "0",
)  # fmt: skip
ROUGH_NAMES = ("a" * 256, "%C3%A9" * 200, "..%2f..%2fmanage.py", "%2F%2F", "1" * 4400)
FORM, CITE = "application/x-www-form-urlencoded", "/emissions/criptode/citer"
READ = {
    "/": ("p",),
    "/emissions": ("page", "tags", "serie", "saison", "invite", "annee", "duree", "tri"),
    "/recherche?q=dossier&": ("q", "emission", "page", "tags"),
    "/recherche/suggestions": ("q",),
    "/oembed?url=http://127.0.0.1/emissions/criptode&": ("url", "format", "maxwidth"),
    CITE: ("de", "a"),
    "/emissions/criptode/integrer": ("t",),
    "/series/larmidon": ("page",),
    "/don": ("emission", "montant", "rythme", "collecte", "annule"),
    "/don/merci": ("session",),
    "/overlay/collecte": ("cle",),
}
PATHS = (
    "/", "/emissions/", "/series/", "/tags/", "/saisons/", "/citations/", "/media/", "/static/",
    "/apercu/", "/partage/emissions/", "/flux/tags/", "/sitemaps/emissions-", "/don/gerer/",
    "/transparence/", "/transparence/collectes/", "/fragments/direct/", "/cat/",
)  # fmt: skip
ENDINGS = ("", ".jpg", ".xml")
HEADERS: tuple[dict[str, str], ...] = (
    {"accept": "\xff"}, {"range": "bytes=0-0,5-3,-1"}, {"range": f"bytes={'9' * 30}-"},
    {"if-none-match": '"\xff'}, {"if-none-match": "," * 5000},
    {"if-modified-since": "Thu, 01 Jan 0000 00:00:00 GMT"},
    {"if-modified-since": "Fri, 31 Dec 99999999 00:00:00 GMT"},
    {"accept-encoding": "br;q=x, *;q=1e9, ;;;,gzip;q=-1"}, {"cookie": '\xff=;;=;a="\\'},
    {"cookie": "sessionid=\x00"}, {"host": "[::"}, {"host": "127.0.0.1@mal.example"},
    {"x-forwarded-host": "mal.example"}, {"hx-request": "true", "hx-current-url": "http://[::"},
    {"authorization": "Basic \xff"}, {"origin": "http://[::"}, {"referer": "http://[::"},
    {"content-length": "-5"}, {"content-type": "multipart/form-data"},
    {"content-type": "multipart/form-data; boundary="},
)  # fmt: skip
# Codecs that Python has, of which some are none for texts, and some make null bytes.
CODECS = ("base64", "utf-7", "unicode_escape", "idna", "undefined", "punycode", "rot13", "zlib")


@pytest.fixture
def site() -> list[str]:
    """One of everything, public; all its addresses."""
    campaigns.current_campaign()
    everything = secret()
    publishing.publish(
        broadcast=everything.broadcast, user=None, at=dt.datetime(1987, 5, 5, tzinfo=dt.UTC)
    )
    return addresses(everything)


def answer(method: str, address: str, **more: Any) -> Any:
    response = Client().generic(method, address, **more)
    assert response.status_code < 500 or response.status_code == 501, (method, address[:80], more)
    assert "X-Mal" not in response
    assert "mal.example" not in str(response.headers)
    return response


def test_parameters(site: list[str]) -> None:
    for page, names in READ.items():
        start = page if page.endswith("&") else f"{page}?"
        for name in names:
            for rough in ROUGH:
                answer("GET", f"{start}{name}={rough}")
            answer("GET", f"{start}{name}[]=a&{name}=&{name}=1&{name}=2")
    assert answer("GET", "/emissions?tags=%00").text == "Adresse illisible."


def test_paths(db: None) -> None:
    for path in PATHS:
        for rough in (
            *ROUGH,
            "a" * 256,
            "%C3%A9" * 200,
            "..%2f..%2fmanage.py",
            "%2F%2F",
            "1" * 4400,
        ):
            for ending in ENDINGS:
                response = answer("GET", f"{path}{rough}{ending}")
                assert response.status_code in {301, 302, 400, 404, 410}, (path, rough[:20], ending)


def test_methods(site: list[str]) -> None:
    """What only shows takes no other method."""
    for address in site[::2]:
        for method in ("POST", "DELETE", "TRACE", "BREW"):
            answer(method, address)


def test_headers(site: list[str]) -> None:
    for address in ("/", "/emissions/criptode", "/media/a.jpg", "/flux/emissions.xml", "/contact"):
        for headers in HEADERS:
            kind = {"content_type": headers["content-type"]} if "content-type" in headers else {}
            for method in ("GET", "POST"):
                answer(method, address, headers={} if kind else headers, **kind)


@pytest.mark.parametrize("address", ["/contact", "/lettre", "/don", "/don/gerer", CITE])
def test_forms(address: str, site: list[str], settings: Settings) -> None:
    """Each field in turn holds what it should not; then no form at all is sent."""
    settings.GIFT_SESSIONS_PER_TEN_MINUTES = 100_000
    inputs = Page(Client().get(address))
    sent = {
        str(field["name"]): str(field.get("value") or "x")
        for tag in ("input", "textarea", "select")
        for field in inputs.all(tag)
        if field.get("name") and field.get("name") != "q"
    }
    assert "stamp" in sent
    for name in sent:
        for rough in (*ROUGH, "%00", "%0d%0aBcc:%20tous@mal.example", "%22%01%22@mal.example"):
            others = urlencode({key: value for key, value in sent.items() if key != name})
            body = f"{others}&{name}={rough}&{name}={rough}&{name}[]=1"
            answer("POST", address, data=body, content_type=FORM)
    for body in ("&" * 5_000, "a=1&" * 5_000, "%", "\x00"):
        answer("POST", address, data=body, content_type=FORM)
    for body in ("", "--x", '--x\r\nContent-Disposition: form-data; name="email"\r\n\r\n\xff\x00'):
        answer("POST", address, data=body, content_type="multipart/form-data; boundary=x")


def test_a_webhook_that_is_none(db: None) -> None:
    for signature in ("", "t=1", "t=٣,v1=é", "t=1e400,v1=", f"t={'9' * 400},v1=00", ",,=,"):
        for body in (b"", b"\xff", b"[]", b'{"id": "\\ud800"}'):
            response = answer(
                "POST", "/stripe/webhook", data=body, content_type="application/json",
                headers={"stripe-signature": signature},
            )  # fmt: skip
            assert response.status_code == 400


def test_letters_are_utf_8(db: None) -> None:
    """Django reads the address with the codec that a request names, before all middleware."""
    from auposte.wsgi import application

    told: list[str] = []
    kinds = ("charset=", "Charset = ", "charset*=''")
    for named in (f"text/plain; {kind}{codec}" for codec in CODECS for kind in kinds):
        environ = Client()._base_environ(
            PATH_INFO="/sante/vivant", QUERY_STRING="q=%2BAAA-%5Cud800%C3%A9", CONTENT_TYPE=named,
            HTTP_HOST="127.0.0.1",
        )  # fmt: skip
        list(application(environ, lambda status, headers, *_: told.append(status)))
        assert set(told) == {"200 OK"}, named
