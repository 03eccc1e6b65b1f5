"""The month's budget, and how far the gifts have carried it."""

import datetime as dt

from django.conf import settings
from django.db import models
from django.db.models import F, Q, Sum

from broadcasts.models import Broadcast


class CampaignQuerySet(models.QuerySet["Campaign"]):
    def of_month(self, month: dt.date) -> "CampaignQuerySet":
        """The month's campaign, given any day of it."""
        return self.filter(kind=Campaign.Kind.MONTH, starts_on=month.replace(day=1))

    def special_on(self, day: dt.date) -> "CampaignQuerySet":
        """Special collections that take gifts on that Paris day."""
        return self.filter(kind=Campaign.Kind.SPECIAL, starts_on__lte=day, ends_on__gte=day)


class Campaign(models.Model):
    """A period with ordered budget lines. Its goal is their sum, never a number of its own.

    Days are Paris days; `ends_on` is the last one included. A special collection runs beside the
    months; `broadcasts` are the pages that show it in the month's place.
    """

    class Kind(models.TextChoices):
        MONTH = "month", "Mois"
        SPECIAL = "special", "Collecte exceptionnelle"

    title = models.CharField("titre", max_length=120)
    kind = models.CharField("genre", max_length=8, choices=Kind.choices, default=Kind.MONTH)
    starts_on = models.DateField("du")
    ends_on = models.DateField("au")
    broadcasts = models.ManyToManyField(
        Broadcast, blank=True, related_name="collections", verbose_name="émissions qui la montrent"
    )
    created_at = models.DateTimeField("créée le", auto_now_add=True)

    objects = CampaignQuerySet.as_manager()

    class Meta:
        verbose_name = "campagne"
        verbose_name_plural = "campagnes"
        ordering = ("-starts_on", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=["starts_on"],
                condition=Q(kind="month"),
                name="campaign_one_a_month",
                violation_error_message="Ce mois a déjà sa campagne.",
            ),
            models.CheckConstraint(
                condition=Q(ends_on__gte=F("starts_on")),
                name="campaign_ends_after_start",
                violation_error_message="La campagne finit avant de commencer.",
            ),
            models.CheckConstraint(
                condition=~Q(kind="month")
                | (Q(starts_on__day=1) & Q(ends_on__month=F("starts_on__month"))),
                name="campaign_month_is_a_month",
                violation_error_message="La campagne d’un mois commence le 1er et finit avec lui.",
            ),
        )

    def __str__(self) -> str:
        return self.title

    @property
    def goal_cents(self) -> int:
        """The sum of the lines, in cents."""
        return self.lines.aggregate(total=Sum("amount_cents"))["total"] or 0


class BudgetLine(models.Model):
    """One thing to pay for, a *palier*: lines fill in the order of `position`."""

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="lines", verbose_name="campagne"
    )
    position = models.PositiveSmallIntegerField("rang")
    label = models.CharField("poste", max_length=60)
    description = models.CharField("détail", max_length=200, blank=True)
    amount_cents = models.PositiveBigIntegerField("montant (centimes)")
    # A provision saves month after month, under the same label.
    is_provision = models.BooleanField("provision", default=False)

    class Meta:
        verbose_name = "ligne de budget"
        verbose_name_plural = "lignes de budget"
        ordering = ("position",)
        constraints = (
            # Deferred, so that an editor can swap two lines in one go.
            models.UniqueConstraint(
                fields=["campaign", "position"],
                name="budget_line_position_once",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=Q(amount_cents__gt=0),
                name="budget_line_amount_positive",
                violation_error_message="Le montant d’une ligne dépasse zéro.",
            ),
        )

    def __str__(self) -> str:
        return self.label


class BudgetChange(models.Model):
    """What somebody changed in a running budget, in words that readers may see."""

    campaign = models.ForeignKey(
        Campaign, models.CASCADE, related_name="changes", verbose_name="campagne"
    )
    text = models.CharField("changement", max_length=300)
    made_at = models.DateTimeField("fait le", auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="par",
    )  # fmt: skip

    class Meta:
        verbose_name = "changement de budget"
        verbose_name_plural = "changements de budget"
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return self.text


class Progress(models.Model):
    """What the ledger says of a campaign, computed ahead. Derived: it can be rebuilt at any time.

    `dirty_since` is set in the transaction that books, and cleared by the computation that has
    seen the booking: this is how requests to recompute coalesce without the broker.
    """

    campaign = models.OneToOneField(
        Campaign, models.CASCADE, related_name="progress", verbose_name="campagne"
    )
    raised_cents = models.BigIntegerField("récolté (centimes)", default=0)
    donors = models.PositiveIntegerField("donateur·ices", default=0)
    dirty_since = models.DateTimeField("à recalculer depuis", null=True, blank=True)
    computed_at = models.DateTimeField("calculé le", null=True, blank=True)

    class Meta:
        verbose_name = "avancement"
        verbose_name_plural = "avancements"

    def __str__(self) -> str:
        return f"Avancement : {self.campaign}"
