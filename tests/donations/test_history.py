"""The time line of a gift, and what is corrected after a month's end."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from donations import tasks
from donations.models import (
    Gift,
    LedgerEntry,
    OutgoingEmail,
    Payout,
    PayoutLine,
    Receipt,
    ReceiptIssuer,
    ReceiptItem,
)
from donations.services import campaigns, history
from donations.services.offline import record_offline_gift
from sandbox.stripe import StripeStandIn
from tests.donations.factories import month_with_lines
from tests.donations.steps import post_event, start, time_passes

pytestmark = pytest.mark.django_db
PARIS = ZoneInfo("Europe/Paris")
DECLINED = "4000000000000002"


def tell_all(client: Client, stripe: StripeStandIn) -> None:
    for event in stripe.events():
        post_event(client, stripe, event)
    tasks.sweep()
    time_passes()
    tasks.sweep()


def told(gift: Gift) -> list[tuple[str, int | None]]:
    gift.refresh_from_db()
    return [(moment.text, moment.cents) for moment in history.of_gift(gift)]


def test_what_stripe_dates_to_the_second_does_not_run_ahead(
    client: Client, stripe: StripeStandIn
) -> None:
    month_with_lines()
    given = start(client)
    stripe.pay(given.session)
    tell_all(client, stripe)
    paid = LedgerEntry.objects.get(kind="gift").occurred_at
    assert paid.microsecond == 0
    Gift.objects.update(created_at=paid.replace(microsecond=600_000))
    texts = [moment.text for moment in history.of_gift(Gift.objects.get())]
    assert texts.index("Formulaire envoyé") < texts.index("Payé")


def test_a_gifts_life_is_told_in_order(client: Client, stripe: StripeStandIn) -> None:
    month_with_lines()
    given = start(client, cover_fee="on")
    stripe.pay(given.session, DECLINED)
    stripe.pay(given.session)
    stripe.balance(given.session)
    tell_all(client, stripe)
    refund = stripe.refund(given.session, 300)
    tell_all(client, stripe)
    stripe.fail_refund(refund["id"])
    stripe.fraud_warning(given.session)
    dispute = stripe.dispute(given.session)
    tell_all(client, stripe)
    stripe.close_dispute(dispute["id"], "won")
    tell_all(client, stripe)
    moments = history.of_gift(Gift.objects.get())
    seconds = [moment.at.replace(microsecond=0) for moment in moments]
    assert seconds == sorted(seconds)
    found = [(moment.text, moment.cents) for moment in moments]
    for expected in (
        ("Formulaire envoyé", 1041),
        ("Page de paiement ouverte chez Stripe", None),
        ("Moyen de paiement refusé par la banque", None),
        ("Payé", 1041),
        ("Commission de Stripe", -41),
        ("Inscrit au grand livre", None),
        ("Remboursé", -300),
        ("Remboursement revenu", 300),
        ("Litige ouvert par la banque", 1041),
        ("Somme retirée par la banque", -1041),
        ("Frais de litige de Stripe", -2000),
        ("Litige clos", None),
        ("Somme rendue par la banque", 1041),
        ("Alerte de fraude de la banque", None),
        ("Courriel de remerciement\u00a0: parti", None),
        ("Courriel de remboursement\u00a0: parti", None),
        ("Courriel à la trésorerie, remboursement revenu\u00a0: parti", None),
        ("Courriel à la trésorerie, litige ouvert\u00a0: parti", None),
        ("Courriel à la trésorerie, litige clos\u00a0: parti", None),
        ("Courriel à la trésorerie, alerte de fraude\u00a0: parti", None),
    ):
        assert found.count(expected) == 1, (expected, found)
    order = [moment.text for moment in moments]
    assert order.index("Litige ouvert par la banque") < order.index("Somme retirée par la banque")
    details = {moment.text: moment.detail for moment in moments}
    assert details["Payé"] == "dont 0,41\u00a0€ pour les frais bancaires"
    assert details["Litige clos"] == "gagné"
    assert "le compte" in details["Inscrit au grand livre"]


def test_letters_receipts_and_payouts_are_told(client: Client) -> None:
    month_with_lines()
    gift = record_offline_gift(
        key="cheque-9", amount_cents=2000, occurred_at=timezone.now(), donor_email="a@example.org"
    )
    assert gift.donor is not None
    now = timezone.now()
    OutgoingEmail.objects.filter(key=f"thanks:{gift.pk}").delete()
    OutgoingEmail.objects.create(
        key=f"thanks:{gift.pk}", to="a@example.org", subject="Merci", text="Merci",
        attempts=1, last_error="Boîte pleine",
    )  # fmt: skip
    issuer = ReceiptIssuer.objects.create(name="Au Poste", street="1", postal_code="1", city="P")
    receipt = Receipt.objects.create(
        issuer=issuer, kind="attestation", year=2026, number=12, donor=gift.donor,
        amount_cents=2000, issued_at=now, cancelled_at=now, cancel_reason="Erreur de nom",
    )  # fmt: skip
    ReceiptItem.objects.create(receipt=receipt, gift=gift, amount_cents=2000, is_live=False)
    payout = Payout.objects.create(
        payout_id="po_9", amount_cents=1900, status="paid", arrives_on=now.date(), created_at=now
    )
    PayoutLine.objects.create(
        payout=payout, transaction_id="txn_9", kind="charge", amount_cents=2000, fee_cents=100,
        occurred_at=now, gift=gift,
    )  # fmt: skip
    moments = {moment.text: moment for moment in history.of_gift(gift)}
    assert "Boîte pleine" in moments["Courriel de remerciement\u00a0: n’est pas parti"].detail
    assert moments["Attestation de don nº\u00a02026-A-00012\u00a0: émis"].cents == 2000
    assert (
        moments["Attestation de don nº\u00a02026-A-00012\u00a0: annulé"].detail == "Erreur de nom"
    )
    assert moments["Dans un virement de Stripe vers la banque"].cents == 1900
    assert moments["Reçu"].cents == 2000


def test_the_queries_do_not_grow_with_the_story(client: Client, stripe: StripeStandIn) -> None:
    month_with_lines()
    given = start(client)
    stripe.pay(given.session)
    tell_all(client, stripe)

    def queries() -> int:
        gift = Gift.objects.select_related("campaign").get(pk=given.gift.pk)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            history.of_gift(gift)
        return len(captured)

    history.of_gift(Gift.objects.get())
    before, length = queries(), len(told(Gift.objects.get()))
    for _ in range(3):
        stripe.refund(given.session, 100)
    stripe.dispute(given.session)
    tell_all(client, stripe)
    assert len(told(Gift.objects.get())) > length + 6
    assert queries() == before <= 11


def at(*moment: int) -> dt.datetime:
    return dt.datetime(*moment, tzinfo=PARIS)  # type: ignore[misc,arg-type]


def late_gift(key: str, *, occurred_at: dt.datetime, moves: list[tuple[str, int, Any]]) -> Gift:
    gift = record_offline_gift(key=key, amount_cents=5000, occurred_at=occurred_at)
    for number, (kind, cents, when) in enumerate(moves):
        LedgerEntry.objects.create(
            kind=kind, amount_cents=cents, occurred_at=when, campaign_id=gift.campaign_id,
            gift=gift, source=f"test:{key}:{number}",
        )  # fmt: skip
    return gift


def test_what_comes_after_a_month_is_its_later_correction() -> None:
    october = late_gift(
        "un",
        occurred_at=at(2026, 10, 3, 12),
        moves=[
            ("refund", -1000, at(2026, 10, 31, 23, 59)),
            ("refund", -500, at(2026, 11, 1, 0, 0)),
            ("fee", -2000, at(2026, 11, 2, 12)),
            ("fee_cover", -10, at(2026, 11, 2, 12)),
            ("dispute", -2000, at(2026, 11, 3, 9)),
        ],
    )
    late_gift(
        "deux",
        occurred_at=at(2026, 10, 4, 12),
        moves=[
            ("refund", -700, at(2026, 11, 1, 18)),
            ("dispute_reversal", 300, at(2026, 12, 1, 0, 30)),
        ],
    )
    november = late_gift(
        "trois", occurred_at=at(2026, 11, 1, 12), moves=[("refund", -1, at(2026, 11, 9, 9))]
    )
    assert october.campaign is not None
    assert november.campaign is not None
    with CaptureQueriesContext(connection) as captured:
        found = history.corrections_of(october.campaign)
    assert len(captured) == 1
    assert [(each.day.isoformat(), each.text, each.cents) for each in found] == [
        ("2026-11-01", "Remboursement", -1200),
        ("2026-11-03", "Litige", -2000),
        ("2026-12-01", "Litige gagné", 300),
    ]
    assert history.corrections_of(november.campaign) == []
    in_october = LedgerEntry.objects.filter(campaign=october.campaign).raised()
    assert campaigns.ledger_fundraising(october.campaign).raised_cents == in_october.total_cents()
    moments = [each for each in history.of_gift(october) if "correction postérieure" in each.detail]
    assert sorted(each.cents or 0 for each in moments) == [-2000, -500, -10]
