"""Noticing that something which pages show was written, whichever way Django wrote it."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db import models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from auposte.pages import store

LOOKED_THROUGH = 50
WRITE = re.compile(r'\s*(?:INSERT INTO|UPDATE|DELETE FROM|TRUNCATE)\s+"?(\w+)')
# By table: the version that its rows belong to.
_shown: dict[str, str] = {}


def pages_show(*shown: type[models.Model], version: str = store.CONTENT) -> None:
    """Pages are old once rows of these models, or links between them, are written."""
    for model in shown:
        _shown[model._meta.db_table] = version
        for link in model._meta.local_many_to_many:
            _shown[link.m2m_db_table()] = version


def watch(connection: BaseDatabaseWrapper, **_: Any) -> None:
    """Receiver of `connection_created`: look at what this connection writes.

    A signal of the models would miss `update()`, `bulk_create()` and what a service writes itself.
    """
    if _notice not in connection.execute_wrappers:
        connection.execute_wrappers.append(_notice)


def _notice(
    execute: Callable[..., Any], sql: Any, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    result = execute(sql, params, many, context)
    found = WRITE.match(sql) if isinstance(sql, str) else None
    version = _shown.get(found[1]) if found else None
    if version:
        # Once for a transaction, or nearly: one that queues much is not looked through each time.
        waiting = [hook[1] for hook in context["connection"].run_on_commit[-LOOKED_THROUGH:]]
        if _Count(version) not in waiting:
            transaction.on_commit(_Count(version), robust=True)
    return result


@dataclass(frozen=True)
class _Count:
    version: str

    def __call__(self) -> None:
        try:
            store.count_write(self.version)
        except store.AwayError:
            return  # what was kept before is rendered again within a minute
