"""Which ledger entries a charge calls for. Pure arithmetic on integer cents."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from donations.models import Gift, LedgerEntry
from donations.payments import Charge

Kind = LedgerEntry.Kind


@dataclass(frozen=True, kw_only=True)
class Move:
    """Money of a charge going away (`gone_cents` > 0) or coming back (< 0)."""

    at: dt.datetime
    kind: Kind
    gone_cents: int
    name: str
    suffix: str = ""


def entries_for(*, gift: Gift, campaign_id: int, charge: Charge) -> list[LedgerEntry]:
    """Every entry of this charge: gift, fee cover, processor's fees, and what went back.

    What goes back is shared between gift and fee cover by running totals in order of time, so
    that a gift returned in any number of parts ends with both at exactly 0, and an entry once
    booked is computed the same for ever.
    """
    total, cover = charge.amount_cents, min(gift.fee_cover_cents, charge.amount_cents)
    parts = [
        (Kind.GIFT, total - cover, charge.created, f"{charge.charge_id}:gift"),
        (Kind.FEE_COVER, cover, charge.created, f"{charge.charge_id}:fee_cover"),
    ]
    if charge.fee:
        fee = charge.fee
        parts.append((Kind.FEE, -fee.amount_cents, fee.occurred_at, f"{fee.transaction_id}:fee"))
    gone, cover_gone = 0, 0
    for move in sorted(_moves(charge), key=lambda move: move.at):
        gone += move.gone_cents
        target = min(max(gone, 0), total) * cover // total
        cover_part, cover_gone = target - cover_gone, target
        gift_part = move.gone_cents - cover_part
        parts.append((move.kind, -gift_part, move.at, f"{move.name}:gift{move.suffix}"))
        parts.append((Kind.FEE_COVER, -cover_part, move.at, f"{move.name}:fee_cover{move.suffix}"))
    for dispute in charge.disputes:
        source = f"{dispute.transaction_id}:fee"
        parts.append((Kind.FEE, -dispute.fee_cents, dispute.occurred_at, source))
    return [
        LedgerEntry(
            kind=kind,
            amount_cents=cents,
            occurred_at=at,
            campaign_id=campaign_id,
            gift=gift,
            source=f"stripe:{source}",
        )
        for kind, cents, at, source in parts
        if cents
    ]


def _moves(charge: Charge) -> Iterator[Move]:
    """Those of one second stand in this order: as each was made, then as it came back."""
    for refund in charge.refunds:
        if refund.moved:
            yield Move(
                at=refund.created,
                kind=Kind.REFUND,
                gone_cents=refund.amount_cents,
                name=refund.refund_id,
            )
    for refund in charge.refunds:
        if refund.moved and refund.failed_at:
            yield Move(
                at=refund.failed_at,
                kind=Kind.REFUND,
                gone_cents=-refund.amount_cents,
                name=refund.refund_id,
                suffix=":failed",
            )
    for dispute in charge.disputes:
        yield Move(
            at=dispute.occurred_at,
            kind=Kind.DISPUTE if dispute.amount_cents < 0 else Kind.DISPUTE_REVERSAL,
            gone_cents=-dispute.amount_cents,
            name=dispute.transaction_id,
        )
