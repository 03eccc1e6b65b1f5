"""The allowance of requests: so many in a window that begins with the first one."""

from __future__ import annotations

import math
import threading
import time

# PeerTube's default configuration, `rates_limit.api`.
LIMIT = 50
WINDOW = 10.0


class Limiter:
    """Counts requests; `limit` and `window` (seconds) may be changed at any time."""

    def __init__(self, limit: int = LIMIT, window: float = WINDOW) -> None:
        self.limit = limit
        self.window = window
        self._ends = 0.0
        self._count = 0
        self._lock = threading.Lock()

    def take(self) -> tuple[int, float]:
        """Count a request; return how many are left (-1: one too many) and when all are again.

        The time is in seconds from now.
        """
        now = time.monotonic()
        with self._lock:
            if now >= self._ends:
                self._ends, self._count = now + self.window, 0
            self._count += 1
            return max(-1, self.limit - self._count), self._ends - now

    def headers(self, left: int, seconds: float) -> dict[str, str]:
        """Return the headers that tell a client about its allowance."""
        return {
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(0, left)),
            "X-RateLimit-Reset": str(math.ceil(time.time() + seconds)),
        }

    def reset(self) -> None:
        """Begin a new window."""
        with self._lock:
            self._ends = 0.0
