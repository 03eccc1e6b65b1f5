"""Monthly gifts at the treasurer's desk: seen, stopped, changed for somebody who calls."""

from collections.abc import Callable

import pytest
from django.test import Client

from donations.models import DonorAction, Gift, OutgoingEmail, Subscription
from sandbox.stripe import StripeStandIn
from tests.admin.html import form_of, text_of
from tests.admin.world import money, monthly
from tests.donations.factories import month_with_lines
from tests.donations.monthly_steps import begin, promise, reference
from tests.donations.steps import deliver

pytestmark = pytest.mark.django_db
LIST = "/admin/donations/subscription/"


@pytest.fixture
def running(visitor: Client, stripe: StripeStandIn) -> str:
    """A monthly gift of 10,00 € with fee cover; Stripe's id of it."""
    month_with_lines()
    key = reference(stripe, begin(visitor, stripe, cover_fee="on"))
    deliver(visitor, stripe)
    return key


def page(slug: str = "change") -> str:
    return f"{LIST}{promise().pk}/{slug}/"


def test_the_list_says_how_each_stands(treasurer: Client) -> None:
    late = monthly(money(1).donor, 1)
    monthly(money(2).donor, 2)
    Subscription.objects.filter(pk=late.pk).update(status="past_due", failures=2)
    words = text_of(treasurer.get(LIST))
    for told in ("En cours", "En retard", "10,00 €", "Donatrice 1", "Donatrice 2"):
        assert told in words, told
    words = text_of(treasurer.get(f"{LIST}?etat=en-retard"))
    assert "Donatrice 1" in words
    assert "Donatrice 2" not in words


def test_its_page_shows_the_months_and_edits_nothing(treasurer: Client, running: str) -> None:
    response = treasurer.get(page())
    words = text_of(response)
    for told in ("Carte", "4242", "10,00 €", "0,41 €", "10,41 €", "Encaissé", running):
        assert told in words, told
    assert not [name for name in form_of(response) if not name.startswith("gifts-")]
    assert treasurer.post(page(), {"amount_cents": "1"}).status_code == 403


def test_the_treasurer_stops_one_after_asking(
    treasurer: Client, stripe: StripeStandIn, running: str
) -> None:
    assert "Plus rien ne sera prélevé" in text_of(treasurer.get(page("arreter")))
    assert stripe.get(running)["status"] == "active"
    response = treasurer.post(page("arreter"), follow=True)
    assert "Ce don mensuel est arrêté" in text_of(response)
    assert stripe.get(running)["status"] == "canceled"
    assert (promise().status, promise().ending) == ("ended", "treasurer")
    action = DonorAction.objects.get()
    assert (action.text, action.made_by.username) == ("Don mensuel arrêté", "treasurer")
    letter = OutgoingEmail.objects.get(key=f"monthly-ended:{promise().pk}")
    assert "Plus rien ne sera prélevé" in letter.text
    assert "n’est pas en cours" in text_of(treasurer.post(page("arreter"), follow=True))
    assert DonorAction.objects.count() == 1


def test_the_treasurer_changes_the_amount(
    treasurer: Client, visitor: Client, stripe: StripeStandIn, running: str
) -> None:
    form = form_of(treasurer.get(page("montant")))
    assert (form["amount"], form["cover_fee"]) == ("10,00", "on")
    treasurer.post(page("montant"), {"amount": "15"})
    subscription = promise()
    assert (subscription.amount_cents, subscription.fee_cover_cents) == (1500, 0)
    action = DonorAction.objects.get()
    assert action.text == "Don mensuel\u00a0: 10,41\u00a0€ → 15,00\u00a0€"
    assert action.made_by.username == "treasurer"
    assert Gift.objects.get().amount_cents == 1000, "what was given stays"
    stripe.renew(running)
    deliver(visitor, stripe)
    assert Gift.objects.order_by("-paid_at")[0].total_cents == 1500
    assert DonorAction.objects.count() == 1


def test_amounts_out_of_bounds_are_explained(treasurer: Client, running: str) -> None:
    for typed in ("0,10", "99999999", "dix"):
        response = treasurer.post(page("montant"), {"amount": typed})
        assert response.status_code == 200
        assert form_of(response)["amount"] == typed
    assert promise().amount_cents == 1000


def test_stripe_out_of_order_changes_nothing(
    treasurer: Client, stripe: StripeStandIn, running: str
) -> None:
    for slug, data in (("arreter", {}), ("montant", {"amount": "15"})):
        stripe.fail(count=2, status=500)  # the call and its one retry
        assert "Stripe ne répond pas" in text_of(treasurer.post(page(slug), data))
    assert (promise().status, promise().amount_cents) == ("active", 1000)
    assert not DonorAction.objects.exists()


@pytest.mark.parametrize("role", ["editor", "moderator", "outsider"])
def test_others_neither_see_nor_do(staff: Callable[[str], Client], role: str) -> None:
    monthly(money().donor)
    client = staff(role)
    for address in (LIST, page(), page("arreter"), page("montant")):
        assert client.get(address).status_code in {302, 403}, address
        assert client.post(address, {"amount": "15"}).status_code in {302, 403}
    assert promise().amount_cents == 1000
