"""Monthly gifts, from the form to the months that follow: what is booked, when, in which month."""

import datetime as dt

import pytest
from django.http import HttpResponse
from django.test import Client

from donations.models import Campaign, Donor, Gift, LedgerEntry, OutgoingEmail
from donations.services import campaigns
from sandbox.stripe import StripeStandIn
from tests.donations.factories import month_with_lines
from tests.donations.monthly_steps import begin, booked, letters, promise, reference
from tests.donations.pages import Page, says
from tests.donations.steps import deliver, send_form, start

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
    stripe.advance(2 * 3600)
    deliver(visitor, stripe)
    assert not Gift.objects.filter(fee_known=False).exists(), "later news finds its month"


@pytest.mark.parametrize("seconds", [-60, 60], ids=["before midnight", "after midnight"])
def test_a_renewal_lands_in_the_month_that_it_is_paid_in_in_paris(
    visitor: Client, stripe: StripeStandIn, seconds: int
) -> None:
    """A refused renewal is paid by hand about midnight: in UTC that is the same evening."""
    key = reference(stripe, begin(visitor, stripe))
    stripe.decline_renewals(key, 9)
    stripe.renew(key)
    refused = dt.datetime.fromtimestamp(stripe.now(), tz=campaigns.PARIS)
    following = (refused.replace(day=1) + dt.timedelta(days=32)).date().replace(day=1)
    midnight = dt.datetime.combine(following, dt.time(), campaigns.PARIS)
    # Refused as long as that: Stripe would have given up by then.
    invoice = stripe.invoices_of(key)[-1]["id"]
    with stripe.change() as change:
        change.cancel_timer("retry", invoice)
        change.cancel_timer("renew", key)
    stripe.advance(to=midnight.timestamp() + seconds)
    stripe.pay_invoice(invoice)
    deliver(visitor, stripe)
    gift = Gift.objects.order_by("-paid_at")[0]
    assert abs((gift.paid_at - midnight).total_seconds()) < 120
    paid_on = (midnight + dt.timedelta(seconds=seconds)).date()
    assert gift.campaign.starts_on == paid_on.replace(day=1)
    assert {entry.campaign_id for entry in gift.entries.all()} == {gift.campaign_id}


def test_a_renewal_is_thanked_as_what_it_is(visitor: Client, stripe: StripeStandIn) -> None:
    key = reference(stripe, begin(visitor, stripe, cover_fee="on"))
    stripe.renew(key)
    deliver(visitor, stripe)
    first, second = letters("thanks:")
    month = campaigns.MONTHS[
        campaigns.paris_month(Gift.objects.order_by("-paid_at")[0].paid_at).month - 1
    ]
    assert first.subject == "Merci pour votre don à Au Poste"
    assert second.subject in {f"Votre don de {month} à Au Poste", f"Votre don d’{month} à Au Poste"}
    for letter in (first, second):
        assert "10,41\u00a0€ seront prélevés de nouveau chaque mois" in letter.text
        assert "/don/gerer" in letter.text
        assert "Rythme\u00a0: chaque mois" in letter.text
        assert "« AU POSTE »" in letter.text.replace("\u00a0", " ")
    assert f"{month}, 10,00\u00a0€, est arrivé" in second.text


def test_the_thanks_page_says_what_happens_each_month(
    visitor: Client, stripe: StripeStandIn
) -> None:
    started = begin(visitor, stripe, cover_fee="on")
    page = f"/don/merci?session={started.session}"
    response = visitor.get(page)
    assert says(response, "Merci. Vos 10,00 € sont arrivés.")
    assert says(response, "Rythme Chaque mois")
    assert says(response, "10,41 € seront prélevés de nouveau le")
    assert says(response, "/don/gerer")
    assert booked() == [("gift", 1000), ("fee_cover", 41)]
    stripe.cancel_subscription(reference(stripe, started))
    deliver(visitor, stripe)
    assert says(visitor.get(page), "Depuis, ce don mensuel est arrêté")


def test_the_form_keeps_the_rhythm(visitor: Client, stripe: StripeStandIn) -> None:
    def chosen(response: HttpResponse) -> list[str | None]:
        radios = Page(response).all("input", name="rhythm")
        return [radio["value"] for radio in radios if "checked" in radio]

    assert chosen(visitor.get("/don")) == ["once"]
    assert chosen(visitor.get("/don?rythme=monthly")) == ["monthly"]
    assert chosen(visitor.get("/don?rythme=%27")) == ["once"]
    wrong = send_form(visitor, rhythm="monthly", amount="rien")
    assert (wrong.status_code, chosen(wrong)) == (422, ["monthly"])
    assert send_form(visitor, rhythm="chaque heure").status_code == 422
    started = start(visitor, rhythm="monthly")
    assert chosen(visitor.get(f"/don?annule={started.gift.pk}")) == ["monthly"]
    assert says(visitor.get("/don"), "Chaque mois, à la même date, jusqu’à ce que vous arrêtiez.")
