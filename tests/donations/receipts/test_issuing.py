"""What a paper says, for whom, and what goes with it."""

import datetime as dt

import pytest
from django.core import mail
from django.utils import timezone

from donations import tasks
from donations.models import Donor, Gift, LedgerEntry, OutgoingEmail, Receipt, ReceiptIssuer
from donations.receipts import of_donor, pdf_of
from donations.receipts.issuing import ReceiptError, issue_for_gift, issue_for_year, kind_for
from donations.receipts.keeping import forget
from tests.donations.pages import spaced, text_of
from tests.donations.receipts.world import ADDRESS, donor, gift, text_in

pytestmark = pytest.mark.django_db


def entry(of: Gift, kind: str, cents: int, name: str) -> None:
    LedgerEntry.objects.create(
        kind=kind, amount_cents=cents, occurred_at=of.paid_at, campaign=of.campaign, gift=of,
        source=name,
    )  # fmt: skip


def test_the_sum_is_what_was_paid_and_stayed(entity: ReceiptIssuer) -> None:
    given = gift(donor(), 5000)
    entry(given, "fee_cover", 145, "stripe:ch_1:fee_cover")
    entry(given, "fee", -145, "stripe:txn_1:fee")
    entry(given, "refund", -2000, "stripe:re_1:gift")
    entry(given, "fee_cover", -58, "stripe:re_1:fee_cover")
    paper = issue_for_gift(gift_id=given.pk, issuer=entity, kind="attestation")
    assert paper.amount_cents == 5000 + 145 - 2000 - 58
    assert paper.items.get().amount_cents == paper.amount_cents


def test_stripes_commission_takes_nothing_from_it(entity: ReceiptIssuer) -> None:
    given = gift(donor(), 1000)
    entry(given, "refund", -990, "stripe:re_1:gift")
    entry(given, "fee", -40, "stripe:txn_1:fee")
    paper = issue_for_gift(gift_id=given.pk, issuer=entity, kind="attestation")
    assert paper.amount_cents == 10


def test_nothing_is_attested_of_a_gift_that_went_back(entity: ReceiptIssuer) -> None:
    given = gift(donor(), 1000)
    entry(given, "refund", -1000, "stripe:re_1:gift")
    with pytest.raises(ReceiptError, match="ne reste rien"):
        issue_for_gift(gift_id=given.pk, issuer=entity, kind="attestation")
    with pytest.raises(ReceiptError, match="Rien à attester"):
        issue_for_year(donor=given.donor, year=2026, issuer=entity, kind="attestation")


def test_the_year_is_the_one_in_paris(entity: ReceiptIssuer) -> None:
    who = donor()
    eve = gift(who, 1000, dt.datetime(2025, 12, 31, 22, 59, tzinfo=dt.UTC))
    day = gift(who, 2000, dt.datetime(2025, 12, 31, 23, 0, tzinfo=dt.UTC))
    assert issue_for_gift(gift_id=eve.pk, issuer=entity, kind="attestation").year == 2025
    paper = issue_for_year(donor=who, year=2026, issuer=entity, kind="attestation")
    assert [item.gift for item in paper.items.all()] == [day]
    assert paper.full_number == "2026-A-00001"


def test_a_yearly_paper_leaves_out_what_has_one(entity: ReceiptIssuer) -> None:
    who = donor()
    first, second, third = gift(who, 1000), gift(who, 2000), gift(who, 3000)
    issue_for_gift(gift_id=first.pk, issuer=entity, kind="attestation")
    paper = issue_for_year(donor=who, year=2026, issuer=entity, kind="attestation")
    assert {item.gift for item in paper.items.all()} == {second, third}
    assert paper.amount_cents == 5000
    with pytest.raises(ReceiptError, match="chaque don a déjà"):
        issue_for_year(donor=who, year=2026, issuer=entity, kind="attestation")
    assert Receipt.objects.count() == 2


def test_test_money_never_has_a_real_paper(entity: ReceiptIssuer) -> None:
    given = gift(donor())
    Gift.objects.filter(pk=given.pk).update(channel="stripe", livemode=True)
    with pytest.raises(ReceiptError, match="ne reste rien"):
        issue_for_gift(gift_id=given.pk, issuer=entity, kind="attestation")


@pytest.mark.parametrize(
    ("facts", "is_entitled", "kind"),
    [
        (ADDRESS, True, "fiscal"),
        (ADDRESS, False, "attestation"),
        ({}, True, "attestation"),
        ({**ADDRESS, "name": ""}, True, "attestation"),
        ({**ADDRESS, "city": ""}, True, "attestation"),
    ],
)
def test_fiscal_only_for_the_entitled_and_the_known(
    facts: dict[str, str], is_entitled: bool, kind: str, entitled: ReceiptIssuer
) -> None:
    entitled.is_entitled = is_entitled
    entitled.save()
    who = donor(**facts)
    given = gift(who)
    assert kind_for(entitled, who) == kind
    if kind == "attestation":
        with pytest.raises(ReceiptError):
            issue_for_gift(gift_id=given.pk, issuer=entitled, kind="fiscal")
    assert issue_for_gift(gift_id=given.pk, issuer=entitled, kind=kind).kind == kind


