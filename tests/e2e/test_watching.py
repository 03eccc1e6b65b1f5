"""Watching, listening, reading along. The platforms' players are pages that answer as they do."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Route, expect

from tests.axe import assert_accessible
from tests.e2e import steps
from tests.e2e.reader import Reader

pytestmark = pytest.mark.browser

# Chapters, a reviewed transcript, a sound of ours.
FULL = "/emissions/qui-garde-les-gardiens"
TWO_PLAYERS = "/emissions/une-camera-pour-chaque-lampadaire"
# What the platforms' frames say and hear: they note each order in their title's place.
YOUTUBE = """<script>
const say = (message) => parent.postMessage(JSON.stringify(message), "*");
addEventListener("message", ({ data }) => {
  const { event, func, args } = JSON.parse(data);
  const tell = (info) => say({ event: "infoDelivery", info });
  if (event === "listening") tell({ currentTime: 47, playerState: 1 });
  if (func === "seekTo") tell({ currentTime: args[0] });
  document.body.textContent += ` ${func ?? event}:${args ?? ""}`;
});
</script><body>"""
PEERTUBE = """<script>
const say = (name, params) => {
  parent.postMessage(JSON.stringify({ method: `peertube::${name}`, params }), "*");
};
addEventListener("message", ({ data }) => {
  const { method, params } = JSON.parse(data);
  document.body.textContent += ` ${method}:${params}`;
  if (method !== "peertube::__ready") return;
  say("playbackStatusUpdate", { position: 30, playbackState: "playing" });
});
say("__ready", "ping");
</script><body>"""


# What the keys beside a locked screen would call.
KEEP_MEDIA_KEYS = """
  window.mediaKeys = {};
  MediaSession.prototype.setActionHandler = (name, act) => { window.mediaKeys[name] = act; };
"""


def play_with(reader: Reader) -> None:
    """Give the platforms' players a page that answers."""

    def answer(body: str) -> Callable[[Route], None]:
        return lambda route: route.fulfill(content_type="text/html", body=body)

    reader.context.route("https://www.youtube-nocookie.com/**", answer(YOUTUBE))
    reader.context.route(re.compile(r"/videos/embed/"), answer(PEERTUBE))


def embed(page: Page) -> str:
    return page.locator("iframe").get_attribute("src") or ""


