"""The one way to reach Valkey without waiting for it: pages and gifts come without it, too."""

from typing import Any

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

ANSWER_SECONDS = 0.5


def impatient_client(**more: Any) -> Redis:
    """A client that asks once and gives up after half a second; it connects on first use.

    Not Django's cache, which asks three times to count one, and again when nobody answers.
    """
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=ANSWER_SECONDS,
        socket_connect_timeout=ANSWER_SECONDS,
        retry=Retry(NoBackoff(), 0),
        **more,
    )
