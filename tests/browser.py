"""The Chromium that browser tests drive: the machine's own, else one that we install."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

# The same Chromium without a window that nobody sees comes first: a fifth less work.
NAMES = (
    "chromium-headless-shell", "chromium", "chromium-browser", "google-chrome",
    "google-chrome-stable", "chrome",
)  # fmt: skip
MACOS = ("Chromium.app/Contents/MacOS/Chromium", "Google Chrome.app/Contents/MacOS/Google Chrome")
# Nothing that would go out by itself, and no sandbox of its own: a container's root has none.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # A screenshot waits for pictures to be decoded.
    "--disable-checker-imaging",
]
# Playwright ends with where in its own code it was.
STACK = ("at ", "}", "{")
START_SECONDS = 60
# Any step of a page may take seconds on a machine that has something else to do.
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
INSTALL_SECONDS = 900

Say = Callable[[str], None]


class NoChromiumError(Exception):
    """There is no Chromium here and none could be installed; the message, in French, says more."""


def find_chromium(say: Say) -> Path:
    """A Chromium that starts. Installs one where there is none, telling so line by line.

    Raises NoChromiumError.
    """
    named = os.environ.get("CHROMIUM")
    if named:
        if starts(Path(named)):
            return Path(named)
        raise NoChromiumError(
            f"CHROMIUM désigne {named}, qui ne démarre pas. Corrigez cette variable, ou retirez-la "
            "pour laisser chercher Chromium."
        )
    found = next(filter(starts, candidates()), None)
    return found or install(say)


def candidates() -> Iterator[Path]:
    """Where a Chromium may be, the machine's own first."""
    for name in NAMES:
        path = shutil.which(name)
        if path:
            yield Path(path)
    yield from (Path("/Applications") / name for name in MACOS)
    yield from playwrights_own()


def playwrights_own() -> list[Path]:
    """Where Playwright would have put its own. It says so only from a process without a loop."""
    asked = subprocess.run(
        [sys.executable, "-m", "tests.browser"], capture_output=True, text=True, check=False
    )
    return [Path(asked.stdout.strip())] if asked.returncode == 0 else []


def starts(path: Path) -> bool:
    """Whether it is there with all its libraries."""
    try:
        asked = subprocess.run(
            [path, "--version"], capture_output=True, timeout=START_SECONDS, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    return asked.returncode == 0


def install(say: Say) -> Path:
    """By Playwright, which needs no rights; else by apt, as root. Raises NoChromiumError."""
    tries = [("Playwright", [[sys.executable, "-m", "playwright", "install", "chromium"]])]
    if os.geteuid() == 0 and shutil.which("apt-get"):
        tries.append(("apt", [["apt-get", "update"], ["apt-get", "install", "-y", "chromium"]]))
    told = []
    for name, commands in tries:
        say(f"Chromium manque ici. Installation par {name}…")
        told.append(f"{name}\u00a0: {run_all(commands)}")
        found = next(filter(starts, candidates()), None)
        if found:
            say(f"Chromium est là\u00a0: {found}")
            return found
    raise NoChromiumError(
        "Les tests du navigateur ont besoin de Chromium, absent de cette machine, et son "
        "installation a échoué.\n  " + "\n  ".join(told) + "\nInstallez-le (Debian, Ubuntu"
        "\u00a0: apt-get install chromium), ou donnez son chemin\u00a0: "
        "CHROMIUM=/chemin/vers/chromium make test"
    )


def run_all(commands: list[list[str]]) -> str:
    """Run them until one fails; the last thing that it said, or how it all went."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in commands:
        try:
            done = subprocess.run(
                command,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                text=True,
                timeout=INSTALL_SECONDS,
                env=environment,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return str(error)
        if done.returncode:
            lines = [line.strip() for line in done.stdout.splitlines()]
            said = [line for line in lines if line and not line.startswith(STACK)]
            return said[-1] if said else "aucune explication"
    return "installé, mais il ne démarre pas (des bibliothèques du système manquent)"


if __name__ == "__main__":
    with sync_playwright() as playwright:
        sys.stdout.write(playwright.chromium.executable_path)
