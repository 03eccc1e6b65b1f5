"""What surrounds every page, the error pages, and what a machine asks for."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import connection
from django.template import loader
from django.test import Client
from django.test.utils import CaptureQueriesContext, override_settings
from django.utils import timezone

from broadcasts.models import Motto
from broadcasts.templatetags.frame import MOTTO_SECONDS, motto
from tests.broadcasts.conftest import Read
from tests.broadcasts.pages import Page
from tests.broadcasts.sitemaps import addresses
from tests.donations.factories import month_with_lines
from tests.factories import BroadcastFactory, GuestFactory, MottoFactory, SeriesFactory

INLINE = re.compile(r"<style|\sstyle=|\son[a-z]+=|javascript:", re.IGNORECASE)


@pytest.fixture
def everything(db: None) -> list[str]:
    """A small site; the addresses of all its pages."""
    month_with_lines()
    MottoFactory.create_batch(3)
    series, guest = SeriesFactory(slug="causerie"), GuestFactory(slug="ada")
    BroadcastFactory(slug="une", series=series, with_guests=[guest], illustrated=True)
    BroadcastFactory(slug="deux", series=series)
    return [
        "/", "/emissions", "/emissions?saison=9&tags=rien", "/emissions/une", "/emissions/deux",
        "/invites", "/invites/ada", "/series", "/series/causerie", "/don",
    ]  # fmt: skip


def test_every_page_is_whole(everything: list[str], read: Read) -> None:
    for address in everything:
        page = read(address)
        assert len(page.all("h1")) == 1, address
        assert page.one("html")["lang"] == "fr"
        assert page.one("main")["id"] == "contenu"
        assert "#contenu" in page.links
        assert not INLINE.search(page.html), address
        assert page.all("link", rel="canonical"), address


def test_every_internal_link_answers(everything: list[str], visitor: Client) -> None:
    seen, waiting = set(), list(everything)
    while waiting:
        address = waiting.pop()
        seen.add(address)
        response = visitor.get(address)
        assert response.status_code == 200, address
        page = Page(response)
        anchors = {f"#{attributes['id']}" for _, attributes in page.tags if attributes.get("id")}
        for link in page.links:
            path, mark, anchor = link.partition("#")
            if mark and not path:
                assert f"#{anchor}" in anchors, (address, link)
            elif path.startswith("/") and path not in seen:
                waiting.append(path)
                seen.add(path)
    assert {"/", "/emissions/une", "/invites/ada"} <= seen


def test_the_fundraising_reads_as_one_sentence(everything: list[str], read: Read) -> None:
    sentence = (
        "0,00\u00a0€ récoltés / objectif 30\u202f000,00\u00a0€ (0,00\u00a0%) – 0\u00a0donateur·ice"
    )
    assert sentence in read("/").text


def test_the_current_section_is_marked(everything: list[str], read: Read) -> None:
    assert read("/invites").one("a", href="/invites", aria_current="page")
    assert read("/invites/ada").one("a", href="/invites", aria_current="true")
    assert read("/").all("a", aria_current="page") == []


class At:
    """A template context for a path."""

    def __init__(self, path: str) -> None:
        self.request = type("Request", (), {"path": path})()

    def get(self, name: str) -> object:
        return getattr(self, name, None)


@pytest.mark.django_db
def test_mottoes_take_turns_by_page_and_by_ten_minutes(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = {made.text for made in MottoFactory.create_batch(4)}
    MottoFactory(text="Au rebut", is_active=False)
    now = timezone.now().replace(minute=0, second=1)

    def shown(path: str, after_seconds: int) -> str:
        moment = now + timezone.timedelta(seconds=after_seconds)
        monkeypatch.setattr(timezone, "now", lambda: moment)
        return motto(At(path))

    assert shown("/", 0) == shown("/", MOTTO_SECONDS - 10)
    assert {shown("/", MOTTO_SECONDS * turn) for turn in range(4)} == texts
    assert len({shown(f"/emissions/{n}", 0) for n in range(40)}) == len(texts)


@pytest.mark.django_db
def test_a_page_without_mottoes_stands(read: Read) -> None:
    assert Motto.objects.count() == 0
    read("/")


@pytest.mark.parametrize("code", [400, 403, 404, 410, 500])
def test_error_pages_ask_nothing_of_the_database(code: int) -> None:
    # No database fixture: a query would fail the test.
    html = loader.get_template(f"{code}.html").render()
    assert f"Procès-verbal nº&nbsp;{code}" in html
    assert html.count("<h1") == 1
    assert not INLINE.search(html)
    assert 'name="robots" content="noindex"' in html


@pytest.mark.django_db
def test_a_failing_page_answers_in_the_sites_look(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from broadcasts.views import episodes

    monkeypatch.setattr(episodes, "open_dossier", lambda broadcast: 1 / 0)
    client.raise_request_exception = False
    response = client.get(BroadcastFactory().get_absolute_url())
    assert response.status_code == 500
    assert "Panne au poste" in Page(response).text


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address",
    ["/rien", "/emissions/" + "a" * 5000, "/" + "é" * 3000, "/a/b/c/d", "/.env", "/wp-login.php",
     "/emissions/%F0%28%8C%28", "/?%ED%A0%80=1&p=x", "/invites/" + "x" * 5000],
)  # fmt: skip
def test_odd_addresses_are_answered_kindly(visitor: Client, address: str) -> None:
    response = visitor.get(address)
    assert response.status_code in {200, 404}
    if response.status_code == 404:
        assert "Introuvable" in Page(response).text


@pytest.mark.django_db
@pytest.mark.parametrize("address", ["/emissions/a%00b", "/emissions?tags=%00", "/%00"])
def test_null_bytes_are_refused(visitor: Client, address: str) -> None:
    assert visitor.get(address).status_code == 400


@pytest.mark.django_db
@pytest.mark.parametrize(
    "address", ["/", "/emissions", "/invites", "/robots.txt", "/sitemap.xml", "/flux/emissions.xml"]
)
def test_pages_are_for_reading(visitor: Client, address: str) -> None:
    assert visitor.post(address).status_code in {403, 405}


def test_where_only_forms_arrive_people_are_told_so(visitor: Client) -> None:
    """No query: whatever is the matter, this page stands."""
    response = visitor.get("/don/gerer/quitter", headers={"accept": "text/html,*/*;q=0.8"})
    assert (response.status_code, response["Allow"]) == (405, "POST")
    assert "Pas de cette façon" in Page(response).text
    assert "frame-ancestors 'none'" in response["Content-Security-Policy"]
    program = visitor.get("/don/gerer/quitter", headers={"accept": "*/*"})
    assert (program.status_code, program["Allow"], program.content) == (405, "POST", b"")


@pytest.mark.django_db
def test_images_are_kept_for_a_year_and_never_sniffed(visitor: Client) -> None:
    broadcast = BroadcastFactory(illustrated=True)
    for address, kind in (
        (broadcast.image.url, "image/jpeg"),
        (broadcast.image.url.replace(".jpg", ".480.avif"), "image/avif"),
        (broadcast.image.url.replace(".jpg", ".480.webp"), "image/webp"),
    ):
        response = visitor.get(address)
        assert response.status_code == 200, address
        assert response["Content-Type"] == kind
        assert response["Cache-Control"] == "public, max-age=31536000, immutable"
        assert response["X-Content-Type-Options"] == "nosniff"
        assert b"".join(response.streaming_content)
        response.close()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "path", ["page.html", "dessin.svg", "../manage.py", "emissions/", "..%2fx.jpg", "rien.jpg"]
)
def test_nothing_else_comes_out_of_the_media_folder(
    visitor: Client, own_media: Path, path: str
) -> None:
    own_media.mkdir(exist_ok=True)
    (own_media / "page.html").write_text("<script>alert(1)</script>")
    (own_media / "dessin.svg").write_text("<svg/>")
    (own_media.parent / "x.jpg").write_bytes(b"secret")
    assert visitor.get(f"/media/{path}").status_code in {400, 404}


@pytest.mark.django_db
def test_robots_and_sitemap_name_the_public(read: Read, visitor: Client) -> None:
    with override_settings(SITE_URL="https://auposte.example"):
        robots = visitor.get("/robots.txt")
        assert "Sitemap: https://auposte.example/sitemap.xml" in robots.content.decode()
        BroadcastFactory(slug="une", with_guests=[GuestFactory(slug="ada")])
        BroadcastFactory(slug="secrete", draft=True)
        found = set(addresses(visitor))
    assert {"https://auposte.example/emissions/une", "https://auposte.example/invites/ada"} <= found
    assert not any("secrete" in str(address) for address in found)


@pytest.mark.django_db
def test_health_tells_what_is_there(visitor: Client) -> None:
    with CaptureQueriesContext(connection) as queries:
        alive = visitor.get("/sante/vivant")
    assert alive.status_code == 200
    assert len(queries) == 0
    ready = visitor.get("/sante/pret")
    assert ready.status_code == 200
    assert ready.json() == {"base": True, "valkey": True}
    assert "no-store" in ready["Cache-Control"]


@pytest.mark.django_db
def test_without_valkey_the_site_is_still_ready(visitor: Client) -> None:
    with override_settings(REDIS_URL="redis://127.0.0.1:9/0"):
        ready = visitor.get("/sante/pret")
    assert ready.status_code == 200
    assert ready.json() == {"base": True, "valkey": False}


@pytest.fixture
def database_away(db: None) -> Iterator[None]:
    """Connections lead nowhere for a while."""
    settings = connection.settings_dict
    kept = dict(settings)
    connection.close()
    settings.update(HOST="127.0.0.1", PORT="9")
    yield
    settings.update(kept)


@pytest.mark.django_db(transaction=True)
def test_without_the_database_it_is_not_ready(visitor: Client, database_away: None) -> None:
    ready = visitor.get("/sante/pret")
    assert ready.status_code == 503
    assert ready.json()["base"] is False
    visitor.raise_request_exception = False
    page = visitor.get("/emissions")
    assert page.status_code == 500
    assert "Panne au poste" in Page(page).text
