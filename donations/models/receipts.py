"""Papers that say who gave what: attestations, and fiscal receipts of an entitled entity."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from donations.models.donor import Donor
from donations.models.gift import Gift


class ReceiptIssuer(models.Model):
    """The legal entity whose name stands on receipts.

    Only an entitled one (`is_entitled`, with its `legal_basis`) issues fiscal receipts.
    """

    name = models.CharField("dénomination", max_length=200)
    legal_form = models.CharField("forme juridique", max_length=120, blank=True)
    purpose = models.CharField("objet", max_length=300, blank=True)
    street = models.CharField("adresse", max_length=200)
    postal_code = models.CharField("code postal", max_length=12)
    city = models.CharField("ville", max_length=100)
    siren = models.CharField("SIREN ou RNA", max_length=20, blank=True)
    signatory = models.CharField("signataire", max_length=120, blank=True)
    signatory_role = models.CharField("qualité du ou de la signataire", max_length=120, blank=True)
    # PNG bytes, kept here since the media folder is public.
    signature = models.BinaryField("signature", null=True, blank=True)
    is_entitled = models.BooleanField("habilité à émettre des reçus fiscaux", default=False)
    legal_basis = models.CharField(
        "fondement de l’habilitation", max_length=300, blank=True,
        help_text="Par exemple : articles 200 et 238 bis du CGI.",
    )  # fmt: skip
    is_default = models.BooleanField("par défaut", default=False)

    class Meta:
        verbose_name = "entité émettrice"
        verbose_name_plural = "entités émettrices"
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                fields=["is_default"],
                condition=Q(is_default=True),
                name="receipt_issuer_one_default",
                violation_error_message="Une seule entité est celle par défaut.",
            ),
            models.CheckConstraint(
                condition=Q(is_entitled=False) | ~Q(legal_basis=""),
                name="receipt_issuer_entitled_by_something",
                violation_error_message="Une entité habilitée dit en vertu de quoi.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @classmethod
    def entitled_name(cls) -> str:
        """Who issues fiscal receipts for the gifts that come in now; empty where nobody does."""
        issuer = cls.objects.filter(is_default=True, is_entitled=True).first()
        return issuer.name if issuer else ""


class ReceiptCounter(models.Model):
    """The last number given, by entity, kind and year. Its row's lock makes numbers gapless."""

    issuer = models.ForeignKey(
        ReceiptIssuer, models.PROTECT, related_name="counters", verbose_name="entité"
    )
    kind = models.CharField("genre", max_length=11)
    year = models.PositiveSmallIntegerField("année")
    last_number = models.PositiveIntegerField("dernier numéro", default=0)

    class Meta:
        verbose_name = "compteur de reçus"
        verbose_name_plural = "compteurs de reçus"
        constraints = (
            models.UniqueConstraint(fields=["issuer", "kind", "year"], name="receipt_counter_once"),
        )

    def __str__(self) -> str:
        return f"{self.year} : {self.last_number}"


