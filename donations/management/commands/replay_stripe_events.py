"""Work Stripe's events off again, as if they had just come in.

After a fault has been mended, or to see with one's own eyes that nothing is booked twice: the
ledger's unique sources make any number of replays end in the same books. An event that never came
is fetched from Stripe (which keeps them for 30 days). Exit code 1 when one of them still fails.
"""

import datetime as dt
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError

from auposte.external import ExternalServiceError
from auposte.money import NBSP
from donations import tasks
from donations.management.commands.reconcile_stripe import past_moment
from donations.models import StripeEvent
from donations.services import events, retrying


class Command(BaseCommand):
    help = "Rejoue des événements de Stripe : ceux qui sont nommés, ou tous ceux d’un tri."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("ids", nargs="*", metavar="evt_…", help="ces événements-là")
        parser.add_argument("--type", metavar="TYPE", help="de ce type (charge.refunded…)")
        parser.add_argument("--since", metavar="AAAA-MM-JJ", help="créés depuis ce jour (à Paris)")
        parser.add_argument(
            "--failed", action="store_true", help="ceux qui ne sont pas traités et ont une erreur"
        )

    def handle(
        self, *, ids: list[str], type: str | None, since: str | None, failed: bool, **_: object
    ) -> None:
        if not (ids or type or since or failed):
            raise CommandError("Nommez des événements, ou choisissez --type, --since ou --failed.")
        try:
            start = past_moment(since) if since else None
        except ValueError as error:
            raise CommandError(f"{since}{NBSP}: ce n’est pas une date passée.") from error
        try:
            fetched = events.fetch_events(ids)
        except ExternalServiceError as error:
            raise CommandError(f"Stripe n’a pas pu être lu{NBSP}: {error}", returncode=2) from error
        chosen = self._chosen(ids, type, start, failed=failed)
        replayed = retrying.replay_events(event_ids=chosen)
        for event_id in replayed:
            tasks.process_event(event_id)
        tasks.follow_up()
        still = StripeEvent.objects.filter(pk__in=replayed, processed_at__isnull=True)
        if fetched:
            self.stdout.write(f"Événements jamais reçus, demandés à Stripe{NBSP}: {len(fetched)}.")
        self.stdout.write(f"Événements rejoués{NBSP}: {len(replayed)}.")
        for event in still:
            self.stderr.write(f"{event.pk} ({event.type}){NBSP}: {event.last_error}")
        if still:
            raise CommandError(f"Événements en échec{NBSP}: {len(still)}.", returncode=1)

    def _chosen(
        self, ids: list[str], type: str | None, since: dt.datetime | None, *, failed: bool
    ) -> list[str]:
        chosen = StripeEvent.objects.order_by("created", "pk")
        if ids:
            chosen = chosen.filter(pk__in=ids)
        if type:
            chosen = chosen.filter(type=type)
        if since:
            chosen = chosen.filter(created__gte=since)
        if failed:
            chosen = chosen.filter(processed_at__isnull=True).exclude(last_error="")
        return list(chosen.values_list("pk", flat=True))
