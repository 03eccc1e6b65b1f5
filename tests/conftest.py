"""Real services for every test: PostgreSQL and Valkey of the suite's own, Chromium, Celery.

Nothing is mocked: the outside world is played by the stand-ins of `sandbox`, over loopback HTTP.
"""

from __future__ import annotations

import atexit
import contextlib
import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
STATE = ROOT / ".test"

_services = contextlib.ExitStack()

SETTINGS = {
    "SECRET_KEY": "tests-only-5f1d7c93a24b8e60f1d7c93a24b8e605-abcdefghijklmnop",
    "SITE_URL": "http://127.0.0.1:8000",
    "ALLOWED_HOSTS": "127.0.0.1,localhost,testserver",
    "STRIPE_SECRET_KEY": "sk_test_suite",
    "STRIPE_WEBHOOK_SECRET": "whsec_suite",
    "STRIPE_API_BASE": "http://127.0.0.1:9",
    "EMAIL_URL": "memorymail://",
    "DEFAULT_FROM_EMAIL": "Au Poste <bonjour@auposte.example>",
    "MEDIA_ROOT": str(STATE / "media"),
    "STATIC_ROOT": str(STATE / "static"),
    # The suite opens many payment pages from one address.
    "GIFT_SESSIONS_PER_TEN_MINUTES": "10000",
    "GIFT_FORM_MINIMUM_SECONDS": "0",
}


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:  # pragma: no cover - pytest calls it for plugins only
    """Settings must stand before pytest-django imports them; see `pytest_configure`."""


def _start_services() -> None:
    if "AUPOSTE_TEST_READY" in os.environ:
        return
    from sandbox.services import embedded_services

    database, redis = os.environ.get("TEST_DATABASE_URL"), os.environ.get("TEST_REDIS_URL")
    if not (database and redis):
        services = _services.enter_context(embedded_services(STATE / "services", durable=False))
        atexit.register(_services.close)
        database, redis = database or services.database_url, redis or services.redis_url
    os.environ.update(SETTINGS, DATABASE_URL=database, REDIS_URL=redis)
    os.environ["AUPOSTE_TEST_READY"] = "yes"


_start_services()