def test_a_link_to_a_moment_opens_there_and_the_words_follow(reader: Reader) -> None:
    """By keyboard alone."""
    play_with(reader)
    page = reader.open(f"{FULL}?t=1h12m")
    play = page.get_by_role("button", name="Lire à 1\u00a0h\u00a012")
    expect(play).to_be_visible()
    assert reader.foreign == [], "nobody is asked before the click"
    words, said = page.locator("summary", has_text="Transcription"), page.locator(".said")
    steps.tab_to(page, words)
    page.keyboard.press("Enter")
    expect(said).to_be_visible()
    page.keyboard.press("t")
    expect(said).to_be_hidden()
    expect(words).to_be_focused()
    page.keyboard.press("t")
    expect(said).to_be_visible()
    steps.tab_to(page, play, "Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator("iframe")).to_have_attribute("src", re.compile(r"start=4320\b"))

    frame = page.frame_locator("iframe").locator("body")
    expect(frame).to_contain_text("listening")
    expect(page.locator(".said [aria-current]")).to_have_attribute("data-t", "22")
    steps.tab_to(page, page.locator(".said .at").first)
    page.keyboard.press("Enter")
    expect(frame).to_contain_text("seekTo:4,true")
    expect(page.locator(".said [aria-current]")).to_have_attribute("data-t", "4")
    steps.tab_to(page, page.get_by_role("link", name="Voir sur YouTube"), "Shift+Tab")
    page.keyboard.press("k")
    expect(frame).to_contain_text("pauseVideo")
    page.keyboard.press("l")
    expect(frame).to_contain_text("seekTo:14,true")
    page.evaluate("addEventListener('moment', ({ detail }) => { window.moment = detail; }, true)")
    there = "start => window.moment === start"
    steps.tab_to(page, page.get_by_role("link", name="[58:30]"))
    page.keyboard.press("Enter")
    expect(frame).to_contain_text("seekTo:3510,true")
    page.wait_for_function(there, arg=3510)
    for key, start in (("p", 1272), ("n", 3510), ("n", 5649)):
        page.keyboard.press(key)
        page.wait_for_function(there, arg=start)
    # Not inside the frame: axe would speak to it.
    assert_accessible(page, "the player in its place", options={"iframes": False})


def test_peertube_comes_first_and_the_other_opens_at_its_start(reader: Reader) -> None:
    """Nobody has confirmed any offset: no copy is opened in its middle on a guess."""
    play_with(reader)
    page = reader.open(f"{TWO_PLAYERS}?t=90")
    expect(page.get_by_role("radio", name="PeerTube")).to_be_checked()
    expect(page.get_by_text("Cette copie s’ouvre au début")).to_be_visible()
    page.get_by_role("button", name="Lire la vidéo").click()
    assert "/videos/embed/" in embed(page)
    frame = page.frame_locator("iframe").locator("body")
    expect(frame).to_contain_text("peertube::__ready:pong")
    steps.tab_to(page, page.get_by_role("link", name="Voir sur YouTube"))
    page.keyboard.press("j")
    expect(frame).to_contain_text("peertube::seek:20")
    steps.tab_to(page, page.get_by_role("radio", name="PeerTube"), "Shift+Tab")
    page.keyboard.press("ArrowRight")
    expect(page.locator("iframe")).to_have_attribute("src", re.compile("youtube-nocookie"))
    assert "start=" not in embed(page)


def turn_keys(page: Page) -> None:
    """Off, or on again, by keyboard; the focus goes back to the summary, where keys count."""
    summary = page.locator("summary", has_text="Raccourcis clavier")
    steps.tab_to(page, summary)
    page.keyboard.press("Enter")
    steps.tab_to(page, page.locator("#raccourcis"))
    page.keyboard.press("Space")
    steps.tab_to(page, summary, "Shift+Tab")


def test_the_sound_waits_for_the_click_and_is_taken_up_again(reader: Reader) -> None:
    asked: list[str] = []
    reader.context.add_init_script(KEEP_MEDIA_KEYS)
    reader.context.on("request", lambda request: asked.append(request.url))
    page = reader.open(FULL)
    page.wait_for_load_state("networkidle")
    assert not [url for url in asked if "/media/audio/" in url]
    key = page.locator("audio").get_attribute("data-key")
    page.evaluate("document.querySelector('audio').play()")
    page.wait_for_function("() => navigator.mediaSession.metadata")
    page.evaluate("document.querySelector('audio').pause()")
    for act, said, there in (
        ("seekto", {"seekTime": 20}, 20),
        ("seekforward", {}, 50),
        ("seekbackward", {}, 40),
        ("seekbackward", {"seekOffset": 5}, 35),
        ("seekforward", {"seekOffset": 7}, 42),
    ):
        page.evaluate("([act, said]) => window.mediaKeys[act](said)", [act, said])
        expect(page.locator("audio")).to_have_js_property("currentTime", there)
    page.evaluate(
        """async () => {
          const audio = document.querySelector("audio");
          await audio.play();
          audio.currentTime = 42.5;
          audio.pause();
        }"""
    )
    page.wait_for_function("key => localStorage.getItem(key) === '42'", arg=key)
    turn_keys(page)
    page.reload()
    turned_off = page.locator("#raccourcis")
    expect(turned_off).not_to_be_checked()
    page.keyboard.press("t")
    expect(page.locator(".said")).to_have_count(0)
    page.keyboard.press("e")
    expect(page.locator("audio")).to_have_js_property("paused", True)
    turn_keys(page)
    page.keyboard.press("t")
    expect(page.locator(".said")).to_be_visible()
    page.get_by_role("button", name="Reprendre à 0\u00a0min\u00a042").click()
    page.evaluate(
        """() => new Promise((done) => {
          const audio = document.querySelector("audio");
          const look = () => audio.currentTime > 41 && done();
          audio.addEventListener("timeupdate", look);
          look();
        })"""
    )
    assert [url for url in asked if "/media/audio/" in url]
    assert page.evaluate("navigator.mediaSession.metadata.title") == "Qui garde les gardiens ?"
    page.get_by_role("button", name="Oublier où j’en suis").click()
    page.evaluate(
        """() => new Promise((done) => {
          const audio = document.querySelector("audio");
          audio.addEventListener("pause", done, { once: true });
          audio.pause();
        })"""
    )
    assert page.evaluate("key => localStorage.getItem(key)", key) is None


@pytest.mark.parametrize("offset", ["-3500", ""])
def test_the_sound_goes_by_the_broadcasts_clock(reader: Reader, offset: str) -> None:
    """Its 0:10 is the chapter of 58:30; where nobody knows that, it stays where it is."""
    page = reader.open(FULL)
    sound, audio = page.locator("audio"), "document.querySelector('audio')"
    page.evaluate(f"offset => {{ {audio}.dataset.offset = offset; }}", offset)
    page.keyboard.press("e")
    page.wait_for_function("() => navigator.mediaSession.metadata")
    # It plays, and stands still between two orders.
    page.evaluate(f"{audio}.playbackRate = 0")
    chapter = page.locator(".chapters [data-seek='3510']")
    for act, there in (
        (lambda: page.keyboard.press("n"), 5),
        (lambda: page.keyboard.press("p"), 40),
        (chapter.click, 40),
    ):
        page.evaluate(f"there => {{ {audio}.currentTime = there; }}", there)
        act()
        expect(sound).to_have_js_property("currentTime", 10 if offset else there)
        expect(sound).to_have_js_property("paused", False)
    if not offset:
        page.evaluate(f"{audio}.pause()")
        reader.let_out()
        chapter.click()
        assert "start=3510" in embed(page), "the video knows"


def test_a_selection_becomes_a_quote(reader: Reader) -> None:
    page = reader.open(f"{FULL}/transcription")
    page.get_by_label("Chercher dans la transcription").fill("PLÀINTE")
    expect(page.locator("output")).to_have_text(re.compile(r"^\d+\u00a0passages?$"))
    page.get_by_label("Chercher dans la transcription").fill("")
    expect(page.locator("output")).to_have_text("")
    page.evaluate(
        """() => {
          const line = (n) => document.querySelector(`[data-n="${n}"]`).firstChild;
          getSelection().setBaseAndExtent(line(1), 1, line(2), 3);
        }"""
    )
    page.get_by_role("link", name="Citer ce passage").click()
    expect(page.get_by_role("checkbox", checked=True)).to_have_count(2)
    page.get_by_role("button", name="Faire la citation").click()
    expect(page).to_have_url(re.compile(r"/citations/\d+$"))
    expect(page.get_by_role("link", name="Voir à")).to_be_visible()


def test_without_javascript_what_was_said_is_read_quoted_and_heard(
    new_reader: Callable[..., Reader],
) -> None:
    reader = new_reader(java_script_enabled=False)
    page = reader.open("/emissions")
    page.locator("#tiroirs").get_by_role("link", name=re.compile("avec transcription")).click()
    page.get_by_role("link", name="Qui garde les gardiens").click()
    page.wait_for_load_state()
    expect(page.locator("audio[controls]")).to_be_visible()
    expect(page.get_by_role("link", name="Télécharger le son")).to_have_attribute(
        "href", re.compile("/media/audio/")
    )
    # From here on without a mouse, too.
    steps.tab_to(page, page.locator("summary", has_text="Transcription"))
    page.keyboard.press("Enter")
    steps.tab_to(page, page.get_by_role("link", name="Lire la transcription sur sa page"))
    page.keyboard.press("Enter")
    page.wait_for_url("**/transcription")
    steps.tab_to(page, page.get_by_role("link", name=re.compile("^Citer")).first)
    page.keyboard.press("Enter")
    page.wait_for_url("**/citer?*")
    chosen = page.get_by_role("checkbox", checked=True)
    many = chosen.count()
    steps.tab_to(page, page.get_by_role("checkbox", checked=False).first)
    page.keyboard.press("Space")
    expect(chosen).to_have_count(many + 1)
    steps.tab_to(page, page.get_by_role("button", name="Faire la citation"))
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/citations/\d+$"))
    page.get_by_role("link", name="Voir à").click()
    expect(page).to_have_url(re.compile(rf"{FULL}\?t=4$"))


def test_without_storage_the_sound_still_plays(reader: Reader) -> None:
    reader.context.add_init_script(
        "Object.defineProperty(window, 'localStorage', { get() { throw new Error('no'); } })"
    )
    page = reader.open(f"{FULL}?t=1h12")
    expect(page.get_by_role("button", name="Lire à 1\u00a0h\u00a012")).to_be_visible()
    page.keyboard.press("e")
    page.wait_for_function("() => navigator.mediaSession.metadata")
    expect(page.locator("audio")).to_have_js_property("paused", False)
