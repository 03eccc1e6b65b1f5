"""What must not be seen for another second, whatever is stored, down or on its way."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from pytest_django.fixtures import Settings
from redis import Redis

from auposte import tasks
from auposte.models import Removal
from auposte.pages import removal, store
from broadcasts.models import Broadcast
from broadcasts.services import publishing
from sandbox.services import Services
from tests.factories import BroadcastFactory
from tests.pages.conftest import forget_valkey
from tests.pages.test_kept import how, keys, visit


@pytest.fixture
def episode() -> Broadcast:
    return BroadcastFactory(title="Ce qui doit partir")


def take(episode: Broadcast) -> None:
    publishing.take_away(broadcast=episode, user=None)


def test_what_is_taken_away_is_nowhere(episode: Broadcast, settings: Settings) -> None:
    pages = [episode.get_absolute_url(), "/", "/emissions", "/flux/emissions.xml"]
    pages += ["/flux/emissions.atom", "/sitemaps/emissions-1.xml"]
    for page in pages:
        for accepted in ("br", "gzip", ""):
            visit(page, **{"accept-encoding": accepted})
    assert len(keys(settings)) == 18
    take(episode)
    assert keys(settings) == []
    for page in pages:
        assert episode.slug not in visit(page).text.replace(f"{episode.get_absolute_url()}</", "")
    assert visit(pages[0]).status_code == 410


def test_a_page_on_its_way_is_not_shown(episode: Broadcast) -> None:
    """Rendered before the removal, kept after it."""
    address = episode.get_absolute_url()
    visit(address)
    versions, entry = store.look_up(f"page:identity:{address}?")
    assert entry is not None
    take(episode)
    store.keep(f"page:identity:{address}?", entry)
    assert store.look_up(f"page:identity:{address}?")[1] is None
    assert visit(address).status_code == 410
    assert versions.removal != str(Removal.objects.get().pk)


def test_what_answers_otherwise_without_a_removal_does_not_come_back(episode: Broadcast) -> None:
    """Somebody edits the row itself: the page of before is not shown in turns with the 404."""
    address = episode.get_absolute_url()
    visit(address)
    Broadcast.objects.filter(pk=episode.pk).update(status="draft")
    for _ in range(3):
        assert visit(address).status_code == 404


def test_a_removal_that_is_undone_removes_nothing(episode: Broadcast, settings: Settings) -> None:
    visit(episode.get_absolute_url())
    with transaction.atomic():
        take(episode)
        transaction.set_rollback(True)
    assert how(visit(episode.get_absolute_url())) == "hit"


def test_valkey_away_meanwhile(episode: Broadcast, services: Services, settings: Settings) -> None:
    """It comes back with the old pages; no process shows one before it has heard of the removal."""
    address = episode.get_absolute_url()
    visit(address)
    services.valkey.suspend()
    try:
        assert how(visit(address)) == "", "rendered without it"
        take(episode)
    finally:
        services.valkey.resume()
    assert len(keys(settings)) == 1, "it has not heard of it"
    forget_valkey()
    assert visit(address).status_code == 410
    assert removal.settle() == 1
    assert keys(settings) == []


def test_valkey_goes_back_to_before(episode: Broadcast, settings: Settings) -> None:
    """As after a restart from an older copy on disk."""
    address = episode.get_absolute_url()
    visit(address)
    valkey = Redis.from_url(settings.REDIS_URL)
    before = {key: valkey.get(key) for key in valkey.keys("page*")}
    take(episode)
    valkey.flushdb()
    for key, value in before.items():
        valkey.set(key, value)
    forget_valkey()
    assert visit(address).status_code == 410


def test_emptied_under_an_open_connection_it_fills_again(
    episode: Broadcast, settings: Settings
) -> None:
    address = episode.get_absolute_url()
    visit(address)
    Redis.from_url(settings.REDIS_URL).flushdb()
    assert visit(address).status_code == 200
    assert [how(visit(address)) for _ in range(2)] == ["miss", "hit"]


def test_removals_take_turns(episode: Broadcast) -> None:
    """A later number that commits first would let pages pass that the earlier one takes away."""
    other = BroadcastFactory()
    begun, done = threading.Event(), []

    def second() -> None:
        begun.set()
        take(other)
        done.append(Removal.objects.latest("pk").path)
        connection.close()

    worker = threading.Thread(target=second)
    with transaction.atomic():
        take(episode)
        worker.start()
        assert begun.wait(60)
        worker.join(0.3)
        assert done == []
    worker.join(60)
    assert done == [other.get_absolute_url()]


def test_nginx_s_copies_go_now_and_once_more(
    episode: Broadcast, settings: Settings, tmp_path: Path, monkeypatch: Any
) -> None:
    settings.NGINX_CACHE = tmp_path
    monkeypatch.setattr(tasks, "ON_THE_WAY_SECONDS", 0)
    copy = tmp_path / "a" / "b7"
    copy.parent.mkdir()
    copy.write_bytes(b"page")
    take(episode)
    assert not copy.exists()
    copy.write_bytes(b"a page that was on its way")
    tasks.settle_removals()
    assert not copy.exists()
    assert Removal.objects.get().settled_at is not None
    copy.write_bytes(b"a later one")
    tasks.settle_removals()
    assert copy.exists()


def test_a_removal_is_not_over_while_nginx_s_folder_cannot_be_read(
    episode: Broadcast, settings: Settings, tmp_path: Path, monkeypatch: Any
) -> None:
    settings.NGINX_CACHE = tmp_path / "cache"
    monkeypatch.setattr(tasks, "ON_THE_WAY_SECONDS", 0)
    take(episode)
    tasks.settle_removals()
    assert Removal.objects.get().settled_at is None
    (tmp_path / "cache").mkdir()
    tasks.settle_removals()
    assert Removal.objects.get().settled_at is not None


def test_an_address_that_never_was_is_still_none() -> None:
    assert Client().get("/emissions/jamais-vue").status_code == 404
