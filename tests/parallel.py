"""The suite on several processes (pytest-xdist): who runs what, and what the controller tells.

A pytest plugin (see `addopts`). Without `-n` none of it does anything: one process runs all.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
from xdist.scheduler import LoadScopeScheduling

BROWSER_TESTS = "tests/e2e/"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")
# What a worker has to say when it ends: lines below the results, and why it could not go on.
SAYINGS, EXIT = "sayings", "exit"
TOLD = pytest.StashKey[list[str]]()


def is_controller(config: pytest.Config) -> bool:
    """Whether this process only hands tests to others. Options as far as they are known yet."""
    options = config.known_args_namespace
    return not WORKER and bool(
        getattr(options, "numprocesses", None) or getattr(options, "tx", None)
    )


class ByFile(LoadScopeScheduling):  # type: ignore[misc]
    """A file is one worker's, so that its fixtures are made once; all browser tests are, too."""

    def _split_scope(self, nodeid: str) -> str:
        return BROWSER_TESTS if nodeid.startswith(BROWSER_TESTS) else nodeid.split("::", 1)[0]


@pytest.hookimpl(tryfirst=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadScopeScheduling | None:
    if config.getvalue("dist") != "load":
        return None
    config.option.loadscopereorder = False
    return ByFile(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Any:
    """Whatever takes longest begins first, so that the workers end at about the same time."""
    yield
    if not WORKER:
        return
    longest: dict[Path, float] = {}
    for item in items:
        limit = item.get_closest_marker("timeout")
        seconds = float(limit.args[0]) if limit and limit.args else 0.0
        longest[item.path] = max(longest.get(item.path, 0.0), seconds)
    items.sort(key=lambda item: (not item.nodeid.startswith(BROWSER_TESTS), -longest[item.path]))


def pytest_configure(config: pytest.Config) -> None:
    config.stash[TOLD] = []


def say_below(config: pytest.Config, saying: str) -> None:
    """A line below the results, from whichever process."""
    config.stash[TOLD].append(saying)


def exit_with(config: pytest.Config, reason: str) -> None:
    """End the whole run, with status 1 and the reason as its last word."""
    if WORKER:
        config.workeroutput[EXIT] = reason  # type: ignore[attr-defined]
    pytest.exit(reason, returncode=1)


def pytest_sessionfinish(session: pytest.Session) -> None:
    if WORKER:
        session.config.workeroutput[SAYINGS] = session.config.stash[TOLD]  # type: ignore[attr-defined]


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A worker has ended: the controller speaks for it."""
    said = getattr(node, "workeroutput", {})
    node.config.stash[TOLD] += said.get(SAYINGS, [])
    if EXIT in said:
        pytest.exit(said[EXIT], returncode=1)


def pytest_terminal_summary(terminalreporter: Any, config: pytest.Config) -> None:
    for saying in config.stash[TOLD]:
        terminalreporter.write_sep("=", saying, yellow=True, bold=True)
