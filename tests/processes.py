"""Processes of the site that tests start for real: they share the test database and broker."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from tests.environment import ROOT

PATIENCE_SECONDS = 40


def wait_until(
    condition: Callable[[], object], what: str, patience: float = PATIENCE_SECONDS
) -> None:
    """Look every twentieth of a second until the condition holds; fail loudly if it never does."""
    end = time.monotonic() + patience
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"waited {patience} s in vain: {what}")
        time.sleep(0.05)


def environment_of_tests(**more: str) -> dict[str, str]:
    """This process's settings, with the database that pytest-django made for the tests."""
    name = connection.settings_dict["NAME"]
    url, _, query = os.environ["DATABASE_URL"].partition("?")
    test_url = f"{url.rpartition('/')[0]}/{quote(str(name))}?{query}"
    return {**os.environ, "DATABASE_URL": test_url, "PYTHONUNBUFFERED": "1", **more}


@contextlib.contextmanager
def running(
    *command: str, log: Path, ready: str, env: dict[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """A process and its children, until the block ends; `ready` is what its log says first."""
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command],
            cwd=ROOT,
            env=environment_of_tests(**(env or {})),
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        wait_until(
            lambda: ready in log.read_text(errors="replace") or process.poll() is not None,
            f"{command[0]} to say {ready!r}: {log.read_text(errors='replace')[-2000:]}",
        )
        assert process.poll() is None, log.read_text(errors="replace")[-3000:]
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            kill_hard(process)


def kill_hard(process: subprocess.Popen[bytes]) -> None:
    """kill -9, children included: what a power cut leaves."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def worker(
    log: Path, env: dict[str, str] | None = None
) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    """A Celery worker with two processes."""
    return running(
        "celery", "-A", "auposte", "worker", "-c", "2", "--without-gossip", "--without-mingle",
        log=log, ready=" ready.", env=env,
    )  # fmt: skip
