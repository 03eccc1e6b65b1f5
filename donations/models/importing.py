"""Gifts that came through other platforms' files. The file itself is never kept."""

from django.conf import settings
from django.db import models

from donations.models.gift import Gift


class GiftImport(models.Model):
    """One CSV file, tried or taken in. `digest` is the SHA-256 of its bytes."""

    class Origin(models.TextChoices):
        HELLOASSO = "helloasso", "HelloAsso"
        DONORBOX = "donorbox", "Donorbox"

    origin = models.CharField("provenance", max_length=10, choices=Origin.choices)
    file_name = models.CharField("fichier", max_length=200)
    digest = models.CharField("empreinte", max_length=64)
    dry_run = models.BooleanField("essai à blanc", default=True)
    made_at = models.DateTimeField("fait le", auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="par",
    )  # fmt: skip

    class Meta:
        verbose_name = "import de dons"
        verbose_name_plural = "imports de dons"
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return f"{self.get_origin_display()} : {self.file_name}"


class GiftImportRow(models.Model):
    """What became of one row of the file. Holds no name and no address."""

    class State(models.TextChoices):
        NEW = "new", "Nouveau"
        KNOWN = "known", "Déjà là"
        FAILED = "failed", "Refusé"

    batch = models.ForeignKey(
        GiftImport, models.CASCADE, related_name="rows", verbose_name="import"
    )
    number = models.PositiveIntegerField("ligne")
    state = models.CharField("état", max_length=6, choices=State.choices)
    reason = models.CharField("raison", max_length=300, blank=True)
    amount_cents = models.BigIntegerField("montant (centimes)", null=True, blank=True)
    gift = models.ForeignKey(
        Gift, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="don"
    )

    class Meta:
        verbose_name = "ligne d’import"
        verbose_name_plural = "lignes d’import"
        ordering = ("number",)
        constraints = (
            models.UniqueConstraint(fields=["batch", "number"], name="gift_import_row_once"),
        )

    def __str__(self) -> str:
        return f"Ligne {self.number}"
