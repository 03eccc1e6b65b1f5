"""What programs ask a site about itself."""

import datetime as dt
from urllib.robotparser import RobotFileParser

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

pytestmark = pytest.mark.django_db
Settings = object


def robots(visitor: Client) -> RobotFileParser:
    response = visitor.get("/robots.txt")
    assert response["Content-Type"].startswith("text/plain")
    parser = RobotFileParser()
    parser.parse(response.content.decode().splitlines())
    return parser


def test_robots_may_read_what_is_public(visitor: Client) -> None:
    parser = robots(visitor)
    assert parser.site_maps() == [f"{settings.SITE_URL}/sitemap.xml"]
    assert parser.can_fetch("Quelconque", "/emissions/une")
    assert not parser.can_fetch("Quelconque", "/admin/")
    assert parser.can_fetch("GPTBot", "/emissions/une")


def test_those_that_are_refused_by_name_stay_away(settings: Settings, visitor: Client) -> None:
    settings.ROBOTS_REFUSED = ["GPTBot", "CCBot"]
    parser = robots(visitor)
    assert parser.site_maps() == [f"{settings.SITE_URL}/sitemap.xml"]
    for name in settings.ROBOTS_REFUSED:
        assert not parser.can_fetch(name, "/emissions/une")
    assert parser.can_fetch("Quelconque", "/emissions/une")


def test_a_hole_in_the_site_can_be_told(settings: Settings, visitor: Client) -> None:
    """RFC 9116."""
    settings.SECURITY_CONTACTS = ["mailto:trou@auposte.example", "https://auposte.example/trou"]
    response = visitor.get("/.well-known/security.txt")
    assert response["Content-Type"] == "text/plain; charset=utf-8"
    fields = [line.split(": ", 1) for line in response.content.decode().splitlines()]
    contacts = [value for name, value in fields if name == "Contact"]
    assert contacts == settings.SECURITY_CONTACTS
    told = dict(fields)
    ends = dt.datetime.fromisoformat(told["Expires"])
    assert dt.timedelta(days=170) < ends - timezone.now() < dt.timedelta(days=365)
    assert told["Canonical"] == f"{settings.SITE_URL}/.well-known/security.txt"
    assert told["Preferred-Languages"] == "fr, en"
