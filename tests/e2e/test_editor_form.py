"""The newsroom's form in the browser: every field named, every stop seen, on any screen."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import Page, expect

from broadcasts.models import Broadcast
from tests.axe import assert_accessible
from tests.e2e.reader import Reader
from tests.environment import ARTIFACTS

pytestmark = pytest.mark.browser

PASSWORD = "un-secret-assez-long"
ADD = "/admin/broadcasts/broadcast/add/"
# What has the focus, and whether a person can see that it has.
FOCUS = """() => {
  const element = document.activeElement;
  if (!element || element === document.body) return null;
  const seen = (one) => {
    const style = getComputedStyle(one);
    return (style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 1)
      || style.boxShadow !== "none" || style.borderColor !== one.dataset.border;
  };
  const box = element.getBoundingClientRect();
  return {
    name: element.outerHTML.slice(0, 160),
    id: element.id || element.name || element.textContent.trim(),
    shown: box.width > 0 && box.height > 0 && box.bottom > 0 && box.top < innerHeight,
    marked: seen(element) || seen(element.closest(".select2-selection") ?? element.parentElement),
  };
}"""
NOTE_BORDERS = """() => {
  for (const one of document.querySelectorAll("#content-main *")) {
    one.dataset.border = getComputedStyle(one).borderColor;
  }
}"""
MOST_STOPS = 160


@pytest.fixture
def editor(site: str) -> Iterator[User]:
    user = User.objects.create_superuser("sacha", password=PASSWORD)
    yield user
    user.delete()


def sign_in(reader: Reader, path: str) -> Page:
    page = reader.open(path)
    page.get_by_label("Nom d’utilisateur").fill("sacha")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Connexion").click()
    expect(page.locator("#broadcast_form")).to_be_visible()
    page.wait_for_load_state()  # its scripts, too
    return page


def longest() -> Broadcast:
    """One of the demonstration's with a text, people, videos and chapters."""
    return Broadcast.objects.get(slug="ia-le-progres-version-mad-max")


def test_every_field_has_its_name(reader: Reader, editor: User) -> None:
    page = sign_in(reader, ADD)
    for group in ("appearances", "sources", "chapters"):
        page.locator(f"#{group}-group .add-row :is(a, button)").click()
    for name, field in {
        "Adresse de la vidéo": "#id_video_address",
        "À l’antenne le, date": "#id_aired_at_0",
        "À l’antenne le, heure": "#id_aired_at_1",
        "Identifiant": "#id_sources-0-external_id",
        "Plateforme": "#id_sources-0-platform",
        "Début": "#id_chapters-0-start_seconds",
        "Fonction ce jour-là": "#id_appearances-0-function",
    }.items():
        expect(page.locator(field)).to_have_accessible_name(name)
    expect(page.locator("#appearances-0 .select2-selection")).to_have_accessible_name("Personne")
    expect(page.locator(".field-tags .select2-search__field")).to_have_accessible_name("Mots-clés")
    expect(page.locator("#id_body_opening-texte")).to_have_accessible_name(
        "Texte, avant la collecte"
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_it_fits_any_screen_and_axe_finds_nothing(
    width: int, scheme: str, reader: Reader, editor: User
) -> None:
    page = sign_in(reader, f"/admin/broadcasts/broadcast/{longest().pk}/change/")
    page.set_viewport_size({"width": width, "height": 900})
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    expect(page.locator("#id_body_opening-texte")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page, f"{width} {scheme}", within="#content-main")


def test_tab_goes_through_the_whole_form_and_is_seen(reader: Reader, editor: User) -> None:
    page = sign_in(reader, ADD)
    for part in ("opening", "rest"):
        expect(page.locator(f"#id_body_{part}-texte")).to_be_visible()
    page.evaluate(NOTE_BORDERS)
    page.locator("#id_video_address").focus()
    stops = []
    while len(stops) < MOST_STOPS:
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUS)
        if stop is None:
            break
        stops.append(stop)
    assert len(stops) < MOST_STOPS, "no way out of the form"
    seen = [stop["id"] for stop in stops]
    # The texts are stops, not traps; their buttons are one stop each.
    for field in ("id_body_opening-texte", "id_body_rest-texte", "id_image", "_save"):
        assert field in seen, field
    assert seen.index("id_body_rest-texte") - seen.index("id_body_opening-texte") == 2
    assert [stop["name"] for stop in stops if not stop["shown"]] == []
    assert [stop["name"] for stop in stops if not stop["marked"]] == []


def test_the_form_is_photographed(reader: Reader, editor: User) -> None:
    shots = ARTIFACTS / "editor-form"
    shots.mkdir(parents=True, exist_ok=True)
    page = sign_in(reader, f"/admin/broadcasts/broadcast/{longest().pk}/change/")
    for width in (360, 1280):
        for scheme in ("light", "dark"):
            page.set_viewport_size({"width": width, "height": 900})
            page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            page.screenshot(path=shots / f"{width}-{scheme}.png", full_page=True)
