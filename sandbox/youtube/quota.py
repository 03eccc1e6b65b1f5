"""The day's allowance of units; days end at midnight in California, as YouTube's do."""

from __future__ import annotations

import datetime as dt
import threading
from zoneinfo import ZoneInfo

PACIFIC = ZoneInfo("America/Los_Angeles")
UNITS = 10_000


class Quota:
    """Counts units by key and day."""

    def __init__(self, limit: int = UNITS) -> None:
        self.limit = limit
        self._used: dict[tuple[str, dt.date], int] = {}
        self._lock = threading.Lock()

    def spend(self, key: str, units: int = 1) -> bool:
        """Take units from today's allowance; say whether there were enough."""
        today = key, dt.datetime.now(PACIFIC).date()
        with self._lock:
            used = self._used.get(today, 0)
            if used + units > self.limit:
                return False
            self._used[today] = used + units
            return True

    def used(self, key: str) -> int:
        """Return the units that a key has spent today."""
        with self._lock:
            return self._used.get((key, dt.datetime.now(PACIFIC).date()), 0)

    def reset(self) -> None:
        """Begin a new day."""
        with self._lock:
            self._used.clear()
