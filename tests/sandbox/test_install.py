"""What `make` does first: a virtual environment with the listed packages, or a clear word."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.sandbox.small_site import REAL


class Checkout:
    def __init__(self, root: Path) -> None:
        self.root = root
        self.venv = root / ".venv"
        self.commands = root / "commands"
        self.requirements = root / "requirements"
        self.requirements.mkdir()
        self.commands.mkdir()
        shutil.copy(REAL / "requirements" / "install.sh", self.requirements)
        for name in ("sandbox", "dev"):
            (self.requirements / f"{name}.txt").write_text("# nothing to install\n")
        for name in ("sh", "dirname", "basename", "cmp", "cp"):
            found = shutil.which(name)
            assert found
            (self.commands / name).symlink_to(found)

    def python(self, script: str, name: str = "python3") -> None:
        """Put a Python on the PATH."""
        path = self.commands / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def install(self, wanted: str = "sandbox") -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["sh", "requirements/install.sh", wanted],
            cwd=self.root,
            env={"PATH": str(self.commands), "HOME": os.environ.get("HOME", "/")},
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture
def checkout(tmp_path: Path) -> Checkout:
    return Checkout(tmp_path)


def test_no_python_at_all(checkout: Checkout) -> None:
    done = checkout.install()
    assert done.returncode == 1
    assert "apt install python3 python3-venv" in done.stderr


def test_only_an_old_python(checkout: Checkout) -> None:
    checkout.python('case "$2" in *version_info*) exit 1;; esac')
    done = checkout.install()
    assert done.returncode == 1
    assert "Il faut Python 3.11 ou plus récent" in done.stderr


def test_a_python_without_venv_names_the_package(checkout: Checkout) -> None:
    checkout.python('case "$2" in *ensurepip*) exit 1;; esac', "python3.12")
    done = checkout.install()
    assert done.returncode == 1
    assert "apt install python3.12-venv" in done.stderr
    assert not checkout.venv.exists()


def test_it_installs_once_and_again_after_a_change(checkout: Checkout) -> None:
    checkout.python(f'exec "{sys.executable}" "$@"')
    checkout.venv.mkdir()
    (checkout.venv / "half").touch()  # an interrupted attempt

    first = checkout.install()
    assert first.returncode == 0, first.stderr
    assert "création de l’environnement" in first.stdout
    assert not (checkout.venv / "half").exists()

    assert (checkout.install().returncode, checkout.install().stdout) == (0, "")

    (checkout.requirements / "sandbox.txt").write_text("# another list\n")
    changed = checkout.install()
    assert "installation des paquets" in changed.stdout
    assert "création" not in changed.stdout

    wider = checkout.install("dev")
    assert "requirements/dev.txt" in wider.stdout
    (checkout.venv / ".installed-sandbox").unlink()
    assert checkout.install("sandbox").stdout == "", "dev contains sandbox"


def test_a_failed_installation_is_not_taken_for_done(checkout: Checkout) -> None:
    checkout.python(
        f"""case "$*" in
*"-m venv"*) {shutil.which("mkdir")} -p .venv/bin; cp "$0" .venv/bin/python;;
*"pip install"*) exit 2;;
esac"""
    )
    failed = checkout.install()
    assert failed.returncode == 1
    assert "L’installation des paquets a échoué" in failed.stderr
    assert not (checkout.venv / ".installed-sandbox").exists()
