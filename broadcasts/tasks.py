"""Celery's side of the broadcasts: each task calls one service, and may be lost or repeated."""

from celery import shared_task

from auposte.queue import enqueue
from broadcasts.services.videos import jobs


@shared_task
def sync_videos() -> None:
    """Some seconds of the errands that are due; then behind whatever else waits in the queue."""
    if jobs.work():
        enqueue(sync_videos)
