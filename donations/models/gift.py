"""One gift, from the form to the money."""

import uuid

from django.db import models
from django.db.models import Q

from broadcasts.models import Broadcast
from donations.models.campaign import Campaign
from donations.models.donor import Donor
from donations.models.monthly import Subscription


class GiftQuerySet(models.QuerySet["Gift"]):
    def unsettled(self) -> "GiftQuerySet":
        """Gifts whose money may still come."""
        return self.filter(status__in=[Gift.Status.PENDING, Gift.Status.PROCESSING])


class Gift(models.Model):
    """What somebody meant to give, and how far it went. What money moved is the ledger's to say.

    The status only moves forward: once the money has come, no late or reordered event takes the
    gift back. `contact_email` is kept while the gift waits; then the donor holds the address.
    """

    class Kind(models.TextChoices):
        ONCE = "once", "Une fois"
        MONTHLY = "monthly", "Chaque mois"

    class Channel(models.TextChoices):
        STRIPE = "stripe", "Stripe"
        OFFLINE = "offline", "Hors ligne"

    class Means(models.TextChoices):
        CARD = "card", "Carte"
        SEPA = "sepa_debit", "Prélèvement SEPA"
        CHEQUE = "cheque", "Chèque"
        TRANSFER = "transfer", "Virement"
        CASH = "cash", "Espèces"
        HELLOASSO = "helloasso", "HelloAsso"
        DONORBOX = "donorbox", "Donorbox"

    class Shown(models.TextChoices):
        """What a moderator has said of words that a donor wants shown."""

        WAITING = "waiting", "À lire"
        APPROVED = "approved", "Accepté"
        REFUSED = "refused", "Refusé"

    class Status(models.TextChoices):
        PENDING = "pending", "En attente"
        PROCESSING = "processing", "En cours d’encaissement"
        SUCCEEDED = "succeeded", "Encaissé"
        FAILED = "failed", "Refusé"
        EXPIRED = "expired", "Abandonné"

    id = models.UUIDField("référence", primary_key=True, default=uuid.uuid4, editable=False)
    kind = models.CharField("rythme", max_length=8, choices=Kind.choices, default=Kind.ONCE)
    channel = models.CharField(
        "voie", max_length=8, choices=Channel.choices, default=Channel.STRIPE
    )
    status = models.CharField("état", max_length=12, choices=Status.choices, default=Status.PENDING)
    amount_cents = models.PositiveBigIntegerField("don (centimes)")
    fee_cover_cents = models.PositiveBigIntegerField("frais couverts (centimes)", default=0)
    donor = models.ForeignKey(
        Donor, models.PROTECT, null=True, blank=True, related_name="gifts",
        verbose_name="donateur·ice",
    )  # fmt: skip
    contact_email = models.EmailField("adresse en attente", blank=True)
    broadcast = models.ForeignKey(
        Broadcast, models.SET_NULL, null=True, blank=True, related_name="gifts",
        verbose_name="émission",
    )  # fmt: skip
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="gifts",
        verbose_name="campagne",
    )  # fmt: skip
    # The special collection that the form was about; `campaign` is where the money went.
    collection = models.ForeignKey(
        Campaign, models.PROTECT, null=True, blank=True, related_name="+",
        verbose_name="collecte exceptionnelle",
    )  # fmt: skip
    subscription = models.ForeignKey(
        Subscription, models.PROTECT, null=True, blank=True, related_name="gifts",
        verbose_name="don mensuel",
    )  # fmt: skip
    public_name = models.CharField("nom affiché", max_length=80, blank=True)
    name_state = models.CharField(
        "nom à l’antenne", max_length=8, choices=Shown.choices, default=Shown.WAITING
    )
    message = models.CharField("message", max_length=500, blank=True)
    message_state = models.CharField(
        "message à l’antenne", max_length=8, choices=Shown.choices, default=Shown.WAITING
    )
    means = models.CharField("moyen", max_length=12, choices=Means.choices, blank=True)
    note = models.CharField("note de la trésorerie", max_length=300, blank=True)
    livemode = models.BooleanField("argent réel", default=False)
    attempt = models.PositiveSmallIntegerField("essai", default=1)
    checkout_session_id = models.CharField(
        "session Stripe", max_length=255, null=True, blank=True, unique=True
    )
    checkout_url = models.URLField("page de paiement", max_length=2000, blank=True)
    payment_intent_id = models.CharField(
        "paiement Stripe", max_length=255, null=True, blank=True, unique=True
    )
    charge_id = models.CharField("débit Stripe", max_length=255, null=True, blank=True, unique=True)
    invoice_id = models.CharField(
        "facture Stripe", max_length=255, null=True, blank=True, unique=True
    )
    fee_known = models.BooleanField("commission connue", default=False)
    refunded_cents = models.PositiveBigIntegerField("remboursé (centimes)", default=0)
    declines = models.PositiveSmallIntegerField("refus de carte", default=0)
    created_at = models.DateTimeField("commencé le", auto_now_add=True)
    paid_at = models.DateTimeField("payé le", null=True, blank=True)
    swept_at = models.DateTimeField("relu chez Stripe le", null=True, blank=True)

    objects = GiftQuerySet.as_manager()

    class Meta:
        verbose_name = "don"
        verbose_name_plural = "dons"
        ordering = ("-created_at",)
        indexes = (
            models.Index(
                fields=["created_at"],
                name="gift_unsettled",
                condition=Q(status__in=["pending", "processing"]),
            ),
            models.Index(
                fields=["broadcast"], name="gift_paid_for_broadcast",
                condition=Q(status="succeeded"),
            ),
            models.Index(
                fields=["-paid_at"], name="gift_newest_paid", condition=Q(status="succeeded"),
            ),
            models.Index(
                fields=["paid_at"], name="gift_fee_awaited",
                condition=Q(status="succeeded", channel="stripe", fee_known=False),
            ),
        )  # fmt: skip
        constraints = (
            models.CheckConstraint(condition=Q(amount_cents__gt=0), name="gift_amount_positive"),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "processing", "succeeded", "failed", "expired"]),
                name="gift_status_known",
            ),
            models.CheckConstraint(
                condition=~Q(status="succeeded")
                | Q(donor__isnull=False, campaign__isnull=False, paid_at__isnull=False),
                name="gift_paid_is_whole",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["pending", "processing"]) | Q(contact_email=""),
                name="gift_settled_keeps_no_email",
            ),
            models.CheckConstraint(
                condition=Q(subscription__isnull=True) | Q(kind="monthly"),
                name="gift_of_a_subscription_is_monthly",
            ),
        )

    def __str__(self) -> str:
        return f"Don {str(self.id)[:8]}"

    @property
    def total_cents(self) -> int:
        """What the card is charged: the gift and the fee cover, in cents."""
        return self.amount_cents + self.fee_cover_cents

    @property
    def special(self) -> Campaign | None:
        """The special collection that its money went to. None: to a month, or nowhere yet."""
        went = self.campaign
        return went if went is not None and went.kind == Campaign.Kind.SPECIAL else None
