"""What the frame itself has to remember."""

from django.db import models
from django.utils import timezone


class Removal(models.Model):
    """Something was taken from readers: pages that were begun before its number are not shown."""

    path = models.CharField("adresse", max_length=400)
    made_at = models.DateTimeField("fait le", default=timezone.now)
    settled_at = models.DateTimeField("partout le", null=True, blank=True)

    class Meta:
        verbose_name = "retrait"
        verbose_name_plural = "retraits"

    def __str__(self) -> str:
        return self.path

    def settle(self) -> None:
        """No copy of it is left anywhere."""
        self.settled_at = timezone.now()
        self.save(update_fields=["settled_at"])
