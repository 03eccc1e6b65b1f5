"""An editor's day, in a browser: paste an address, write, show, programme, publish, correct,
restore, take away. A stranger looks on from another browser.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from broadcasts.models import Broadcast
from sandbox.youtube import YouTubeStandIn
from tests.e2e.reader import Reader
from tests.e2e.staff import save, sign_in

pytestmark = pytest.mark.browser

TITLE = "La nuit des pompes"


@pytest.fixture(autouse=True)
def _tidied(site: str) -> Iterator[None]:
    yield
    Broadcast.objects.filter(title__startswith=TITLE).delete()


def write(page: Page, text: str) -> None:
    """At the end of the first part, with the keyboard."""
    words = page.locator(".ProseMirror").first
    words.click()
    page.keyboard.press("Control+End")
    page.keyboard.type(text)


def test_the_day(
    reader: Reader, new_reader: Callable[..., Reader], editor: User, video_channel: YouTubeStandIn
) -> None:
    video = video_channel.world.add(
        platforms=["youtube"],
        title=f"{TITLE} - S10E99 - Mardi 24 novembre 2026",
        description="Une nuit entière au bord du bassin.",
        duration=5400,
    )["youtube"]
    stranger = new_reader()
    page = sign_in(reader, editor)

    # Paste an address, and the rest fills itself.
    page.get_by_role("link", name="Nouvelle émission").click()
    page.get_by_label("Adresse de la vidéo").fill(f"https://youtu.be/{video.id}")
    page.get_by_role("button", name="Remplir").click()
    expect(page.get_by_label("Titre", exact=False).first).to_have_value(TITLE)

    # Write.
    write(page, "Ce que la rivière a vu.")
    save(page)
    broadcast = Broadcast.objects.get(title=TITLE)
    assert (broadcast.season, broadcast.number, broadcast.duration_seconds) == (10, 99, 5400)
    assert broadcast.sources.get().external_id == video.id
    assert "Ce que la rivière a vu." in broadcast.body_opening + broadcast.body_rest
    path = broadcast.get_absolute_url()
    stranger.open(path, status=404).close()

    # Show it to somebody without an account.
    page.get_by_role("link", name="Partager l’aperçu").click()
    page.get_by_role("button", name="Créer un lien").click()
    link = page.get_by_label("Voici le lien, à copier").input_value()
    seen = stranger.open(link)
    expect(seen.get_by_role("heading", level=1)).to_contain_text(TITLE)
    expect(seen.locator("body")).to_contain_text("Aperçu")
    expect(seen.locator("body")).to_contain_text("Ce que la rivière a vu.")
    seen.close()

    # Programme it.
    form = f"/admin/broadcasts/broadcast/{broadcast.pk}/change/"
    reader.go(page, form)
    tomorrow = timezone.localtime() + dt.timedelta(days=1)
    page.locator("#id_published_at_0").fill(tomorrow.strftime("%d/%m/%Y"))
    page.locator("#id_published_at_1").fill("19:00")
    page.get_by_role("button", name="Programmer à la date écrite").first.click()
    expect(page.locator(".messagelist")).to_be_visible()
    broadcast.refresh_from_db()
    assert broadcast.is_programmed
    stranger.open(path, status=404).close()

    # Publish it after all.
    reader.go(page, form)
    page.get_by_role("button", name="Publier maintenant").first.click()
    expect(page.locator(".messagelist")).to_be_visible()
    shown = stranger.open(path)
    expect(shown.locator("body")).to_contain_text("Ce que la rivière a vu.")

    # Correct it, and say so.
    reader.go(page, form)
    page.locator("#corrections-group .add-row a").click()
    page.locator("#corrections-0 .ProseMirror").click()
    page.keyboard.type("La pompe date de 1974.")
    save(page)
    stranger.go(shown, path)
    expect(shown.locator("body")).to_contain_text("La pompe date de 1974.")

    # A slip of the keyboard, and back to the version before it.
    page.get_by_label("Titre", exact=False).first.fill(f"{TITLE} (faute)")
    save(page)
    page.get_by_role("link", name="Historique").click()
    page.locator(".versions tbody tr").nth(1).get_by_role("link").click()
    expect(page.locator("del, ins").first).to_be_visible()
    page.get_by_role("button", name="Restaurer cette version").click()
    expect(page.locator(".messagelist")).to_be_visible()
    stranger.go(shown, path)
    expect(shown.get_by_role("heading", level=1)).to_have_text(TITLE)

    # Take it away.
    reader.go(page, form)
    page.get_by_role("link", name="Retirer…").first.click()
    page.get_by_role("button", name="Retirer maintenant").click()
    expect(page.locator(".messagelist")).to_be_visible()
    stranger.go(shown, path, status=410)
    stranger.go(shown, "/emissions")
    expect(shown.get_by_text(TITLE)).to_have_count(0)
