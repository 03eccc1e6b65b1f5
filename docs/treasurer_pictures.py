"""The pages of docs/treasurer.md, and the gifts that fill them.

Everything comes in by the doors that people use: the giving form and Stripe's page, the admin's
forms. What only Stripe or a bank can do, its stand-in is asked for.
"""

from __future__ import annotations

import datetime as dt
import json
import time
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page

CARD, DECLINED = "4242 4242 4242 4242", "4000 0000 0000 0002"
FILES = Path(__file__).resolve().parent.parent / "tests" / "payloads" / "donations"
PATIENCE_MS = 60_000

# The pages of Stripe's stand-in that were paid, by the giver's address.
paid: dict[str, str] = {}


def stripe(page: Page, action: str, **params: str) -> None:
    """Have the stand-in do what a bank or the dashboard does (`sandbox/stripe/controls.py`)."""
    address = urllib.parse.urlsplit(page.url)
    # The supervisor puts it on the port after the site's.
    url = f"http://{address.hostname}:{(address.port or 80) + 1}/_/{action}"
    body = urllib.parse.urlencode(params).encode()
    with urllib.request.urlopen(url, body, timeout=30) as answer:  # our own machine
        json.loads(answer.read())


def give(
    page: Page,
    site: str,
    *,
    email: str,
    amount: str,
    monthly: bool = False,
    cover: bool = False,
    name: str = "",
    declined_first: bool = False,
) -> None:
    """A gift by card, from the form to the thanks."""
    page.goto(f"{site}/don")
    if monthly:
        page.get_by_text("Chaque mois", exact=True).first.click()
    page.get_by_label("Montant, en euros").fill(amount)
    page.get_by_label("Adresse électronique").fill(email)
    if cover:
        page.locator("#id_cover_fee").check()
    if name:
        page.locator("#id_show_name").check()
        page.locator("#id_public_name").fill(name)
    # Whoever fills it in faster than this is held for a machine.
    page.wait_for_timeout(3_500)
    page.locator("#don button[type=submit]").click()
    page.locator("#pay-card").wait_for(timeout=PATIENCE_MS)
    paid[email] = page.url.rsplit("/", 1)[-1].split("?")[0].split("#")[0]
    if declined_first:
        page.get_by_label("Numéro de carte").fill(DECLINED)
        page.locator("#pay-card").click()
        page.locator("#pay-card").wait_for()
    page.get_by_label("Numéro de carte").fill(CARD)
    page.locator("#pay-card").click()
    page.get_by_role("heading", name="Merci").wait_for(timeout=PATIENCE_MS)


def wait_for_row(page: Page, address: str, text: str) -> None:
    """Open a list of the admin until it shows this: the worker does its part meanwhile."""
    row = page.locator("#result_list tbody tr", has_text=text).first
    for _ in range(60):
        page.goto(address)
        if row.count():
            return
        page.wait_for_timeout(1_000)
    raise TimeoutError(f"{address} never showed {text}")


def open_gift(page: Page, site: str, email: str) -> None:
    page.goto(f"{site}/admin/donations/gift/?q={email}")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("heading", level=1).wait_for()


# --- What is shown, in this order -------------------------------------------------------------


def till(page: Page, site: str) -> None:
    """The bar, opened, after a few gifts."""
    for gift in (
        {"email": "jeanne.vasseur@example.org", "amount": "50", "cover": True, "name": "Jeanne"},
        {"email": "sam.leroux@example.org", "amount": "20", "declined_first": True},
        {"email": "ines.kaci@example.org", "amount": "35", "name": "Inès"},
        {"email": "paul.marchand@example.org", "amount": "15", "monthly": True},
        {"email": "nour.haddad@example.org", "amount": "8", "monthly": True, "cover": True},
    ):
        give(page, site, **gift)
    page.goto(f"{site}/don")
    page.locator("#collecte summary").click()


def offline(page: Page, site: str) -> None:
    """A cheque, as it is being recorded."""
    page.goto(f"{site}/admin/donations/gift/add/")
    page.get_by_label("Chèque").check()
    page.get_by_label("Montant (€)").fill("120")
    page.get_by_label("Reçu le").fill(dt.date.today().isoformat())  # noqa: DTZ011  # as typed
    page.locator("#id_name").fill("Solange Périer")
    page.locator("#id_street").fill("4, impasse des Tilleuls")
    page.locator("#id_postal_code").fill("63000")
    page.locator("#id_city").fill("Clermont-Ferrand")


def imported(page: Page, site: str) -> None:
    """The report of a dry run. First the cheque before it is recorded."""
    page.get_by_role("button", name="Enregistrer le don").click()
    page.locator(".messagelist").wait_for()
    page.goto(f"{site}/admin/donations/giftimport/add/")
    page.get_by_label("Fichier CSV").set_input_files(FILES / "helloasso.csv")
    page.get_by_role("button", name="Essayer à blanc").click()
    page.locator(".import-report").wait_for()


