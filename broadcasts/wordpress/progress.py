"""How far a long reading is, for whoever waits at the terminal."""

import time
from typing import TextIO

WIDTH = 30
REDRAW_SECONDS = 0.2
LINE_SECONDS = 5.0


class Progress:
    """A bar on a terminal; elsewhere (a log, a pipe) a line every five seconds.

    Each reading of the files is a phase of its own, from 0 to 100 %.
    """

    def __init__(self, stream: TextIO, *, total_bytes: int, quiet: bool = False) -> None:
        self._stream = stream
        self._total = max(1, total_bytes)
        self._quiet = quiet
        self._draws = stream.isatty()
        self._last = time.monotonic()
        self._phase = ""
        self._drawn = False

    def begin(self, phase: str) -> None:
        """Start a phase (a French noun)."""
        self.end()
        self._phase = phase
        self._last = time.monotonic()

    def update(self, bytes_read: int, count: int) -> None:
        """`count` things were read so far, in `bytes_read` bytes of the total."""
        now = time.monotonic()
        if self._quiet or now - self._last < (REDRAW_SECONDS if self._draws else LINE_SECONDS):
            return
        self._last = now
        share = min(1.0, bytes_read / self._total)
        words = f"{self._phase} : {share * 100:3.0f} %, {count} éléments"
        if self._draws:
            bar = "█" * round(share * WIDTH)
            self._stream.write(f"\r{bar:·<{WIDTH}} {words}")
            self._drawn = True
        else:
            self._stream.write(f"{words}\n")
        self._stream.flush()

    def end(self) -> None:
        """Leave the line to what comes next."""
        if self._drawn:
            self._stream.write("\r\033[K")
            self._stream.flush()
            self._drawn = False
