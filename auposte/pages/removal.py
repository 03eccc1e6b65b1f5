"""Taking away what must not be seen for another second: an episode that leaves, a person's name.

This is no mere edit. The transaction that takes it away leaves a numbered row, and no page that was
begun before that number is shown: Valkey is told at once, or when it is back; nginx's copies go now
and once more, since a page may have been on its way.
"""

import os
from pathlib import Path

import structlog
from django.conf import settings
from django.db import connection, transaction

from auposte.models import Removal
from auposte.pages import store

log = structlog.get_logger(__name__)
# Removals take turns, so that they are committed in the order of their numbers.
TURNS = 7_265_001


def take_away(path: str) -> None:
    """Within the transaction that hides `path`: no stored page shows it once that commits."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [TURNS])
        removal = Removal.objects.create(path=path)
        transaction.on_commit(lambda: carry_out(removal.pk), robust=True)


def carry_out(number: int) -> None:
    """Empty what is stored. What cannot be reached now is emptied by `settle`."""
    from auposte.queue import enqueue
    from auposte.tasks import settle_removals

    _empty_all(number)
    enqueue(settle_removals)


def is_waiting() -> bool:
    """Whether something may still be stored somewhere."""
    return Removal.objects.filter(settled_at=None).exists()


def settle() -> int:
    """Carry out what is not settled yet, once more; how many there were. Errors are logged."""
    waiting = list(Removal.objects.filter(settled_at=None).order_by("pk"))
    if waiting and _empty_all(waiting[-1].pk):
        for removal in waiting:
            removal.settle()
    return len(waiting)


def _empty_all(number: int) -> bool:
    """Have nothing shown that was begun before this removal; whether all could be reached."""
    try:
        store.raise_removal(number)
        store.empty()
    except store.AwayError:
        empty_nginx()
        return False
    return empty_nginx()


def empty_nginx() -> bool:
    """Delete nginx's copies; whether all could be. It takes that for pages never seen.

    A folder that cannot be read, or is not there at all, may hide copies.
    """
    if settings.NGINX_CACHE is None:
        return True
    errors: list[OSError] = []
    for folder, _, names in os.walk(settings.NGINX_CACHE, onerror=errors.append):
        for name in names:
            try:
                Path(folder, name).unlink(missing_ok=True)
            except OSError as error:
                errors.append(error)
    for each in errors:
        log.error("nginx_copy_stays", error=type(each).__name__, path=each.filename)
    return not errors
