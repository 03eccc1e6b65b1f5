"""An evening on the air: the team at its desk, readers with their tabs open, then the chapters."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from broadcasts.models import Broadcast
from broadcasts.services import airing
from tests.e2e.reader import Reader
from tests.e2e.staff import sign_in
from tests.e2e.test_live import ask_again, come_back

pytestmark = pytest.mark.browser

MOMENT = "Le chiffre qu’on attendait"


@pytest.mark.parametrize("scripts", [True, False], ids=["htmx", "plain"])
def test_from_the_announcement_to_the_chapters(
    new_reader: Callable[..., Reader], scripts: bool, editor: User, announced: Broadcast
) -> None:
    def find(page: Page, claim: Callable[[float], None]) -> None:
        ask_again(page, claim, come_back if scripts else Page.reload)

    team, readers = (new_reader(java_script_enabled=scripts) for _ in range(2))
    live, home = readers.open("/direct"), readers.open("/")
    expect(home.locator("#antenne")).to_contain_text("Prochaine convocation")
    desk = sign_in(team, editor)
    desk.get_by_role("link", name="Le pupitre du direct").click()
    expect(desk.locator(".air")).to_contain_text(announced.title)

    desk.get_by_role("button", name="Passer en direct").click()
    expect(desk.locator(".air b")).to_have_text("En direct")
    player = expect(live.locator("#antenne .player"))
    find(live, lambda ms: player.to_contain_text("Regarder le direct", timeout=ms))
    link = expect(home.get_by_role("link", name="Regarder le direct"))
    find(home, lambda ms: link.to_be_visible(timeout=ms))

    desk.get_by_label("Un mot, si vous voulez").fill(MOMENT)
    desk.get_by_role("button", name="Marque ce moment").click()
    expect(desk.locator(".marks")).to_contain_text(MOMENT)
    desk.get_by_role("button", name="C’est fini").click()
    expect(desk.locator(".air b")).to_have_text("Terminé")
    state = expect(live.locator("#antenne-etat"))
    over = "C’est fini, la rediffusion arrive."
    find(live, lambda ms: state.to_contain_text(over, timeout=ms))

    # What the next reading of the platform finds.
    video = announced.sources.get()
    video.role, video.live_state, video.ended_at = "replay", "ended", timezone.now()
    video.save()
    airing.follow_airings()
    find(live, lambda ms: state.to_contain_text("Rediffusion", timeout=ms))
    episode = readers.open(announced.get_absolute_url())
    expect(episode.locator(".chapters")).to_have_count(0)

    desk.get_by_role("link", name="En faire des chapitres").click()
    expect(desk.get_by_label("Titre")).to_have_value(MOMENT)
    desk.get_by_role("button", name="Enregistrer").click()
    expect(desk.locator(".messagelist .success")).to_have_text("Un chapitre ajouté.")
    episode.reload()
    chapter = episode.locator(".chapters a")
    expect(chapter).to_contain_text(MOMENT)
    if scripts:
        chapter.click()
        expect(episode.locator("iframe")).to_have_attribute("src", re.compile("direct00001"))
        readers.let_out()
