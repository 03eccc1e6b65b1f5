"""What happened to a gift, told in order from the rows that each step left behind.

Nothing is written for the time line itself, so it cannot disagree with the books.
"""

import datetime as dt
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from django.contrib.admin.models import ADDITION, LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, Sum
from django.db.models.functions import TruncDate

from auposte.money import NBSP, NNBSP, euros
from auposte.staff import name_of
from auposte.templatetags.french import french_date, french_moment, french_time
from donations.models import (
    Campaign,
    Dispute,
    Gift,
    LedgerEntry,
    OutgoingEmail,
    PayoutLine,
    Progress,
    ReceiptItem,
    RefundOrder,
    StripeEvent,
)
from donations.services.campaigns import PARIS
from donations.services.disputes import CLOSED, fraud_words, reason_words, status_words

Tone = Literal["plain", "in", "out", "warning"]
Kind = LedgerEntry.Kind


@dataclass(frozen=True, kw_only=True)
class Moment:
    """One step, at an aware time. `cents` is money that moved, or that was asked for.

    `who` is a person of the staff; `is_private` steps are for those who may see the money.
    """

    at: dt.datetime
    text: str
    tone: Tone = "plain"
    cents: int | None = None
    detail: str = ""
    who: str = ""
    is_private: bool = True


@dataclass(frozen=True, kw_only=True)
class Correction:
    """What changed a period's total after its end: a Paris day, what it was, signed cents."""

    day: dt.date
    text: str
    cents: int


# What Stripe told of the payment before any money came, by its type.
TOLD: dict[str, tuple[str, Tone]] = {
    "payment_intent.payment_failed": ("Moyen de paiement refusé par la banque", "warning"),
    "payment_intent.processing": ("Prélèvement demandé à la banque", "plain"),
    "checkout.session.expired": ("Page de paiement fermée sans paiement", "plain"),
    "checkout.session.async_payment_failed": ("Prélèvement revenu impayé", "warning"),
    "invoice.payment_failed": ("Débit mensuel refusé par la banque", "warning"),
    "invoice.payment_action_required": ("La banque attend une confirmation", "warning"),
    "charge.dispute.updated": ("Litige mis à jour", "plain"),
    "charge.dispute.closed": ("Litige clos", "plain"),
}
# A letter's key up to its colon, and what it is.
LETTERS = {
    "thanks": "de remerciement",
    "refund": "de remboursement",
    "refund-failed": "à la trésorerie, remboursement revenu",
    "dispute-opened": "à la trésorerie, litige ouvert",
    "dispute-closed": "à la trésorerie, litige clos",
    "fraud-warning": "à la trésorerie, alerte de fraude",
    "monthly-failed": "de paiement refusé",
    "monthly-action": "de confirmation à donner à la banque",
    "receipt": "avec un reçu",
    "receipt-cancelled": "de reçu annulé",
}


