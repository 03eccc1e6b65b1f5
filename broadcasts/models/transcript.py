"""What was said: the words of a broadcast, with their times on its first source's clock."""

from django.db import models
from django.db.models import F, Q

from broadcasts.models.broadcast import Broadcast
from broadcasts.models.video import VideoSource


class Transcript(models.Model):
    """One text of a broadcast in one language; a reviewed one is never written over."""

    class Origin(models.TextChoices):
        MACHINE = "machine", "Automatique"
        UPLOAD = "upload", "Envoyée"
        PEERTUBE = "peertube", "Sous-titres PeerTube"

    broadcast = models.ForeignKey(
        Broadcast, models.CASCADE, related_name="transcripts", verbose_name="émission"
    )
    language = models.CharField("langue", max_length=12, default="fr")
    origin = models.CharField("origine", max_length=10, choices=Origin.choices)
    source = models.ForeignKey(
        VideoSource, models.SET_NULL, null=True, blank=True, related_name="transcripts",
        verbose_name="source vidéo",
        help_text="Celle dont l’horloge donne les temps.",
    )  # fmt: skip
    is_reviewed = models.BooleanField("relue", default=False)
    digest = models.CharField("empreinte du fichier", max_length=64, blank=True)
    updated_at = models.DateTimeField("modifiée le", auto_now=True)

    class Meta:
        verbose_name = "transcription"
        verbose_name_plural = "transcriptions"
        ordering = ("language", "origin")
        constraints = (
            models.UniqueConstraint(
                fields=["broadcast", "language", "origin"], name="transcript_once"
            ),
            models.CheckConstraint(
                condition=Q(origin__in=["machine", "upload", "peertube"]),
                name="transcript_origin_known",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_origin_display()} ({self.language})"

    @property
    def is_french(self) -> bool:
        return self.language.startswith("fr")


class Cue(models.Model):
    """A few words and when they are said, in milliseconds of the transcript's clock."""

    transcript = models.ForeignKey(
        Transcript, models.CASCADE, related_name="cues", verbose_name="transcription"
    )
    position = models.PositiveIntegerField("rang")
    start_ms = models.PositiveIntegerField("début (ms)")
    end_ms = models.PositiveIntegerField("fin (ms)")
    speaker = models.CharField("voix", max_length=120, blank=True)
    text = models.TextField("texte")

    class Meta:
        verbose_name = "réplique"
        verbose_name_plural = "répliques"
        ordering = ("position",)
        constraints = (
            models.UniqueConstraint(fields=["transcript", "position"], name="cue_once"),
            models.CheckConstraint(
                condition=Q(end_ms__gte=F("start_ms")), name="cue_ends_after_its_start"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="cue_has_words"),
        )

    def __str__(self) -> str:
        return self.text
