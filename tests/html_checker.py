"""The Nu HTML checker, as W3C's validator runs it: from npm, started by Java.

https://github.com/validator/validator
"""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

VERSION = "26.9.27"
INSTALL_SECONDS = 300
CHECK_SECONDS = 120


@dataclass(frozen=True)
class HtmlError:
    """What the checker says of one place of one file."""

    file: str
    line: int
    message: str
    extract: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}\n    {self.extract}"


def missing_programs() -> list[str]:
    """What this machine lacks to run the checker; nobody has to install Java for our tests."""
    return [name for name in ("java", "npm") if shutil.which(name) is None]


def checker(folder: Path) -> Path:
    """The checker's jar, kept under `folder`; fetched from npm the first time."""
    home = folder / f"nu-{VERSION}"
    jar = home / "node_modules/vnu-jar/build/dist/vnu.jar"
    if not jar.is_file():
        home.mkdir(parents=True, exist_ok=True)
        fetched = subprocess.run(
            ["npm", "install", "--prefix", str(home), "--no-save", "--no-audit", "--no-fund",
             "--ignore-scripts", f"vnu-jar@{VERSION}"],
            capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False,
        )  # fmt: skip
        assert jar.is_file(), f"npm n’a pas pu installer vnu-jar : {fetched.stderr[-1000:]}"
    return jar


def html_errors(jar: Path, files: Iterable[Path]) -> list[HtmlError]:
    """The errors in these files, in one run of Java: it takes longer to start than to check."""
    done = subprocess.run(
        ["java", "-Xss2m", "-jar", str(jar), "--errors-only", "--exit-zero-always", "--stdout",
         "--format", "json", *map(str, files)],
        capture_output=True, text=True, timeout=CHECK_SECONDS, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return [
        HtmlError(
            file=Path(found.get("url", "")).name,
            line=found.get("lastLine", 0),
            message=found["message"],
            extract=" ".join(found.get("extract", "").split()),
        )
        for found in json.loads(done.stdout)["messages"]
        if found["type"] != "info"
    ]