def of_gift(gift: Gift) -> list[Moment]:
    """The gift's whole story, newest last, in a fixed number of queries."""
    entries = list(LedgerEntry.objects.filter(gift=gift).order_by("occurred_at", "pk"))
    paid = [entry for entry in entries if _stem(entry)[0] == f"stripe:{gift.charge_id}"]
    orders = list(gift.refund_orders.select_related("asked_by"))
    disputes = list(gift.disputes.all())
    warnings = list(gift.fraud_warnings.all())
    items = list(ReceiptItem.objects.filter(gift=gift).select_related("receipt"))
    acts = _acts(gift)
    moments = [
        *_beginning(gift, acts),
        *_told_by_stripe(gift, disputes),
        *_money(gift, paid),
        *(
            Moment(
                at=order.asked_at,
                text="Remboursement demandé",
                cents=order.amount_cents,
                detail=_order_words(order),
                tone="warning" if order.state == order.State.REFUSED else "plain",
                who=name_of(order.asked_by),
            )
            for order in orders
        ),
        *(
            Moment(
                at=dispute.opened_at,
                text="Litige ouvert par la banque",
                cents=dispute.amount_cents,
                detail=f"{reason_words(dispute.reason)}{NNBSP}; {status_words(dispute.status)}",
                tone="warning",
            )
            for dispute in disputes
        ),
        *(
            Moment(
                at=warning.warned_at,
                text="Alerte de fraude de la banque",
                detail=fraud_words(warning.kind),
                tone="warning",
            )
            for warning in warnings
        ),
        *_money(gift, [entry for entry in entries if entry not in paid]),
        *_counted(gift, entries),
        *_letters(
            [f"thanks:{gift.pk}"]
            + [f"{name}:{ref}" for ref in _refunds(entries) for name in ("refund", "refund-failed")]
            + [f"dispute-opened:{each.dispute_id}" for each in disputes]
            + [f"dispute-opened:{each.dispute_id}:inquiry" for each in disputes]
            + [f"dispute-closed:{each.dispute_id}:{end}" for each in disputes for end in CLOSED]
            + [f"fraud-warning:{each.warning_id}" for each in warnings]
            + [f"receipt-cancelled:{item.receipt_id}" for item in items],
            receipts=[item.receipt_id for item in items],
            invoice_id=gift.invoice_id,
        ),
        *_receipts(items),
        *_payouts(gift),
        *_by_hand(acts),
    ]
    # Stripe's times have no fractions of a second, ours do: within one, the order above holds.
    return sorted(moments, key=lambda moment: moment.at.replace(microsecond=0))


def _beginning(gift: Gift, acts: list[LogEntry]) -> Iterator[Moment]:
    if gift.channel == Gift.Channel.OFFLINE:
        who = next((name_of(act.user) for act in acts if act.action_flag == ADDITION), "")
        yield Moment(
            at=gift.created_at,
            text="Don hors ligne inscrit",
            cents=gift.amount_cents,
            detail=gift.get_means_display().lower(),
            who=who,
            is_private=False,
        )
        return
    if gift.subscription_id and not gift.checkout_session_id:
        yield Moment(at=gift.created_at, text="Débit mensuel annoncé par Stripe", is_private=False)
        return
    yield Moment(
        at=gift.created_at,
        text="Formulaire envoyé",
        cents=gift.total_cents,
        detail=_cover_words(gift.fee_cover_cents),
        is_private=False,
    )
    if gift.checkout_session_id:
        tries = f"essai nº{NBSP}{gift.attempt}" if gift.attempt > 1 else ""
        yield Moment(at=gift.created_at, text="Page de paiement ouverte chez Stripe", detail=tries)


def _cover_words(cents: int) -> str:
    return f"dont {euros(cents)} pour les frais bancaires" if cents else ""


def _told_by_stripe(gift: Gift, disputes: list[Dispute]) -> Iterator[Moment]:
    ends = {each.dispute_id: status_words(each.status) for each in disputes}
    known = (gift.checkout_session_id, gift.payment_intent_id, gift.invoice_id, *ends)
    ids = [key for key in known if key]
    events = StripeEvent.objects.filter(object_id__in=ids, type__in=TOLD)
    for event in events.order_by("created", "received_at"):
        text, tone = TOLD[event.type]
        is_closing = event.type == "charge.dispute.closed"
        yield Moment(
            at=event.created,
            text=text,
            tone=tone,
            detail=ends.get(event.object_id, "") if is_closing else "",
        )


def _stem(entry: LedgerEntry) -> tuple[str, bool]:
    """What moved (`stripe:re_…`) and whether this entry takes it back (`:failed`)."""
    for suffix, again in ((":failed", True), ("", False)):
        for part in (":gift", ":fee_cover", ":fee"):
            if entry.source.endswith(part + suffix):
                return entry.source.removesuffix(part + suffix), again
    return entry.source, False


