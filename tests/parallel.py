"""The suite on several processes (pytest-xdist): who runs what, and what the controller tells.

A pytest plugin (see `addopts`). Without `-n` none of it does anything: one process runs all.
"""

from __future__ import annotations

import functools
import os
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

ROOT = Path(__file__).resolve().parent.parent
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
DEMO, BROWSERS = "tests/e2e/", "browsers"
# What a worker has to say when it ends: lines below the results, and why it could not go on.
SAYINGS, EXIT = "sayings", "exit"
TOLD = pytest.StashKey[list[str]]()


def is_controller(config: pytest.Config) -> bool:
    """Whether this process only hands tests to others. Options as far as they are known yet."""
    options = config.known_args_namespace
    return not WORKER and bool(
        getattr(options, "numprocesses", None) or getattr(options, "tx", None)
    )


@functools.cache
def unit_of(path: str) -> str:
    """What goes to one worker whole: a file, so that its fixtures are made once.

    All tests of the demonstration are one, since its processes start once. Their Playwright stays
    with their worker, where no other can start: so files that start their own are one as well.
    """
    if path.startswith(DEMO):
        return DEMO
    return BROWSERS if "mark.browser" in (ROOT / path).read_text() else path


class ByUnit(LoadScopeScheduling):
    def _split_scope(self, nodeid: str) -> str:
        return unit_of(nodeid.split("::", 1)[0])


@pytest.hookimpl(tryfirst=True, optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    if config.getvalue("dist") != "load":
        return None
    config.option.loadscopereorder = False
    return ByUnit(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Any:
    """Whatever takes longest begins first, so that the workers end at about the same time.

    The first two begin at once, each with a worker; a lone worker keeps the demonstration for last.
    """
    yield
    if int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")) == 1:
        return
    longest: dict[str, float] = {DEMO: float("inf"), BROWSERS: float("inf")}
    units = {item: unit_of(item.nodeid.split("::", 1)[0]) for item in items}
    for item, unit in units.items():
        limit = item.get_closest_marker("timeout")
        seconds = float(limit.args[0]) if limit and limit.args else 0.0
        longest[unit] = max(longest.get(unit, 0.0), seconds)
    items.sort(key=lambda item: (-longest[units[item]], units[item] == BROWSERS))


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TOLD] = []


def say_below(config: pytest.Config, saying: str) -> None:
    """A line below the results, from whichever process."""
    config.stash[TOLD].append(saying)


def exit_with(config: pytest.Config, reason: str) -> None:
    """End the whole run, with status 1 and the reason as its last word."""
    if WORKER:
        config.workeroutput[EXIT] = reason
    pytest.exit(reason, returncode=1)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if WORKER:
        session.config.workeroutput[SAYINGS] = session.config.stash[TOLD]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A worker has ended: the controller speaks for it."""
    said = getattr(node, "workeroutput", {})
    node.config.stash[TOLD] += said.get(SAYINGS, [])
    if EXIT in said:
        pytest.exit(said[EXIT], returncode=1)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    # Two workers may have come to the same.
    for saying in dict.fromkeys(config.stash[TOLD]):
        terminalreporter.write_sep("=", saying, yellow=True, bold=True)
