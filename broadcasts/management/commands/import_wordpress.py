"""Move the archive of a WordPress site in, from the files that its « Exporter » tool gives.

It can be run again at any time, with the same files or newer ones: posts are known by their number,
and what the newsroom changed since stays as it is. `--dry-run` tells what would happen.
"""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from auposte.money import NBSP
from broadcasts.wordpress.importing import AlreadyRunningError, import_exports
from broadcasts.wordpress.library import Kind
from broadcasts.wordpress.options import Options
from broadcasts.wordpress.progress import Progress
from broadcasts.wordpress.report import TITLES, Report
from broadcasts.wordpress.writing import Done


class Command(BaseCommand):
    help = "Importe les exports d’un site WordPress (fichiers XML), autant de fois qu’il faut."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "files", nargs="+", type=Path, metavar="FICHIER", help="export WordPress"
        )
        parser.add_argument(
            "--dry-run", action="store_true", help="n’écrit rien : dit ce qui se passerait"
        )
        parser.add_argument(
            "--report", type=Path, metavar="DOSSIER",
            help="y écrit report.html (à lire, à imprimer) et report.json",
        )  # fmt: skip
        media = parser.add_mutually_exclusive_group()
        media.add_argument("--media", action="store_true", help="télécharge les images")
        media.add_argument(
            "--media-folder", type=Path, metavar="DOSSIER",
            help="prend les images dans une copie de wp-content/uploads",
        )  # fmt: skip
        parser.add_argument(
            "--trust-origin", action="append", default=[], metavar="ORIGINE", type=_origin,
            help="avec --media : une adresse privée où télécharger est permis (http://10.0.0.5:8080)",
        )  # fmt: skip
        parser.add_argument(
            "--overwrite", action="store_true",
            help="reprend aussi ce que la rédaction a modifié ici (sauf ce qu’elle a retiré)",
        )  # fmt: skip
        parser.add_argument("--series-taxonomy", default="serie", metavar="NOM")
        parser.add_argument("--guest-taxonomy", default="invite", metavar="NOM")
        parser.add_argument(
            "--post-type", action="append", default=[], metavar="NOM",
            help="type de contenu à importer (« post », si rien n’est dit) ; répétable",
        )  # fmt: skip

    def handle(
        self, *, files: list[Path], report: Path | None, verbosity: int, **given: Any
    ) -> None:
        for path in files:
            if not path.is_file():
                raise CommandError(f"{path} : ce fichier n’existe pas.")
        folder: Path | None = given["media_folder"]
        if folder is not None and not folder.is_dir():
            raise CommandError(f"{folder} : ce dossier n’existe pas.")
        options = Options(
            series_taxonomy=given["series_taxonomy"],
            guest_taxonomy=given["guest_taxonomy"],
            post_types=tuple(given["post_type"]) or ("post",),
            overwrite=given["overwrite"],
            dry_run=given["dry_run"],
            media=given["media"],
            media_folder=folder,
            trusted_origins=tuple(given["trust_origin"]),
        )
        total = sum(path.stat().st_size for path in files)
        progress = Progress(sys.stderr, total_bytes=total, quiet=verbosity == 0)
        try:
            done = import_exports(paths=files, options=options, progress=progress)
        except AlreadyRunningError as error:
            raise CommandError("Un import est déjà en cours sur cette base.") from error
        except OperationalError as error:
            raise CommandError(
                "La base de données ne répond plus. Relancez : l’import reprend où il en est."
            ) from error
        except KeyboardInterrupt as error:
            progress.end()
            raise CommandError("Interrompu. Relancez : l’import reprend où il en est.") from error
        if report is not None:
            try:
                done.write(report, options)
            except OSError as error:
                raise CommandError(f"{report} : le rapport ne peut pas y être écrit.") from error
        if verbosity:
            self._tell(done, options, report)
        for fault in done.errors:
            self.stderr.write(str(fault))
        if done.has_failed:
            raise CommandError("L’import n’est pas complet : voyez les messages ci-dessus.")

    def _tell(self, report: Report, options: Options, folder: Path | None) -> None:
        words = {
            Done.IMPORTED: "importés",
            Done.UPDATED: "mis à jour",
            Done.UNCHANGED: "inchangés",
            Done.SKIPPED: "laissés de côté",
        }
        if options.dry_run:
            self.stdout.write(f"Essai à blanc{NBSP}: rien n’est écrit. Un import ferait ceci.")
        for done, listed in report.posts.items():
            self.stdout.write(f"{listed.total:6} articles {words[done]}")
        if report.edited.total:
            self.stdout.write(f"{report.edited.total:6} gardent ce que la rédaction y a modifié")
        for (_, reason), total in sorted(report.skipped.items(), key=lambda row: row[0][1]):
            self.stdout.write(f"{total:6} non importés{NBSP}: {reason}")
        for kind in Kind:
            if report.found[kind].total:
                self.stdout.write(f"{report.found[kind].total:6} {TITLES[kind][0].lower()}")
        for row in report.failed.rows[:20]:
            self.stderr.write(
                f"Échec, article {row['wp_post_id']} ({row['title']}) : {row['reason']}"
            )
        self.stdout.write(f"En {report.seconds:.1f}{NBSP}s.")
        if folder is not None:
            self.stdout.write(f"Rapport{NBSP}: {folder / 'report.html'}")


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.netloc or parts.path.strip("/"):
        raise ValueError(text)
    return f"{parts.scheme}://{parts.netloc}"
