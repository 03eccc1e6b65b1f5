"""The newsroom's own notes on a broadcast: its steps in public, and who has it open."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from broadcasts.models.broadcast import Broadcast


class PublicationStep(models.Model):
    """A text going out, off, or back to work: who did it, and when (UTC). Rows are only added."""

    class Action(models.TextChoices):
        PUBLISHED = "published", "Publiée"
        PROGRAMMED = "programmed", "Programmée"
        TAKEN_AWAY = "taken_away", "Retirée"
        DRAFTED = "drafted", "Remise en brouillon"
        PUT_BACK = "put_back", "Remise en ligne"

    broadcast = models.ForeignKey(
        Broadcast, models.CASCADE, related_name="steps", verbose_name="émission"
    )
    action = models.CharField("étape", max_length=12, choices=Action.choices)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+",
        verbose_name="par",
    )  # fmt: skip
    at = models.DateTimeField("le", default=timezone.now)
    published_at = models.DateTimeField("date de publication", null=True, blank=True)
    # Whoever holds its address keeps it: see `Broadcast.has_been_public`.
    was_public = models.BooleanField("en ligne jusque-là", default=False)
    # What agendas were told before it left: the text's own may be changed once it is out of sight.
    scheduled_for = models.DateTimeField("antenne annoncée le", null=True, blank=True)
    reason = models.TextField("raison (interne)", blank=True)

    class Meta:
        verbose_name = "étape de publication"
        verbose_name_plural = "étapes de publication"
        ordering = ("-at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(
                    action__in=["published", "programmed", "taken_away", "drafted", "put_back"]
                ),
                name="publication_step_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_action_display()} – {self.broadcast}"


class Presence(models.Model):
    """Somebody has this broadcast's form open: since when, and when their page last said so."""

    broadcast = models.ForeignKey(
        Broadcast, models.CASCADE, related_name="presences", verbose_name="émission"
    )
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name="personne"
    )
    opened_at = models.DateTimeField("ouverte le", default=timezone.now)
    seen_at = models.DateTimeField("vue le", default=timezone.now)

    class Meta:
        verbose_name = "présence"
        verbose_name_plural = "présences"
        constraints = (models.UniqueConstraint(fields=["broadcast", "user"], name="presence_once"),)

    def __str__(self) -> str:
        return f"{self.user} – {self.broadcast}"
