"""What an import did, for the people who must trust it: a page to read and print, and JSON."""

import json
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string
from django.utils import timezone

from broadcasts.wordpress.documents import ExportError, Item
from broadcasts.wordpress.facts import LARGEST_ID
from broadcasts.wordpress.library import Finding, Kind
from broadcasts.wordpress.options import Options
from broadcasts.wordpress.writing import Done, Outcome

# Lists longer than this are cut, on the page sooner than in JSON; their totals are exact.
LONGEST_LIST = 5000
LONGEST_ON_PAGE = 1000
TITLES = {
    Kind.LOOK: ("À regarder", "Ce qu’une personne doit trancher."),
    Kind.DRAFT: ("Devenus brouillons", "Le public ne les voyait pas sur WordPress."),
    Kind.SHORTCODE: (
        "Codes courts inconnus",
        "Enlevés des pages ; le texte qu’ils entouraient est gardé.",
    ),
    Kind.BRACKETS: (
        "Crochets gardés comme texte",
        "Un mot seul entre crochets : de la prose, sans doute. Sinon, à corriger à la main.",
    ),
    Kind.BLOCK: ("Blocs sans contenu", "Ce qu’ils affichaient n’est pas dans l’export."),
    Kind.EMBED: ("Lecteurs d’ailleurs", "Le site ne les affiche pas."),
    Kind.PICTURE: ("Médias manquants", "Réessayés à chaque import avec --media."),
    Kind.VIDEO_TAKEN: (
        "Vidéos d’autres émissions",
        "Elles appartiennent déjà à une émission : un lien reste dans le texte.",
    ),
    Kind.LINK_KEPT: (
        "Liens internes gardés tels quels",
        "Leur cible n’est pas connue ici, ou n’est pas publique.",
    ),
    Kind.LINK: ("Liens internes récrits", "Ils mènent à la nouvelle adresse."),
    Kind.VIDEO: ("Vidéos reconnues", "Rattachées à leur émission."),
}


@dataclass(kw_only=True)
class Listed:
    """Rows of one kind, at most `LONGEST_LIST`, and how many there were."""

    total: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)

    def add(self, row: dict[str, Any]) -> None:
        self.total += 1
        if len(self.rows) < LONGEST_LIST:
            self.rows.append(row)

    @property
    def first(self) -> list[dict[str, Any]]:
        """Those that the page shows."""
        return self.rows[:LONGEST_ON_PAGE]

    @property
    def left_out(self) -> int:
        """How many the page does not show."""
        return self.total - len(self.first)


@dataclass(kw_only=True)
class Report:
    """Gathers as the import goes."""

    files: list[str] = field(default_factory=list)
    posts: dict[Done, Listed] = field(default_factory=lambda: {done: Listed() for done in Done})
    edited: Listed = field(default_factory=Listed)
    found: dict[Kind, Listed] = field(default_factory=lambda: {kind: Listed() for kind in Kind})
    skipped: Counter[tuple[str, str]] = field(default_factory=Counter)
    failed: Listed = field(default_factory=Listed)
    errors: list[ExportError] = field(default_factory=list)
    pictures: int = 0
    seconds: float = 0.0
    _told: set[Finding] = field(default_factory=set)

    @property
    def has_failed(self) -> bool:
        """Whether something that should have come in did not."""
        return bool(self.errors or self.failed.total)

    def add(self, item: Item, title: str, outcome: Outcome, file: str) -> None:
        """Note what became of a post."""
        where = self._where(item, title, outcome, file)
        if outcome.done is Done.UNCHANGED:
            self.posts[outcome.done].total += 1
        else:
            more = {"changed": outcome.changed} if outcome.changed else {}
            self.posts[outcome.done].add(where | more | _reason(outcome))
        if outcome.kept:
            self.edited.add(where | {"kept": outcome.kept})
        for finding in outcome.findings:
            if finding.once and finding in self._told:
                continue
            if finding.once:
                self._told.add(finding)
            self.found[finding.kind].add(where | {"what": finding.what, "detail": finding.detail})

    def add_failure(self, item: Item, title: str, words: str, file: str) -> None:
        self.failed.add(self._where(item, title, None, file) | {"reason": words})

    @staticmethod
    def _where(item: Item, title: str, outcome: Outcome | None, file: str) -> dict[str, Any]:
        broadcast = outcome.broadcast if outcome else None
        return {
            "wp_post_id": item.post_id if (item.post_id or 0) <= LARGEST_ID else None,
            "title": title,
            "file": file,
            "line": item.line,
            "broadcast": broadcast.pk if broadcast else None,
            "path": broadcast.get_absolute_url() if broadcast else "",
        }

    def as_json(self, options: Options) -> dict[str, Any]:
        """The whole report; every list says how many rows it left out."""
        return {
            "made_at": timezone.now().isoformat(timespec="seconds"),
            "dry_run": options.dry_run,
            "files": self.files,
            "seconds": round(self.seconds, 1),
            "pictures_stored": self.pictures,
            "errors": [
                {"file": str(error.path), "line": error.line, "message": error.message}
                for error in self.errors
            ],
            "posts": {
                done.value: {"total": listed.total, "rows": listed.rows}
                for done, listed in self.posts.items()
            },
            "failed": {"total": self.failed.total, "rows": self.failed.rows},
            "kept_because_edited": {"total": self.edited.total, "rows": self.edited.rows},
            "left_out": [
                {"type": kind, "reason": reason, "total": total}
                for (kind, reason), total in sorted(self.skipped.items())
            ],
            **{
                kind.value: {"total": listed.total, "rows": listed.rows}
                for kind, listed in self.found.items()
            },
        }

    def write(self, folder: Path, options: Options) -> None:
        """`report.json` and `report.html` in `folder`, which is made when missing.

        Raises OSError.
        """
        folder.mkdir(parents=True, exist_ok=True)
        with (folder / "report.json").open("w", encoding="utf-8") as file:
            json.dump(self.as_json(options), file, ensure_ascii=False, indent=1)
        page = render_to_string("wordpress/report.html", self._context(options))
        (folder / "report.html").write_text(page, encoding="utf-8")

    def _context(self, options: Options) -> dict[str, Any]:
        return {
            "report": self,
            "dry_run": options.dry_run,
            "now": timezone.now(),
            "imported": self.posts[Done.IMPORTED],
            "updated": self.posts[Done.UPDATED],
            "unchanged": self.posts[Done.UNCHANGED],
            "skipped": self.posts[Done.SKIPPED],
            "left_out": [
                {"reason": reason, "total": total}
                for (_, reason), total in sorted(self.skipped.items(), key=lambda row: row[0][1])
            ],
            "sections": [
                {"key": kind.value, "title": title, "help": words, "listed": self.found[kind]}
                for kind, (title, words) in TITLES.items()
                if self.found[kind].total
            ],
        }


def _reason(outcome: Outcome) -> dict[str, str]:
    return {"reason": outcome.reason} if outcome.reason else {}
