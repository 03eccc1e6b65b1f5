"""The ledger for the accountant: one line an entry, as a spreadsheet in France reads it."""

import datetime as dt
from collections.abc import Iterator
from itertools import islice

from django.utils import timezone

from auposte.spreadsheets import BYTE_ORDER_MARK, csv_rows, decimal, harmless
from donations.models import LedgerEntry, PayoutLine
from donations.services.campaigns import PARIS, midnight

HEADER = ("Date", "Nature", "Montant", "Campagne", "Don", "Origine", "Virement")
CHUNK = 1000


def ledger_lines(*, first: dt.date | None, last: dt.date | None) -> Iterator[str]:
    """The CSV's text, part by part, of the entries of these Paris days, both included.

    Semicolons, amounts in euros with a comma, dates and hours in Paris, the oldest first. It has
    no personal data, as the ledger has none: a gift is named by its reference.
    """
    entries = LedgerEntry.objects.select_related("campaign").order_by("occurred_at", "pk")
    if first:
        entries = entries.filter(occurred_at__gte=midnight(first))
    if last:
        entries = entries.filter(occurred_at__lt=midnight(last + dt.timedelta(days=1)))
    yield BYTE_ORDER_MARK + csv_rows([HEADER])
    rows = entries.iterator(chunk_size=CHUNK)
    while chunk := list(islice(rows, CHUNK)):
        payouts = _payouts(chunk)
        yield csv_rows(_line(entry, payouts) for entry in chunk)


def _line(entry: LedgerEntry, payouts: dict[tuple[str, bool], str]) -> tuple[str, ...]:
    at = timezone.localtime(entry.occurred_at, PARIS)
    return (
        f"{at:%d/%m/%Y %H:%M:%S}",
        entry.get_kind_display(),
        decimal(entry.amount_cents),
        harmless(entry.campaign.title),
        str(entry.gift_id or ""),
        harmless(entry.source),
        _payout_of(entry.source, payouts),
    )


def _stripe_id(source: str) -> str:
    return source.split(":")[1] if source.startswith("stripe:") else ""


def _payout_of(source: str, payouts: dict[tuple[str, bool], str]) -> str:
    return payouts.get((_stripe_id(source), source.endswith(":failed")), "")


def _payouts(entries: list[LedgerEntry]) -> dict[tuple[str, bool], str]:
    """The payouts that took these entries' movements along.

    By movement, or by charge or refund. A refund that failed has two movements, which may well be
    in two payouts: the flag tells its way back.
    """
    ids = {_stripe_id(entry.source) for entry in entries} - {""}
    lines = PayoutLine.objects.select_related("payout")
    found = {}
    for line in lines.filter(source_id__in=ids):
        came_back = line.kind.startswith("refund") and line.amount_cents > 0
        found[line.source_id, came_back] = line.payout.payout_id
    for line in lines.filter(transaction_id__in=ids):
        found[line.transaction_id, False] = line.payout.payout_id
    return found
