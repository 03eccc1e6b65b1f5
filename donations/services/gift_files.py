"""Taking in what HelloAsso and Donorbox collected, from their files. The file is never kept."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence

from django.contrib.auth.models import AnonymousUser, User
from django.db import DatabaseError, transaction

from auposte.locks import advisory_lock
from donations.gift_rows import FailedRow, PaidRow, Platform, Row, read_gifts
from donations.models import Gift, GiftImport, GiftImportRow, LedgerEntry
from donations.services.offline import Address, OfflineGift, record_offline_gifts

LOCK = 1_038_001
AT_ONCE = 500
State = GiftImportRow.State


class BusyError(Exception):
    """Somebody else is taking in a file at this moment."""


class _OnlyATryError(Exception):
    """Takes a dry run's bookings back."""


def digest_of(data: bytes) -> str:
    """What tells one file from another: SHA-256, hexadecimal."""
    return hashlib.sha256(data).hexdigest()


def import_gifts(
    *,
    data: bytes,
    file_name: str,
    dry_run: bool,
    user: User | AnonymousUser | None = None,
) -> GiftImport:
    """Book the file's gifts, each once for all times, and report row by row.

    A dry run does all of it and takes it back, so that it promises nothing that would fail. A row
    that fails says why, and the others go in. Raises FileError for a file that cannot be read,
    BusyError while another one is taken in.
    """
    with advisory_lock(LOCK) as free:
        if not free:
            raise BusyError
        platform, rows = read_gifts(data)
        results: list[GiftImportRow] = []
        with transaction.atomic():
            try:
                with transaction.atomic():
                    seen: dict[str, int] = {}
                    for some in _batches(rows):
                        results += _take_in(some, platform, seen)
                    if dry_run:
                        raise _OnlyATryError
            except _OnlyATryError:
                for result in results:
                    result.gift = None
            batch = GiftImport.objects.create(
                origin=platform.origin,
                file_name=file_name[:200],
                digest=digest_of(data),
                dry_run=dry_run,
                made_by_id=user.pk if user is not None else None,
            )
            for result in results:
                result.batch = batch
            GiftImportRow.objects.bulk_create(results, batch_size=2000)
    return batch


def _batches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    some: list[Row] = []
    for row in rows:
        some.append(row)
        if len(some) == AT_ONCE:
            yield some
            some = []
    if some:
        yield some


def _take_in(rows: Sequence[Row], platform: Platform, seen: dict[str, int]) -> list[GiftImportRow]:
    """Book some rows together; if the database refuses them, one by one, to find which."""
    results, orders = [], {}
    for row in rows:
        if isinstance(row, FailedRow):
            results.append(_failed(row.number, row.reason, row.amount_cents))
            continue
        order = _order(row, platform)
        first = seen.setdefault(order.key, row.number)
        if first != row.number:
            results.append(
                GiftImportRow(
                    number=row.number,
                    state=State.KNOWN,
                    reason=f"même paiement que la ligne {first}",
                    amount_cents=row.amount_cents,
                )
            )
        else:
            orders[row.number] = order
    try:
        with transaction.atomic():
            new = record_offline_gifts(orders.values())
        refused: dict[int, str] = {}
    except (DatabaseError, ValueError):
        new, refused = _one_by_one(orders)
    known = _known_amounts(orders.values())
    for number, order in orders.items():
        if number in refused:
            results.append(_failed(number, refused[number], order.amount_cents))
        else:
            results.append(_booked(number, order, order.key in new, known.get(order.source)))
    return sorted(results, key=lambda result: result.number)


def _one_by_one(orders: dict[int, OfflineGift]) -> tuple[set[str], dict[int, str]]:
    new: set[str] = set()
    refused: dict[int, str] = {}
    for number, order in orders.items():
        try:
            with transaction.atomic():
                new |= record_offline_gifts([order])
        except (DatabaseError, ValueError) as error:
            # Its class says enough: the message would quote the row, and so the person.
            refused[number] = f"refusée par la base de données ({type(error).__name__})"
    return new, refused


def _known_amounts(orders: Iterable[OfflineGift]) -> dict[str, int]:
    sources = [order.source for order in orders]
    return dict(
        LedgerEntry.objects.filter(source__in=sources).values_list("source", "amount_cents")
    )


def _order(row: PaidRow, platform: Platform) -> OfflineGift:
    return OfflineGift(
        key=f"{platform.origin}:{row.payment_id}",
        amount_cents=row.amount_cents,
        occurred_at=row.paid_at,
        means=Gift.Means(platform.origin),
        email=row.email,
        name=row.name,
        address=Address(
            street=row.street,
            postal_code=row.postal_code,
            city=row.city,
            country=row.country,
        ),
    )


def _booked(
    number: int, order: OfflineGift, is_new: bool, known_cents: int | None
) -> GiftImportRow:
    reason = ""
    if not is_new and known_cents is not None and known_cents != order.amount_cents:
        reason = "déjà là, pour un autre montant : à vérifier"
    return GiftImportRow(
        number=number,
        state=State.NEW if is_new else State.KNOWN,
        reason=reason,
        amount_cents=order.amount_cents,
        gift_id=order.gift_id,
    )


def _failed(number: int, reason: str, cents: int | None) -> GiftImportRow:
    return GiftImportRow(number=number, state=State.FAILED, reason=reason[:300], amount_cents=cents)