def refund(page: Page, site: str) -> None:
    """Half of a gift is about to go back."""
    open_gift(page, site, "jeanne.vasseur@example.org")
    page.get_by_role("link", name="Rembourser").click()
    page.get_by_label("Somme à rembourser").fill("25")
    page.get_by_label("Raison").fill("S’est trompée d’un zéro")
    page.get_by_role("button", name="Continuer").click()
    page.locator(".refund-split").wait_for()


def time_line(page: Page, site: str) -> None:
    """What has become of that gift."""
    page.get_by_role("button", name="Rembourser").click()
    page.locator(".messagelist").wait_for()
    page.wait_for_timeout(5_000)  # Stripe tells its fee, the letters leave
    open_gift(page, site, "jeanne.vasseur@example.org")
    page.locator("#time-line").scroll_into_view_if_needed()
    page.evaluate("document.querySelector('.time-line').scrollIntoView()")


def disputes(page: Page, site: str) -> None:
    stripe(page, "dispute", charge=paid["sam.leroux@example.org"], reason="unrecognized")
    stripe(page, "fraud-warning", charge=paid["ines.kaci@example.org"])
    wait_for_row(page, f"{site}/admin/donations/dispute/", "Répondre")
    wait_for_row(page, f"{site}/admin/donations/fraudwarning/", "volée")
    page.goto(f"{site}/admin/donations/dispute/")


def start(page: Page, site: str) -> None:
    """The start page, with what waits for the treasurer."""
    page.goto(f"{site}/admin/")


def monthly(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/donations/subscription/")
    page.locator("#result_list tbody tr", has_text="nour").locator("th a").click()
    page.get_by_role("link", name="Arrêter").wait_for()


def campaign(page: Page, site: str) -> None:
    """The running month with its lines."""
    page.goto(f"{site}/admin/donations/campaign/")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("heading", level=1).wait_for()


def issuer(page: Page, site: str) -> None:
    """The entity whose name stands on receipts, as it is being described."""
    page.goto(f"{site}/admin/donations/receiptissuer/add/")
    for field, words in (
        ("name", "Les Amis d’Au Poste"),
        ("legal_form", "association loi 1901"),
        ("purpose", "Soutenir une information libre et en direct"),
        ("siren", "W751234567"),
        ("street", "12, rue du Poste"),
        ("postal_code", "75020"),
        ("city", "Paris"),
        ("signatory", "Maud Terrier"),
        ("signatory_role", "trésorière"),
    ):
        page.locator(f"#id_{field}").fill(words)
    page.locator("#id_is_default").check()


def receipts(page: Page, site: str) -> None:
    """The year's page, after its attestations were made."""
    page.get_by_role("button", name="Enregistrer", exact=True).click()
    page.locator(".messagelist").wait_for()
    year = dt.date.today().year  # noqa: DTZ011  # the demonstration's own
    page.goto(f"{site}/admin/donations/receipt/annee/{year}/")
    page.get_by_role("button", name="Lancer").last.click()
    page.get_by_text("Terminée").first.wait_for(timeout=PATIENCE_MS)
    page.goto(f"{site}/admin/donations/receipt/annee/{year}/")


def reconciliation(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/donations/reconciliationrun/")
    page.get_by_role("button", name="Rapprocher").click()
    wait_for_row(page, f"{site}/admin/donations/reconciliationrun/", "0,00")


def ledger(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/donations/ledgerentry/")


def accounts(page: Page, site: str) -> None:
    """What everybody sees: all months, with their chart."""
    page.goto(f"{site}/transparence")


def erasing(page: Page, site: str) -> None:
    page.goto(f"{site}/admin/donations/donor/?q=nour.haddad")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("link", name="Effacer").click()
    page.get_by_role("heading", level=1).wait_for()


def payout(page: Page, site: str) -> None:
    """What Stripe has sent to the bank, line by line."""
    # Card payments become available some days later: Stripe's clock moves there.
    stripe(page, "payout", at=str(int(time.time()) + 8 * 86_400))
    wait_for_row(page, f"{site}/admin/donations/payout/", "Accordé")
    page.locator("#result_list tbody th a").first.click()
    page.get_by_role("heading", level=1).wait_for()


SHOTS: dict[str, Callable[[Page, str], None]] = {
    "jauge": till,
    "hors-ligne": offline,
    "import": imported,
    "rembourser": refund,
    "don": time_line,
    "litiges": disputes,
    "accueil": start,
    "mensuel": monthly,
    "campagne": campaign,
    "entite": issuer,
    "recus": receipts,
    "rapprochement": reconciliation,
    "grand-livre": ledger,
    "transparence": accounts,
    "effacer": erasing,
    "virement": payout,
}
