"""All that is kept about a donor, for themselves (articles 15 and 20 of the GDPR)."""

import datetime as dt
import uuid
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models
from django.db.models import Q
from django.utils import timezone

from donations.models import (
    Donor,
    Gift,
    GiftImportRow,
    LedgerEntry,
    LinkRequest,
    OutgoingEmail,
    Receipt,
)
from donations.services.donor_space import gifts_of

# Secrets that open the space; they say nothing about anybody.
SECRETS = {"session_key", "digest"}


def everything_of(donor: Donor) -> dict[str, Any]:
    """What the database holds about this person, by the words that the admin uses too.

    Each row has all its columns, so that a new one cannot be forgotten here; amounts are cents,
    moments are ISO 8601 in UTC. Accounts of the staff are not the donor's, and left out.
    """
    gifts = (
        Gift.objects.filter(Q(pk__in=gifts_of(donor).values("pk")) | Q(donor=donor))
        .prefetch_related("refund_orders", "disputes", "fraud_warnings")
        .order_by("created_at")
    )
    keys = [gift.pk for gift in gifts]
    receipts = Receipt.objects.filter(donor=donor).order_by("issued_at")
    entries = LedgerEntry.objects.filter(gift__in=keys).order_by("occurred_at", "pk")
    held = OutgoingEmail.objects.filter(to__iexact=donor.email or "").exclude(to="")
    return {
        "site": settings.SITE_URL,
        "établi le": timezone.now().isoformat(timespec="seconds"),
        "personne": _row(donor),
        "dons": _rows(gifts),
        "grand livre": _rows(entries),
        "dons mensuels": _rows(donor.subscriptions.order_by("created_at")),
        "clients Stripe": _rows(donor.stripe_customers.order_by("pk")),
        "reçus et attestations": [
            {
                **_row(receipt),
                "identité": _row(receipt.identity) if hasattr(receipt, "identity") else None,
                "dons attestés": _rows(receipt.items.all()),
            }
            for receipt in receipts.select_related("identity").prefetch_related("items")
        ],
        "remboursements": _of_gifts("refund_orders", gifts),
        "litiges": _of_gifts("disputes", gifts),
        "alertes de la banque": _of_gifts("fraud_warnings", gifts),
        "lignes d’import": _rows(GiftImportRow.objects.filter(gift__in=keys).order_by("pk")),
        "courriels gardés": _rows(held.order_by("created_at")),
        "demandes de lien": _rows(LinkRequest.objects.filter(email=donor.email or "")),
        "liens d’accès": _rows(donor.links.order_by("created_at")),
        "actions": _rows(donor.actions.order_by("made_at")),
    }


def _of_gifts(name: str, gifts: Iterable[Any]) -> list[dict[str, Any]]:
    return [row for gift in gifts for row in _rows(getattr(gift, name).all())]


def _rows(rows: Iterable[models.Model]) -> list[dict[str, Any]]:
    return [_row(row) for row in rows]


def _row(row: models.Model) -> dict[str, Any]:
    """One row by its columns' names in French."""
    accounts = get_user_model()
    return {
        str(field.verbose_name): _plain(row, field)
        for field in row._meta.concrete_fields
        if field.name not in SECRETS and field.related_model is not accounts
    }


def _plain(row: models.Model, field: Any) -> Any:
    value = getattr(row, field.attname)
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="seconds")
    if isinstance(value, dt.date):
        return value.isoformat()
    if isinstance(value, uuid.UUID):
        return str(value)
    if field.choices:
        return getattr(row, f"get_{field.name}_display")()
    return value
