"""Monthly gifts, from the form to the months that follow: what is booked, when, in which month."""

import datetime as dt

import pytest
from django.test import Client

from donations.models import Campaign, Donor, Gift, LedgerEntry, OutgoingEmail
from donations.services import campaigns
from sandbox.stripe import StripeStandIn
from tests.donations.factories import month_with_lines
from tests.donations.monthly_steps import begin, booked, promise, reference
from tests.donations.steps import deliver, start

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def budget() -> Campaign:
    return month_with_lines()


def test_the_form_writes_a_promise_and_its_first_gift(
    visitor: Client, stripe: StripeStandIn
) -> None:
    started = start(visitor, rhythm="monthly", amount="10", cover_fee="on")
    gift, subscription = Gift.objects.get(), promise()
    assert (gift.kind, gift.status, gift.subscription) == ("monthly", "pending", subscription)
    assert (subscription.status, subscription.amount_cents) == ("pending", 1000)
    assert subscription.fee_cover_cents == gift.fee_cover_cents == 41
    session = stripe.get(started.session)
    assert (session["mode"], session["amount_total"]) == ("subscription", 1041)
    assert session["payment_method_types"] == ["card"], "debits are behind a setting"
    assert session["metadata"] == {
        "gift": str(gift.pk),
        "subscription": str(subscription.pk),
        "fee_cover_cents": "41",
    }
    assert not Donor.objects.exists()


def test_the_first_month_is_booked_from_its_invoice(visitor: Client, stripe: StripeStandIn) -> None:
    started = begin(visitor, stripe, cover_fee="on")
    invoice = stripe.invoices_of(reference(stripe, started))[0]
    deliver(visitor, stripe)
    gift, subscription = Gift.objects.get(), promise()
    assert booked() == [("gift", 1000), ("fee_cover", 41)]
    assert gift.paid_at.timestamp() == invoice["status_transitions"]["paid_at"]
    assert LedgerEntry.objects.first().occurred_at == gift.paid_at
    assert (gift.status, gift.invoice_id, gift.means) == ("succeeded", invoice["id"], "card")
    assert (subscription.status, subscription.last_four) == ("active", "4242")
    assert subscription.donor == gift.donor == Donor.objects.get()
    assert subscription.next_payment_at - gift.paid_at > dt.timedelta(days=27)
    assert subscription.started_at == gift.paid_at
    assert OutgoingEmail.objects.count() == 1


def test_three_renewals_are_three_gifts_of_their_months(
    visitor: Client, stripe: StripeStandIn
) -> None:
    started = begin(visitor, stripe, cover_fee="on")
    deliver(visitor, stripe)
    for _ in range(3):
        stripe.renew(reference(stripe, started))
        deliver(visitor, stripe)
    gifts = list(Gift.objects.order_by("paid_at"))
    assert [gift.amount_cents for gift in gifts] == [1000] * 4
    assert [gift.fee_cover_cents for gift in gifts] == [41] * 4
    months = [campaigns.paris_month(gift.paid_at) for gift in gifts]
    assert len(set(months)) == 4
    assert [gift.campaign.starts_on for gift in gifts] == months
    assert LedgerEntry.objects.filter(kind="gift").count() == 4
    assert Donor.objects.count() == 1
    assert OutgoingEmail.objects.filter(key__startswith="thanks:").count() == 4
    assert promise().next_payment_at > gifts[-1].paid_at
