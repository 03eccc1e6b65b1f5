"""What is done to a monthly gift: another amount, another card, the end; and who is told."""

import threading

import pytest
from django.db import connections
from django.test import Client

from auposte.external import ExternalServiceError
from donations import stripe_client
from donations.models import Campaign, DonorAction, Gift, Subscription
from donations.services import monthly
from sandbox.stripe import StripeStandIn
from tests.donations.factories import month_with_lines
from tests.donations.monthly_steps import begin, booked, letters, promise, reference
from tests.donations.steps import deliver, start

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def budget() -> Campaign:
    return month_with_lines()


@pytest.fixture
def running(visitor: Client, stripe: StripeStandIn) -> str:
    """A monthly gift of 10,00 € without fee cover; Stripe's id of it."""
    key = reference(stripe, begin(visitor, stripe))
    deliver(visitor, stripe)
    return key


def amounts() -> tuple[int, int]:
    return promise().amount_cents, promise().fee_cover_cents


def test_the_fee_cover_comes_and_goes_with_the_amount(
    visitor: Client, stripe: StripeStandIn, running: str
) -> None:
    monthly.change_amount(promise(), 2000, True, "donor")
    assert amounts() == (2000, 56)
    stripe.renew(running)
    monthly.change_amount(promise(), 500, True, "donor")
    stripe.renew(running)
    monthly.change_amount(promise(), 500, False, "donor")
    stripe.renew(running)
    deliver(visitor, stripe)
    gifts = Gift.objects.order_by("paid_at").values_list("amount_cents", "fee_cover_cents")
    assert list(gifts) == [(1000, 0), (2000, 56), (500, 33), (500, 0)]
    assert sum(cents for _kind, cents in booked()) == 1000 + 2056 + 533 + 500
    texts = DonorAction.objects.order_by("pk").values_list("text", flat=True)
    assert texts[0] == "Don mensuel\u00a0: 10,00\u00a0€ → 20,56\u00a0€"
    assert len(texts) == 3
    assert DonorAction.objects.filter(made_by__isnull=False).count() == 0


def test_a_change_is_told_once_and_holds_from_the_next_month(
    visitor: Client, stripe: StripeStandIn, running: str
) -> None:
    before = promise().next_payment_at
    for _ in range(2):
        monthly.change_amount(promise(), 1500, False, "donor")
    deliver(visitor, stripe)
    assert booked() == [("gift", 1000)], "nothing is claimed or given back now"
    assert promise().next_payment_at == before
    (told,) = letters("monthly-amount:")
    for words in ("10,00\u00a0€ par mois", "il sera de 15,00\u00a0€", "/don/gerer"):
        assert words in told.text
    assert "http" not in told.text
    assert DonorAction.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_clicks_at_once_are_one_change(client: Client, stripe: StripeStandIn) -> None:
    key = reference(stripe, begin(client, stripe))
    deliver(client, stripe)
    subscription = promise()
    together = threading.Barrier(2)

    def click() -> None:
        try:
            together.wait()
            monthly.change_amount(subscription, 2000, True, "donor")
        finally:
            connections.close_all()

    clicks = [threading.Thread(target=click) for _ in range(2)]
    for each in clicks:
        each.start()
    for each in clicks:
        each.join()
    assert len(stripe.get(key)["items"]["data"]) == 2, "one gift and one fee cover"
    assert amounts() == (2000, 56)
    assert DonorAction.objects.count() == len(letters("monthly-amount:")) == 1


def test_a_change_whose_page_died_is_traced_by_its_event(
    visitor: Client, stripe: StripeStandIn, running: str
) -> None:
    stripe_client.change_amounts(running, amount_cents=700, fee_cover_cents=0, by=monthly.DONOR)
    assert amounts() == (1000, 0)
    deliver(visitor, stripe)
    assert amounts() == (700, 0)
    assert DonorAction.objects.count() == len(letters("monthly-amount:")) == 1


def test_stopping_is_told_once_and_ends_all(
    visitor: Client, stripe: StripeStandIn, running: str
) -> None:
    for _ in range(2):
        monthly.stop(promise(), "donor")
    deliver(visitor, stripe)
    subscription = promise()
    assert (subscription.status, subscription.ending) == ("ended", "donor")
    assert subscription.next_payment_at is None
    assert stripe.get(running)["status"] == "canceled"
    assert len(letters("monthly-ended:")) == DonorAction.objects.count() == 1
    assert booked() == [("gift", 1000)]


def test_stopping_what_stripe_has_ended_is_no_error(stripe: StripeStandIn, running: str) -> None:
    stripe.cancel_subscription(running)
    monthly.stop(promise(), "donor")
    assert (promise().status, promise().ending) == ("ended", "stripe")


def test_stripe_out_of_order_leaves_all_as_it_was(stripe: StripeStandIn, running: str) -> None:
    stripe.fail(count=2, status=500)
    with pytest.raises(ExternalServiceError):
        monthly.stop(promise(), "donor")
    stripe.fail(count=2, status=500)
    with pytest.raises(ExternalServiceError):
        monthly.change_amount(promise(), 1500, False, "donor")
    assert (promise().status, amounts()) == ("active", (1000, 0))
    assert not DonorAction.objects.exists()
    assert not letters("monthly-")


@pytest.mark.parametrize("cents", [0, -100, 99, 10**9])
def test_amounts_out_of_bounds_never_reach_stripe(
    stripe: StripeStandIn, running: str, cents: int
) -> None:
    asked = len(stripe.requests())
    with pytest.raises(ValueError, match="not an amount"):
        monthly.change_amount(promise(), cents, False, "donor")
    assert len(stripe.requests()) == asked


def test_what_has_not_begun_can_be_neither_changed_nor_shown_at_stripe(
    visitor: Client, stripe: StripeStandIn
) -> None:
    start(visitor, rhythm="monthly")
    with pytest.raises(ValueError, match="not running"):
        monthly.change_amount(promise(), 1500, False, "donor")
    assert monthly.stop(promise(), "donor").status == Subscription.Status.PENDING
    assert monthly.portal_address(promise(), "http://127.0.0.1/don/gerer") is None


def test_the_portal_opens_for_a_gift_and_for_a_donor(stripe: StripeStandIn, running: str) -> None:
    subscription = promise()
    assert subscription.donor is not None
    for whose in (subscription, subscription.donor):
        address = monthly.portal_address(whose, "http://127.0.0.1/don/gerer")
        assert address is not None
        assert address.startswith(f"{stripe.url}/p/session/")


def test_a_card_changed_at_stripe_is_seen(
    visitor: Client, stripe: StripeStandIn, running: str
) -> None:
    stripe.set_card(running, "5555555555554444")
    deliver(visitor, stripe)
    assert promise().last_four == "4444"


def test_an_end_at_the_months_end_expects_nothing_more(
    visitor: Client, stripe: StripeStandIn, running: str
) -> None:
    stripe.cancel_subscription(running, at_period_end=True)
    deliver(visitor, stripe)
    assert (promise().status, promise().next_payment_at) == ("active", None)
    stripe.advance(32 * 86_400)
    deliver(visitor, stripe)
    assert (promise().status, promise().ending) == ("ended", "stripe")
    assert booked() == [("gift", 1000)]
