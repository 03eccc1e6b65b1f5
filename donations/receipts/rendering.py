"""PDFs of papers, made by Typst in this process from what the database holds.

PDF/A-2a and PDF/UA-1: for archives, and for screen readers. The fonts are those that Typst brings
along, and the date is the paper's own, so that the same paper gives the same bytes.
"""

import json
import re
import unicodedata
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import structlog
import typst
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from auposte.money import NBSP, euros
from auposte.templatetags.french import french_date
from donations.models import Gift, OutgoingEmail, Receipt, ReceiptFile, ReceiptIssuer
from donations.receipts.words import in_words

log = structlog.get_logger(__name__)

FOLDER = Path(__file__).parent
STANDARDS: "list[typst.PDFStandard]" = ["a-2a", "ua-1"]
# After as many, only a person has it tried again.
MOST_ATTEMPTS = 5
BATCH = 50
PAGES = re.compile(rb"<xmpTPg:NPages>(\d+)<")

TO_RENDER = Q(rendered_at__isnull=True, cancelled_at__isnull=True)
FAILING = TO_RENDER & ~Q(last_error="")


def due() -> list[str]:
    """Papers without their PDF, the oldest first."""
    waiting = Receipt.objects.filter(TO_RENDER, attempts__lt=MOST_ATTEMPTS).order_by("issued_at")
    return [str(pk) for pk in waiting.values_list("pk", flat=True)[:BATCH]]


def render(receipt_id: str) -> list[int]:
    """Make a paper's PDF, once. Returns the letters that were waiting for it.

    A failure stays on the row, where the treasurer sees it.
    """
    # Counted before the try: a paper that kills its worker is not tried for ever.
    claimed = Receipt.objects.filter(TO_RENDER, pk=receipt_id).update(attempts=F("attempts") + 1)
    if not claimed:
        return []
    receipt = Receipt.objects.select_related("issuer", "identity").get(pk=receipt_id)
    try:
        pdf = pdf_for(receipt)
    except (RuntimeError, ValueError) as error:
        log.warning("receipt_not_rendered", receipt=receipt_id, error=type(error).__name__)
        Receipt.objects.filter(pk=receipt_id).update(last_error=_reason(error)[:500])
        return []
    now = timezone.now()
    with transaction.atomic():
        ReceiptFile.objects.bulk_create(
            [ReceiptFile(receipt=receipt, pdf=pdf)], ignore_conflicts=True
        )
        Receipt.objects.filter(pk=receipt_id).update(rendered_at=now, last_error="")
        waiting = OutgoingEmail.objects.filter(receipt=receipt, sent_at__isnull=True, last_error="")
        # They may have been tried too early: that was no failure of theirs.
        waiting.update(next_attempt_at=now, attempts=0)
        return list(waiting.values_list("pk", flat=True))


def _reason(error: Exception) -> str:
    """What the treasurer reads; in French where they can help it."""
    unknown = re.search(r'the text `"(.*?)"` could not be displayed', f"{error}")
    if unknown is None:
        return f"{error}"
    return (
        f"Nos polices n’ont pas «{NBSP}{unknown[1]}{NBSP}»{NBSP}: annulez ce document, écrivez le "
        "nom et l’adresse de la personne en lettres latines, puis établissez-le de nouveau."
    )


def writable(text: str) -> str:
    """A stranger's words without what no font of ours has and no name needs: signs that steer,
    private ones, pictures. The standards refuse a page with a hole in it.
    """
    return " ".join("".join(sign for sign in text if not _is_ornament(sign)).split())


def _is_ornament(sign: str) -> bool:
    if sign.isspace():
        return False
    is_picture = (
        "\u2190" <= sign <= "\u2bff" or "\ufe00" <= sign <= "\ufe0f" or sign >= "\U0001f000"
    )
    return is_picture or unicodedata.category(sign)[0] == "C"


def try_again(receipt_ids: Sequence[uuid.UUID]) -> list[str]:
    """Let papers that could not be made be tried again. Returns those that wait."""
    waiting = Receipt.objects.filter(TO_RENDER, pk__in=receipt_ids)
    waiting.update(attempts=0, last_error="")
    return [str(pk) for pk in waiting.values_list("pk", flat=True)]


def pdf_for(receipt: Receipt) -> bytes:
    """The paper as PDF. Raises RuntimeError when Typst cannot make it, with its reason."""
    return _compile(
        "receipt.typ",
        {
            "receipt": _facts(receipt),
            "issuer": _issuer_facts(receipt.issuer),
            "signature": list(bytes(receipt.issuer.signature or b"")) or None,
        },
        pdf_standards=STANDARDS,
        timestamp=int(receipt.issued_at.timestamp()),
    )


