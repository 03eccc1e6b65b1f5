"""What was put right after publication, and what those who were named had to answer."""

import datetime as dt

from django.db import models
from django.db.models import Q
from django.utils import timezone

from auposte.richtext import RichTextField
from broadcasts.models.broadcast import Broadcast


def today_in_paris() -> dt.date:
    return timezone.localdate()


class Correction(models.Model):
    """Shown under the text, with its day (in Paris), for as long as the text is.

    A right of reply belongs to somebody (loi du 29 juillet 1881, art. 13; for what is online, loi
    n° 2004-575 du 21 juin 2004, art. 6): it has their name.
    """

    class Kind(models.TextChoices):
        CORRECTION = "correction", "Correction"
        REPLY = "reply", "Droit de réponse"

    broadcast = models.ForeignKey(
        Broadcast, models.CASCADE, related_name="corrections", verbose_name="émission"
    )
    kind = models.CharField("nature", max_length=12, choices=Kind.choices, default=Kind.CORRECTION)
    dated = models.DateField("date", default=today_in_paris)
    author = models.CharField(
        "qui répond", max_length=200, blank=True, help_text="Pour un droit de réponse."
    )
    text = RichTextField("texte")
    position = models.PositiveSmallIntegerField("rang", default=0)

    class Meta:
        verbose_name = "correction ou droit de réponse"
        verbose_name_plural = "corrections et droits de réponse"
        ordering = ("position", "dated", "pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(kind__in=["correction", "reply"]), name="correction_kind_known"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="correction_has_a_text"),
            models.CheckConstraint(
                condition=~Q(kind="reply") | ~Q(author=""),
                name="reply_has_an_author",
                violation_error_message="Un droit de réponse porte le nom de qui répond.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} du {self.dated:%d/%m/%Y}"
