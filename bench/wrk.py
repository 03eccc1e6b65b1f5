"""One measurement by `wrk`: a page, from so many connections, for so many seconds."""

from __future__ import annotations

import contextlib
import re
import subprocess
import time
from dataclasses import dataclass

import psutil

UNITS = {"us": 0.001, "ms": 1.0, "s": 1000.0, "m": 60_000.0}


class WrkError(Exception):
    """It answered with errors, or wrk said something else than it used to."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """Requests a second; times in milliseconds; CPU for a request, and PostgreSQL's beside it."""

    rate: float
    median_ms: float
    p99_ms: float
    cpu_ms: float
    database_ms: float


def measure(
    url: str,
    *,
    connections: int,
    seconds: int,
    encoding: str,
    server: psutil.Process,
    database: psutil.Process,
) -> Measured:
    """Ask for `url` as fast as `connections` can; what both, with their children, spend."""
    command = ["wrk", "--latency", "-t1", f"-c{connections}", f"-d{seconds}s"]
    if encoding:
        command += ["-H", f"Accept-Encoding: {encoding}"]
    _let_settle(server)
    before, beside = cpu_seconds(server), cpu_seconds(database)
    said = subprocess.run([*command, url], capture_output=True, text=True, check=True).stdout
    spent, read = cpu_seconds(server) - before, cpu_seconds(database) - beside
    if "Non-2xx" in said or "Socket errors" in said:
        raise WrkError(f"{url}: {said}")
    count = re.search(r"(\d+) requests in", said)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", said)
    if not count or not rate or not int(count[1]):
        raise WrkError(f"{url}: {said}")
    return Measured(
        rate=float(rate[1]),
        median_ms=_percentile(said, 50),
        p99_ms=_percentile(said, 99),
        cpu_ms=spent * 1000 / int(count[1]),
        database_ms=read * 1000 / int(count[1]),
    )


def _let_settle(server: psutil.Process) -> None:
    """What wrk left behind when it went is still answered for a while."""
    spent, last = cpu_seconds(server), -1.0
    while spent - last > 0.02:
        time.sleep(0.3)
        spent, last = cpu_seconds(server), spent


def _percentile(said: str, percent: int) -> float:
    found = re.search(rf"\s{percent}%\s+([\d.]+)(us|ms|s|m)\s", said)
    if not found:
        raise WrkError(said)
    return float(found[1]) * UNITS[found[2]]


def cpu_seconds(process: psutil.Process) -> float:
    """What it and all its children have spent, those that have ended as well."""
    own = process.cpu_times()
    spent = own.user + own.system + own.children_user + own.children_system
    for child in process.children(recursive=True):
        # PostgreSQL's come and go.
        with contextlib.suppress(psutil.NoSuchProcess):
            times = child.cpu_times()
            spent += times.user + times.system
    return float(spent)
