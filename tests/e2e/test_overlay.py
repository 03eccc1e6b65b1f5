"""On air, in real browsers: OBS shows the overlay, a moderator has a telephone, people give."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator

import pytest
from django.contrib.auth.models import Group, User
from playwright.sync_api import Page, expect

from auposte.permissions import MODERATOR
from donations.models import Gift
from donations.services import on_air
from sandbox.stripe import StripeStandIn
from tests.donations.steps import start
from tests.e2e import demo
from tests.e2e.reader import Reader
from tests.environment import ARTIFACTS

pytestmark = pytest.mark.browser

PASSWORD = "un-secret-assez-long"
SHOTS = ARTIFACTS / "antenne"
FULL_HD, HD, PHONE = ((1920, 1080), (1280, 720), (360, 740))
# A second, in milliseconds: whoever asks that often shows what the next answer says.
WITHIN_A_SECOND = 1000
# What is said for a moment may be over before a busy machine looks; and when the dress went.
KEEP = """
performance.setResourceTimingBufferSize(10_000);
window.said = [];
addEventListener("DOMContentLoaded", () => {
  const dress = document.querySelector("#habillage");
  const announce = document.querySelector("#annonce");
  new MutationObserver(() => {
    const words = announce.hidden ? "" : announce.textContent.replace(/\\s/g, " ");
    if (words && words !== window.said.at(-1)) window.said.push(words);
    if (dress.hidden) window.hiddenAt ??= performance.now();
  }).observe(dress, { attributes: true, characterData: true, childList: true, subtree: true });
});
"""
# When it asked for the state, in milliseconds of the page.
ASKED = """() => performance.getEntriesByType("resource")
  .filter(({ name }) => name.includes("/overlay/collecte/etat")).map((it) => it.startTime)"""


@pytest.fixture
def moderator(site: str) -> Iterator[User]:
    user = User.objects.create_user("camille", password=PASSWORD, is_staff=True)
    user.groups.add(Group.objects.get(name=MODERATOR))
    yield user
    user.delete()


def shoot(page: Page, name: str, *sizes: tuple[int, int]) -> None:
    SHOTS.mkdir(parents=True, exist_ok=True)
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        page.screenshot(path=SHOTS / f"{name}-{width}.png")


def obs(new_reader: Callable[..., Reader], **asked: str) -> tuple[Reader, Page]:
    """OBS's browser source, which moves although this machine asks for less movement."""
    asked = {"anime": "1", **asked}
    reader = new_reader(viewport={"width": 1920, "height": 1080})
    reader.context.add_init_script(KEEP)
    query = "".join(f"&{name}={value}" for name, value in asked.items())
    page = reader.open(f"/overlay/collecte?cle={on_air.overlay_key()}{query}")
    return reader, page


def regie(reader: Reader, user: User) -> Page:
    page = reader.open("/admin/regie")
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.get_by_label("Nom d’utilisateur").fill(user.username)
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Connexion").click()
    expect(page.get_by_role("heading", name="La régie")).to_be_visible()
    return page


def give(stripe: StripeStandIn, client: object, **fields: str) -> None:
    stripe.pay(start(client, **fields).session)


def hear(air: Page, words: str) -> None:
    """Wait until it was said."""
    air.wait_for_function("words => window.said.includes(words)", arg=words)


