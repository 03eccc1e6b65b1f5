"""Fill the site with a demonstration, so that a newcomer has something to read, watch and fund.

It can be run again at any time: it adds what is missing and leaves what is there. In a new month
it adds that month's campaign. It lives in `donations`, the only app that may know all the others.
"""

import contextlib
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from auposte.money import NBSP, euros
from broadcasts.demo.crowd import add_episodes
from broadcasts.demo.seeding import ready_the_search, seed_broadcasts
from donations.demo.campaign import seed_campaign, seed_past_months
from outlet.demo import seed_outlet

LOCK = 1037


class Command(BaseCommand):
    help = "Charge la démonstration : émissions, invité·es, dessins, campagne du mois."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--episodes", type=int, default=0, metavar="N",
            help="ajoute N émissions de charge (toujours les mêmes)",
        )  # fmt: skip
        parser.add_argument(
            "--without-images", action="store_true", help="ne dessine rien : plus rapide"
        )

    def handle(self, *, episodes: int, without_images: bool, **_: Any) -> None:
        if episodes < 0:
            raise CommandError("--episodes attend un nombre positif.")
        if settings.STRIPE_LIVEMODE:
            # The ledger is append-only: an invented gift could never be taken out of it again.
            raise CommandError("Pas de démonstration avec une clé Stripe réelle.")
        start, now = time.monotonic(), timezone.now()
        with _alone():
            self.say("Émissions de démonstration…")
            added = seed_broadcasts(now=now, with_images=not without_images, say=self.say)
            self.say(f"  {added} émissions ajoutées")
            if episodes:
                self.say("Émissions de charge…")
                added = add_episodes(episodes, say=self.say)
                self.say(f"  {added} émissions ajoutées")
            ready_the_search()
            seed_outlet()
            seed_past_months(now=now)
            campaign = seed_campaign(now=now)
            self.say(f"Campagne{NBSP}: {campaign}, objectif {euros(campaign.goal_cents)}")
        self.say(f"Démonstration prête en {time.monotonic() - start:.1f}{NBSP}s.")

    def say(self, text: str) -> None:
        """A line of progress, seen at once even through a pipe."""
        self.stdout.write(text)
        self.stdout.flush()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Two loadings at a time would both find the same things missing: the second waits."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [LOCK])
