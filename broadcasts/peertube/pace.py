"""Asking no faster than an instance allows."""

import time
from collections import deque
from collections.abc import Callable

# PeerTube's own limit is 50 requests in 10 seconds, and readers' players share it with us.
REQUESTS, SECONDS = 40, 10.0


class Pace:
    """At most `requests` in any `seconds`; `wait` sleeps as long as that takes."""

    def __init__(
        self,
        *,
        requests: int = REQUESTS,
        seconds: float = SECONDS,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._seconds, self._sleep, self._clock = seconds, sleep, clock
        self._left_at: deque[float] = deque(maxlen=requests)

    def wait(self) -> None:
        """Call before each request."""
        if len(self._left_at) == self._left_at.maxlen:
            early = self._left_at[0] + self._seconds - self._clock()
            if early > 0:
                self._sleep(early)
        self._left_at.append(self._clock())
