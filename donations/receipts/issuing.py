"""Giving out numbered papers. One transaction for number, sums, name and letter, or nothing.

The number comes from a row that is locked until that transaction ends: whoever comes next waits,
and a transaction that fails gives its number back. So numbers have neither gaps nor doubles.
The PDF is made afterwards, from these rows alone (see `rendering`).
"""

import datetime as dt
import uuid
from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.utils import timezone

from auposte.money import NBSP
from donations.models import (
    Donor,
    Gift,
    Receipt,
    ReceiptCounter,
    ReceiptIdentity,
    ReceiptIssuer,
    ReceiptItem,
    ReceiptRun,
)
from donations.receipts.amounts import gifts_of_year, left_of, papered_gifts, without_paper, year_of
from donations.services import letters

Kind = Receipt.Kind
# Tax papers are kept for six years (article L. 102 B of the livre des procédures fiscales).
YEARS_KEPT = 6


class ReceiptError(Exception):
    """No paper can be made of this; the message says why, in French."""


def default_issuer() -> ReceiptIssuer | None:
    """The entity that papers are made for unless somebody chooses another."""
    return ReceiptIssuer.objects.order_by("-is_default", "pk").first()


def kind_for(issuer: ReceiptIssuer, donor: Donor) -> Kind:
    """A fiscal receipt where the entity is entitled and the person is known by name and address."""
    return Kind.FISCAL if issuer.is_entitled and donor.has_address else Kind.ATTESTATION


def not_entitled(issuer: ReceiptIssuer) -> str:
    return f"«{NBSP}{issuer}{NBSP}» n’est pas habilitée à émettre des reçus fiscaux."


def lacking(issuer: ReceiptIssuer, kind: str, donor: Donor) -> str:
    """Why this person cannot have this paper, in French; "" when they can."""
    if donor.erased_at is not None:
        return "Cette personne a fait effacer ses données."
    if kind == Kind.FISCAL and not issuer.is_entitled:
        return not_entitled(issuer)
    if kind == Kind.FISCAL and not donor.has_address:
        return (
            "Un reçu fiscal porte un nom et une adresse postale\u00a0: il manque l’un ou l’autre."
        )
    if not (donor.name or donor.email):
        return "Ni nom, ni adresse électronique\u00a0: on ne sait pas à qui établir ce document."
    return ""


@transaction.atomic
def issue_for_gift(*, gift_id: uuid.UUID, issuer: ReceiptIssuer, kind: str) -> Receipt:
    """A paper about one gift. Raises ReceiptError, also when one is already in force for it."""
    gift = Gift.objects.select_for_update(of=("self",)).filter(pk=gift_id).first()
    if gift is None or gift.donor is None or gift.paid_at is None:
        raise ReceiptError("Ce don n’est pas encaissé.")
    if not papered_gifts().filter(pk=gift_id).exists():
        raise ReceiptError("Il ne reste rien de ce don à attester.")
    return _issue(
        issuer=issuer, kind=kind, year=year_of(gift.paid_at), donor=gift.donor, gifts=[gift]
    )


@transaction.atomic
def issue_for_year(
    *, donor: Donor, year: int, issuer: ReceiptIssuer, kind: str, run: ReceiptRun | None = None
) -> Receipt:
    """One paper about all gifts of a Paris year that have none yet.

    Raises ReceiptError, also when there is nothing left to attest.
    """
    # The locks come first: what is read after them has seen whoever held them before.
    list(
        Gift.objects.select_for_update(of=("self",))
        .filter(donor=donor, status=Gift.Status.SUCCEEDED)
        .order_by("pk")
    )
    donor.refresh_from_db()
    gifts = list(without_paper(gifts_of_year(year)).filter(donor=donor).order_by("paid_at", "pk"))
    if not gifts:
        raise ReceiptError(f"Rien à attester pour {year}{NBSP}: chaque don a déjà son document.")
    return _issue(
        issuer=issuer, kind=kind, year=year, donor=donor, gifts=gifts, run=run, is_yearly=True
    )


def can_reissue(receipt: Receipt) -> bool:
    """Whether something is left of a cancelled paper's gifts that no other paper tells of."""
    gifts = without_paper(papered_gifts())
    return (
        receipt.cancelled_at is not None and gifts.filter(receipt_items__receipt=receipt).exists()
    )


def reissue(receipt: Receipt) -> Receipt:
    """A new paper, with a new number, for what is left of a cancelled one's gifts.

    Raises ReceiptError.
    """
    if receipt.cancelled_at is None:
        raise ReceiptError("Ce document est en vigueur.")
    if receipt.is_yearly:
        return issue_for_year(
            donor=receipt.donor, year=receipt.year, issuer=receipt.issuer, kind=receipt.kind
        )
    gift_id = receipt.items.values_list("gift_id", flat=True).get()
    return issue_for_gift(gift_id=gift_id, issuer=receipt.issuer, kind=receipt.kind)


def _issue(
    *,
    issuer: ReceiptIssuer,
    kind: str,
    year: int,
    donor: Donor,
    gifts: Iterable[Gift],
    run: ReceiptRun | None = None,
    is_yearly: bool = False,
) -> Receipt:
    reason = lacking(issuer, kind, donor)
    if reason:
        raise ReceiptError(reason)
    amounts = [(gift, left_of(gift.pk)) for gift in gifts]
    now = timezone.now()
    receipt = Receipt.objects.create(
        issuer=issuer,
        kind=kind,
        year=year,
        number=_next_number(issuer, kind, year),
        donor=donor,
        run=run,
        is_yearly=is_yearly,
        amount_cents=sum(cents for _gift, cents in amounts),
        issued_at=now,
    )
    try:
        ReceiptItem.objects.bulk_create(
            ReceiptItem(receipt=receipt, gift=gift, amount_cents=cents) for gift, cents in amounts
        )
    except IntegrityError as error:
        if "receipt_one_live_for_a_gift" not in str(error):
            raise
        raise ReceiptError("Ce don a déjà un document en vigueur.") from error
    _write_down_who(receipt, donor)
    letters.write(
        key=f"receipt:{receipt.pk}",
        to=donor.email or "",
        subject=f"Votre {subject_of(receipt)} nº {receipt.full_number}",
        template="receipt",
        context={"receipt": receipt, "what": subject_of(receipt), "is_fiscal": kind == Kind.FISCAL},
        receipt=receipt,
    )
    return receipt


def subject_of(receipt: Receipt) -> str:
    """What the paper is called inside a sentence."""
    return "reçu fiscal" if receipt.kind == Kind.FISCAL else "attestation de don"


def _next_number(issuer: ReceiptIssuer, kind: str, year: int) -> int:
    """The next number. Its row stays locked until the transaction ends, and falls back with it."""
    ReceiptCounter.objects.bulk_create(
        [ReceiptCounter(issuer=issuer, kind=kind, year=year)], ignore_conflicts=True
    )
    counter = ReceiptCounter.objects.select_for_update().get(issuer=issuer, kind=kind, year=year)
    counter.last_number += 1
    counter.save(update_fields=["last_number"])
    return counter.last_number


def _write_down_who(receipt: Receipt, donor: Donor) -> None:
    issued_in = year_of(receipt.issued_at)
    ReceiptIdentity.objects.create(
        receipt=receipt,
        # An attestation may go to somebody who is known by an address alone.
        name=(donor.name or donor.email or "")[:120],
        street=donor.street,
        postal_code=donor.postal_code,
        city=donor.city,
        country=donor.country,
        keep_until=dt.date(issued_in + YEARS_KEPT, 12, 31),
    )
