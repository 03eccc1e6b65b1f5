"""The outlet's own pages: found where the law wants them, gone at once when taken away."""

import pytest
from django.test import Client

from auposte.models import Removal
from outlet.first_pages import PAGES, write_missing
from outlet.models import Page

pytestmark = pytest.mark.django_db

CHARTER = "/pages/charte"


@pytest.fixture
def charter() -> Page:
    return Page.objects.create(
        title="Charte", slug="charte", body="<p>Sans montage.</p>", status="published"
    )


def foot(client: Client) -> str:
    return client.get("/emissions").content.decode().partition('class="site-foot"')[2]


def test_a_new_site_has_its_pages(visitor: Client) -> None:
    write_missing(Page.objects)
    for slug, title, _place, status in PAGES:
        page = visitor.get(f"/{slug}")
        assert page.status_code == (200 if status == "published" else 404), slug
        assert not page.cookies
        text = page.content.decode()
        if status == "published":
            assert f"<h1>{title}</h1>" in text
            assert "[à compléter" not in text.lower()
        assert (f'href="/{slug}"' in foot(visitor)) == (status == "published")
    assert "Défenseur des droits" in visitor.get("/accessibilite").content.decode()


def test_writing_them_again_leaves_what_the_newsroom_wrote() -> None:
    write_missing(Page.objects)
    Page.objects.filter(slug="accessibilite").update(body="<p>Auditée.</p>")
    assert write_missing(Page.objects) == 0
    assert Page.objects.get(slug="accessibilite").body == "<p>Auditée.</p>"


def test_each_state_has_its_answer(visitor: Client, charter: Page) -> None:
    assert "Sans montage." in visitor.get(CHARTER).content.decode()
    assert CHARTER in foot(visitor)
    for state, status in (("draft", 404), ("archived", 410)):
        Page.objects.update(status=state)
        page = visitor.get(CHARTER)
        assert page.status_code == status
        assert "Sans montage." not in page.content.decode()
        assert CHARTER not in foot(visitor)


def test_a_page_has_one_address(visitor: Client) -> None:
    write_missing(Page.objects)
    moved = visitor.get("/pages/accessibilite")
    assert (moved.status_code, moved["Location"]) == (301, "/accessibilite")
    assert visitor.get("/pages/rien").status_code == 404
    assert visitor.get("/charte").status_code == 404


def test_scripts_never_reach_a_reader(visitor: Client, charter: Page) -> None:
    charter.body = '<p onclick="x()">Bon</p><script>x()</script>'
    charter.save()
    text = visitor.get(CHARTER).content.decode()
    assert "<p>Bon</p>" in text
    assert "x()" not in text


def test_an_editor_takes_one_away_and_versions_stay(owner: Client, charter: Page) -> None:
    address = f"/admin/outlet/page/{charter.pk}/change/"
    saved = owner.post(
        address,
        {"title": "Charte", "status": "archived", "position": "5", "body": "<p>Autre.</p>"},
    )
    assert saved.status_code == 302, saved.content.decode()
    charter.refresh_from_db()
    assert (charter.status, charter.slug) == ("archived", "charte")
    assert Removal.objects.get().path == CHARTER
    history = owner.get(f"/admin/outlet/page/{charter.pk}/history/").content.decode()
    assert "en ligne → retirée" in history
    assert owner.get(f"/admin/outlet/page/{charter.pk}/delete/").status_code == 403
