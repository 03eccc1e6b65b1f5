"""Build what search goes over anew: for after a restore, or when in doubt. Nothing else is touched.

Readers can go on searching meanwhile: each broadcast changes in one step.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from broadcasts.services.passages import rebuild_passages, rebuild_stale
from broadcasts.services.search.spelling import learn_words
from broadcasts.services.search.upkeep import rewrite_documents, with_speech


class Command(BaseCommand):
    help = "Refait l’index de la recherche : textes, passages, mots connus."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--only-stale", action="store_true",
            help="seulement les émissions dont les sous-titres ont changé",
        )  # fmt: skip

    def handle(self, *, only_stale: bool, **_: Any) -> None:
        if only_stale:
            rebuilt = rebuild_stale(seconds=float("inf"))
        else:
            self.stdout.write(f"Textes : {rewrite_documents()} émissions")
            rebuilt = 0
            for number in with_speech():
                rebuild_passages(number)
                rebuilt += 1
        self.stdout.write(f"Paroles : {rebuilt} émissions")
        self.stdout.write(f"Mots connus : {learn_words()}")
