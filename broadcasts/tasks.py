"""Celery's side of the broadcasts: each task calls one service, and may be lost or repeated."""

from celery import shared_task

from auposte.queue import enqueue
from broadcasts.services import airing
from broadcasts.services.passages import rebuild_stale
from broadcasts.services.search.spelling import learn_words as learn
from broadcasts.services.videos import jobs


@shared_task
def sync_videos() -> None:
    """Some seconds of the errands that are due; then behind whatever else waits in the queue."""
    if jobs.work():
        enqueue(sync_videos)


@shared_task
def follow_airings() -> None:
    """Announced, live, over: what has changed by the clock, or by what platforms said."""
    airing.follow_airings()


@shared_task
def rebuild_passages() -> None:
    """Some seconds of the broadcasts whose cues have changed, should the writer have left it."""
    rebuild_stale(seconds=20)


@shared_task
def learn_words() -> None:
    """What search takes for a misspelling is whatever nobody has said or written so far."""
    learn()
