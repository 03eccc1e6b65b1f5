"""What people do in the browser, by the labels that they see."""

from __future__ import annotations

from playwright.sync_api import Locator, Page, expect

SUCCEEDS = "4242 4242 4242 4242"
DECLINED = "4000 0000 0000 0002"
ASKS_THE_BANK = "4000 0027 6000 3184"

NOTHING_GIVEN = "10,00 € récoltés / objectif 30 000,00 € (0,03 %) – 1 donateur·ice"
TEN_GIVEN = "20,00 € récoltés / objectif 30 000,00 € (0,06 %) – 2 donateur·ices"


MOST_STOPS = 150
HAS_FOCUS = "element => element === document.activeElement"


def tab_to(page: Page, there: Locator, key: str = "Tab") -> None:
    """Walk there from where the focus is, as somebody without a mouse does."""
    for _ in range(MOST_STOPS):
        page.keyboard.press(key)
        if there.evaluate(HAS_FOCUS):
            return
    raise AssertionError(f"no {key} leads to {there}")


def till(page: Page) -> Locator:
    """The fundraising's one line, above the episode."""
    return page.locator("#collecte summary")


def lines(page: Page) -> Locator:
    """The budget lines that open below it."""
    return page.locator("#collecte details")


def go_and_give(page: Page) -> None:
    """From wherever one is, by the link in the header."""
    page.get_by_role("banner").get_by_role("link", name="Adonnez-vous").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Adonnez-vous !")


def fill_in(
    page: Page,
    *,
    amount: str = "10",
    email: str = "lectrice@example.org",
    button: str = "Continuer vers le paiement",
) -> None:
    """The giving form, up to Stripe's page."""
    page.get_by_label("Montant, en euros").fill(amount)
    page.get_by_label("Adresse électronique").fill(email)
    page.get_by_role("button", name=button, exact=True).click()


def pay_by_card(page: Page, number: str = SUCCEEDS) -> None:
    """On Stripe's page."""
    page.get_by_label("Numéro de carte").fill(number)
    page.locator("#pay-card").click()


def pay_by_debit(page: Page) -> None:
    """On Stripe's page, with an IBAN whose debit settles later."""
    page.locator("#pay-sepa").click()


def confirm_at_the_bank(page: Page) -> None:
    """Answer the 3-D Secure challenge."""
    page.get_by_role("button", name="Confirmer le paiement").click()


def see_thanks(page: Page) -> None:
    """What came of 10 € beside the demonstration's 10 €."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Merci. Vos 10,00 € sont arrivés.")
    expect(page.locator("main")).to_contain_text(
        "Encore 1 880,00 € et le palier Loyer est franchi."
    )


def back_to_the_episode(page: Page) -> None:
    page.get_by_role("main").get_by_role("link", name="Revenir à l’émission").click()
