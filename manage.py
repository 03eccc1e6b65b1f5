#!/usr/bin/env python
"""Django's command line, at home: beside a running `make run` it finds the same services."""

import os
import sys
from pathlib import Path

LOCAL_ENV = Path(__file__).resolve().parent / ".local" / "env"


def use_local_services(path: Path) -> None:
    """Take the settings that `make run` wrote, unless this shell brings settings of its own."""
    if os.environ.get("DATABASE_URL") or os.environ.get("SECRET_KEY") or not path.is_file():
        return
    for line in path.read_text(encoding="utf-8").splitlines():
        name, separator, value = line.partition("=")
        if separator and not name.startswith("#"):
            os.environ.setdefault(name.strip(), value)


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "auposte.settings")
    use_local_services(LOCAL_ENV)
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
