"""What somebody has quoted: words that stay as they were, whatever becomes of the transcript."""

from django.db import models
from django.db.models import F, Q

from broadcasts.models.broadcast import Broadcast


class Quote(models.Model):
    """Words of a broadcast and when they are said, in milliseconds of the broadcast's clock.

    The same words at the same moment are one quote. One that is hidden stays hidden.
    """

    broadcast = models.ForeignKey(
        Broadcast, models.CASCADE, related_name="quotes", verbose_name="émission"
    )
    start_ms = models.PositiveIntegerField("début (ms)")
    end_ms = models.PositiveIntegerField("fin (ms)")
    speaker = models.CharField("voix", max_length=120, blank=True)
    text = models.TextField("texte")
    # Of speaker and text: an index on these would have a limit of its own.
    digest = models.CharField("empreinte", max_length=64, editable=False)
    created_at = models.DateTimeField("faite le", auto_now_add=True)
    hidden_at = models.DateTimeField("retirée le", null=True, blank=True)

    class Meta:
        verbose_name = "citation"
        verbose_name_plural = "citations"
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["broadcast", "start_ms", "end_ms", "digest"], name="quote_once"
            ),
            models.CheckConstraint(
                condition=Q(end_ms__gte=F("start_ms")), name="quote_ends_after_its_start"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="quote_has_words"),
        )

    def __str__(self) -> str:
        return self.text[:80]

    def get_absolute_url(self) -> str:
        return f"/citations/{self.pk}"

    @property
    def seconds(self) -> int:
        """When it begins, in whole seconds of the broadcast's clock."""
        return self.start_ms // 1000
