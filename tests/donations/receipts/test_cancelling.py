"""Money that goes back takes the paper with it; its number stays, and the donor hears of it."""

import pytest
from django.test import Client

from donations import tasks
from donations.models import Donor, Gift, OutgoingEmail, Receipt, ReceiptIssuer
from donations.receipts import of_donor
from donations.receipts.cancelling import cancel
from donations.receipts.issuing import (
    ReceiptError,
    can_reissue,
    issue_for_gift,
    issue_for_year,
    reissue,
)
from sandbox.stripe import StripeStandIn
from tests.donations.factories import month_with_lines
from tests.donations.pages import spaced, text_of
from tests.donations.receipts.world import donor, gift
from tests.donations.steps import post_event, start, work_off

pytestmark = pytest.mark.django_db


@pytest.fixture
def paid(client: Client, stripe: StripeStandIn) -> str:
    """The payment page of a gift of 20,00 € with its fee cover, paid and booked."""
    month_with_lines()
    given = start(client, amount="20", cover_fee="on")
    stripe.pay(given.session)
    client.get(f"/don/merci?session={given.session}")
    Donor.objects.update(name="Élodie Œuvrard")
    return given.session


def deliver(client: Client, stripe: StripeStandIn) -> None:
    for event in stripe.events():
        assert post_event(client, stripe, event) == 200
    work_off()


def receipt(entity: ReceiptIssuer) -> Receipt:
    made = issue_for_gift(gift_id=Gift.objects.get().pk, issuer=entity, kind="attestation")
    tasks.sweep()
    return made


def test_a_partial_refund_cancels_and_leaves_the_rest_to_attest(
    client: Client, stripe: StripeStandIn, paid: str, entity: ReceiptIssuer
) -> None:
    first = receipt(entity)
    total = Gift.objects.get().total_cents
    assert first.amount_cents == total
    deliver(client, stripe)
    first.refresh_from_db()
    assert first.cancelled_at is None, "nothing has moved"
    stripe.refund(paid, 500)
    deliver(client, stripe)
    deliver(client, stripe)
    first.refresh_from_db()
    assert first.cancelled_at is not None
    assert "remboursement" in first.cancel_reason
    assert not first.items.filter(is_live=True).exists()
    letter = OutgoingEmail.objects.get(key=f"receipt-cancelled:{first.pk}")
    assert letter.to == "lectrice@example.org"
    for said in (letter.text, text_of(letter.html)):
        assert "est annulée" in said
        assert first.cancel_reason in said
    assert can_reissue(first)
    second = reissue(first)
    assert (second.number, second.amount_cents) == (2, total - 500)
    assert list(of_donor(second.donor)) == [second]
    assert not can_reissue(first)
    deliver(client, stripe)
    second.refresh_from_db()
    assert second.cancelled_at is None


def test_a_whole_refund_leaves_nothing(
    client: Client, stripe: StripeStandIn, paid: str, entity: ReceiptIssuer
) -> None:
    first = receipt(entity)
    stripe.refund(paid)
    deliver(client, stripe)
    first.refresh_from_db()
    assert first.cancelled_at is not None
    assert not can_reissue(first)
    with pytest.raises(ReceiptError):
        reissue(first)
    assert list(Receipt.objects.values_list("number", flat=True)) == [1]


def test_a_dispute_cancels(
    client: Client, stripe: StripeStandIn, paid: str, entity: ReceiptIssuer
) -> None:
    first = receipt(entity)
    stripe.dispute(paid)
    deliver(client, stripe)
    first.refresh_from_db()
    assert first.cancelled_at is not None
    assert OutgoingEmail.objects.filter(key=f"receipt-cancelled:{first.pk}").exists()


def test_a_letter_that_has_not_left_never_leaves(entity: ReceiptIssuer) -> None:
    made = issue_for_gift(gift_id=gift(donor()).pk, issuer=entity, kind="attestation")
    assert cancel(receipt_id=made.pk, reason="Nom mal écrit")
    assert not cancel(receipt_id=made.pk, reason="Encore")
    made.refresh_from_db()
    assert made.cancel_reason == "Nom mal écrit"
    letter = OutgoingEmail.objects.get()
    assert letter.key == f"receipt-cancelled:{made.pk}"
    assert spaced("Raison : Nom mal écrit") in letter.text
    assert spaced("10,00 €") in letter.text


def test_a_yearly_paper_comes_back_for_what_is_left(entity: ReceiptIssuer) -> None:
    who = donor()
    gift(who, 1000)
    gift(who, 2000)
    made = issue_for_year(donor=who, year=2026, issuer=entity, kind="attestation")
    with pytest.raises(ReceiptError, match="en vigueur"):
        reissue(made)
    cancel(receipt_id=made.pk, reason="Nom mal écrit")
    again = reissue(Receipt.objects.get(pk=made.pk))
    assert (again.is_yearly, again.amount_cents, again.items.count()) == (True, 3000, 2)
