"""A monthly gift: the promise. The money of each month is a `Gift` of its own."""

import uuid

from django.db import models
from django.db.models import Q

from broadcasts.models import Broadcast
from donations.models.donor import Donor


class SubscriptionQuerySet(models.QuerySet["Subscription"]):
    def running(self) -> "SubscriptionQuerySet":
        """Promises that Stripe still collects, paid up or late."""
        return self.filter(status__in=[Subscription.Status.ACTIVE, Subscription.Status.PAST_DUE])


class Subscription(models.Model):
    """What somebody means to give each month. Its state is Stripe's, read again at each event.

    `amount_cents` and `fee_cover_cents` are those of the next month; what past months brought is
    in their gifts. `contact_email` is kept while it waits; then the donor holds the address.
    `read_at` is when Stripe said so: an older answer never overwrites a newer one.
    """

    class Status(models.TextChoices):
        PENDING = "pending", "En attente"
        ACTIVE = "active", "En cours"
        PAST_DUE = "past_due", "En retard"
        ENDED = "ended", "Terminé"

    class Ending(models.TextChoices):
        DONOR = "donor", "Arrêté par la personne"
        TREASURER = "treasurer", "Arrêté par la trésorerie"
        UNPAID = "unpaid", "Paiements refusés"
        STRIPE = "stripe", "Arrêté chez Stripe"
        LAPSED = "lapsed", "Jamais commencé"

    id = models.UUIDField("référence", primary_key=True, default=uuid.uuid4, editable=False)
    status = models.CharField("état", max_length=8, choices=Status.choices, default=Status.PENDING)
    amount_cents = models.PositiveBigIntegerField("don mensuel (centimes)")
    fee_cover_cents = models.PositiveBigIntegerField("frais couverts (centimes)", default=0)
    donor = models.ForeignKey(
        Donor, models.PROTECT, null=True, blank=True, related_name="subscriptions",
        verbose_name="donateur·ice",
    )  # fmt: skip
    broadcast = models.ForeignKey(
        Broadcast, models.SET_NULL, null=True, blank=True, related_name="subscriptions",
        verbose_name="émission",
    )  # fmt: skip
    public_name = models.CharField("nom affiché", max_length=80, blank=True)
    livemode = models.BooleanField("argent réel", default=False)
    subscription_id = models.CharField(
        "abonnement Stripe", max_length=255, null=True, blank=True, unique=True
    )
    customer_id = models.CharField("client Stripe", max_length=255, blank=True)
    # How the money comes: "card" or "sepa_debit", and the last four digits.
    means = models.CharField("moyen", max_length=12, blank=True)
    last_four = models.CharField("quatre derniers chiffres", max_length=4, blank=True)
    next_payment_at = models.DateTimeField("prochain débit le", null=True, blank=True)
    failed_at = models.DateTimeField("dernier refus le", null=True, blank=True)
    failures = models.PositiveSmallIntegerField("refus de suite", default=0)
    # The bank wants the person to confirm (strong authentication), on this page of Stripe's.
    action_required = models.BooleanField("la banque attend une confirmation", default=False)
    hosted_invoice_url = models.URLField("page de la facture", max_length=2000, blank=True)
    created_at = models.DateTimeField("commencé le", auto_now_add=True)
    started_at = models.DateTimeField("premier débit le", null=True, blank=True)
    ended_at = models.DateTimeField("terminé le", null=True, blank=True)
    ending = models.CharField("fin", max_length=9, choices=Ending.choices, blank=True)
    read_at = models.DateTimeField("relu chez Stripe le", null=True, blank=True)

    objects = SubscriptionQuerySet.as_manager()

    class Meta:
        verbose_name = "don mensuel"
        verbose_name_plural = "dons mensuels"
        ordering = ("-created_at", "-pk")
        indexes = (
            models.Index(
                fields=["next_payment_at"],
                name="subscription_next_payment",
                condition=Q(status__in=["active", "past_due"]),
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(amount_cents__gt=0), name="subscription_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "active", "past_due", "ended"]),
                name="subscription_status_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "ended"])
                | Q(donor__isnull=False, subscription_id__isnull=False),
                name="subscription_running_is_whole",
            ),
            models.CheckConstraint(
                condition=~Q(status="ended") | Q(ended_at__isnull=False),
                name="subscription_ended_has_a_date",
            ),
        )

    def __str__(self) -> str:
        return f"Don mensuel {str(self.id)[:8]}"

    @property
    def total_cents(self) -> int:
        """What is charged each month: the gift and the fee cover, in cents."""
        return self.amount_cents + self.fee_cover_cents