def test_nobody_knows_to_whom(entity: ReceiptIssuer) -> None:
    given = gift(donor(None, name=""))
    with pytest.raises(ReceiptError, match="à qui"):
        issue_for_gift(gift_id=given.pk, issuer=entity, kind="attestation")
    assert not Receipt.objects.exists()


def test_the_name_stays_as_it_was_apart_from_the_donor(entity: ReceiptIssuer) -> None:
    who = donor(**ADDRESS)
    paper = issue_for_gift(gift_id=gift(who).pk, issuer=entity, kind="attestation")
    tasks.sweep()
    Donor.objects.update(name="", street="", postal_code="", city="", email=None)
    paper.refresh_from_db()
    assert (paper.identity.name, paper.identity.city) == ("Élodie Œuvrard", "Paris")
    issued = timezone.localdate(paper.issued_at)
    assert paper.identity.keep_until == dt.date(issued.year + 6, 12, 31)
    assert forget(paper.identity.keep_until) == 0
    assert pdf_of(paper) is not None
    assert forget(paper.identity.keep_until + dt.timedelta(days=1)) == 1
    assert forget(paper.identity.keep_until + dt.timedelta(days=2)) == 0
    paper.refresh_from_db()
    assert (paper.identity.name, paper.identity.street, pdf_of(paper)) == ("", "", None)
    assert (paper.number, paper.amount_cents) == (1, 1000)


def test_the_letter_leaves_once_with_the_pdf(entity: ReceiptIssuer) -> None:
    who = donor()
    paper = issue_for_gift(gift_id=gift(who, 123_050).pk, issuer=entity, kind="attestation")
    letter = OutgoingEmail.objects.get(key=f"receipt:{paper.pk}")
    tasks.send_letter(letter.pk)
    assert mail.outbox == [], "it waits for its PDF"
    for _ in range(2):
        tasks.sweep()
    (sent,) = mail.outbox
    assert sent.to == ["lectrice@example.org"]
    assert sent.subject == f"Votre attestation de don nº {paper.full_number}"
    for said in (sent.body, text_of(sent.alternatives[0][0])):
        assert spaced("1 230,50 €") in said
        assert "n’est pas un reçu fiscal" in said
    ((name, content, kind),) = sent.attachments
    assert (name, kind) == (f"{paper.full_number}.pdf", "application/pdf")
    assert content == pdf_of(paper)
    assert list(of_donor(who)) == [paper]


def test_without_an_address_there_is_no_letter(entity: ReceiptIssuer) -> None:
    issue_for_gift(gift_id=gift(donor(None)).pk, issuer=entity, kind="attestation")
    assert not OutgoingEmail.objects.exists()


def read(kind: str, entity: ReceiptIssuer, **facts: object) -> str:
    who = donor(**{**ADDRESS, **facts})
    gift(who, 123_000)
    gift(who, 50, dt.datetime(2026, 8, 1, 10, tzinfo=dt.UTC))
    issue_for_year(donor=who, year=2026, issuer=entity, kind=kind)
    tasks.sweep()
    paper = Receipt.objects.get()
    assert paper.last_error == ""
    return text_in(pdf_of(paper) or b"")


def test_a_fiscal_receipt_says_what_the_ministrys_model_says(entitled: ReceiptIssuer) -> None:
    said = read("fiscal", entitled)
    for words in (
        "Reçu fiscal", "2026-F-00001", "Les Amis d’Au Poste", "1 place Beauvau", "75008 Paris",
        "W751234567", "Informer le public.", "Élodie Œuvrard", "12 rue de l’Ère", "75011 Paris",
        "*** 1 230,50 € ***", "mille-deux-cent-trente euros et cinquante centimes",
        "21 mai 2026", "1er août 2026", "Remise directe", "déclaration de don manuel",
        "numéraire", "certifie sur l’honneur", "l’article 200 du CGI", "Ada Lovelace",
        "Trésorière",
    ):  # fmt: skip
        assert words in said, (words, said)
    assert "sans valeur fiscale" not in said


def test_an_attestation_is_no_fiscal_receipt(entity: ReceiptIssuer) -> None:
    said = read("attestation", entity, country="Belgique")
    assert "Attestation de don (sans valeur fiscale)" in said
    assert "n’est pas un reçu fiscal" in said
    assert "Belgique" in said
    assert "certifie" not in said
    assert "Reçu fiscal" not in said
