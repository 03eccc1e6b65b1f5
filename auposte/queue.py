"""The one way to hand work to Celery.

A donor who has paid must never see an error because the broker is down: the message leaves
after the transaction commits, is tried once, and a failure is logged. Nothing is lost, since
every task stands for a database row that a sweeper finds again.
"""

from typing import Any

import structlog
from celery import Task
from django.db import transaction

log = structlog.get_logger(__name__)


def enqueue(task: "Task[Any, Any]", *args: int | str) -> None:
    """Send `task` with primary keys as `args` once the current transaction has committed."""

    def publish() -> None:
        try:
            task.apply_async(args=args, retry=False)
        except Exception as error:  # whatever the broker's client raises
            log.warning("enqueue_failed", task=task.name, error=type(error).__name__)

    transaction.on_commit(publish)
