"""The integrity drill: compute a month's ledger anew from Stripe alone, and show the difference.

It must be none. Nothing is written: the shadow ledger is a temporary table. Exit code 0: none;
1: there is one; 2: Stripe could not be read.
"""

import datetime as dt
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from auposte.external import ExternalServiceError
from auposte.money import NBSP, euros
from donations.models import LedgerEntry
from donations.services import drill
from donations.services.campaigns import MONTHS

SHOWN = 50


class Command(BaseCommand):
    help = "Rejoue un mois depuis Stripe dans un grand livre fantôme et montre l’écart."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--month", metavar="AAAA-MM", help="le mois, à Paris ; sinon le mois en cours"
        )

    def handle(self, *, month: str | None, **_: object) -> None:
        try:
            day = dt.date.fromisoformat(f"{month}-01") if month else timezone.localdate()
        except ValueError as error:
            raise CommandError(f"{month}{NBSP}: ce n’est pas un mois (AAAA-MM).") from error
        try:
            done = drill.replay_month(day)
        except ExternalServiceError as error:
            raise CommandError(f"Stripe n’a pas pu être lu{NBSP}: {error}", returncode=2) from error
        self.stdout.write(f"{MONTHS[day.month - 1].capitalize()} {day.year}, heure de Paris")
        self._table(done)
        rows, cents = done.offline
        if rows:
            self.stdout.write(
                f"Écritures sans Stripe, laissées de côté{NBSP}: {rows}, {euros(cents)}."
            )
        if done.pending:
            self.stdout.write(
                f"Écritures dont Stripe doit encore annoncer le mouvement{NBSP}: {done.pending}."
            )
        if done.strangers:
            self.stdout.write(f"Paiements qui ne sont pas des dons d’ici{NBSP}: {done.strangers}.")
        self._list("Seulement chez Stripe", done.only_shadow)
        self._list("Seulement au grand livre", done.only_ledger)
        if not done.is_clean:
            count = len(done.only_shadow) + len(done.only_ledger)
            raise CommandError(f"Écritures en écart{NBSP}: {count}.", returncode=1)
        self.stdout.write("Aucun écart.")

    def _table(self, done: drill.Drill) -> None:
        self.stdout.write(f"{'Nature':<16}{'Fantôme':>24}{'Grand livre':>24}{'Écart':>16}")
        for line in done.totals:
            shadow = f"{line.shadow_rows} · {euros(line.shadow_cents)}"
            ledger = f"{line.ledger_rows} · {euros(line.ledger_cents)}"
            gap = euros(line.shadow_cents - line.ledger_cents)
            self.stdout.write(f"{line.label:<16}{shadow:>24}{ledger:>24}{gap:>16}")

    def _list(self, title: str, rows: list[drill.Row]) -> None:
        if rows:
            self.stdout.write(f"{title}{NBSP}:")
        for row in rows[:SHOWN]:
            label = LedgerEntry.Kind(row.kind).label
            at = timezone.localtime(row.occurred_at)
            self.stdout.write(
                f"  {row.source} · {label} · {euros(row.amount_cents)} · {at:%d/%m/%Y %H:%M}"
            )
        if len(rows) > SHOWN:
            self.stdout.write(f"  et {len(rows) - SHOWN} autres")