class ReceiptRun(models.Model):
    """One year's receipts, made in one go that may be interrupted and resumed."""

    class State(models.TextChoices):
        RUNNING = "running", "En cours"
        PAUSED = "paused", "Interrompue"
        DONE = "done", "Terminée"

    issuer = models.ForeignKey(
        ReceiptIssuer, models.PROTECT, related_name="runs", verbose_name="entité"
    )
    kind = models.CharField("genre", max_length=11)
    year = models.PositiveSmallIntegerField("année")
    state = models.CharField("état", max_length=7, choices=State.choices, default=State.RUNNING)
    total = models.PositiveIntegerField("personnes", default=0)
    done = models.PositiveIntegerField("faites", default=0)
    started_at = models.DateTimeField("commencée le", auto_now_add=True)
    ended_at = models.DateTimeField("finie le", null=True, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="lancée par",
    )  # fmt: skip

    class Meta:
        verbose_name = "émission annuelle de reçus"
        verbose_name_plural = "émissions annuelles de reçus"
        ordering = ("-started_at", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["issuer", "kind", "year"],
                condition=~Q(state="done"),
                name="receipt_run_one_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"Reçus {self.year}"


class Receipt(models.Model):
    """A numbered paper. A cancelled one keeps its number; amounts are cents."""

    class Kind(models.TextChoices):
        ATTESTATION = "attestation", "Attestation de don"
        FISCAL = "fiscal", "Reçu fiscal"

    id = models.UUIDField("référence", primary_key=True, default=uuid.uuid4, editable=False)
    issuer = models.ForeignKey(
        ReceiptIssuer, models.PROTECT, related_name="receipts", verbose_name="entité"
    )
    kind = models.CharField("genre", max_length=11, choices=Kind.choices)
    year = models.PositiveSmallIntegerField("année")
    number = models.PositiveIntegerField("numéro")
    donor = models.ForeignKey(
        Donor, models.PROTECT, related_name="receipts", verbose_name="donateur·ice"
    )
    run = models.ForeignKey(
        ReceiptRun, models.SET_NULL, null=True, blank=True, related_name="receipts",
        verbose_name="émission annuelle",
    )  # fmt: skip
    is_yearly = models.BooleanField("annuel", default=False)
    amount_cents = models.PositiveBigIntegerField("montant (centimes)")
    issued_at = models.DateTimeField("émis le")
    rendered_at = models.DateTimeField("mis en page le", null=True, blank=True)
    attempts = models.PositiveIntegerField("essais", default=0)
    last_error = models.CharField("dernière erreur", max_length=500, blank=True)
    cancelled_at = models.DateTimeField("annulé le", null=True, blank=True)
    cancel_reason = models.CharField("raison de l’annulation", max_length=200, blank=True)

    class Meta:
        verbose_name = "reçu"
        verbose_name_plural = "reçus"
        ordering = ("-issued_at", "-number")
        indexes = (
            models.Index(
                fields=["issued_at"],
                name="receipt_to_render",
                condition=Q(rendered_at__isnull=True),
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["issuer", "kind", "year", "number"], name="receipt_number_once"
            ),
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="receipt_amount_positive"),
        )

    def __str__(self) -> str:
        return self.full_number

    @property
    def full_number(self) -> str:
        """`2026-A-00012`: year, A (attestation) or F (fiscal), number."""
        letter = "F" if self.kind == self.Kind.FISCAL else "A"
        return f"{self.year}-{letter}-{self.number:05d}"


class ReceiptFile(models.Model):
    """A receipt's PDF, here rather than in the media folder, which is public."""

    receipt = models.OneToOneField(
        Receipt, models.PROTECT, related_name="file", verbose_name="reçu"
    )
    pdf = models.BinaryField("PDF")

    class Meta:
        verbose_name = "fichier d’un reçu"
        verbose_name_plural = "fichiers des reçus"

    def __str__(self) -> str:
        return f"{self.receipt_id}"


class ReceiptItem(models.Model):
    """A gift that a receipt is about. `is_live` falls with the receipt's cancelling."""

    receipt = models.ForeignKey(Receipt, models.PROTECT, related_name="items", verbose_name="reçu")
    gift = models.ForeignKey(Gift, models.PROTECT, related_name="receipt_items", verbose_name="don")
    amount_cents = models.PositiveBigIntegerField("montant (centimes)")
    is_live = models.BooleanField("en vigueur", default=True)

    class Meta:
        verbose_name = "don d’un reçu"
        verbose_name_plural = "dons d’un reçu"
        constraints = (
            models.UniqueConstraint(
                fields=["gift"], condition=Q(is_live=True), name="receipt_one_live_for_a_gift"
            ),
        )

    def __str__(self) -> str:
        return f"{self.receipt_id}"


class ReceiptIdentity(models.Model):
    """The name on a receipt, as it was that day. Kept apart from the donor, for the law's time.

    Erasing a donor leaves it until `keep_until`: the treasury must be able to show its receipts.
    """

    receipt = models.OneToOneField(
        Receipt, models.PROTECT, related_name="identity", verbose_name="reçu"
    )
    name = models.CharField("nom", max_length=120, blank=True)
    street = models.CharField("adresse", max_length=200, blank=True)
    postal_code = models.CharField("code postal", max_length=12, blank=True)
    city = models.CharField("ville", max_length=100, blank=True)
    country = models.CharField("pays", max_length=60, blank=True)
    keep_until = models.DateField("gardé jusqu’au")

    class Meta:
        verbose_name = "identité sur un reçu"
        verbose_name_plural = "identités sur les reçus"

    def __str__(self) -> str:
        return f"{self.receipt_id}"
