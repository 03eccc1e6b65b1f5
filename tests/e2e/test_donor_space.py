"""A donor comes in by a link from a letter, changes a monthly gift, stops it, and is erased."""

from __future__ import annotations

import itertools
import re

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from donations.models import Donor, OutgoingEmail, Subscription
from sandbox.stripe import StripeStandIn
from tests.axe import CONTRAST, assert_accessible
from tests.donations.steps import start
from tests.e2e import demo
from tests.e2e.reader import Reader
from tests.e2e.test_public_pages import (
    ALL_WIDTHS,
    SCHEMES,
    SHOTS,
    STICKS_OUT,
    WIDTHS,
    dress,
)
from tests.processes import wait_until

pytestmark = pytest.mark.browser

EMAIL = "lectrice@example.org"


def look_at(page: Page, name: str) -> None:
    """Fits any screen, axe finds nothing; and a picture of it, for people to look at."""
    page.wait_for_load_state()  # its styles, too
    for width in ALL_WIDTHS:
        dress(page, width, "light")
        assert not page.evaluate(STICKS_OUT), f"{name} at {width} pixels"
    assert_accessible(page, f"{name} light")
    dress(page, 1280, "dark")
    assert_accessible(page, f"{name} dark", options=CONTRAST)
    SHOTS.mkdir(parents=True, exist_ok=True)
    for width, scheme in itertools.product(WIDTHS, SCHEMES):
        dress(page, width, scheme)
        page.screenshot(path=SHOTS / f"{name}-{width}-{scheme}.png", full_page=True)


def letter_link() -> str:
    """The path in the letter that the worker wrote; no beat runs here to empty it."""
    letters = OutgoingEmail.objects.filter(key__startswith="link:")
    wait_until(letters.exists, "the worker to write a link")
    found = re.search(r"/don/gerer/[\w-]{43}", letters.order_by("-pk").values_list("text")[0][0])
    assert found
    return found[0]


def test_a_monthly_gift_is_changed_stopped_and_forgotten(
    reader: Reader, stripe: StripeStandIn
) -> None:
    giver = Client()
    words = {"show_name": "on", "public_name": "Jeanne", "email": EMAIL}
    stripe.pay(start(giver, rhythm="monthly", cover_fee="on", **words).session)
    demo.drain(stripe)

    page = reader.open("/don")
    page.get_by_role("main").get_by_role("link", name="Gérer mes dons").click()
    page.wait_for_url("**/don/gerer")
    look_at(page, "gerer")
    page.get_by_label("Adresse électronique").fill("Lectrice@example.org")
    page.get_by_role("button", name="Recevoir mon lien").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Regardez vos courriels")

    reader.go(page, letter_link())
    page.get_by_role("button", name="Entrer dans mon espace").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Vos dons")
    expect(page.locator("main")).to_contain_text("Carte qui finit par 4242")
    look_at(page, "gerer-espace")

    page.get_by_role("button", name="Changer de carte, chez Stripe").click()
    page.wait_for_url(f"{stripe.url}/**")
    page.go_back()

    page.get_by_role("link", name="Changer le montant").click()
    page.get_by_label("Montant, en euros").fill("12,50")
    look_at(page, "gerer-montant")
    page.get_by_role("button", name="Changer le montant").click()
    expect(page.get_by_role("status")).to_contain_text("Le nouveau montant vaut")
    expect(page.locator("article")).to_contain_text("12,50 € par mois")

    page.get_by_role("link", name="Changer le nom affiché du don").click()
    page.get_by_label("J’affiche mon nom").uncheck()
    page.get_by_role("button", name="Enregistrer").click()
    expect(page.get_by_role("status")).to_contain_text("Votre nom n’est plus affiché.")

    page.get_by_role("link", name="Arrêter").click()
    page.wait_for_url("**/arreter")
    look_at(page, "gerer-arreter")
    page.get_by_role("button", name="Arrêter maintenant").click()
    expect(page.get_by_role("status")).to_contain_text("Plus rien ne sera prélevé.")
    assert Subscription.objects.get().ending == "donor"

    page.get_by_role("link", name="Tout effacer…").click()
    page.wait_for_url("**/effacer")
    look_at(page, "gerer-effacer")
    page.get_by_label("Tapez").fill("effacer")
    page.get_by_role("button", name="Tout effacer").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("C’est effacé")
    assert not Donor.objects.filter(email=EMAIL).exists()
    demo.drain(stripe)


def test_the_slip_is_one_sheet(reader: Reader) -> None:
    page = reader.open("/don/bulletin")
    look_at(page, "don-bulletin")
    SHOTS.mkdir(parents=True, exist_ok=True)
    sheet = page.pdf(path=SHOTS / "don-bulletin.pdf", format="A4")
    assert len(re.findall(rb"/Type\s*/Page\b", sheet)) == 1
