"""Pages that are kept: the database commits, and Valkey holds what the site has sent."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from pytest_django.fixtures import Settings

from auposte.pages import store
from donations.services import campaigns


@pytest.fixture(autouse=True)
def kept(settings: Settings, transactional_db: None) -> Iterator[None]:
    settings.PAGES_KEPT = True
    forget_valkey()
    # Whoever comes first in a month makes its campaign, and that makes pages old.
    campaigns.current_campaign()
    yield
    forget_valkey()


def forget_valkey() -> None:
    """Like a process that has just started: no connection, no grudge."""
    store._valkey().close()
    store._valkey.cache_clear()
    store._silent_until = 0.0
