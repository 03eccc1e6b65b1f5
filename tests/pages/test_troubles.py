"""What stands behind the pages fails: readers see what there is."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection, connections, transaction
from pytest_django.fixtures import Settings

from auposte.pages import middleware, store
from broadcasts.models import Broadcast
from donations.models import Progress
from donations.services import campaigns
from sandbox.services import Services
from tests.factories import BroadcastFactory
from tests.pages.test_kept import how, visit


@pytest.fixture
def address() -> str:
    return BroadcastFactory(title="Première version").get_absolute_url()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Seconds pass when the test says so, for the age of kept pages."""
    now = middleware.time.time()
    monkeypatch.setattr(middleware.time, "time", lambda: now)

    def pass_by(seconds: float) -> None:
        nonlocal now
        now += seconds

    return pass_by


def test_valkey_away_pages_are_rendered(address: str, services: Services) -> None:
    visit(address)
    services.valkey.stop()
    try:
        page = visit(address)
        assert (page.status_code, how(page)) == (200, "")
        assert page["X-Accel-Expires"] == "1", "nginx keeps it all the same"
    finally:
        services.valkey.start()
    store._silent_until = 0.0
    assert how(visit(address)) in {"hit", "miss"}
    assert how(visit(address)) == "hit"


def test_valkey_hangs_and_only_the_first_waits(
    address: str, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit(address)
    asked: list[float] = []
    real = store._valkey

    def counted() -> Any:
        asked.append(1)
        return real()

    monkeypatch.setattr(store, "_valkey", counted)
    services.valkey.suspend()
    try:
        for _ in range(5):
            assert visit(address).status_code == 200
    finally:
        services.valkey.resume()
        monkeypatch.undo()
    assert len(asked) == 1


def test_database_away_what_is_kept_is_shown(
    address: str, services: Services, clock: Callable[[float], None]
) -> None:
    before = visit(address).content
    connections.close_all()
    services.postgres.stop()
    try:
        assert how(visit(address)) == "hit"
        clock(3600)
        page = visit(address)
        assert (page.status_code, how(page), page.content) == (200, "stale", before)
        # The next ones do not try: the first keeps its turn for a while.
        assert how(visit(address)) == "hit"
    finally:
        services.postgres.start()
        connections.close_all()
    store._ask("DEL", f"{store.LOCK}page:identity:{address}?")
    assert how(visit(address)) == "miss"


def test_one_renders_while_the_others_see_what_was(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    visit(address)
    Broadcast.objects.update(title="Seconde version")
    inside, go_on = threading.Event(), threading.Event()
    real = middleware._entry

    def slow(*args: Any) -> Any:
        inside.set()
        go_on.wait(60)
        return real(*args)

    monkeypatch.setattr(middleware, "_entry", slow)
    found: list[Any] = []

    def first() -> None:
        found.append(visit(address))
        connection.close()

    worker = threading.Thread(target=first)
    worker.start()
    assert inside.wait(60)
    page = visit(address)
    go_on.set()
    worker.join(60)
    assert (how(page), "Première version" in page.text) == ("hit", True)
    assert (how(found[0]), "Seconde version" in found[0].text) == ("miss", True)
    assert "Seconde version" in visit(address).text


def test_money_alone_renders_a_page_once_in_ten_seconds(
    address: str, clock: Callable[[float], None]
) -> None:
    campaigns.current_campaign()
    visit(address)
    Progress.objects.update(raised_cents=123_456)
    assert how(visit(address)) == "hit"
    clock(9)
    assert how(visit(address)) == "hit"
    clock(2)
    page = visit(address)
    assert (how(page), "1\u202f234,56" in page.text.replace("\xa0", "\u202f")) == ("miss", True)
    Progress.objects.update(raised_cents=234_567)
    assert how(visit(address)) == "hit"


def test_money_shows_at_once_where_open_pages_ask(address: str) -> None:
    campaigns.current_campaign()
    before = visit("/fragments/collecte")
    Progress.objects.update(raised_cents=123_456)
    assert visit("/fragments/collecte").content != before.content


def test_an_edit_that_is_undone_renders_nothing(address: str) -> None:
    visit(address)
    with transaction.atomic():
        Broadcast.objects.update(title="Jamais")
        transaction.set_rollback(True)
    assert how(visit(address)) == "hit"


def test_a_page_that_fails_shows_as_it_was(
    address: str, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    before = visit(address).content
    Broadcast.objects.update(title="Seconde version")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE broadcasts_series RENAME TO series_away")
    try:
        page = visit(address)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE series_away RENAME TO broadcasts_series")
    assert (page.status_code, how(page), page.content) == (200, "stale", before)
