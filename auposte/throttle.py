"""Counting attempts in Valkey, under names from which no address can be read back."""

import functools

import structlog
from django.conf import settings
from django.utils.crypto import salted_hmac
from redis import Redis, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

log = structlog.get_logger(__name__)
ANSWER_SECONDS = 0.5


@functools.cache
def _valkey() -> Redis:
    """Not Django's cache, which asks three times to count one, and again when nobody answers."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )


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
