"""From an episode to Stripe's page and back: what a giver sees, and the bar that moves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from donations.models import Gift, LedgerEntry, Subscription
from sandbox.stripe import StripeStandIn
from tests.e2e import demo, steps
from tests.e2e.reader import Reader
from tests.e2e.steps import NOTHING_GIVEN, TEN_GIVEN, till

pytestmark = pytest.mark.browser

EPISODE = "/emissions/ia-le-progres-version-mad-max"
POLL_MS = 20_000
# How far from the heading's left edge the words of the thanks begin, in pixels.
LEFT_EDGES = """() => {
  const start = element => {
    const range = document.createRange()
    range.selectNodeContents(element)
    return range.getBoundingClientRect().left
  }
  const heading = start(document.querySelector("main h1"))
  const words = document.querySelectorAll("main h1 ~ p:not(.actions)")
  return [...new Set([...words].map(p => Math.round(start(p) - heading)))]
}"""


@pytest.fixture(params=[True, False], ids=["with JavaScript", "without JavaScript"])
def giver(request: pytest.FixtureRequest, new_reader: Callable[..., Reader]) -> Reader:
    return new_reader(java_script_enabled=request.param)


def given_cents() -> int:
    """What the ledger holds beside the demonstration's own gift."""
    return LedgerEntry.objects.raised().total_cents() - 1000


def test_ten_euros_move_the_bar(giver: Reader, stripe: StripeStandIn) -> None:
    page = giver.open(EPISODE)
    expect(till(page)).to_have_text(NOTHING_GIVEN)
    steps.go_and_give(page)
    expect(page.locator("main")).to_contain_text("Depuis l’émission")
    steps.fill_in(page)
    steps.pay_by_card(page)
    steps.see_thanks(page)
    page.wait_for_load_state()
    assert page.evaluate(LEFT_EDGES) == [0]
    expect(till(page)).to_have_text(TEN_GIVEN)
    demo.drain(stripe)
    steps.back_to_the_episode(page)
    expect(page).to_have_url(EPISODE)
    expect(till(page)).to_have_text(TEN_GIVEN)
    assert Gift.objects.get(channel=Gift.Channel.STRIPE).broadcast.get_absolute_url() == EPISODE
    assert given_cents() == 1000


def test_a_page_left_open_sees_the_gift_of_another(reader: Reader, stripe: StripeStandIn) -> None:
    watching = reader.context.new_page()
    watching.clock.install()
    reader.go(watching, EPISODE)
    till(watching).click()
    expect(till(watching)).to_have_text(NOTHING_GIVEN)
    watching.evaluate("document.body.dataset.stayed = 'yes'")

    giving = reader.open(EPISODE)
    steps.go_and_give(giving)
    steps.fill_in(giving)
    steps.pay_by_card(giving)
    steps.see_thanks(giving)
    demo.drain(stripe)

    watching.clock.fast_forward(POLL_MS + 1000)
    expect(till(watching)).to_have_text(TEN_GIVEN)
    expect(steps.lines(watching)).to_have_attribute("open", "")
    expect(watching.locator("#collecte li.current")).to_contain_text("20,00 € sur 1 900,00 €")
    expect(till(watching)).to_be_focused()
    expect(watching.locator("body")).to_have_attribute("data-stayed", "yes")


def test_a_declined_card_can_be_followed_by_a_good_one(
    giver: Reader, stripe: StripeStandIn
) -> None:
    page = giver.open(EPISODE)
    steps.go_and_give(page)
    steps.fill_in(page)
    steps.pay_by_card(page, steps.DECLINED)
    expect(page.get_by_role("alert")).to_contain_text("Votre carte a été refusée.")
    demo.drain(stripe)
    assert given_cents() == 0
    steps.pay_by_card(page)
    steps.see_thanks(page)
    demo.drain(stripe)
    steps.back_to_the_episode(page)
    expect(till(page)).to_have_text(TEN_GIVEN)
    assert given_cents() == 1000


def test_a_bank_that_asks_is_answered(giver: Reader, stripe: StripeStandIn) -> None:
    page = giver.open(EPISODE)
    steps.go_and_give(page)
    steps.fill_in(page)
    steps.pay_by_card(page, steps.ASKS_THE_BANK)
    steps.confirm_at_the_bank(page)
    steps.see_thanks(page)
    demo.drain(stripe)
    steps.back_to_the_episode(page)
    expect(till(page)).to_have_text(TEN_GIVEN)


def test_who_turns_back_has_paid_nothing(giver: Reader, stripe: StripeStandIn) -> None:
    page = giver.open(EPISODE)
    steps.go_and_give(page)
    steps.fill_in(page, amount="12,50")
    page.get_by_role("link", name="Annuler et revenir au site").click()
    expect(page.locator("main")).to_contain_text("Rien n’a été prélevé.")
    expect(page.get_by_label("Montant, en euros")).to_have_value("12,50")
    expect(till(page)).to_have_text(NOTHING_GIVEN)
    page.locator("main header").get_by_role("link").click()
    expect(page).to_have_url(EPISODE)
    expect(till(page)).to_have_text(NOTHING_GIVEN)
    demo.drain(stripe)
    assert given_cents() == 0


def test_a_debit_counts_once_the_bank_has_confirmed(giver: Reader, stripe: StripeStandIn) -> None:
    page = giver.open(EPISODE)
    steps.go_and_give(page)
    steps.fill_in(page)
    steps.pay_by_debit(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("Votre banque doit encore confirmer.")
    demo.drain(stripe)
    steps.back_to_the_episode(page)
    expect(till(page)).to_have_text(NOTHING_GIVEN)
    assert given_cents() == 0

    stripe.settle(Gift.objects.get(status=Gift.Status.PROCESSING).checkout_session_id)
    demo.drain(stripe)
    page.go_back()
    page.reload()
    steps.see_thanks(page)
    steps.back_to_the_episode(page)
    expect(till(page)).to_have_text(TEN_GIVEN)
    assert given_cents() == 1000


def test_a_form_with_mistakes_keeps_what_was_typed(giver: Reader, stripe: StripeStandIn) -> None:
    page = giver.open("/don")
    steps.fill_in(page, amount="dix", email="lectrice@")
    trouble = page.get_by_role("alert")
    expect(trouble).to_contain_text("Écrivez le montant en chiffres")
    expect(trouble).to_contain_text("Cette adresse électronique est incomplète.")
    expect(page.get_by_label("Montant, en euros")).to_have_value("dix")
    steps.fill_in(page)
    steps.pay_by_card(page)
    steps.see_thanks(page)


def test_a_monthly_gift_is_given_renewed_and_counted(giver: Reader, stripe: StripeStandIn) -> None:
    page = giver.open(EPISODE)
    steps.go_and_give(page)
    page.locator("label", has_text="Chaque mois").click()
    steps.fill_in(page, button="Continuer vers le don par mois")
    expect(page.locator("main")).to_contain_text("par mois")
    steps.pay_by_card(page)
    steps.see_thanks(page)
    expect(page.locator("main")).to_contain_text("C’est un don de chaque mois")
    expect(till(page)).to_have_text(TEN_GIVEN)
    demo.drain(stripe)
    subscription = Subscription.objects.get()
    assert subscription.status == Subscription.Status.ACTIVE
    assert given_cents() == 1000

    stripe.renew(subscription.subscription_id)
    demo.drain(stripe)
    assert given_cents() == 2000
    assert Gift.objects.filter(subscription=subscription, status="succeeded").count() == 2
    steps.back_to_the_episode(page)
    # The renewal came a month later: it is not this month's.
    expect(till(page)).to_have_text(TEN_GIVEN)
