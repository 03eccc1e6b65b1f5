"""What the newsroom is shown of its errands."""

import datetime as dt
from dataclasses import dataclass

from django.conf import settings
from django.db.models import OuterRef, Subquery
from django.utils import timezone

from broadcasts.models import ApiUsage, SyncJob, SyncRun, VideoProposal, VideoSource
from broadcasts.services.videos.budget import quota_resets_at, spent_today
from broadcasts.services.videos.jobs import configured_jobs, prepare_jobs


@dataclass(frozen=True, kw_only=True)
class Desk:
    """The synchronisation page: errands, what was spent today, what waits for somebody."""

    lines: tuple["Line", ...]
    is_busy: bool
    youtube: ApiUsage | None
    youtube_limit: int
    youtube_resets_at: dt.datetime
    peertube: ApiUsage | None
    proposals: int
    unavailable: int


@dataclass(frozen=True, kw_only=True)
class Line:
    """One errand: the run under way, if any, and the last one that ended."""

    job: SyncJob
    open: SyncRun | None
    last: SyncRun | None

    @property
    def shown(self) -> SyncRun | None:
        return self.open or self.last

    @property
    def is_running(self) -> bool:
        return self.open is not None and self.open.state == SyncRun.State.RUNNING

    @property
    def is_in_trouble(self) -> bool:
        if self.open is not None and self.open.state == SyncRun.State.WAITING:
            return True
        return self.last is not None and self.last.state == SyncRun.State.FAILED

    @property
    def state(self) -> str:
        """One word or two, in French."""
        if self.job.is_paused:
            return "En pause"
        if self.open is not None:
            return self.open.get_state_display()
        return "Jamais faite" if self.last is None else self.last.get_state_display()

    @property
    def counts(self) -> str:
        """`12 lues, 3 brouillons, 1 rattachée` – what is zero is left out."""
        run = self.shown
        if run is None:
            return ""
        words = (
            (run.done, "lue"), (run.drafted, "brouillon"), (run.attached, "rattachée"),
            (run.proposed, "à décider"), (run.updated, "mise à jour"), (run.missing, "absente"),
            (run.failed, "en erreur"),
        )  # fmt: skip
        return ", ".join(f"{number} {_plural(number, word)}" for number, word in words if number)


def _plural(number: int, word: str) -> str:
    if number < 2 or word in ("à décider", "en erreur"):
        return word
    return "mises à jour" if word == "mise à jour" else f"{word}s"


def sync_desk() -> Desk:
    """The page's contents, in a fixed number of queries."""
    prepare_jobs()
    names = configured_jobs()
    ended = SyncRun.objects.filter(job=OuterRef("pk"), finished_at__isnull=False)
    jobs = {
        job.name: job
        for job in SyncJob.objects.filter(name__in=names).annotate(
            last_run=Subquery(ended.order_by("-finished_at").values("pk")[:1])
        )
    }
    last_ids = [job.last_run for job in jobs.values() if job.last_run]
    last = {run.job_id: run for run in SyncRun.objects.filter(pk__in=last_ids)}
    under_way = {run.job_id: run for run in SyncRun.objects.filter(finished_at=None, job__in=names)}
    lines = tuple(
        Line(job=jobs[name], open=under_way.get(name), last=last.get(name)) for name in names
    )
    now = timezone.now()
    return Desk(
        lines=lines,
        is_busy=any(line.is_running for line in lines),
        youtube=_spent(VideoSource.Platform.YOUTUBE, SyncJob.Name.YOUTUBE_DISCOVER in names),
        youtube_limit=settings.YOUTUBE_DAILY_UNITS,
        youtube_resets_at=quota_resets_at(now),
        peertube=_spent(VideoSource.Platform.PEERTUBE, SyncJob.Name.PEERTUBE_DISCOVER in names),
        proposals=VideoProposal.objects.filter(state=VideoProposal.State.WAITING).count(),
        unavailable=VideoSource.objects.filter(
            availability=VideoSource.Availability.UNAVAILABLE
        ).count(),
    )


def _spent(platform: str, is_asked: bool) -> ApiUsage | None:
    return spent_today(platform) if is_asked else None
