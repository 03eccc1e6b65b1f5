"""Locks that belong to a database session, so that they are freed however their holder ends."""

import contextlib
from collections.abc import Iterator

from django.db import DatabaseError, connection


@contextlib.contextmanager
def advisory_lock(key: int) -> Iterator[bool]:
    """Try to take PostgreSQL's advisory lock of this number; whether it was free.

    It is never waited for. Through a pooler in transaction mode it locks nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [key])
        row = cursor.fetchone()
    taken = bool(row and row[0])
    try:
        yield taken
    finally:
        if taken:
            # A connection that is lost has let go by itself.
            with contextlib.suppress(DatabaseError), connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [key])
