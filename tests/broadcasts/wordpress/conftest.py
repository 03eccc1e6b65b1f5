"""Importing from a test as an operator does: by the command."""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from broadcasts.models import Broadcast
from tests.broadcasts.wordpress.exports import write


@dataclass(frozen=True)
class Ran:
    """What the command said and reported; `error` is why it failed."""

    told: str
    report: dict[str, Any]
    error: str = ""

    def total(self, done: str) -> int:
        return int(self.report["posts"][done]["total"])

    def rows(self, kind: str) -> list[dict[str, Any]]:
        found = self.report.get(kind) or self.report["posts"][kind]
        return list(found["rows"])

    def what(self, kind: str) -> list[str]:
        return [row["what"] for row in self.rows(kind)]


Import = Callable[..., Ran]


@pytest.fixture
def run(tmp_path: Path) -> Import:
    """`import_wordpress` with these files and options, and a report."""

    def run_import(*arguments: str | Path) -> Ran:
        told, folder, error = io.StringIO(), tmp_path / "rapport", ""
        try:
            call_command(
                "import_wordpress", *map(str, arguments), "--report", str(folder),
                stdout=told, stderr=told,
            )  # fmt: skip
        except CommandError as failed:
            error = str(failed)
        made = folder / "report.json"
        report = json.loads(made.read_text()) if made.exists() else {}
        return Ran(told=told.getvalue(), report=report, error=error)

    return run_import


@pytest.fixture
def bring(run: Import, tmp_path: Path) -> Callable[..., Ran]:
    """Import these items; options are strings that start with a dash."""

    def bring_items(*items: str, more: str = "") -> Ran:
        posts = [text for text in items if text.startswith("<item>")]
        options = [text for text in items if not text.startswith("<item>")]
        return run(write(tmp_path / "export.xml", *posts, more=more), *options)

    return bring_items


def of(post_id: int) -> Broadcast:
    """The broadcast of a post."""
    return Broadcast.objects.get(wp_legacy_id=post_id)


def people(post_id: int) -> list[tuple[str, str, str]]:
    """Last name, first name and role of everybody in it."""
    rows = of(post_id).appearances.select_related("guest")
    return [(row.guest.last_name, row.guest.first_name, row.role) for row in rows]
