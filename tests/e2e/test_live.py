"""The live as readers have it open: it moves by itself, and never under somebody's eyes."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from broadcasts.live import AiringState
from broadcasts.models import Broadcast
from broadcasts.services import airing
from tests.axe import assert_accessible
from tests.browser import PATIENCE_MS
from tests.e2e.reader import Reader
from tests.e2e.test_public_pages import WIDTHS, dress

pytestmark = pytest.mark.browser
TWITCH = "player.twitch.tv"


def say(broadcast: Broadcast, state: AiringState) -> None:
    live = state != AiringState.OVER
    broadcast.sources.update(
        live_state="live" if live else "ended", fetched_at=timezone.now(), ended_at=None
    )
    airing.override(broadcast_id=broadcast.pk, state=state, user=None)


def come_back(page: Page) -> None:
    """As if somebody had been in another tab."""
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")


def ask_again(
    page: Page, claim: Callable[[float], None], how: Callable[[Page], object] = come_back
) -> None:
    """Until the claim holds, which is told how long to wait for it (milliseconds).

    While one question is on its way, the page does not hear another.
    """
    for patience in (*[2_000] * 9, PATIENCE_MS):
        how(page)
        try:
            return claim(patience)
        except AssertionError:
            if patience == PATIENCE_MS:
                raise


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
    play = page.get_by_role("button", name="Regarder le direct")
    note = "chargé depuis YouTube après votre clic"
    ask_again(page, lambda ms: expect(play).to_contain_text(note, timeout=ms))
    expect(page.locator("#antenne-dit")).to_have_text("En direct")
    for width in WIDTHS:
        dress(page, width, "dark")
        assert_accessible(page, f"live, {width}")
    link = home.get_by_role("link", name="Regarder le direct")
    ask_again(home, lambda ms: expect(link).to_be_visible(timeout=ms))
    started = episode.get_by_role("button", name="Regarder le direct")
    ask_again(episode, lambda ms: expect(started).to_contain_text(note, timeout=ms))
    expect(episode.locator(".head .stamp")).to_have_text("En direct")
    assert reader.foreign == []

    started.click()
    expect(episode.locator("#facade iframe")).to_have_attribute("src", re.compile("direct00001"))
    play.click()
    expect(page.locator("iframe")).to_have_attribute("src", re.compile("direct00001"))
    reader.let_out()
    say(announced, AiringState.INTERRUPTED)
    state, pause = page.locator("#antenne-etat"), "Coupure, on revient"
    ask_again(page, lambda ms: expect(state).to_contain_text(pause, timeout=ms))
    expect(page.locator("iframe")).to_have_count(1)

    say(announced, AiringState.OVER)
    over = "C’est fini, la rediffusion arrive."
    for air in (home.locator("#antenne"), episode.locator("#antenne")):
        ask_again(air.page, lambda ms, air=air: expect(air).to_contain_text(over, timeout=ms))
    expect(episode.locator("#facade iframe")).to_have_count(1)
    told = page.locator("#antenne-dit")
    ask_again(page, lambda ms: expect(told).to_have_text(f"Terminé {over}", timeout=ms))


def test_a_player_comes_when_its_platform_is_known(reader: Reader, announced: Broadcast) -> None:
    """The editor is quicker than the platforms' next reading. Here only Twitch has the live, whose
    player opens in pages that it is told the host of.
    """
    announced.sources.update(role="replay", live_state="none")
    airing.override(broadcast_id=announced.pk, state=AiringState.LIVE, user=None)
    page = reader.open("/direct")
    expect(page.locator("#antenne .notice")).to_contain_text("pas encore connue")
    expect(page.locator("#antenne .player")).to_have_count(0)
    source = announced.sources.get()
    source.platform, source.external_id = "twitch", "1234567890"
    source.role, source.live_state = "live", "live"
    source.save()
    play = page.get_by_role("button", name="Regarder le direct")
    ask_again(page, lambda ms: expect(play).to_contain_text("depuis Twitch", timeout=ms))
    assert reader.foreign == []
    reader.let_out()
    with page.expect_request(lambda request: urlsplit(request.url).netloc == TWITCH) as let_in:
        play.click()
    asked = parse_qs(urlsplit(let_in.value.url).query)
    host = urlsplit(page.url).hostname
    assert asked == {"video": ["1234567890"], "autoplay": ["true"], "parent": [host]}


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
