"""The newsroom's errands to the video platforms: each stands in the database until it is done."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from broadcasts.models.broadcast import Broadcast
from broadcasts.models.video import VideoSource


class SyncJob(models.Model):
    """A recurring errand: when it is due, and how far it has come.

    `cursor` is where a run that was cut short goes on; `memory` outlives runs (an ETag, say).
    """

    class Name(models.TextChoices):
        YOUTUBE_DISCOVER = "youtube-discover", "YouTube : nouvelles vidéos"
        YOUTUBE_REFRESH = "youtube-refresh", "YouTube : vidéos connues"
        PEERTUBE_DISCOVER = "peertube-discover", "PeerTube : nouvelles vidéos"
        PEERTUBE_REFRESH = "peertube-refresh", "PeerTube : vidéos connues"
        LIVE = "live", "Directs en cours et à venir"
        THUMBNAILS = "thumbnails", "Vignettes"
        LINKS = "links", "Liens sortants des textes"

    name = models.CharField("tâche", max_length=20, primary_key=True, choices=Name.choices)
    next_run_at = models.DateTimeField("prochaine fois", default=timezone.now)
    is_paused = models.BooleanField("en pause", default=False)
    failures = models.PositiveSmallIntegerField("échecs de suite", default=0)
    cursor = models.JSONField("reprise", default=dict, blank=True)
    memory = models.JSONField("mémoire", default=dict, blank=True)

    class Meta:
        verbose_name = "synchronisation"
        verbose_name_plural = "synchronisations"
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    name__in=[
                        "youtube-discover", "youtube-refresh", "peertube-discover",
                        "peertube-refresh", "live", "thumbnails", "links",
                    ]
                ),
                name="sync_job_known",
            ),
        )  # fmt: skip

    def __str__(self) -> str:
        return self.get_name_display()


class SyncRun(models.Model):
    """One time that an errand was done, perhaps in several goes; counts are of videos."""

    class State(models.TextChoices):
        RUNNING = "running", "En cours"
        WAITING = "waiting", "Reprend plus tard"
        DONE = "done", "Terminée"
        FAILED = "failed", "Échouée"

    job = models.ForeignKey(
        SyncJob, models.CASCADE, related_name="runs", verbose_name="synchronisation"
    )
    state = models.CharField("état", max_length=8, choices=State.choices, default=State.RUNNING)
    started_at = models.DateTimeField("commencée le", default=timezone.now)
    finished_at = models.DateTimeField("finie le", null=True, blank=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="demandée par",
    )  # fmt: skip
    done = models.PositiveIntegerField("vidéos vues", default=0)
    total = models.PositiveIntegerField("sur", null=True, blank=True)
    drafted = models.PositiveIntegerField("brouillons", default=0)
    attached = models.PositiveIntegerField("rattachées", default=0)
    proposed = models.PositiveIntegerField("proposées", default=0)
    updated = models.PositiveIntegerField("mises à jour", default=0)
    missing = models.PositiveIntegerField("absentes", default=0)
    failed = models.PositiveIntegerField("en erreur", default=0)
    calls = models.PositiveIntegerField("appels", default=0)
    message = models.TextField("message", blank=True)

    class Meta:
        verbose_name = "passage"
        verbose_name_plural = "passages"
        ordering = ("-started_at", "-pk")
        indexes = (models.Index(fields=["job", "-started_at"], name="sync_run_newest"),)
        constraints = (
            models.UniqueConstraint(
                fields=["job"], condition=Q(finished_at=None), name="sync_run_one_open"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["running", "waiting"], finished_at=None)
                | Q(state__in=["done", "failed"], finished_at__isnull=False),
                name="sync_run_state_and_end",
            ),
        )

    def __str__(self) -> str:
        return f"{self.job} – {self.get_state_display()}"


class ApiUsage(models.Model):
    """What was asked of a platform in a day of its own calendar (YouTube's is Pacific)."""

    platform = models.CharField("plateforme", max_length=10, choices=VideoSource.Platform.choices)
    day = models.DateField("jour")
    calls = models.PositiveIntegerField("appels", default=0)
    units = models.PositiveIntegerField("unités", default=0)

    class Meta:
        verbose_name = "usage d’une API"
        verbose_name_plural = "usages des API"
        ordering = ("-day", "platform")
        constraints = (models.UniqueConstraint(fields=["platform", "day"], name="api_usage_once"),)

    def __str__(self) -> str:
        return f"{self.get_platform_display()}, {self.day} : {self.units}"


class VideoProposal(models.Model):
    """A video that looks like a broadcast's, by title and date: an editor decides, never we."""

    class State(models.TextChoices):
        WAITING = "waiting", "À décider"
        ATTACHED = "attached", "Rattachée"
        DRAFTED = "drafted", "Brouillon"
        IGNORED = "ignored", "Écartée"

    platform = models.CharField("plateforme", max_length=10, choices=VideoSource.Platform.choices)
    external_id = models.CharField("identifiant", max_length=40)
    title = models.CharField("titre", max_length=300)
    description = models.TextField("description", blank=True)
    published_at = models.DateTimeField("mise en ligne le", null=True, blank=True)
    duration_seconds = models.PositiveIntegerField("durée (secondes)", null=True, blank=True)
    candidate = models.ForeignKey(
        Broadcast, models.SET_NULL, null=True, blank=True, related_name="proposed_videos",
        verbose_name="émission proposée",
    )  # fmt: skip
    state = models.CharField("état", max_length=8, choices=State.choices, default=State.WAITING)
    found_at = models.DateTimeField("trouvée le", auto_now_add=True)
    decided_at = models.DateTimeField("décidée le", null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="décidée par",
    )  # fmt: skip

    class Meta:
        verbose_name = "vidéo à rattacher"
        verbose_name_plural = "vidéos à rattacher"
        ordering = ("-published_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=["platform", "external_id"], name="video_proposal_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "attached", "drafted", "ignored"]),
                name="video_proposal_state_known",
            ),
        )

    def __str__(self) -> str:
        return self.title
