"""Monthly gifts when something goes wrong: refusals, banks that ask, debits, lost and old news."""

import datetime as dt
import random
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from donations import stripe_client, tasks
from donations.models import Campaign, Donor, Gift, LedgerEntry, OutgoingEmail, Subscription
from donations.services import accounts, campaigns, events, monthly
from sandbox.stripe import StripeStandIn
from sandbox.stripe.checkout import IBAN_FAILS, IBAN_SUCCEEDS
from tests.donations.factories import month_with_lines
from tests.donations.monthly_steps import (
    DAY,
    begin,
    booked,
    books,
    letters,
    months_pass,
    promise,
    reference,
)
from tests.donations.pages import says
from tests.donations.steps import deliver, offer_debits, post_event, send_form, start

pytestmark = pytest.mark.django_db

LINKS = ("http", "href", "www.")


@pytest.fixture(autouse=True)
def budget() -> Campaign:
    return month_with_lines()


def state() -> tuple[str, int, bool]:
    subscription = promise()
    return subscription.status, subscription.failures, subscription.action_required


def test_a_refused_month_is_told_tried_again_and_paid(
    visitor: Client, stripe: StripeStandIn
) -> None:
    key = reference(stripe, begin(visitor, stripe, amount="12,50", cover_fee="on"))
    stripe.renew(key)
    stripe.decline_renewals(key, 1)
    stripe.renew(key)
    deliver(visitor, stripe)
    assert state() == ("past_due", 1, False)
    assert LedgerEntry.objects.filter(kind="gift").count() == 2
    (told,) = letters("monthly-failed:")
    assert (
        promise().next_payment_at.timestamp() == stripe.invoices_of(key)[-1]["next_payment_attempt"]
    )
    assert "12,95\u00a0€" in told.text
    assert "4242" in told.text
    assert f"    {urlsplit(settings.SITE_URL).netloc}/don/gerer\n" in told.text
    assert "Nous essaierons de nouveau le" in told.text
    assert told.html == ""
    assert not any(link in told.text for link in LINKS), told.text

    stripe.advance(3 * DAY)
    deliver(visitor, stripe)
    assert state() == ("active", 0, False)
    stripe.renew(key)
    deliver(visitor, stripe)
    assert booked().count(("gift", 1250)) == 4
    assert len(letters("monthly-failed:")) == 1
    assert promise().failed_at is not None, "the treasurer still sees that there was one"


def test_each_attempt_is_told_once_and_after_the_last_one_nothing_more_is_taken(
    visitor: Client, stripe: StripeStandIn
) -> None:
    key = reference(stripe, begin(visitor, stripe))
    deliver(visitor, stripe)
    stripe.decline_renewals(key, 10)
    stripe.renew(key)
    for days in (0, 3, 5, 7):
        stripe.advance(days * DAY)
        deliver(visitor, stripe)
        for event in stripe.events("invoice.payment_failed"):
            events.book(event["data"]["object"]["id"])
    subscription = promise()
    assert (subscription.status, subscription.ending) == ("ended", "unpaid")
    assert subscription.next_payment_at is None
    assert len(letters("monthly-failed:")) == 3, "the fourth refusal is told by the end itself"
    (told,) = letters("monthly-ended:")
    assert "Plus rien ne sera prélevé" in told.text
    assert not any(link in told.text for link in LINKS)
    assert booked() == [("gift", 1000)]
    assert Gift.objects.count() == 1, "a refused month is no gift"


def test_a_bank_that_asks_is_told_and_answered(visitor: Client, stripe: StripeStandIn) -> None:
    key = reference(stripe, begin(visitor, stripe, "4000002760003184"))
    deliver(visitor, stripe)
    stripe.renew(key)
    deliver(visitor, stripe)
    assert state() == ("past_due", 1, True)
    assert promise().hosted_invoice_url
    (told,) = letters("monthly-action:")
    assert "Votre banque demande votre accord" in told.text
    assert "3184" in told.text
    assert not any(link in told.text for link in LINKS)
    assert not letters("monthly-failed:")
    stripe.pay_invoice(stripe.invoices_of(key)[-1]["id"])
    deliver(visitor, stripe)
    assert state() == ("active", 0, False)
    assert promise().hosted_invoice_url == ""
    assert booked() == [("gift", 1000)] * 2


