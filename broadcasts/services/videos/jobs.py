"""Which errands there are, whose turn it is, and what becomes of one that fails.

One worker at a time runs errands, for some seconds, then lets go: gifts never queue behind videos.
The lock belongs to the worker's database session, so it is freed however the worker ends.
"""

import datetime as dt
import time
from dataclasses import dataclass

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from auposte.external import ExternalServiceError
from auposte.locks import advisory_lock
from auposte.templatetags.french import french_moment
from broadcasts.models import SyncJob, SyncRun
from broadcasts.platforms import QuotaExceededError
from broadcasts.services.videos import errands
from broadcasts.services.videos.link_errand import check_links

log = structlog.get_logger(__name__)

SLICE_SECONDS = 10.0
LOCK = 0x61757030  # "aup0"
FIRST_WAIT = dt.timedelta(minutes=1)
LONGEST_WAIT = dt.timedelta(hours=2)
RUNS_KEPT = 200


@dataclass(frozen=True, kw_only=True)
class Kind:
    """An errand: its step, and how long after one run the next begins."""

    step: errands.Step
    every: dt.timedelta


# A look for new videos costs one call when there are none.
KINDS: dict[str, Kind] = {
    SyncJob.Name.LIVE: Kind(step=errands.follow_lives, every=dt.timedelta(minutes=1)),
    SyncJob.Name.YOUTUBE_DISCOVER: Kind(
        step=errands.discover_on_youtube, every=dt.timedelta(minutes=5)
    ),
    SyncJob.Name.PEERTUBE_DISCOVER: Kind(
        step=errands.discover_on_peertube, every=dt.timedelta(minutes=5)
    ),
    SyncJob.Name.YOUTUBE_REFRESH: Kind(
        step=errands.refresh_on_youtube, every=dt.timedelta(minutes=30)
    ),
    SyncJob.Name.PEERTUBE_REFRESH: Kind(
        step=errands.refresh_on_peertube, every=dt.timedelta(minutes=30)
    ),
    SyncJob.Name.THUMBNAILS: Kind(step=errands.keep_thumbnails, every=dt.timedelta(minutes=10)),
    SyncJob.Name.LINKS: Kind(step=check_links, every=dt.timedelta(minutes=15)),
}


def configured_jobs() -> list[str]:
    """The errands that the settings allow: a platform that is not configured is left alone."""
    youtube = bool(settings.YOUTUBE_API_KEY and settings.YOUTUBE_CHANNEL_ID)
    peertube = bool(settings.PEERTUBE_CHANNEL)
    allowed = {
        SyncJob.Name.YOUTUBE_DISCOVER: youtube,
        SyncJob.Name.YOUTUBE_REFRESH: youtube,
        SyncJob.Name.PEERTUBE_DISCOVER: peertube,
        SyncJob.Name.PEERTUBE_REFRESH: peertube,
        SyncJob.Name.LIVE: youtube or peertube,
        SyncJob.Name.THUMBNAILS: youtube or peertube,
    }
    return [name for name in KINDS if allowed.get(SyncJob.Name(name), True)]


def prepare_jobs() -> None:
    """A row for each errand that has none yet."""
    SyncJob.objects.bulk_create(
        (SyncJob(name=name) for name in configured_jobs()), ignore_conflicts=True
    )


def due_job() -> SyncJob | None:
    """The errand that has waited longest for its turn."""
    due = SyncJob.objects.filter(
        name__in=configured_jobs(), is_paused=False, next_run_at__lte=timezone.now()
    )
    return due.order_by("next_run_at", "name").first()


def ask_now(*, name: str, user_id: int | None) -> SyncRun | None:
    """Have an errand done at once, for somebody. None when it is not configured.

    One that is under way goes on; one that waits for better times tries again now.
    """
    if name not in configured_jobs():
        return None
    prepare_jobs()
    with transaction.atomic():
        job = SyncJob.objects.select_for_update().get(name=name)
        run, _ = SyncRun.objects.get_or_create(
            job=job, finished_at=None, defaults={"asked_by_id": user_id}
        )
        job.next_run_at, job.is_paused = timezone.now(), False
        job.save(update_fields=["next_run_at", "is_paused"])
    return run


