"""Links that lead out of the archive: the web forgets faster than we do."""

from django.db import models
from django.utils import timezone

from broadcasts.models.broadcast import Broadcast


class OutgoingLinkQuerySet(models.QuerySet["OutgoingLink"]):
    def broken(self) -> "OutgoingLinkQuerySet":
        """Those that have failed time after time, days apart."""
        return self.filter(failures__gte=OutgoingLink.FAILURES_BEFORE_BROKEN)

    def due(self) -> "OutgoingLinkQuerySet":
        return self.filter(check_due_at__lte=timezone.now()).order_by("check_due_at", "pk")


class OutgoingLink(models.Model):
    """An address that texts link to, and what its server last answered."""

    FAILURES_BEFORE_BROKEN = 3

    url = models.URLField("adresse", max_length=2000, unique=True)
    broadcasts = models.ManyToManyField(
        Broadcast, related_name="outgoing_links", verbose_name="émissions"
    )
    status = models.PositiveSmallIntegerField("réponse", null=True, blank=True)
    problem = models.CharField("problème", max_length=300, blank=True)
    failures = models.PositiveSmallIntegerField("échecs de suite", default=0)
    checked_at = models.DateTimeField("essayé le", null=True, blank=True)
    check_due_at = models.DateTimeField("à essayer le", default=timezone.now, db_index=True)

    objects = OutgoingLinkQuerySet.as_manager()

    class Meta:
        verbose_name = "lien sortant"
        verbose_name_plural = "liens sortants"
        ordering = ("-failures", "url")

    def __str__(self) -> str:
        return self.url

    @property
    def is_broken(self) -> bool:
        return self.failures >= self.FAILURES_BEFORE_BROKEN
