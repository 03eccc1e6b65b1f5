"""A paper that no longer tells the truth is cancelled: its number stays, its donor is told."""

import uuid

from django.db import transaction
from django.utils import timezone

from donations.models import OutgoingEmail, Receipt, ReceiptItem
from donations.receipts.amounts import left_of
from donations.receipts.issuing import subject_of
from donations.services import letters

MONEY_MOVED = "La somme n’est plus la même, après un remboursement ou un litige."


def after_reversal(gift_id: uuid.UUID) -> None:
    """Cancel the paper of a gift when its sum is no longer what is left of the gift.

    Call it in the transaction that books, with the gift's row locked; on every booking, since it
    changes nothing where the sums agree. A new paper for the rest is the treasurer's to give out.
    """
    item = ReceiptItem.objects.filter(gift_id=gift_id, is_live=True).first()
    if item is not None and item.amount_cents != left_of(gift_id):
        cancel(receipt_id=item.receipt_id, reason=MONEY_MOVED)


@transaction.atomic
def cancel(*, receipt_id: uuid.UUID, reason: str) -> bool:
    """Take a paper out of force, and write to its donor. False when it already was."""
    cancelled = Receipt.objects.filter(pk=receipt_id, cancelled_at__isnull=True).update(
        cancelled_at=timezone.now(), cancel_reason=reason
    )
    if not cancelled:
        return False
    receipt = Receipt.objects.select_related("donor", "issuer").get(pk=receipt_id)
    receipt.items.update(is_live=False)
    # What has not left yet must not leave any more.
    OutgoingEmail.objects.filter(receipt=receipt, sent_at__isnull=True).delete()
    letters.write(
        key=f"receipt-cancelled:{receipt.pk}",
        to=receipt.donor.email or "",
        subject=f"Votre {subject_of(receipt)} nº {receipt.full_number} est annulé"
        + ("" if receipt.kind == Receipt.Kind.FISCAL else "e"),
        template="receipt_cancelled",
        context={
            "receipt": receipt,
            "what": subject_of(receipt),
            "is_fiscal": receipt.kind == Receipt.Kind.FISCAL,
        },
    )
    return True
