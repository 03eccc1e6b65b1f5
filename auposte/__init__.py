"""The frame of the site: settings, URLs, and what every app stands on."""

from auposte.celery import app as celery_app
from auposte.queue import enqueue

__all__ = ["celery_app", "enqueue"]