def together(receipts: Sequence[Receipt]) -> bytes:
    """The PDFs of these papers, in their order, as one file to print. Those without are left out.

    They are the very pages that were made at the time, so nothing differs from what was filed.
    """
    files = ReceiptFile.objects.filter(receipt__in=receipts).in_bulk(field_name="receipt_id")
    papers = [
        (receipt, bytes(files[receipt.pk].pdf)) for receipt in receipts if receipt.pk in files
    ]
    shown = [
        {"name": receipt.full_number, "pages": _pages(pdf), "pdf": list(pdf)}
        for receipt, pdf in papers
    ]
    return _compile("together.typ", shown)


def _pages(pdf: bytes) -> int:
    found = PAGES.search(pdf)
    return int(found[1]) if found else 1


def _compile(template: str, data: object, **options: Any) -> bytes:
    pdf = typst.compile(
        (FOLDER / template).read_bytes(),
        format="pdf",
        sys_inputs={"data": json.dumps(data)},
        ignore_system_fonts=True,
        **options,
    )
    return bytes(pdf)


def _issuer_facts(issuer: ReceiptIssuer) -> dict[str, object]:
    return {
        "name": issuer.name,
        "legal_form": issuer.legal_form,
        "purpose": issuer.purpose,
        "address": [issuer.street, f"{issuer.postal_code} {issuer.city}"],
        "city": issuer.city,
        "siren": f"SIREN ou RNA{NBSP}: {issuer.siren}" if issuer.siren else "",
        "signatory": issuer.signatory or issuer.name,
        "signatory_role": issuer.signatory_role,
    }


def _facts(receipt: Receipt) -> dict[str, object]:
    who, issuer = receipt.identity, receipt.issuer
    is_fiscal = receipt.kind == Receipt.Kind.FISCAL
    verb = "reconnaît" if is_fiscal else "atteste"
    what = f"à titre de dons, au cours de l’année {receipt.year}"
    country = who.country.strip()
    return {
        "title": "Reçu fiscal" if is_fiscal else "Attestation de don (sans valeur fiscale)",
        "subtitle": (
            f"Reçu au titre des dons à certains organismes d’intérêt général{NBSP}: "
            f"{issuer.legal_basis}"
            if is_fiscal
            else ""
        ),
        "number": receipt.full_number,
        "year": receipt.year,
        "person": writable(who.name),
        "address": [
            writable(who.street),
            writable(f"{who.postal_code} {who.city}"),
            writable(country) if country.lower() not in {"france", "fr"} else "",
        ],
        "opening": (
            f"{issuer.name} {verb} avoir reçu de la personne nommée ci-dessus, "
            f"{what if receipt.is_yearly else 'à titre de don'}, la somme de{NBSP}:"
        ),
        "amount": euros(receipt.amount_cents),
        "words": in_words(receipt.amount_cents),
        "gifts": [
            {
                "date": french_date(item.gift.paid_at) if item.gift.paid_at else "",
                "means": _means(item.gift),
                "amount": euros(item.amount_cents),
            }
            for item in receipt.items.select_related("gift").order_by("gift__paid_at", "gift_id")
        ],
        "closing": _fiscal_closing(issuer) if is_fiscal else _plain_closing(),
        "issued": french_date(receipt.issued_at),
    }


def _means(gift: Gift) -> str:
    if gift.means:
        return gift.get_means_display()
    return "Paiement en ligne" if gift.channel == Gift.Channel.STRIPE else "Remise directe"


def _fiscal_closing(issuer: ReceiptIssuer) -> list[str]:
    """What the ministry's model (form 2041-RD) has below the sum."""
    return [
        f"Forme du don{NBSP}: déclaration de don manuel. Nature du don{NBSP}: numéraire.",
        "L’organisme bénéficiaire certifie sur l’honneur que les dons et versements qu’il reçoit "
        f"ouvrent droit à la réduction d’impôt prévue par{NBSP}: {issuer.legal_basis.rstrip('.')}.",
    ]


def _plain_closing() -> list[str]:
    return [
        f"Forme du don{NBSP}: don manuel. Nature du don{NBSP}: numéraire.",
        "Ce document atteste un versement. Il n’est pas un reçu fiscal et n’ouvre droit à aucune "
        "réduction d’impôt.",
    ]