def _refunds(entries: Iterable[LedgerEntry]) -> list[str]:
    stems = {_stem(each)[0].partition(":")[2] for each in entries if each.kind == Kind.REFUND}
    return sorted(stems)


def _money(gift: Gift, entries: list[LedgerEntry]) -> Iterator[Moment]:
    """One moment for what moved at once: gift and fee cover go together, Stripe's fee apart."""
    moves: dict[tuple[str, bool, bool], list[LedgerEntry]] = {}
    for entry in entries:
        moves.setdefault((*_stem(entry), entry.kind == Kind.FEE), []).append(entry)
    disputed = {_stem(each)[0] for each in entries if each.kind == Kind.DISPUTE}
    for (stem, again, is_fee), parts in moves.items():
        main = next((each for each in parts if each.kind != Kind.FEE_COVER), parts[0])
        cents = sum(each.amount_cents for each in parts)
        said = []
        if main.kind != Kind.FEE_COVER:
            cover = sum(each.amount_cents for each in parts if each.kind == Kind.FEE_COVER)
            said.append(_cover_words(abs(cover)))
        if not is_fee and gift.campaign and _is_late(main, gift.campaign):
            said.append(
                f"correction postérieure, comptée avec le don dans «{NBSP}{gift.campaign}{NBSP}»"
            )
        if is_fee:
            text = "Frais de litige de Stripe" if stem in disputed else "Commission de Stripe"
        else:
            text = _move_words(main, again=again)
        yield Moment(
            at=main.occurred_at,
            text=text,
            tone="plain" if is_fee else "in" if cents > 0 else "out",
            cents=cents,
            detail=f"{NNBSP}; ".join(filter(None, said)),
            is_private=main.kind not in {Kind.GIFT, Kind.OFFLINE},
        )


def _move_words(entry: LedgerEntry, *, again: bool) -> str:
    match entry.kind:
        case Kind.GIFT:
            return "Payé"
        case Kind.OFFLINE:
            return "Reçu"
        case Kind.DISPUTE:
            return "Somme retirée par la banque"
        case Kind.DISPUTE_REVERSAL:
            return "Somme rendue par la banque"
        case Kind.ADJUSTMENT:
            return "Écriture de correction"
        case _:
            return "Remboursement revenu" if again else "Remboursé"


def _is_late(entry: LedgerEntry, campaign: Campaign) -> bool:
    return entry.occurred_at.astimezone(PARIS).date() > campaign.ends_on


def _counted(gift: Gift, entries: list[LedgerEntry]) -> Iterator[Moment]:
    """The gift is in the books, and the bar has seen it or will."""
    first = min((each.recorded_at for each in entries if each.kind != Kind.FEE), default=None)
    if first is None or gift.campaign_id is None:
        return
    progress = Progress.objects.filter(campaign_id=gift.campaign_id).first()
    is_behind = progress is None or progress.dirty_since is not None
    yield Moment(
        at=first,
        text="Inscrit au grand livre",
        detail=f"la jauge de «{NBSP}{gift.campaign}{NBSP}» "
        + ("va être recalculée" if is_behind else "le compte"),
    )


def _letters(
    keys: list[str], *, receipts: list[uuid.UUID], invoice_id: str | None
) -> Iterator[Moment]:
    ours = Q(key__in=keys) | Q(receipt_id__in=receipts)
    if invoice_id:
        # One for each attempt: `monthly-failed:in_…:2`.
        for name in ("monthly-failed", "monthly-action"):
            ours |= Q(key__startswith=f"{name}:{invoice_id}:")
    letters = OutgoingEmail.objects.filter(ours)
    for letter in letters.order_by("created_at", "pk"):
        what = LETTERS.get(letter.key.partition(":")[0], "")
        name = f"Courriel {what}" if what else f"Courriel «{NBSP}{letter.subject}{NBSP}»"
        if letter.sent_at:
            yield Moment(at=letter.sent_at, text=f"{name}{NBSP}: parti")
        elif letter.last_error:
            again = french_moment(letter.next_attempt_at)
            yield Moment(
                at=letter.created_at,
                text=f"{name}{NBSP}: n’est pas parti",
                detail=f"{letter.last_error}{NNBSP}; nouvel essai le {again}",
                tone="warning",
            )
        else:
            yield Moment(at=letter.created_at, text=f"{name}{NBSP}: en attente")


