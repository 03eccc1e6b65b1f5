"""A broadcast on the air: what it is just now, who or what said so, and what the team marked."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from broadcasts.live import AiringState, Cause
from broadcasts.models.broadcast import Broadcast


class Airing(models.Model):
    """What `broadcasts.live.decide` said last of a broadcast, so that pages read a column.

    Only `broadcasts.services.airing` writes it. `since` and `began_at` are UTC; `began_at` is when
    it first went on the air. A broadcast that was never announced nor live has none.
    """

    class State(models.TextChoices):
        NONE = AiringState.NONE, "Hors antenne"
        ANNOUNCED = AiringState.ANNOUNCED, "À venir"
        LIVE = AiringState.LIVE, "En direct"
        INTERRUPTED = AiringState.INTERRUPTED, "Coupure"
        OVER = AiringState.OVER, "Terminé"
        REPLAY = AiringState.REPLAY, "Rediffusion"

    broadcast = models.OneToOneField(
        Broadcast, models.CASCADE, related_name="airing", verbose_name="émission"
    )
    state = models.CharField("état", max_length=12, choices=State.choices, default=State.NONE)
    since = models.DateTimeField("depuis", default=timezone.now)
    began_at = models.DateTimeField("à l’antenne le", null=True, blank=True)
    override_state = models.CharField(
        "imposé par la rédaction", max_length=12, choices=State.choices, blank=True
    )
    override_until = models.DateTimeField("jusqu’à", null=True, blank=True)
    override_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="par",
    )  # fmt: skip
    override_reason = models.CharField("raison", max_length=200, blank=True)
    updated_at = models.DateTimeField("modifiée le", auto_now=True)

    class Meta:
        verbose_name = "passage à l’antenne"
        verbose_name_plural = "passages à l’antenne"
        ordering = ("-since", "-pk")
        indexes = (
            models.Index(
                fields=["state"],
                name="airing_under_way",
                condition=Q(state__in=["announced", "live", "interrupted", "over"]),
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    state__in=["none", "announced", "live", "interrupted", "over", "replay"]
                ),
                name="airing_state_known",
            ),
            models.CheckConstraint(
                condition=Q(override_state="", override_until=None)
                | Q(
                    override_state__in=["live", "interrupted", "over"], override_until__isnull=False
                ),
                name="airing_override_ends",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_state_display()} – {self.broadcast}"

    @property
    def key(self) -> str:
        """Changes with the state: what open pages compare."""
        return f"{self.state}-{self.broadcast_id}-{int(self.since.timestamp())}"


class AiringChange(models.Model):
    """The audit trail: each change of state, each override and its end. Rows are only added; a
    trigger refuses any other write but forgetting an account that was deleted."""

    class Cause(models.TextChoices):
        PLATFORM = Cause.PLATFORM, "Les plateformes"
        SILENCE = Cause.SILENCE, "Silence d’une plateforme"
        SCHEDULE = Cause.SCHEDULE, "L’heure annoncée"
        EXPIRY = Cause.EXPIRY, "Délai passé"
        OVERRIDE = Cause.OVERRIDE, "La rédaction"

    airing = models.ForeignKey(
        Airing, models.CASCADE, related_name="changes", verbose_name="passage à l’antenne"
    )
    at = models.DateTimeField("le", default=timezone.now)
    from_state = models.CharField("de", max_length=12, choices=Airing.State.choices)
    to_state = models.CharField("à", max_length=12, choices=Airing.State.choices)
    cause = models.CharField("cause", max_length=10, choices=Cause.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="par"
    )
    detail = models.CharField("détail", max_length=250, blank=True)

    class Meta:
        verbose_name = "changement d’antenne"
        verbose_name_plural = "changements d’antenne"
        ordering = ("-at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(cause__in=["platform", "silence", "schedule", "expiry", "override"]),
                name="airing_change_cause_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_from_state_display()} → {self.get_to_state_display()}"


class Mark(models.Model):
    """« Marque ce moment »: somebody of the team tapped at `at` (UTC). A chapter to be, until an
    editor keeps it or drops it; readers never see it."""

    class Fate(models.TextChoices):
        WAITING = "waiting", "À relire"
        KEPT = "kept", "Chapitre"
        DROPPED = "dropped", "Écarté"

    airing = models.ForeignKey(
        Airing, models.CASCADE, related_name="marks", verbose_name="passage à l’antenne"
    )
    at = models.DateTimeField("à")
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name="par"
    )
    label = models.CharField("mot", max_length=200, blank=True)
    fate = models.CharField("sort", max_length=8, choices=Fate.choices, default=Fate.WAITING)

    class Meta:
        verbose_name = "moment marqué"
        verbose_name_plural = "moments marqués"
        ordering = ("at", "pk")
        constraints = (
            models.UniqueConstraint(fields=["airing", "by", "at"], name="mark_once_a_second"),
            models.CheckConstraint(
                condition=Q(fate__in=["waiting", "kept", "dropped"]), name="mark_fate_known"
            ),
        )

    def __str__(self) -> str:
        return self.label or "Moment marqué"
