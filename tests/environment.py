"""The services and settings of the test suite, ready before Django is imported.

A pytest plugin (see `addopts`), since pytest-django reads the settings before any conftest. Each
process that runs tests has services of its own, so that a test may take them down.
"""

from __future__ import annotations

import atexit
import contextlib
import os
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from sandbox.ports import free_ports
from sandbox.services import Services, embedded_services
from sandbox.survivors import AlreadyRunningError, hold
from tests.parallel import is_controller

ROOT = Path(__file__).resolve().parent.parent
ARTIFACTS = ROOT / "test-artifacts"
# Runs at the same time each have a folder of their own.
FOLDERS = [ROOT / ".test" / str(number) for number in range(1, 10)]

_open = contextlib.ExitStack()
embedded: list[Services] = []


SITE_PORT, STRIPE_PORT = free_ports(), free_ports()


def _claim_empty(url: str) -> None:
    """Refuse a Redis that holds anything: the tests empty it, and it may be somebody's."""
    client = Redis.from_url(url)
    if client.dbsize():
        raise SystemExit("TEST_REDIS_URL doit désigner une base vide : les essais l’effacent.")
    _open.callback(client.flushdb)


def _start_services() -> tuple[Path, str, str]:
    """A state folder, and the URLs of servers: the suite's own, or those named for it."""
    database = os.environ.get("TEST_DATABASE_URL")
    redis = os.environ.get("TEST_REDIS_URL")
    if redis:
        _claim_empty(redis)
    for folder in FOLDERS:
        folder.mkdir(parents=True, exist_ok=True)
        try:
            _open.enter_context(hold(folder / "run.lock"))
        except AlreadyRunningError:
            continue
        if not (database and redis):
            services = _open.enter_context(embedded_services(folder / "services"))
            embedded.append(services)
            database = database or services.database_url
            redis = redis or services.redis_url
        return folder, database, redis
    raise SystemExit("Trop d’essais tournent déjà dans ce dossier.")


def _configure() -> None:
    atexit.register(_open.close)  # should pytest not come to its end
    state, database, redis = _start_services()
    # Tests empty the ledger's table between them; nothing else may.
    mark = "options=-c%20auposte.ledger_may_be_truncated%3Don"
    os.environ.update(
        DATABASE_URL=f"{database}{'&' if '?' in database else '?'}{mark}",
        REDIS_URL=redis,
        SECRET_KEY="tests-only-5f1d7c93a24b8e60-abcdefghijklmnopqrstuvwxyz",
        SITE_URL=f"http://127.0.0.1:{SITE_PORT}",
        ALLOWED_HOSTS="127.0.0.1,localhost,testserver",
        STRIPE_SECRET_KEY="sk_test_simulation",
        STRIPE_WEBHOOK_SECRET="whsec_simulation",
        STRIPE_API_BASE=f"http://127.0.0.1:{STRIPE_PORT}",
        STRIPE_EVENT_RETRY_SECONDS="1",
        # Within one test nothing is committed: what it changes would not show.
        PAGES_KEPT="false",
        EMAIL_URL="memorymail://",
        DEFAULT_FROM_EMAIL="Au Poste <bonjour@auposte.example>",
        MEDIA_ROOT=str(state / "media"),
        STATIC_ROOT=str(state / "static"),
        # The suite opens many payment pages from one address, faster than a person.
        GIFT_SESSIONS_PER_TEN_MINUTES="100000",
        GIFT_FORM_MINIMUM_SECONDS="0",
        DJANGO_SETTINGS_MODULE="auposte.settings",
    )


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Any:
    if not is_controller(early_config):
        _configure()
    elif os.environ.get("TEST_REDIS_URL"):
        raise pytest.UsageError("TEST_REDIS_URL ne sert qu’un processus à la fois : ôtez -n.")
    return (yield)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    _open.close()
