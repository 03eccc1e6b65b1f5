"""The live as readers have it open: it moves by itself, and never under somebody's eyes."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from broadcasts.live import AiringState
from broadcasts.models import Broadcast
from broadcasts.services import airing
from tests.axe import assert_accessible
from tests.e2e.reader import Reader
from tests.e2e.test_public_pages import WIDTHS, dress

pytestmark = pytest.mark.browser


def say(broadcast: Broadcast, state: AiringState) -> None:
    live = state != AiringState.OVER
    broadcast.sources.update(
        live_state="live" if live else "ended", fetched_at=timezone.now(), ended_at=None
    )
    airing.override(broadcast_id=broadcast.pk, state=state, user=None)


def ask_again(page: Page) -> None:
    """As if somebody came back to the tab."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def test_it_moves_by_itself_and_leaves_a_player_alone(reader: Reader, announced: Broadcast) -> None:
    page, home = reader.open("/direct"), reader.open("/")
    episode = reader.open(announced.get_absolute_url())
    expect(episode.get_by_role("button", name="Lire la vidéo")).to_be_visible()
    expect(page.locator(".countdown")).to_contain_text(re.compile("dans [23]\u00a0j"))
    expect(home.locator("#antenne")).to_contain_text("Prochaine convocation")
    for width in WIDTHS:
        dress(page, width, "light")
        assert_accessible(page, f"announced, {width}")

    say(announced, AiringState.LIVE)
    ask_again(page)
    play = page.get_by_role("button", name="Regarder le direct")
    expect(play).to_contain_text("chargée depuis YouTube après votre clic")
    expect(page.locator("#antenne-dit")).to_have_text("En direct")
    for width in WIDTHS:
        dress(page, width, "dark")
        assert_accessible(page, f"live, {width}")
    ask_again(home)
    expect(home.get_by_role("link", name="Regarder le direct")).to_be_visible()
    ask_again(episode)
    started = episode.get_by_role("button", name="Regarder le direct")
    expect(started).to_contain_text("chargée depuis YouTube après votre clic")
    expect(episode.locator(".head .stamp")).to_have_text("En direct")
    assert reader.foreign == []

    started.click()
    expect(episode.locator("#facade iframe")).to_have_attribute("src", re.compile("direct00001"))
    play.click()
    expect(page.locator("iframe")).to_have_attribute("src", re.compile("direct00001"))
    reader.let_out()
    say(announced, AiringState.INTERRUPTED)
    ask_again(page)
    expect(page.locator("#antenne-etat")).to_contain_text("Coupure, on revient")
    expect(page.locator("iframe")).to_have_count(1)

    say(announced, AiringState.OVER)
    for other in (home, episode):
        ask_again(other)
        expect(other.locator("#antenne")).to_contain_text("C’est fini, la rediffusion arrive.")
    expect(episode.locator("#facade iframe")).to_have_count(1)
    ask_again(page)
    expect(page.locator("#antenne-dit")).to_have_text("Terminé C’est fini, la rediffusion arrive.")


def test_a_player_comes_when_its_platform_is_known(reader: Reader, announced: Broadcast) -> None:
    """The editor is quicker than the platforms' next reading."""
    announced.sources.update(role="replay", live_state="none")
    airing.override(broadcast_id=announced.pk, state=AiringState.LIVE, user=None)
    page = reader.open("/direct")
    expect(page.locator("#antenne .notice")).to_contain_text("pas encore connue")
    expect(page.locator("#antenne .player")).to_have_count(0)
    source = announced.sources.get()
    source.role, source.live_state = "live", "live"
    source.save()
    ask_again(page)
    expect(page.get_by_role("button", name="Regarder le direct")).to_be_visible()


def test_without_javascript_each_page_is_right_when_it_is_opened(
    new_reader: Callable[..., Reader], announced: Broadcast
) -> None:
    reader = new_reader(java_script_enabled=False)
    page = reader.open("/direct")
    expect(page.locator("#antenne time")).to_contain_text("19\u00a0h")
    say(announced, AiringState.LIVE)
    page.get_by_role("link", name="Recharger la page").click()
    expect(page.get_by_role("link", name="Regarder le direct")).to_have_attribute(
        "href", "https://www.youtube.com/watch?v=direct00001"
    )
    expect(page.locator(".site nav .on-air")).to_have_text("En direct")
    reader.go(page, announced.get_absolute_url())
    expect(page.locator("#antenne")).to_contain_text("C’est maintenant.")