def _receipts(items: list[ReceiptItem]) -> Iterator[Moment]:
    for item in items:
        receipt = item.receipt
        name = f"{receipt.get_kind_display()} nº{NBSP}{receipt.full_number}"
        yield Moment(at=receipt.issued_at, text=f"{name}{NBSP}: émis", cents=item.amount_cents)
        if receipt.cancelled_at:
            yield Moment(
                at=receipt.cancelled_at,
                text=f"{name}{NBSP}: annulé",
                detail=receipt.cancel_reason,
                tone="warning",
            )


def _payouts(gift: Gift) -> Iterator[Moment]:
    """When the gift's money left for the bank account; a line for each payout that had a part."""
    lines = PayoutLine.objects.filter(gift=gift).select_related("payout")
    by_payout: dict[int, list[PayoutLine]] = {}
    for line in lines.order_by("occurred_at", "pk"):
        by_payout.setdefault(line.payout_id, []).append(line)
    for parts in by_payout.values():
        payout = parts[0].payout
        yield Moment(
            at=payout.created_at,
            text="Dans un virement de Stripe vers la banque",
            cents=sum(line.amount_cents - line.fee_cents for line in parts),
            detail=f"{payout.payout_id}, attendu le {french_date(payout.arrives_on)}",
        )


def _acts(gift: Gift) -> list[LogEntry]:
    of_gifts = ContentType.objects.get_for_model(Gift)
    acts = LogEntry.objects.filter(content_type=of_gifts, object_id=str(gift.pk))
    return list(acts.select_related("user").order_by("action_time", "pk"))


def _by_hand(acts: list[LogEntry]) -> Iterator[Moment]:
    """What people did in the admin: words moderated, an offline gift taken back."""
    for act in acts:
        if act.action_flag != ADDITION:
            yield Moment(
                at=act.action_time,
                text=str(act.get_change_message()) or "Modifié dans l’administration",
                who=name_of(act.user),
                # Fields of the form are the words that everybody sees; the rest is about money.
                is_private=not act.change_message.startswith('[{"changed"'),
            )


def _order_words(order: RefundOrder) -> str:
    said = [order.reason]
    if order.state == order.State.REFUSED:
        said.append(order.error)
    elif order.state == order.State.ASKED:
        said.append(waiting_words(order))
    return f"{NNBSP}; ".join(filter(None, said))


def waiting_words(order: RefundOrder) -> str:
    """« en attente, nouvel essai à 14 h 05 », for an order that Stripe has not answered."""
    return f"en attente, nouvel essai à {french_time(order.next_attempt_at)}"


def corrections_of(campaign: Campaign) -> list[Correction]:
    """What reversals and late entries changed in a period's total after its last day, in Paris.

    Summed by day and kind, of the kinds that count towards the goal; no names, no gifts. A day's
    sum may still be one gift's: who publishes it must withhold what is too few. One query.
    """
    end = dt.datetime.combine(campaign.ends_on + dt.timedelta(days=1), dt.time(), PARIS)
    sums = (
        LedgerEntry.objects.filter(campaign=campaign, occurred_at__gte=end)
        .raised()
        .annotate(day=TruncDate("occurred_at", tzinfo=PARIS))
        .values("day", "kind")
        .annotate(cents=Sum("amount_cents"))
        .order_by("day", "kind")
    )
    return [
        Correction(day=row["day"], text=str(Kind(row["kind"]).label), cents=row["cents"])
        for row in sums
    ]
