"""Who gives. Erasing a person empties these rows and never changes a total."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class Donor(models.Model):
    """A giver, known by a case-folded e-mail address, or by none (a cheque, an erased person)."""

    email = models.EmailField("adresse électronique", null=True, blank=True, unique=True)
    name = models.CharField("nom", max_length=120, blank=True)
    created_at = models.DateTimeField("depuis le", auto_now_add=True)

    class Meta:
        verbose_name = "donateur·ice"
        verbose_name_plural = "donateur·ices"
        ordering = ("-created_at", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(email__isnull=True) | (Q(email=Lower("email")) & ~Q(email="")),
                name="donor_email_folded",
                violation_error_message="L’adresse s’écrit en minuscules.",
            ),
        )

    def __str__(self) -> str:
        return self.name or self.email or f"Donateur·ice nº {self.pk}"


class StripeCustomer(models.Model):
    """A Stripe customer of a donor. One person may have several there, and is one donor here."""

    donor = models.ForeignKey(
        Donor, models.PROTECT, related_name="stripe_customers", verbose_name="donateur·ice"
    )
    customer_id = models.CharField("client Stripe", max_length=255, unique=True)
    livemode = models.BooleanField("argent réel")

    class Meta:
        verbose_name = "client Stripe"
        verbose_name_plural = "clients Stripe"

    def __str__(self) -> str:
        return self.customer_id
