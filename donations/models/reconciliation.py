"""Our books held against Stripe's: each run, what differed, and what was paid out to the bank."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from donations.models.gift import Gift


class ReconciliationRun(models.Model):
    """One comparison of the ledger with Stripe's balance transactions of a period (UTC)."""

    class State(models.TextChoices):
        RUNNING = "running", "En cours"
        CLEAN = "clean", "Aucun écart"
        DIFFERENT = "different", "Écarts"
        FAILED = "failed", "Interrompu"

    since = models.DateTimeField("depuis le")
    until = models.DateTimeField("jusqu’au")
    dry_run = models.BooleanField("sans rien inscrire", default=False)
    state = models.CharField("état", max_length=10, choices=State.choices, default=State.RUNNING)
    transactions = models.PositiveIntegerField("mouvements chez Stripe", default=0)
    filed = models.PositiveIntegerField("paiements rattrapés", default=0)
    pending = models.PositiveIntegerField("mouvements attendus", default=0)
    # Sum of the absolute differences that are left after filing.
    difference_cents = models.PositiveBigIntegerField("écart (centimes)", default=0)
    error = models.CharField("erreur", max_length=500, blank=True)
    started_at = models.DateTimeField("commencé le", auto_now_add=True)
    ended_at = models.DateTimeField("fini le", null=True, blank=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="lancé par",
    )  # fmt: skip

    class Meta:
        verbose_name = "rapprochement"
        verbose_name_plural = "rapprochements"
        ordering = ("-started_at", "-pk")

    def __str__(self) -> str:
        return f"Rapprochement nº {self.pk}"


class Discrepancy(models.Model):
    """One thing that Stripe and the ledger say differently, in cents."""

    class Kind(models.TextChoices):
        MISSING = "missing", "Absent du grand livre"
        AMOUNT = "amount", "Montants différents"
        UNKNOWN = "unknown", "Inconnu du site"
        NOT_AT_STRIPE = "not_at_stripe", "Absent chez Stripe"

    run = models.ForeignKey(
        ReconciliationRun, models.CASCADE, related_name="discrepancies",
        verbose_name="rapprochement",
    )  # fmt: skip
    kind = models.CharField("genre", max_length=13, choices=Kind.choices)
    stripe_id = models.CharField("mouvement Stripe", max_length=255, blank=True)
    source = models.CharField("origine", max_length=255, blank=True)
    stripe_cents = models.BigIntegerField("chez Stripe (centimes)", default=0)
    ledger_cents = models.BigIntegerField("au grand livre (centimes)", default=0)
    gift = models.ForeignKey(
        Gift, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="don"
    )

    class Meta:
        verbose_name = "écart"
        verbose_name_plural = "écarts"
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.get_kind_display()} : {self.source or self.stripe_id}"

    @property
    def difference_cents(self) -> int:
        """What Stripe has more than the ledger."""
        return self.stripe_cents - self.ledger_cents


class Payout(models.Model):
    """Money that Stripe sent to the bank account."""

    payout_id = models.CharField("virement Stripe", max_length=255, unique=True)
    amount_cents = models.BigIntegerField("montant (centimes)")
    status = models.CharField("état chez Stripe", max_length=20)
    arrives_on = models.DateField("arrive le")
    created_at = models.DateTimeField("créé chez Stripe le")
    livemode = models.BooleanField("argent réel", default=False)
    read_at = models.DateTimeField("relu chez Stripe le", null=True, blank=True)

    class Meta:
        verbose_name = "virement de Stripe"
        verbose_name_plural = "virements de Stripe"
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return self.payout_id


class PayoutLine(models.Model):
    """One balance transaction within a payout, and the gift that it belongs to, where there is one.

    A transaction is paid out once.
    """

    payout = models.ForeignKey(
        Payout, models.CASCADE, related_name="lines", verbose_name="virement"
    )
    transaction_id = models.CharField("mouvement Stripe", max_length=255, unique=True)
    source_id = models.CharField("objet Stripe", max_length=255, blank=True)
    kind = models.CharField("genre", max_length=40)
    amount_cents = models.BigIntegerField("montant (centimes)")
    fee_cents = models.BigIntegerField("commission (centimes)", default=0)
    occurred_at = models.DateTimeField("eu lieu le")
    gift = models.ForeignKey(
        Gift, models.PROTECT, null=True, blank=True, related_name="payout_lines",
        verbose_name="don",
    )  # fmt: skip

    class Meta:
        verbose_name = "ligne de virement"
        verbose_name_plural = "lignes de virement"
        ordering = ("occurred_at", "pk")
        constraints = (
            models.CheckConstraint(
                condition=~Q(transaction_id=""), name="payout_line_has_a_transaction"
            ),
        )

    def __str__(self) -> str:
        return self.transaction_id
