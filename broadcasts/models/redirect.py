"""Every address that ever worked keeps working."""

from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q

from auposte.outside import OWN_PATH
from broadcasts.models.broadcast import Broadcast
from broadcasts.models.taxonomy import Series
from guests.models import Guest


class Redirect(models.Model):
    """An old path and the object, or path, that answers for it now (301, in one hop).

    `path` is percent-decoded, starts with `/` and does not end with one. Pointing at the object
    rather than at an address keeps it one hop when the object moves again.
    """

    path = models.CharField("ancienne adresse", max_length=500, unique=True)
    broadcast = models.ForeignKey(
        Broadcast, models.CASCADE, null=True, blank=True, related_name="redirects",
        verbose_name="émission",
    )  # fmt: skip
    guest = models.ForeignKey(
        Guest, models.CASCADE, null=True, blank=True, related_name="redirects",
        verbose_name="invité·e",
    )  # fmt: skip
    series = models.ForeignKey(
        Series, models.CASCADE, null=True, blank=True, related_name="redirects",
        verbose_name="série",
    )  # fmt: skip
    target_path = models.CharField(
        "ou nouvelle adresse", max_length=500, blank=True,
        validators=[
            RegexValidator(
                OWN_PATH,
                "Écrivez un chemin de ce site, qui commence par une seule barre\u00a0: /don.",
            )
        ],
    )  # fmt: skip
    created_at = models.DateTimeField("créée le", auto_now_add=True)

    class Meta:
        verbose_name = "redirection"
        verbose_name_plural = "redirections"
        ordering = ("path",)
        constraints = (
            models.CheckConstraint(
                condition=Q(path__startswith="/") & ~Q(path__endswith="/"),
                name="redirect_path_normal",
                violation_error_message="L’adresse commence par / et ne finit pas par /.",
            ),
            models.CheckConstraint(
                condition=(
                    Q(broadcast__isnull=False, guest=None, series=None, target_path="")
                    | Q(broadcast=None, guest__isnull=False, series=None, target_path="")
                    | Q(broadcast=None, guest=None, series__isnull=False, target_path="")
                    | Q(broadcast=None, guest=None, series=None, target_path__regex=OWN_PATH)
                ),
                name="redirect_one_target",
                violation_error_message="Une redirection a une cible, et une seule.",
            ),
        )

    def __str__(self) -> str:
        return self.path

    @property
    def target(self) -> str:
        """The path that answers now."""
        for thing in (self.broadcast, self.guest, self.series):
            if thing is not None:
                return thing.get_absolute_url()
        return self.target_path

    def clean(self) -> None:
        if self.target_path and self.path == self.target_path.rstrip("/"):
            raise ValidationError({"target_path": "Cette redirection tournerait en rond."})