def test_an_evening(
    reader: Reader,
    new_reader: Callable[..., Reader],
    moderator: User,
    stripe: StripeStandIn,
    client: object,
) -> None:
    _, air = obs(new_reader)
    bar, names, said = air.locator("#recolte"), air.locator("#noms"), air.locator("#annonce")
    expect(bar).to_have_text("10,00 €")
    expect(air.locator("#palier")).to_have_text("en cours : Loyer 10,00 € sur 1 900,00 €")
    expect(said).to_be_hidden()
    assert air.evaluate("getComputedStyle(document.body).backgroundColor") == "rgba(0, 0, 0, 0)"
    desk = regie(reader, moderator)
    expect(desk.get_by_text("Rien à lire.")).to_be_visible()

    # A gift comes: thanks at once, without the name that nobody has read yet.
    give(
        stripe, client, amount="20", show_name="on", public_name="Camille O.", message="Tenez bon."
    )
    hear(air, "Merci !")
    expect(bar).to_have_text("30,00 €")
    expect(names).to_be_hidden()

    # The name appears on the telephone; accepted, it is thanked and stays.
    expect(desk.locator("blockquote").first).to_have_text("Camille O.")
    shoot(desk, "regie-a-lire", PHONE)
    assert desk.evaluate("document.documentElement.scrollWidth <= innerWidth")
    expect(names).to_be_hidden()
    desk.get_by_role("button", name="Accepter le nom").click()
    expect(desk.locator(".told")).to_contain_text("Nom accepté : Camille O.")
    hear(air, "Merci Camille O. !")
    expect(names).to_have_text("Merci à Camille O.")
    shoot(air, "merci", FULL_HD, HD)
    desk.get_by_role("button", name="Refuser le message").click()
    expect(desk.get_by_text("Rien à lire.")).to_be_visible()
    shoot(desk, "regie-decide", PHONE)
    desk.emulate_media(color_scheme="dark")
    shoot(desk, "regie-sombre", HD, PHONE)

    # Somebody carries the rent over its amount.
    give(stripe, client, amount="1870")
    hear(air, "Palier franchi : Loyer")
    expect(air.locator("#palier")).to_have_text("en cours : Gestion 0,00 € sur 900,00 €")
    shoot(air, "palier", FULL_HD, HD)

    # « Tout masquer », and it is gone with the next answer; nothing is said afterwards.
    with desk.expect_response(lambda response: response.request.method == "POST"):
        desk.get_by_role("button", name="Tout masquer").click()
    answered = air.evaluate("performance.now()")
    expect(air.locator("#habillage")).to_be_hidden()
    gone, asked = air.evaluate("window.hiddenAt"), air.evaluate(ASKED)
    assert len([at for at in asked if answered < at < gone]) <= 1
    pauses = [later - earlier for earlier, later in itertools.pairwise(asked)]
    assert min(pauses) < WITHIN_A_SECOND
    expect(desk.get_by_text("Tout est masqué à l’antenne.")).to_be_visible()
    shoot(desk, "regie-masque", PHONE)
    assert "Camille" not in air.locator("body").inner_text()
    give(stripe, client, amount="30")
    demo.drain(stripe)
    heard = air.evaluate("window.said")
    desk.get_by_role("button", name="Remettre à l’antenne").click()
    expect(names).to_have_text("Merci à Camille O.")
    expect(bar).to_have_text("1 930,00 €")
    assert air.evaluate("window.said") == heard
    expect(said).to_be_hidden()

    # A name that is taken back leaves as it came.
    desk.get_by_role("button", name="Refuser le nom").click()
    expect(names).to_be_hidden()


def test_a_name_is_text_and_the_address_dresses(
    new_reader: Callable[..., Reader], stripe: StripeStandIn, client: object
) -> None:
    give(stripe, client, show_name="on", public_name="<b>Zo&eacute;</b>", message="x")
    _, air = obs(
        new_reader, fond="ffffffcc", encre="111", couleur="0057b8", position="haut", taille="130"
    )
    Gift.objects.filter(public_name__contains="Zo").update(name_state="approved")
    expect(air.locator("#noms")).to_have_text("Merci à <b>Zo&eacute;</b>")
    strip = air.locator(".strip")
    assert strip.evaluate("e => getComputedStyle(e).backgroundColor") == "rgba(255, 255, 255, 0.8)"
    assert strip.evaluate("e => getComputedStyle(e).color") == "rgb(17, 17, 17)"
    assert strip.evaluate("e => e.getBoundingClientRect().top") < 100
    shoot(air, "habille", FULL_HD)


def test_the_site_goes_away_and_comes_back(
    new_reader: Callable[..., Reader], stripe: StripeStandIn, client: object
) -> None:
    reader, air = obs(new_reader, anime="0")
    expect(air.locator("#recolte")).to_have_text("10,00 €")
    air.route("**/overlay/collecte/etat*", lambda route: route.abort())
    with air.expect_event("requestfailed"):
        pass
    expect(air.locator("#recolte")).to_have_text("10,00 €")
    air.unroute("**/overlay/collecte/etat*")
    give(stripe, client, amount="20")
    expect(air.locator("#recolte")).to_have_text("30,00 €")
    reader.forgive()


def test_a_renewed_key_empties_the_old_overlay(
    new_reader: Callable[..., Reader], stripe: StripeStandIn
) -> None:
    reader, air = obs(new_reader)
    expect(air.locator("#recolte")).to_have_text("10,00 €")
    on_air.renew_overlay_key()
    expect(air.locator("#habillage")).to_be_hidden()
    # It goes on asking, and is refused: each time is a complaint.
    air.close()
    reader.forgive()
