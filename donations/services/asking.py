"""Many questions to Stripe in a row: one that is told to wait waits, a few times."""

import time
from collections.abc import Callable
from typing import TypeVar

from auposte.external import ExternalServiceError

T = TypeVar("T")
ATTEMPTS, LONGEST_WAIT_SECONDS = 3, 10


def patiently(call: Callable[[], T]) -> T:
    """The call's answer. What passes by itself (429, a hiccup) is tried again after a moment.

    For work in the background only: it may take half a minute. Raises ExternalServiceError.
    """
    for attempt in range(1, ATTEMPTS):
        try:
            return call()
        except ExternalServiceError as error:
            if error.permanent:
                raise
            time.sleep(min(error.retry_after or attempt / 2, LONGEST_WAIT_SECONDS))
    return call()
