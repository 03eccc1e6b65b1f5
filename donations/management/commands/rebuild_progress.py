"""Make the campaigns' progress equal to the ledger, or only see whether it is.

The progress is computed at each booking already; this is the proof, and the way back after a
restored backup. With `--check` nothing is written: exit code 0 when all is equal, 1 otherwise.
"""

from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from auposte.money import NBSP, euros
from donations.services import rebuilding


class Command(BaseCommand):
    help = "Recalcule l’avancement de toutes les campagnes depuis le grand livre."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check", action="store_true", help="n’écrit rien : compare, code 1 s’il y a un écart"
        )

    def handle(self, *, check: bool, **_: object) -> None:
        found = rebuilding.deviations()
        for deviation in found:
            self.stdout.write(
                f"{deviation.campaign}{NBSP}: avancement {euros(deviation.shown_cents)} et "
                f"{deviation.shown_donors} donateur·ices, grand livre "
                f"{euros(deviation.ledger_cents)} et {deviation.ledger_donors} donateur·ices"
            )
        if not check:
            count = rebuilding.rebuild()
            self.stdout.write(f"Campagnes recalculées{NBSP}: {count}, dont {len(found)} en écart.")
        elif found:
            raise CommandError(f"Campagnes en écart{NBSP}: {len(found)}.", returncode=1)
        else:
            self.stdout.write("Aucun écart.")
