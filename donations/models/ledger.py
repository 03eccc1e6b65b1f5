"""The ledger: the one source of truth for money. Rows are added, never changed."""

from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Now

from donations.models.campaign import Campaign
from donations.models.gift import Gift


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    def raised(self) -> "LedgerQuerySet":
        """The kinds that count towards the goal: never a fee, never a fee cover."""
        return self.filter(kind__in=LedgerEntry.RAISED_KINDS)

    def total_cents(self) -> int:
        """The signed sum, in cents."""
        return self.aggregate(total=Sum("amount_cents"))["total"] or 0

    def donors(self) -> int:
        """Distinct donors whose counted entries sum to more than zero."""
        return (
            self.raised()
            .filter(gift__donor__isnull=False)
            .values("gift__donor")
            .annotate(total=Sum("amount_cents"))
            .filter(total__gt=0)
            .count()
        )


class LedgerEntry(models.Model):
    """A signed movement of integer euro cents.

    `source` says what it comes from (`stripe:ch_…:gift`) and is unique, so that booking the same
    thing twice is impossible. `occurred_at` is Stripe's time (UTC), never ours. Triggers refuse
    UPDATE, DELETE and TRUNCATE; a mistake is mended by an adjustment. It holds no personal data.
    """

    class Kind(models.TextChoices):
        GIFT = "gift", "Don"
        FEE_COVER = "fee_cover", "Frais couverts"
        REFUND = "refund", "Remboursement"
        DISPUTE = "dispute", "Litige"
        DISPUTE_REVERSAL = "dispute_reversal", "Litige gagné"
        OFFLINE = "offline", "Hors ligne"
        ADJUSTMENT = "adjustment", "Correction"
        FEE = "fee", "Commission"

    RAISED_KINDS = (
        Kind.GIFT,
        Kind.REFUND,
        Kind.DISPUTE,
        Kind.DISPUTE_REVERSAL,
        Kind.OFFLINE,
        Kind.ADJUSTMENT,
    )

    kind = models.CharField("nature", max_length=16, choices=Kind.choices)
    amount_cents = models.BigIntegerField("montant (centimes)")
    currency = models.CharField("devise", max_length=3, default="EUR")
    occurred_at = models.DateTimeField("eu lieu le")
    recorded_at = models.DateTimeField("inscrit le", db_default=Now(), editable=False)
    campaign = models.ForeignKey(
        Campaign, models.PROTECT, related_name="entries", verbose_name="campagne"
    )
    gift = models.ForeignKey(
        Gift, models.PROTECT, null=True, blank=True, related_name="entries", verbose_name="don"
    )
    source = models.CharField("origine", max_length=255)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        verbose_name = "écriture"
        verbose_name_plural = "grand livre"
        ordering = ("-occurred_at", "-pk")
        indexes = (models.Index(fields=["campaign", "kind"], name="ledger_campaign_kind"),)
        constraints = (
            models.UniqueConstraint(fields=["source"], name="ledger_source_once"),
            models.CheckConstraint(condition=~Q(source=""), name="ledger_has_a_source"),
            models.CheckConstraint(condition=Q(currency="EUR"), name="ledger_in_euros"),
            models.CheckConstraint(condition=~Q(amount_cents=0), name="ledger_amount_not_zero"),
            models.CheckConstraint(
                condition=Q(kind__in=["gift", "offline"], amount_cents__gt=0)
                | Q(kind__in=["dispute_reversal"], amount_cents__gt=0)
                | Q(kind__in=["dispute"], amount_cents__lt=0)
                # A refund that failed comes back under its own source.
                | Q(kind__in=["refund", "fee_cover", "fee", "adjustment"]),
                name="ledger_sign_fits_kind",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["adjustment", "fee"]) | Q(gift__isnull=False),
                name="ledger_money_has_a_gift",
            ),
        )

    def __str__(self) -> str:
        return self.source
