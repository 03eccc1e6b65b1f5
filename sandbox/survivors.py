"""What a crash left behind: processes still running, locks still lying there."""

import contextlib
import fcntl
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from sandbox.processes import MARK, POLL_SECONDS, RUN_MARK, ServiceError

PROC = Path("/proc")
HAS_PROC = (PROC / "self" / "environ").exists()


class AlreadyRunningError(ServiceError):
    """Somebody else holds the state folder; `holder` is what they wrote in the lock."""

    def __init__(self, holder: str) -> None:
        super().__init__("Ce dossier est déjà utilisé par un autre processus.")
        self.holder = holder


@contextlib.contextmanager
def hold(lock: Path, *, holder: str = "") -> Iterator[None]:
    """Keep a state folder to ourselves: two servers on one data folder would ruin it.

    The kernel lets the lock go with the process, however it ends. AlreadyRunningError otherwise.
    """
    with lock.open("a+", encoding="utf-8") as file:
        lock.chmod(0o600)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            file.seek(0)
            raise AlreadyRunningError(file.read().strip()) from error
        file.truncate(0)
        file.write(holder)
        file.flush()
        yield


def marked(state: Path) -> list[int]:
    """Processes that carry the mark of this state folder."""
    return _carrying(f"{MARK}={state}")


def of_run(run: str) -> list[int]:
    """Processes that one parent started (its `processes.RUN`), and their descendants."""
    return _carrying(f"{RUN_MARK}={run}")


def _carrying(mark: str) -> list[int]:
    """Processes with this variable in their environment, this one apart."""
    if HAS_PROC:
        wanted = os.fsencode(mark)
        return [pid for pid in _pids() if wanted in _read(pid, "environ").split(b"\0")]
    return _listed("-axwwE", lambda line: f"{mark} " in f"{line} ")


def postgres_in(data: Path) -> list[int]:
    """PostgreSQL processes of one data folder, its backends included where that can be seen."""
    if HAS_PROC:
        return [pid for pid in _pids() if _read(pid, "comm") == b"postgres\n" and _cwd(pid) == data]
    return _listed("-axww", lambda line: "postgres" in line and f"-D {data} " in f"{line} ")


def end(find: Callable[[], list[int]], *signals: signal.Signals, grace: float = 5.0) -> int:
    """Send each signal in turn until `find` finds nothing, SIGKILL last; how many there were."""
    found = find()
    count = len(found)
    for number in (*signals, signal.SIGKILL):
        for pid in found:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)
        deadline = time.monotonic() + grace
        while found and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
            found = find()
    if found:
        raise ServiceError(f"Impossible d'arrêter les processus {found} d'un lancement précédent.")
    return count


def end_marked(state: Path) -> int:
    """End what an earlier start on this folder left running. Hold the folder's lock first."""
    return end(lambda: marked(state), signal.SIGTERM)


def _pids() -> Iterator[int]:
    own = os.getpid()
    for entry in PROC.iterdir():
        if entry.name.isdigit() and int(entry.name) != own:
            yield int(entry.name)


def _read(pid: int, name: str) -> bytes:
    """A file of a process, empty if it is gone or somebody else's."""
    try:
        return (PROC / str(pid) / name).read_bytes()
    except OSError:
        return b""


def _cwd(pid: int) -> Path | None:
    try:
        return (PROC / str(pid) / "cwd").readlink()
    except OSError:
        return None


def _listed(flags: str, wanted: Callable[[str], bool]) -> list[int]:
    """The same from `ps`, where there is no /proc (macOS)."""
    listing = subprocess.run(
        ["/bin/ps", flags, "-o", "pid=,command="], capture_output=True, check=False
    ).stdout.decode(errors="replace")
    rows = (line.strip().partition(" ") for line in listing.splitlines())
    return [int(pid) for pid, _, line in rows if int(pid) != os.getpid() and wanted(line)]
