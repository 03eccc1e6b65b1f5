"""The one way to hand work to Celery.

A donor who has paid must never see an error, or wait, because the broker is down: the message
leaves after the transaction commits, is tried once, and a failure is logged. Nothing is lost,
since every task stands for a database row that a sweeper finds again.
"""

import functools
import time
from typing import Any

import structlog
from celery import Task
from django.db import transaction
from redis import Redis, RedisError

from auposte.valkey import impatient_client

log = structlog.get_logger(__name__)

# After a silence, this long nobody waits for the broker again.
PATIENCE_SECONDS = 5.0
# After an answer, this long it is taken for granted: in a rush a ping for each gift adds up.
TRUST_SECONDS = 0.2
_silent_until = 0.0
_trusted_until = 0.0


@functools.cache
def _probe() -> Redis:
    return impatient_client()


def broker_answers() -> bool:
    """Whether publishing is worth trying.

    Celery's own client waits five seconds and more for a broker that is down or hung, whatever
    it is told about retries; so it is asked only once a ping has come back.
    """
    global _silent_until, _trusted_until  # one clock per process
    now = time.monotonic()
    if now < _silent_until:
        return False
    if now < _trusted_until:
        return True
    try:
        _probe().ping()
        _trusted_until = time.monotonic() + TRUST_SECONDS
        return True
    except (RedisError, OSError):
        _silent_until = time.monotonic() + PATIENCE_SECONDS
        return False


def enqueue(task: "Task[Any, Any]", *args: int | str) -> None:
    """Send `task` with primary keys as `args` once the current transaction has committed."""

    def publish() -> None:
        if not broker_answers():
            log.warning("enqueue_skipped", task=task.name)
            return
        try:
            task.apply_async(args=args, retry=False)
        except Exception as error:  # whatever the broker's client raises
            log.warning("enqueue_failed", task=task.name, error=type(error).__name__)

    transaction.on_commit(publish)
