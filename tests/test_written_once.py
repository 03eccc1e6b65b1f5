"""Querysets whose SQL is written once give what the queryset itself gives."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db.models import Value
from django.test.utils import CaptureQueriesContext

from auposte.written_once import WrittenOnce
from broadcasts.models import Appearance
from tests.factories import AppearanceFactory

pytestmark = pytest.mark.django_db


def test_it_gives_the_same_rows_with_other_values() -> None:
    appearances = AppearanceFactory.create_batch(3)
    ask = WrittenOnce(
        lambda broadcast, word: (
            Appearance.objects.filter(broadcast=broadcast)
            .select_related("guest", "broadcast__series")
            .annotate(word=Value(word))
        ),
        broadcast=-1,
        word="a blank",
    )
    for one in appearances:
        (found,) = ask(broadcast=one.broadcast_id, word=f"%s {one.pk}")
        assert found == one
        assert found.word == f"%s {one.pk}"
        assert found.guest == one.guest
        assert found.broadcast.series == one.broadcast.series
    assert ask(broadcast=0, word="") == []


def test_nothing_more_is_asked(django_assert_num_queries: Any) -> None:
    one = AppearanceFactory()
    ask = WrittenOnce(lambda pk: Appearance.objects.filter(pk=pk).select_related("guest"), pk=-1)
    ask(pk=one.pk)
    with django_assert_num_queries(1):
        (found,) = ask(pk=one.pk)
        assert found.guest.name == one.guest.name


def test_a_blank_without_a_place_is_refused() -> None:
    ask = WrittenOnce(lambda pk, name: User.objects.filter(pk=pk), pk=-1, name="nowhere")
    with pytest.raises(ValueError, match="name"):
        ask(pk=1, name="x")


def test_another_thread_asks_by_its_own_connection() -> None:
    import threading

    from django.db import connection

    ask = WrittenOnce(lambda pk: User.objects.filter(pk=pk), pk=-1)
    with CaptureQueriesContext(connection) as here:
        ask(pk=1)
    assert len(here) == 1
    found: list[Any] = []

    def elsewhere() -> None:
        found.append(ask(pk=1))
        connection.close()

    thread = threading.Thread(target=elsewhere)
    with CaptureQueriesContext(connection) as here:
        thread.start()
        thread.join(60)
    assert (found, len(here)) == ([[]], 0)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_was_lost_is_made_anew_but_within_a_transaction() -> None:
    from django.db import OperationalError, connection, transaction

    ask = WrittenOnce(lambda pk: User.objects.filter(pk=pk), pk=-1)
    ask(pk=1)
    lose_connection()
    assert ask(pk=1) == []

    def halfway() -> None:
        with transaction.atomic():
            User.objects.create(username="half")
            lose_connection()
            ask(pk=1)

    with pytest.raises(OperationalError):
        halfway()
    connection.close()
    assert not User.objects.filter(username="half").exists()


def lose_connection() -> None:
    """As when the server starts anew while this process has nothing to ask."""
    from django.db import connection

    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s)", [connection.connection.info.backend_pid])
    other.close()
