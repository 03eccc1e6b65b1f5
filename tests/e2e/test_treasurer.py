"""The treasurer's pages in the browser, and what they put above an episode."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.utils import timezone
from playwright.sync_api import Page, expect

from broadcasts.models import Broadcast
from donations.demo.campaign import seed_past_months
from donations.models import BudgetLine, Campaign, Gift
from donations.services.campaigns import paris_day, recompute_progress
from donations.services.offline import record_offline_gift
from sandbox.stripe import StripeStandIn
from tests.axe import assert_accessible
from tests.e2e.public_pages import EPISODE
from tests.e2e.reader import Reader
from tests.e2e.steps import fill_in, go_and_give, pay_by_card, till
from tests.e2e.test_public_pages import WIDTHS, dress
from tests.environment import ARTIFACTS, ROOT

pytestmark = pytest.mark.browser

PASSWORD = "un-secret-assez-long"
FILES = ROOT / "tests" / "payloads" / "donations"
SHOTS: Path = ARTIFACTS / "admin"


@pytest.fixture
def treasurer(site: str) -> Iterator[User]:
    user = User.objects.create_superuser("maud", password=PASSWORD)
    yield user
    user.delete()


def sign_in(reader: Reader, path: str) -> Page:
    page = reader.open(path)
    page.get_by_label("Nom d’utilisateur").fill("maud")
    page.get_by_label("Mot de passe").fill(PASSWORD)
    page.get_by_role("button", name="Connexion").click()
    page.wait_for_url(f"**{path}")
    return page


def look(page: Page, name: str) -> None:
    """On a telephone and on a desk, by day and by night."""
    page.wait_for_load_state()  # its styles, too
    for width, scheme in ((360, "dark"), (1280, "light")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        SHOTS.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=SHOTS / f"{name}-{width}-{scheme}.png", full_page=True)
        assert_accessible(page, name, within="#content")


def test_a_cheque_is_recorded_and_taken_back(
    reader: Reader, treasurer: User, stripe: StripeStandIn
) -> None:
    page = sign_in(reader, "/admin/donations/gift/add/")
    expect(page.get_by_role("heading", level=1)).to_have_text("Enregistrer un don hors ligne")
    look(page, "don-hors-ligne")
    page.get_by_label("Chèque").check()
    page.get_by_label("Montant (€)").fill("12,50")
    page.get_by_label("Reçu le").fill(paris_day().isoformat())
    page.locator(".field-donor .select2-selection").click()
    page.locator(".select2-search__field").last.fill("Oriot")
    page.get_by_role("option", name="Camille Oriot").click()
    page.get_by_role("button", name="Enregistrer le don").click()
    expect(page.locator(".messagelist")).to_contain_text("Don de 12,50 € enregistré")
    page.get_by_role("link", name="Annuler ce don").click()
    look(page, "don-annuler")
    page.get_by_label("Raison").fill("Chèque sans provision")
    page.get_by_role("button", name="Annuler ce don").click()
    expect(page.locator(".messagelist")).to_contain_text("par une écriture contraire")
    # The worker moves the bar by itself.
    expect(till(reader.open("/"))).to_contain_text("10,00 € récoltés")


def test_a_file_is_tried_and_taken_in(
    reader: Reader, treasurer: User, stripe: StripeStandIn
) -> None:
    page = sign_in(reader, "/admin/donations/giftimport/add/")
    look(page, "import")
    page.get_by_label("Fichier CSV").set_input_files(FILES / "helloasso.csv")
    page.get_by_role("button", name="Essayer à blanc").click()
    expect(page.locator(".import-report")).to_contain_text("rien n’est inscrit")
    look(page, "import-essai")
    page.get_by_label("Fichier CSV").set_input_files(FILES / "helloasso.csv")
    page.get_by_role("button", name="Importer pour de bon").click()
    expect(page.locator(".import-report")).to_contain_text("Import fait")
    look(page, "import-fait")
    assert Gift.objects.filter(means="helloasso").count() == 4
    reader.go(page, "/admin/donations/campaign/")
    look(page, "campagnes")
    page.get_by_role("button", name="Préparer le mois suivant").click()
    expect(page.locator(".messagelist")).to_contain_text("est prête")
    look(page, "campagne-a-venir")
    past = Campaign.objects.order_by("starts_on")[0]
    reader.go(page, f"/admin/donations/campaign/{past.pk}/change/")
    look(page, "campagne-passee")


def test_an_episode_shows_its_collection(reader: Reader, stripe: StripeStandIn) -> None:
    today = paris_day()
    collection = Campaign.objects.create(
        title="Un camion pour la route",
        kind="special",
        starts_on=today,
        ends_on=today + dt.timedelta(days=9),
    )
    collection.broadcasts.add(Broadcast.objects.get(slug=EPISODE))
    for position, (label, cents) in enumerate((("Moteur", 500_000), ("Antenne", 200_000)), 1):
        BudgetLine.objects.create(
            campaign=collection, position=position, label=label, amount_cents=cents
        )
    record_offline_gift(
        key="camion", amount_cents=123_400, occurred_at=timezone.now(), collection=collection
    )
    recompute_progress(collection.pk)
    page = reader.open(f"/emissions/{EPISODE}")
    expect(till(page)).to_contain_text("Un camion pour la route : 1 234,00 € récoltés")
    till(page).click()
    for width in WIDTHS:
        dress(page, width, "light")
        assert_accessible(page, f"{width}")
        page.screenshot(path=SHOTS.parent / f"collecte-{width}.png")
    go_and_give(page)
    expect(page.locator("main")).to_contain_text("Votre don va à la collecte")
    fill_in(page)
    pay_by_card(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci. Vos 10,00 € sont arrivés.")
    expect(till(page)).to_contain_text("Un camion pour la route : 1 244,00 € récoltés")


def test_provisions_tell_what_they_have_saved(reader: Reader, stripe: StripeStandIn) -> None:
    seed_past_months(now=timezone.now())
    page = reader.open("/")
    till(page).click()
    project = page.locator("#collecte li").filter(has_text="Projet")
    expect(project).to_contain_text("5 090,00 € mis de côté depuis")
    for width in WIDTHS:
        dress(page, width, "dark")
        assert_accessible(page, f"{width}")
        page.screenshot(path=SHOTS.parent / f"provisions-{width}.png")
