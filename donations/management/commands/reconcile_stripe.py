"""Hold the ledger against Stripe's balance transactions, now.

The same happens each night. What is missing is booked; `--dry-run` only says what it is. Exit
code 0: no difference is left; 1: there is one; 2: Stripe could not be read, or another run is on.
"""

import datetime as dt
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from auposte.external import ExternalServiceError
from auposte.money import NBSP, euros
from donations import tasks
from donations.models import ReconciliationRun
from donations.services import reconciling
from donations.services.campaigns import PARIS


def past_moment(text: str) -> dt.datetime:
    """A day or a moment as typed, in Paris unless it says otherwise. ValueError if it is to come.

    (argparse makes its message of the function's name.)
    """
    moment = dt.datetime.fromisoformat(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=PARIS)
    if moment > timezone.now():
        raise ValueError(text)
    return moment


class Command(BaseCommand):
    help = "Rapproche le grand livre des mouvements de Stripe, dans les deux sens."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--since", metavar="AAAA-MM-JJ",
            help="depuis ce jour (à Paris) ; sinon depuis 35 jours, ou le premier don",
        )  # fmt: skip
        parser.add_argument("--dry-run", action="store_true", help="n’inscrit rien : compare")

    def handle(self, *, since: str | None, dry_run: bool, **_: object) -> None:
        try:
            start = past_moment(since) if since else None
        except ValueError as error:
            raise CommandError(f"{since}{NBSP}: ce n’est pas une date passée.") from error
        run = reconciling.begin(since=start, dry_run=dry_run)
        try:
            run = reconciling.carry_out(run.pk)
        except reconciling.AlreadyRunningError as error:
            run.delete()
            raise CommandError("Un rapprochement est déjà en cours.", returncode=2) from error
        except ExternalServiceError as error:
            raise CommandError(f"Stripe n’a pas pu être lu{NBSP}: {error}", returncode=2) from error
        tasks.follow_up()
        self._tell(run)
        if run.state == ReconciliationRun.State.DIFFERENT:
            raise CommandError(
                f"Écart{NBSP}: {euros(run.difference_cents)} ({run.difference_cents} centimes).",
                returncode=1,
            )
        self.stdout.write("Aucun écart.")

    def _tell(self, run: ReconciliationRun) -> None:
        if run.dry_run:
            self.stdout.write(f"Essai à blanc{NBSP}: rien n’est inscrit.")
        since = timezone.localtime(run.since)
        self.stdout.write(f"Depuis le {since:%d/%m/%Y à %H:%M}, heure de Paris.")
        self.stdout.write(f"{run.transactions:6} mouvements chez Stripe")
        self.stdout.write(f"{run.filed:6} paiements rattrapés")
        self.stdout.write(f"{run.pending:6} mouvements que Stripe doit encore annoncer")
        for row in run.discrepancies.all():
            self.stdout.write(
                f"{row.get_kind_display()}{NBSP}: {row.source} {row.stripe_id}".rstrip()
                + f", {euros(row.stripe_cents)} chez Stripe, {euros(row.ledger_cents)} ici"
            )
