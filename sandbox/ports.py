"""Ports for a site that tests, measures or tries start beside others."""

import os
import random
import socket
from contextlib import ExitStack
from pathlib import Path

HOST = "127.0.0.1"
KERNEL_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")
# Above the last one that Chromium refuses to open (10080).
FIRST, WORKERS = 11_000, 8
# Not the common one: tests seed that alike in each process.
_random = random.SystemRandom()
_given: set[int] = set()


def free_ports(count: int = 1) -> int:
    """A port that is free, and the next ones up to `count` too; each is given once.

    Below those that the kernel gives to connections: one of these may be taken by any request
    between the look and the use. Each process of a parallel suite has a part of its own.
    """
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")) % WORKERS
    size = (_kernels_first() - FIRST) // WORKERS
    first = FIRST + worker * size
    while True:
        port = _random.randrange(first, first + size - count)
        wanted = set(range(port, port + count))
        if not wanted & _given and _are_free(wanted):
            _given.update(wanted)
            return port


def _kernels_first() -> int:
    try:
        first = int(KERNEL_RANGE.read_text().split()[0])
    except OSError:
        first = 0  # not a Linux
    # A machine that gives nearly all of them to connections leaves none to choose below.
    return first if first >= FIRST + 2_000 else 32_768


def _are_free(ports: set[int]) -> bool:
    with ExitStack() as stack:
        for port in ports:
            try:
                stack.enter_context(socket.socket()).bind((HOST, port))
            except OSError:
                return False
    return True
