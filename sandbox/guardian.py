"""Outlives the supervisor by seconds, to end what the kernel's farewell signals did not.

A Celery worker told to quit while its broker disappears may wait for that broker for good, and
beyond Linux nobody tells the children at all. Reads its standard input, which ends when the
supervisor does, however that is.
"""

import signal
import subprocess
import sys
from pathlib import Path

from sandbox import survivors
from sandbox.processes import RUN


class Guardian:
    """The supervisor's side: keep it for as long as there are children to look after."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "sandbox.guardian", RUN],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).resolve().parent.parent,
            start_new_session=True,
        )

    def dismiss(self) -> None:
        """Once all is stopped."""
        self._process.communicate()


def main() -> None:
    sys.stdin.read()
    survivors.end(lambda: survivors.of_run(sys.argv[1]), signal.SIGTERM, grace=3.0)


if __name__ == "__main__":
    main()