def work(*, seconds: float = SLICE_SECONDS) -> bool:
    """Do steps of what is due, for about `seconds`; whether something is left to do now.

    False too when another worker is at it already.
    """
    prepare_jobs()
    end = time.monotonic() + seconds
    with advisory_lock(LOCK) as alone:
        if not alone:
            return False
        while job := due_job():
            _take_step(job)
            if time.monotonic() >= end:
                break
        return due_job() is not None


def _take_step(job: SyncJob) -> None:
    """One step of an errand, and where it leads: further, to its end, to a later try."""
    if job.name == SyncJob.Name.LIVE and not job.cursor and not _live_wanted(job):
        _put_off(job, KINDS[job.name].every)
        return
    run, _ = SyncRun.objects.get_or_create(job=job, finished_at=None)
    try:
        cursor = KINDS[job.name].step(errands.Errand(job=job, run=run), job.cursor)
    except QuotaExceededError as error:
        _wait(job, run, until=error.until, why=f"{error} Reprise le {french_moment(error.until)}.")
    except ExternalServiceError as error:
        if error.permanent:
            _finish(job, run, SyncRun.State.FAILED, str(error))
        else:
            _wait(job, run, until=timezone.now() + _delay(job, error), why=str(error))
    except Exception as error:  # a fault of ours must show, and not stop the other errands
        log.exception("sync_step_failed", job=job.name)
        _finish(job, run, SyncRun.State.FAILED, f"Erreur imprévue ({type(error).__name__}).")
    else:
        if cursor is None:
            _finish(job, run, SyncRun.State.DONE, "")
        else:
            _go_on(job, run, cursor)


def _live_wanted(job: SyncJob) -> bool:
    """A run is only written down when there is a live to follow, or when somebody asked."""
    return errands.followed_lives().exists() or job.runs.filter(finished_at=None).exists()


def _delay(job: SyncJob, error: ExternalServiceError) -> dt.timedelta:
    told = dt.timedelta(seconds=error.retry_after or 0)
    doubled: dt.timedelta = FIRST_WAIT * 2 ** min(job.failures, 10)
    return max(told, min(doubled, LONGEST_WAIT))


def _put_off(job: SyncJob, delay: dt.timedelta) -> None:
    SyncJob.objects.filter(pk=job.pk).update(next_run_at=timezone.now() + delay)


@transaction.atomic
def _go_on(job: SyncJob, run: SyncRun, cursor: errands.Cursor) -> None:
    # To the end of the queue of what is due: errands take turns.
    SyncJob.objects.filter(pk=job.pk).update(
        cursor=cursor, memory=job.memory, failures=0, next_run_at=timezone.now()
    )
    run.state, run.message = SyncRun.State.RUNNING, ""
    run.save()


@transaction.atomic
def _wait(job: SyncJob, run: SyncRun, *, until: dt.datetime, why: str) -> None:
    """The cursor stays: the next try goes on from the last step that was whole."""
    SyncJob.objects.filter(pk=job.pk).update(
        failures=F("failures") + 1, next_run_at=until, memory=job.memory
    )
    run.state, run.message = SyncRun.State.WAITING, why
    run.save()


@transaction.atomic
def _finish(job: SyncJob, run: SyncRun, state: SyncRun.State, message: str) -> None:
    now = timezone.now()
    failed = state == SyncRun.State.FAILED
    # What has failed for good is tried again all the same, rarely: keys get mended.
    delay = _delay(job, ExternalServiceError("", permanent=True)) if failed else dt.timedelta()
    SyncJob.objects.filter(pk=job.pk).update(
        cursor={},
        memory=job.memory,
        failures=F("failures") + 1 if failed else 0,
        next_run_at=now + max(KINDS[job.name].every, delay),
    )
    run.state, run.message, run.finished_at = state, message, now
    run.save()
    old = job.runs.order_by("-started_at").values_list("pk", flat=True)[RUNS_KEPT:]
    SyncRun.objects.filter(pk__in=list(old)).delete()
