"""The Celery application; its settings are the CELERY_* names of `auposte.settings`."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init, worker_process_init

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "auposte.settings")

GIVING_WAY = 10

app = Celery("auposte")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_wrong_settings(**_: Any) -> None:
    from auposte.checks import exit_on_wrong_settings

    exit_on_wrong_settings()


@worker_process_init.connect
def give_way(**_: Any) -> None:
    """On a machine that serves too, whoever waits for an answer goes first: readers, Stripe."""
    os.nice(GIVING_WAY)


@setup_logging.connect
def keep_our_logging(**_: Any) -> None:
    """Celery configures no logs once somebody listens here: Django's LOGGING stands."""
