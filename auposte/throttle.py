"""Counting attempts in Valkey, under names from which no address can be read back."""

import structlog
from django.core.cache import cache
from django.utils.crypto import salted_hmac

log = structlog.get_logger(__name__)


def too_many(*, scope: str, key: str, limit: int, seconds: int) -> bool:
    """Count one attempt of `key` in `scope`; True from the attempt after `limit` on.

    The window starts with the first attempt and lasts `seconds`. With Valkey away nobody is
    refused: a gift matters more than a limit.
    """
    name = f"throttle:{scope}:{salted_hmac('auposte.throttle', key).hexdigest()}"
    try:
        cache.add(name, 0, timeout=seconds)
        return int(cache.incr(name)) > limit
    except Exception as error:  # redis raises its own, the cache ValueError
        log.warning("throttle_unavailable", scope=scope, error=type(error).__name__)
        return False
