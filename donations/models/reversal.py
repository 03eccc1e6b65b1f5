"""Money that goes back: refunds that the treasury asks for, disputes, and warnings of them."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q

from donations.models.gift import Gift


class RefundOrder(models.Model):
    """A refund that somebody here has asked Stripe for. What moved is the ledger's to say.

    The id is the idempotency key's: asking again never refunds twice.
    """

    class State(models.TextChoices):
        ASKED = "asked", "Demandé"
        DONE = "done", "Accepté par Stripe"
        REFUSED = "refused", "Refusé par Stripe"

    id = models.UUIDField("référence", primary_key=True, default=uuid.uuid4, editable=False)
    gift = models.ForeignKey(Gift, models.PROTECT, related_name="refund_orders", verbose_name="don")
    # Of gift and fee cover together, as Stripe counts.
    amount_cents = models.PositiveBigIntegerField("montant (centimes)")
    reason = models.CharField("raison", max_length=200, blank=True)
    state = models.CharField("état", max_length=8, choices=State.choices, default=State.ASKED)
    refund_id = models.CharField(
        "remboursement Stripe", max_length=255, null=True, blank=True, unique=True
    )
    error = models.CharField("erreur", max_length=500, blank=True)
    asked_at = models.DateTimeField("demandé le", auto_now_add=True)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="par",
    )  # fmt: skip
    next_attempt_at = models.DateTimeField("prochain essai le", auto_now_add=True)
    attempts = models.PositiveIntegerField("essais", default=0)

    class Meta:
        verbose_name = "remboursement demandé"
        verbose_name_plural = "remboursements demandés"
        ordering = ("-asked_at", "-pk")
        constraints = (
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="refund_order_positive"),
            # One at a time for each gift: two clicks are one refund.
            models.UniqueConstraint(
                fields=["gift"], condition=Q(state="asked"), name="refund_order_one_at_a_time"
            ),
        )

    def __str__(self) -> str:
        return f"Remboursement {str(self.id)[:8]}"


class Dispute(models.Model):
    """A payment that a giver's bank contests, as Stripe told it last."""

    dispute_id = models.CharField("litige Stripe", max_length=255, unique=True)
    gift = models.ForeignKey(Gift, models.PROTECT, related_name="disputes", verbose_name="don")
    amount_cents = models.PositiveBigIntegerField("montant (centimes)")
    reason = models.CharField("motif", max_length=60, blank=True)
    status = models.CharField("état chez Stripe", max_length=40)
    opened_at = models.DateTimeField("ouvert le")
    due_by = models.DateTimeField("réponse avant le", null=True, blank=True)
    funds_gone = models.BooleanField("somme retirée", default=False)
    read_at = models.DateTimeField("relu chez Stripe le")

    class Meta:
        verbose_name = "litige"
        verbose_name_plural = "litiges"
        ordering = ("-opened_at", "-pk")

    def __str__(self) -> str:
        return self.dispute_id


class FraudWarning(models.Model):
    """A bank suspects a payment: refunding it now costs less than a dispute later."""

    warning_id = models.CharField("alerte Stripe", max_length=255, unique=True)
    gift = models.ForeignKey(
        Gift, models.PROTECT, related_name="fraud_warnings", verbose_name="don"
    )
    kind = models.CharField("genre", max_length=60, blank=True)
    actionable = models.BooleanField("à traiter", default=True)
    warned_at = models.DateTimeField("reçue le")

    class Meta:
        verbose_name = "alerte de fraude"
        verbose_name_plural = "alertes de fraude"
        ordering = ("-warned_at", "-pk")

    def __str__(self) -> str:
        return self.warning_id
