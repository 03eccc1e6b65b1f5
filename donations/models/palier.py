"""Budget lines that gifts have carried over their amount."""

from django.db import models

from broadcasts.models import Broadcast
from donations.models.campaign import BudgetLine


class Crossing(models.Model):
    """A budget line was funded, for the first time, at `crossed_at` (the ledger's time, UTC).

    `broadcast` is what was on air then. A line that a refund takes back and a gift funds again
    was still crossed once.
    """

    line = models.OneToOneField(
        BudgetLine, models.CASCADE, related_name="crossing", verbose_name="ligne de budget"
    )
    crossed_at = models.DateTimeField("franchi le")
    noted_at = models.DateTimeField("noté le", auto_now_add=True)
    broadcast = models.ForeignKey(
        Broadcast, models.SET_NULL, null=True, blank=True, related_name="crossings",
        verbose_name="émission",
    )  # fmt: skip

    class Meta:
        verbose_name = "palier franchi"
        verbose_name_plural = "paliers franchis"
        ordering = ("crossed_at", "pk")

    def __str__(self) -> str:
        return f"{self.line}"