def test_a_debit_is_shown_as_under_way_and_counted_when_it_has_come(
    visitor: Client,
    stripe: StripeStandIn,
    budget: Campaign,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(accounts, "FEWEST_PEOPLE", 1)
    offer_debits()
    begin(visitor, stripe, IBAN_SUCCEEDS, amount="40")
    deliver(visitor, stripe)
    assert (Gift.objects.get().status, promise().status) == ("processing", "active")
    assert campaigns.expected().processing_cents == 4000
    assert not LedgerEntry.objects.exists()
    assert says(visitor.get("/don"), "En cours d’encaissement : 40,00 €")
    monkeypatch.setattr(accounts, "FEWEST_PEOPLE", 2)
    assert not says(visitor.get("/don"), "40,00 €"), "it would tell what one person gives"
    stripe.advance(6 * DAY)
    deliver(visitor, stripe)
    assert booked() == [("gift", 4000)]
    invoice = stripe.get(Gift.objects.get().invoice_id or "")
    occurred = LedgerEntry.objects.get(kind="gift").occurred_at.timestamp()
    assert occurred == invoice["status_transitions"]["paid_at"] > invoice["created"] + 4 * DAY
    assert (Gift.objects.get().status, Gift.objects.get().means) == ("succeeded", "sepa_debit")
    assert campaigns.expected().processing_cents == 0


def test_a_debit_that_bounces_is_told_and_tried_again(
    visitor: Client, stripe: StripeStandIn
) -> None:
    offer_debits()
    key = reference(stripe, begin(visitor, stripe, IBAN_FAILS))
    stripe.advance(6 * DAY)
    deliver(visitor, stripe)
    assert (Gift.objects.get().status, promise().status) == ("failed", "past_due")
    (told,) = letters("monthly-failed:")
    assert "sur le compte qui finit par 2607" in told.text
    assert not LedgerEntry.objects.exists()
    stripe.set_card(key, "4242424242424242")
    stripe.advance(4 * DAY)
    deliver(visitor, stripe)
    assert (Gift.objects.get().status, promise().status) == ("succeeded", "active")
    assert booked() == [("gift", 1000)]
    assert promise().last_four == "4242"


@pytest.mark.parametrize("seed", range(4))
def test_events_shuffled_repeated_and_lost_end_in_the_same_books(
    visitor: Client, stripe: StripeStandIn, seed: int
) -> None:
    chance = random.Random(seed)
    started = begin(visitor, stripe, cover_fee="on")
    key = reference(stripe, started)
    stripe.renew(key)
    stripe.refund(charge_of_month(stripe, stripe.invoices_of(key)[1]["id"]), 500)
    stripe.decline_renewals(key, 1)
    stripe.renew(key)
    stripe.advance(4 * DAY)
    stripe.renew(key)
    happened = stripe.events()
    chance.shuffle(happened)
    for event in happened + happened[:20]:
        if chance.random() < (0.0, 0.3, 0.7, 0.0)[seed]:
            continue
        assert post_event(visitor, stripe, event) == 200
        tasks.process_event(event["id"])
    for _ in range(3):
        months_pass()
        tasks.sweep()
    gifts = list(Gift.objects.order_by("paid_at"))
    assert [gift.status for gift in gifts] == ["succeeded"] * 4
    assert booked().count(("gift", 1000)) == booked().count(("fee_cover", 41)) == 4
    assert sum(cents for _kind, cents in booked()) == 4 * 1041 - 500
    assert promise().status == "active"
    assert Donor.objects.count() == 1


def test_with_every_event_lost_the_sweeper_ends_in_the_same_books(
    visitor: Client, stripe: StripeStandIn
) -> None:
    key = reference(stripe, begin(visitor, stripe, cover_fee="on"))
    for _ in range(3):
        stripe.renew(key)
    months_pass()
    tasks.sweep()
    assert Gift.objects.filter(status="succeeded").count() == 1, "the first look is at the page"
    months_pass()
    tasks.sweep()
    assert booked().count(("gift", 1000)) == 4
    seen = books()
    deliver(visitor, stripe)
    assert books() == seen, "late news changes nothing"
    stripe.renew(key)
    months_pass()
    tasks.sweep()
    assert booked().count(("gift", 1000)) == 5


def test_a_month_lost_between_two_that_came_is_found(
    visitor: Client, stripe: StripeStandIn
) -> None:
    key = reference(stripe, begin(visitor, stripe))
    deliver(visitor, stripe)
    stripe.renew(key)
    stripe.advance(2 * 3600)  # with all that its balance would tell
    lost = {event["id"] for event in stripe.events()}
    stripe.renew(key)
    for event in stripe.events():
        if event["id"] not in lost:
            assert post_event(visitor, stripe, event) == 200
            tasks.process_event(event["id"])
    assert booked() == [("gift", 1000)] * 2
    assert promise().next_payment_at < Gift.objects.latest("paid_at").paid_at + dt.timedelta(days=1)
    months_pass()
    tasks.sweep()
    assert booked() == [("gift", 1000)] * 3
    assert promise().next_payment_at > Gift.objects.latest("paid_at").paid_at


def test_a_lost_end_is_found_too(visitor: Client, stripe: StripeStandIn) -> None:
    key = reference(stripe, begin(visitor, stripe))
    stripe.renew(key)
    stripe.cancel_subscription(key)
    for _ in range(2):
        months_pass()
        tasks.sweep()
    assert booked().count(("gift", 1000)) == 2
    assert (promise().status, promise().ending) == ("ended", "stripe")
    assert promise().next_payment_at is None


def test_old_news_of_a_monthly_gift_never_overwrites_newer(
    visitor: Client, stripe: StripeStandIn
) -> None:
    key = reference(stripe, begin(visitor, stripe))
    deliver(visitor, stripe)
    old = stripe_client.subscription(key)
    stripe.decline_renewals(key, 1)
    stripe.renew(key)
    deliver(visitor, stripe)
    assert promise().status == "past_due"
    monthly.apply(old)
    assert promise().status == "past_due"
    stripe.cancel_subscription(key)
    deliver(visitor, stripe)
    monthly.apply(stripe_client.subscription(key))
    assert promise().status == "ended"


def test_a_refund_and_a_dispute_of_a_month_find_their_gift(
    visitor: Client, stripe: StripeStandIn
) -> None:
    key = reference(stripe, begin(visitor, stripe, cover_fee="on"))
    stripe.renew(key)
    stripe.renew(key)
    charges = [charge_of_month(stripe, invoice["id"]) for invoice in stripe.invoices_of(key)]
    refund = stripe.refund(charges[1])
    dispute = stripe.dispute(charges[2])
    # The news of the refund comes first, that of the month's payment last.
    for object_id in (refund["id"], dispute["id"], charges[0]):
        assert events.book(object_id) is not None, object_id
    assert Gift.objects.filter(status="succeeded").count() == 3
    deliver(visitor, stripe)
    gifts = {gift.charge_id: gift for gift in Gift.objects.all()}
    assert gifts[charges[1]].refunded_cents == 1041
    net = {
        charge: sum(
            gifts[charge].entries.exclude(kind="fee").values_list("amount_cents", flat=True)
        )
        for charge in charges
    }
    assert net == {charges[0]: 1041, charges[1]: 0, charges[2]: 0}


def charge_of_month(stripe: StripeStandIn, invoice_id: str) -> str:
    payment = stripe_client.payment_of(invoice_id)
    assert payment.charge is not None
    return payment.charge.charge_id


def test_an_abandoned_page_leaves_no_promise(visitor: Client, stripe: StripeStandIn) -> None:
    started = start(visitor, rhythm="monthly")
    stripe.expire(started.session)
    deliver(visitor, stripe)
    assert Gift.objects.get().status == "expired"
    assert (promise().status, promise().ending) == ("ended", "lapsed")
    assert not OutgoingEmail.objects.exists()


def test_a_promise_whose_page_never_opened_lapses(visitor: Client, stripe: StripeStandIn) -> None:
    stripe.fail(count=5, status=500)
    assert send_form(visitor, rhythm="monthly").status_code == 503
    long_ago = timezone.now() - dt.timedelta(days=2)
    Gift.objects.update(created_at=long_ago)
    Subscription.objects.update(created_at=long_ago)
    tasks.sweep()
    assert Subscription.objects.get().ending == "lapsed"
    assert Gift.objects.get().status == "expired"


def test_what_is_expected_is_said_apart_and_not_counted(
    visitor: Client,
    stripe: StripeStandIn,
    budget: Campaign,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(accounts, "FEWEST_PEOPLE", 1)
    begin(visitor, stripe, amount="12")
    deliver(visitor, stripe)
    assert campaigns.expected().count == 0, "the next one is next month's"
    paid_at = Gift.objects.get().paid_at
    Subscription.objects.update(next_payment_at=paid_at)
    assert (campaigns.expected().count, campaigns.expected().cents) == (1, 1200)
    html = visitor.get("/don").content.decode()
    assert "1 don mensuel attendu d’ici le" in html
    assert "12,00\u00a0€ (non compté)" in html
    assert campaigns.recompute_progress(budget.pk).raised_cents == 1200
