"""Fixtures for every test. Nothing of ours is mocked: see `tests.environment` for the services.

The outside world is played by the stand-ins of `sandbox`, over HTTP.
"""

from __future__ import annotations

import contextlib
import gc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from pytest_django.plugin import DjangoDbBlocker

from sandbox import nginx
from sandbox.services import Services
from sandbox.stripe import StripeStandIn
from tests.environment import STRIPE_PORT, embedded
from tests.parallel import say_below

if TYPE_CHECKING:
    from django.test import Client


def pytest_collection_finish() -> None:
    """What is there now stays until the end: the collector need not look at it again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def hashed_static_files() -> None:
    """Pages name hashed files, as in production, so those must be there."""
    from tests import static_files

    static_files.collect()
    static_files.read_once()


@pytest.fixture(scope="session", autouse=True)
def contexts_uncopied(django_test_environment: None) -> None:
    """Django's client copies what each template was given, of every widget of every form."""
    from django.test import client

    def store(seen: dict[str, Any], signal: Any, sender: Any, **rendered: Any) -> None:
        seen.setdefault("templates", []).append(rendered["template"])
        seen.setdefault("context", client.ContextList()).append(rendered["context"])

    client.store_rendered_templates = store


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """pytest-django's own; before it drops the database, sessions of ended processes go."""
    from django.db import connection

    from tests.emptying import speed_up

    with django_db_blocker.unblock():
        speed_up()
    yield

    # A test that took PostgreSQL down has closed its own connection only.
    connection.close()
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )


@pytest.fixture(scope="session")
def services(pytestconfig: pytest.Config) -> Services:
    """The suite's own servers, for tests that take one away; not with servers from outside."""
    if not embedded:
        say_below(
            pytestconfig, "Sautés : les essais qui arrêtent un serveur, car il n’est pas à nous."
        )
        pytest.skip("This test takes a server down: run it without TEST_DATABASE_URL.")
    return embedded[0]


@pytest.fixture(scope="session")
def nginx_program(pytestconfig: pytest.Config) -> str:
    """nginx, for tests that are nothing without it; not everybody has it."""
    if nginx.PROGRAM is None:
        say_below(
            pytestconfig,
            "Sautés : les essais derrière nginx, qui n’est pas installé (apt install nginx).",
        )
        pytest.skip("nginx is not on this machine (Debian, Ubuntu: apt install nginx)")
    return nginx.PROGRAM


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    """Counters of one test are not those of the next."""
    yield
    from django.core.cache import cache

    with contextlib.suppress(Exception):
        cache.clear()


@pytest.fixture
def stripe(tmp_path: Path) -> Iterator[StripeStandIn]:
    """Stripe's stand-in; events are not delivered: the test posts them. Checks what we sent."""
    with StripeStandIn(
        state=tmp_path / "stripe.journal",
        port=STRIPE_PORT,
        balance_delay=None,
        sepa_delay=None,
        read_limit=10_000,
    ) as stand_in:
        yield stand_in
        assert stand_in.violations() == []


@pytest.fixture
def visitor() -> Client:
    """A reader's browser as far as HTTP goes: checks CSRF, keeps cookies."""
    from django.test import Client

    return Client(enforce_csrf_checks=True)


@pytest.fixture
def staff(db: None, settings: Any) -> Callable[[str], Client]:
    """A browser in which this person is signed in; `outsider` is nobody."""
    from django.contrib.auth.models import User
    from django.test import Client

    from tests.admin.world import person

    # Real hashing takes a third of a second a password; nothing here is about it.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    def sign_in(role: str) -> Client:
        client = Client()
        if role != "outsider":
            user = User.objects.filter(username=role).first() or person(role)
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def treasurer(staff: Callable[[str], Client]) -> Client:
    return staff("treasurer")


@pytest.fixture
def owner(staff: Callable[[str], Client]) -> Client:
    return staff("owner")
