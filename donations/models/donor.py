"""Who gives. Erasing a person empties these rows and never changes a total."""

import uuid

from django.conf import settings
from django.contrib.postgres.functions import RandomUUID
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class Donor(models.Model):
    """A giver, known by a case-folded e-mail address, or by none (a cheque, an erased person)."""

    email = models.EmailField("adresse électronique", null=True, blank=True, unique=True)
    name = models.CharField("nom", max_length=120, blank=True)
    street = models.CharField("adresse", max_length=200, blank=True)
    postal_code = models.CharField("code postal", max_length=12, blank=True)
    city = models.CharField("ville", max_length=100, blank=True)
    country = models.CharField("pays", max_length=60, blank=True)
    created_at = models.DateTimeField("depuis le", auto_now_add=True)
    erased_at = models.DateTimeField("effacé·e le", null=True, blank=True)
    # Sessions of the donor's space carry it: a new one ends them all.
    session_key = models.UUIDField(
        "clé des sessions", default=uuid.uuid4, db_default=RandomUUID(), editable=False
    )

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

    @property
    def has_address(self) -> bool:
        """Whether a letter would reach this person."""
        return bool(self.name and self.street and self.postal_code and self.city)


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


class LinkRequest(models.Model):
    """Somebody typed an address at /don/gerer. Whether it is known is for the worker to find out.

    So the page answers the same, as fast, for every address. The row goes once it is answered.
    """

    email = models.EmailField("adresse électronique")
    created_at = models.DateTimeField("demandé le", auto_now_add=True)

    class Meta:
        verbose_name = "demande de lien"
        verbose_name_plural = "demandes de lien"

    def __str__(self) -> str:
        return f"Demande nº {self.pk}"


class DonorLink(models.Model):
    """A link into a donor's space, used once. Only the digest of its secret is kept."""

    donor = models.ForeignKey(
        Donor, models.CASCADE, related_name="links", verbose_name="donateur·ice"
    )
    digest = models.CharField("empreinte", max_length=64, unique=True)
    created_at = models.DateTimeField("envoyé le", auto_now_add=True)
    expires_at = models.DateTimeField("valable jusqu’au")
    used_at = models.DateTimeField("utilisé le", null=True, blank=True)

    class Meta:
        verbose_name = "lien d’accès"
        verbose_name_plural = "liens d’accès"

    def __str__(self) -> str:
        return f"Lien nº {self.pk}"


class DonorAction(models.Model):
    """What was done in somebody's name or by themselves: a gift stopped, changed, data erased.

    `text` holds no personal data. `made_by` is empty when the donor did it.
    """

    donor = models.ForeignKey(
        Donor, models.PROTECT, related_name="actions", verbose_name="donateur·ice"
    )
    text = models.CharField("action", max_length=300)
    made_at = models.DateTimeField("fait le", auto_now_add=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="par",
    )  # fmt: skip

    class Meta:
        verbose_name = "action"
        verbose_name_plural = "actions"
        ordering = ("-made_at", "-pk")

    def __str__(self) -> str:
        return self.text
