"""Child processes that are named when they die, and that never outlive their parent."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

# Each child carries this variable with its state folder: how a later start knows its own.
MARK = "AUPOSTE_SANDBOX"
# And this one with the run of its parent, which nobody else has.
RUN_MARK = "AUPOSTE_SANDBOX_RUN"
RUN = f"{os.getpid()}.{time.time_ns()}"
LOG_LIMIT_BYTES = 2_000_000
POLL_SECONDS = 0.02
PR_SET_PDEATHSIG = 1
LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


class ServiceError(Exception):
    """Why a local service cannot run: a French sentence for the terminal, a log's end below it."""


def _follow_parent(farewell: signal.Signals) -> Callable[[], None] | None:
    """Code for a new child: the kernel sends it `farewell` when the thread that spawns it ends.

    Linux only; elsewhere the next start clears what a crash left (see `sandbox.survivors`).
    """
    if LIBC is None:
        return None
    libc, parent = LIBC, os.getpid()

    def follow() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(farewell))
        if os.getppid() != parent:  # it died before the kernel was told
            os.kill(os.getpid(), signal.SIGKILL)

    return follow


def stop_with_parent() -> None:
    """Ask the kernel for a SIGTERM to this process when the one that started it ends (Linux)."""
    if LIBC is not None:
        LIBC.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM))


def open_log(path: Path) -> BinaryIO:
    """The log, to append to; the previous megabytes are kept once as `<name>.1`."""
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


class Service(ABC):
    """One child process: started, waited for, stopped, or named with its log when it dies.

    Call `spawn` from a thread that lives as long as the child should (the main one). `farewell`
    is what the kernel sends the child when that thread is gone; `grace` is in seconds.
    """

    def __init__(
        self,
        name: str,
        *,
        log: Path,
        mark: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        farewell: signal.Signals | None = None,
        grace: float = 6.0,
    ) -> None:
        self.name = name
        self.log = log
        self.mark = mark
        self.stop_signal = stop_signal
        self.farewell = farewell or stop_signal
        self.grace = grace
        self.process: subprocess.Popen[bytes] | None = None
        self._log_start = 0

    @abstractmethod
    def spawn(self) -> None:
        """Start the process without waiting for its answer."""

    @abstractmethod
    def is_ready(self) -> bool:
        """Whether it answers."""

    def launch(
        self,
        command: Sequence[str | Path],
        *,
        environment: Mapping[str, str],
        folder: Path,
        user: int | None = None,
    ) -> None:
        """Start `command` in a session of its own, so that Ctrl-C reaches the parent alone.

        As root, `user` is the uid and gid that the child gets; its output goes to the log.
        """
        with open_log(self.log) as log:
            self._log_start = log.tell()
            self.process = subprocess.Popen(
                [os.fspath(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**environment, MARK: os.fspath(self.mark), RUN_MARK: RUN},
                cwd=folder,
                start_new_session=True,
                preexec_fn=_follow_parent(self.farewell),
                user=user,
                group=user,
                extra_groups=None if user is None else [],
            )

    def check(self) -> None:
        """Raise ServiceError, with the end of the log, if the process has ended."""
        code = self.process.poll() if self.process else None
        if code is not None:
            raise ServiceError(f"{self.name} s'est arrêté ({_exit_words(code)}).{self.log_tail()}")

    def start(self) -> None:
        """Start and wait until it answers."""
        self.spawn()
        self.wait()

    def wait(self, *, timeout: float = 60.0) -> None:
        """Wait until it answers; ServiceError if it dies or stays mute for `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while not self.is_ready():
            self.check()
            if time.monotonic() > deadline:
                self.kill()
                raise ServiceError(
                    f"{self.name} ne répond pas après {timeout:.0f} s.{self.log_tail()}"
                )
            time.sleep(POLL_SECONDS)

    def ask_to_stop(self) -> None:
        """Send the stop signal, without waiting."""
        if self.process and self.process.poll() is None:
            self.process.send_signal(self.stop_signal)

    def stop(self) -> None:
        """Stop cleanly, then make sure that nothing of its process group is left."""
        self.ask_to_stop()
        if self.process:
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.process.wait(self.grace)
        self.kill()

    def kill(self) -> None:
        """End the process and its group at once, as a crash would."""
        if self.process:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def log_text(self) -> str:
        """What it wrote since its last start."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as log:
            log.seek(self._log_start)
            return log.read().decode(errors="replace")

    def log_tail(self, lines: int = 15) -> str:
        """The end of `log_text`, indented for a message, with the log's place; starts a line."""
        end = self.log_text().splitlines()[-lines:]
        shown = "".join(f"\n    {line}" for line in end)
        return f"\nFin de {self.log} :{shown or ' (vide)'}"


def _exit_words(code: int) -> str:
    if code < 0:
        return f"signal {signal.Signals(-code).name}"
    return f"code {code}"
