"""What editors say of the outlet and of what was said, as readers see it."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import User
from playwright.sync_api import expect

from broadcasts.models import Broadcast
from outlet.models import Page as OutletPage
from tests.e2e.reader import Reader
from tests.e2e.staff import save, sign_in

pytestmark = pytest.mark.browser

VTT = "WEBVTT\n\n00:04.000 --> 00:08.000\n<v Lou Welgryn>La machine ne sait pas ce qu’elle dit.\n"


@pytest.fixture
def untold(site: str) -> Iterator[Broadcast]:
    """An episode without a transcript."""
    broadcast = Broadcast.objects.get(slug="ia-le-progres-version-mad-max")
    assert not broadcast.transcripts.exists()
    yield broadcast
    broadcast.transcripts.all().delete()


@pytest.fixture
def legal(site: str) -> Iterator[OutletPage]:
    page = OutletPage.objects.get(slug="confidentialite")
    body = page.body
    yield page
    page.body = body
    page.save()


def test_a_transcript_is_sent_and_reviewed(
    reader: Reader, new_reader: Callable[..., Reader], editor: User, untold: Broadcast
) -> None:
    stranger = new_reader()
    page = sign_in(reader, editor)
    reader.go(page, f"/admin/broadcasts/broadcast/{untold.pk}/change/")
    page.locator("#transcripts-group .add-row a").click()
    page.locator("#id_transcripts-0-file").set_input_files(
        {"name": "mots.vtt", "mimeType": "text/vtt", "buffer": VTT.encode()}
    )
    save(page)
    seen = stranger.open(untold.get_absolute_url())
    fold = seen.locator("summary", has_text="Transcription")
    expect(fold).to_contain_text("automatique, non relue")
    fold.click()
    expect(seen.locator("[data-words]")).to_contain_text("La machine ne sait pas ce qu’elle dit.")
    expect(seen.get_by_role("link", name="Citer")).to_have_count(0)

    page.locator("#id_transcripts-0-is_reviewed").check()
    save(page)
    seen.reload()
    expect(fold).to_contain_text("relue")
    expect(fold).not_to_contain_text("non relue")
    fold.click()
    expect(seen.get_by_role("link", name="Citer")).to_be_visible()


def test_a_legal_page_is_changed(
    reader: Reader, new_reader: Callable[..., Reader], editor: User, legal: OutletPage
) -> None:
    page = sign_in(reader, editor)
    reader.go(page, f"/admin/outlet/page/{legal.pk}/change/")
    page.locator(".ProseMirror").click()
    page.keyboard.press("Control+End")
    page.keyboard.type(" Rien d’autre n’est gardé.")
    save(page)
    seen = new_reader(java_script_enabled=False).open("/confidentialite")
    expect(seen.locator("main")).to_contain_text("Rien d’autre n’est gardé.")
