"""Many questions to Stripe in a row: told that they are too many, we wait."""

import time
from collections.abc import Callable
from typing import TypeVar

from auposte.external import ExternalServiceError

T = TypeVar("T")
ATTEMPTS, LONGEST_WAIT_SECONDS = 5, 10


def patiently(call: Callable[[], T]) -> T:
    """The call's answer; a refusal for too many questions (429) is waited out, some times.

    For work in the background only. Raises ExternalServiceError.
    """
    for _attempt in range(1, ATTEMPTS):
        try:
            return call()
        except ExternalServiceError as error:
            if error.retry_after is None:
                raise
            time.sleep(min(error.retry_after, LONGEST_WAIT_SECONDS))
    return call()
