"""The frame's own tasks."""

import time

from celery import shared_task

from auposte.pages import removal

# Longer than a page is on its way from the site to nginx.
ON_THE_WAY_SECONDS = 2.0


@shared_task
def settle_removals() -> None:
    """Once more, when pages that were on their way have arrived."""
    if removal.is_waiting():
        time.sleep(ON_THE_WAY_SECONDS)
        removal.settle()
