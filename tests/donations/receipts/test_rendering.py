"""The PDF: for archives and screen readers, the same each time; failures are seen and mended."""

import re

import pytest

from donations import tasks
from donations.models import Donor, OutgoingEmail, Receipt, ReceiptFile, ReceiptIssuer
from donations.receipts import pdf_of, rendering
from donations.receipts.issuing import issue_for_gift, issue_for_year
from tests.donations.receipts.world import ADDRESS, donor, gift, text_in

pytestmark = pytest.mark.django_db


def paper(entity: ReceiptIssuer, who: Donor | None = None) -> Receipt:
    given = gift(who or donor())
    return issue_for_gift(gift_id=given.pk, issuer=entity, kind="attestation")


def test_it_is_an_archive_that_can_be_read_aloud(entity: ReceiptIssuer) -> None:
    receipt = paper(entity)
    pdf = rendering.pdf_for(receipt)
    assert pdf.startswith(b"%PDF-1.7")
    for fact in (
        b"<pdfaid:part>2<", b"<pdfaid:conformance>A<", b"<pdfuaid:part>1<", b"/Lang(fr-FR)",
        b"/Marked true", b"/OutputIntents",
    ):  # fmt: skip
        assert fact in pdf, fact
    assert b"/FontFile" in pdf
    assert rendering.pdf_for(receipt) == pdf


def test_names_are_text_and_nothing_else(entity: ReceiptIssuer) -> None:
    name = '#panic("x") $a$ "quoted" \\ <b> *gras* ‰ Łukasz Žižek'
    said = text_in(rendering.pdf_for(paper(entity, donor(name=name))))
    assert '#panic("x") $a$ "quoted" \\ <b> *gras*' in said
    assert "Łukasz Žižek" in said


def test_without_a_signature_there_is_none(entity: ReceiptIssuer) -> None:
    entity.signature = None
    entity.save()
    pdf = rendering.pdf_for(paper(entity))
    assert b"/Image" not in re.sub(rb"/ProcSet\[.*?\]", b"", pdf)


def test_a_failure_is_seen_and_tried_again(entity: ReceiptIssuer) -> None:
    ReceiptIssuer.objects.update(signature=b"no image")
    receipt = paper(entity)
    for _ in range(rendering.MOST_ATTEMPTS + 2):
        tasks.sweep()
    receipt.refresh_from_db()
    assert receipt.attempts == rendering.MOST_ATTEMPTS
    assert "image" in receipt.last_error
    assert (receipt.rendered_at, ReceiptFile.objects.count()) == (None, 0)
    assert OutgoingEmail.objects.get().sent_at is None
    ReceiptIssuer.objects.update(signature=None)
    assert rendering.try_again([receipt.pk]) == [str(receipt.pk)]
    tasks.sweep()
    tasks.sweep()
    receipt.refresh_from_db()
    assert receipt.rendered_at is not None
    assert receipt.last_error == ""
    assert OutgoingEmail.objects.get().sent_at is not None


def test_made_twice_it_is_kept_once(entity: ReceiptIssuer) -> None:
    receipt = paper(entity)
    assert rendering.render(str(receipt.pk)) == [OutgoingEmail.objects.get().pk]
    made = pdf_of(receipt)
    assert rendering.render(str(receipt.pk)) == []
    assert pdf_of(receipt) == made


def test_a_year_of_monthly_gifts_is_one_page(entitled: ReceiptIssuer) -> None:
    who = donor(**ADDRESS)
    for _ in range(12):
        gift(who)
    receipt = issue_for_year(donor=who, year=2026, issuer=entitled, kind="fiscal")
    assert "Page 1 sur 1" in text_in(rendering.pdf_for(receipt))


def test_many_gifts_go_over_to_a_second_page(entity: ReceiptIssuer) -> None:
    who = donor()
    for _ in range(40):
        gift(who)
    receipt = issue_for_year(donor=who, year=2026, issuer=entity, kind="attestation")
    assert "Page 2 sur 2" in text_in(rendering.pdf_for(receipt))
    Receipt.objects.exclude(pk=receipt.pk).delete()
    tasks.sweep()
    other = paper(entity, donor("b@example.org"))
    tasks.sweep()
    merged = rendering.together([receipt, other])
    assert len(re.findall(rb"/Type ?/Page\b", merged)) == 3
