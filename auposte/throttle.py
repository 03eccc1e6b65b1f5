"""Counting attempts in Valkey, under names from which no address can be read back."""

import functools

import structlog
from django.utils.crypto import salted_hmac
from redis import Redis, RedisError

from auposte.valkey import impatient_client

log = structlog.get_logger(__name__)


@functools.cache
def _valkey() -> Redis:
    return impatient_client()


def attempts(*, scope: str, key: str, seconds: int) -> int | None:
    """Count one attempt of `key` in `scope` and say how many there were; None with Valkey away.

    The window starts with the first attempt and lasts `seconds`.
    """
    name = f"throttle:{scope}:{salted_hmac('auposte.throttle', key).hexdigest()}"
    try:
        with _valkey().pipeline() as steps:
            steps.set(name, 0, ex=seconds, nx=True)
            steps.incr(name)
            return int(steps.execute()[1])
    except (RedisError, OSError) as error:
        log.warning("throttle_unavailable", scope=scope, error=type(error).__name__)
        return None


def too_many(*, scope: str, key: str, limit: int, seconds: int) -> bool:
    """Count one attempt of `key` in `scope`; True from the attempt after `limit` on.

    With Valkey away nobody is refused: a gift matters more than a limit.
    """
    count = attempts(scope=scope, key=key, seconds=seconds)
    return count is not None and count > limit
