"""The form for a gift that came by hand, by post or by bank."""

import datetime as dt
import uuid
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.utils import timezone

from auposte.admin_input import OneCompleted
from auposte.fields import EuroField, FoldedEmailField
from auposte.money import NBSP, euros
from broadcasts.models import Broadcast
from donations.models import Campaign, Donor, Gift
from donations.services import campaigns
from donations.services.offline import Address, OfflineGift, gift_id_of

# A slip in the year must not make a month of the Middle Ages.
EARLIEST = dt.date(2010, 1, 1)
MEANS = (Gift.Means.CHEQUE, Gift.Means.TRANSFER, Gift.Means.CASH)
LONG = forms.TextInput(attrs={"class": "vTextField"})


def _completed(field: str) -> forms.Select:
    return OneCompleted(Gift._meta.get_field(field), admin.site)


class OfflineGiftForm(forms.Form):
    """`order` is the gift to book once the form is valid. The hidden key makes a second click
    book nothing; sent again with another gift in it, it is refused and a new key is ready.
    """

    key = forms.UUIDField(widget=forms.HiddenInput)
    means = forms.ChoiceField(
        label="Moyen", choices=[(one.value, one.label) for one in MEANS], widget=forms.RadioSelect
    )
    amount = EuroField(label="Montant (€)", help_text="12,50 ou 1 000.")
    received_on = forms.DateField(
        label="Reçu le",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        input_formats=["%Y-%m-%d", "%d/%m/%Y"],
        help_text="Le jour où la somme est arrivée. Un mois passé reçoit le don, lui aussi.",
    )
    donor = forms.ModelChoiceField(
        Donor.objects.all(),
        label="Personne déjà connue",
        required=False,
        widget=_completed("donor"),
        help_text="Cherchez par nom ou par adresse électronique ; sinon, remplissez plus bas.",
    )
    name = forms.CharField(label="Nom", max_length=120, required=False, widget=LONG)
    email = FoldedEmailField(
        label="Adresse électronique",
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"class": "vTextField"}),
        help_text="Une adresse déjà connue retrouve sa personne.",
    )
    street = forms.CharField(label="Adresse", max_length=200, required=False, widget=LONG)
    postal_code = forms.CharField(label="Code postal", max_length=12, required=False)
    city = forms.CharField(label="Ville", max_length=100, required=False, widget=LONG)
    country = forms.CharField(label="Pays", max_length=60, required=False, widget=LONG)
    broadcast = forms.ModelChoiceField(
        Broadcast.objects.all(), label="Émission", required=False, widget=_completed("broadcast")
    )
    collection = forms.ModelChoiceField(
        Campaign.objects.filter(kind=Campaign.Kind.SPECIAL),
        label="Collecte exceptionnelle",
        required=False,
        empty_label="(le mois)",
    )
    note = forms.CharField(
        label="Note",
        max_length=200,
        required=False,
        widget=LONG,
        help_text="Pour la trésorerie seulement : numéro du chèque, banque…",
    )

    groups = (
        ("Don", ("means", "amount", "received_on")),
        ("Personne", ("donor", "name", "email", "street", "postal_code", "city", "country")),
        ("Pour quoi", ("broadcast", "collection", "note")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order: OfflineGift | None = None

    @property
    def fieldsets(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The form's parts, with what the page shows of each."""
        return [(title, [self[name] for name in names]) for title, names in self.groups]

    def clean_received_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["received_on"]
        if day > campaigns.paris_day():
            raise ValidationError("Ce jour n’est pas encore venu.")
        if day < EARLIEST:
            raise ValidationError(f"Ce jour est trop ancien{NBSP}: vérifiez l’année.")
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        donor = data.get("donor")
        if donor is not None and data.get("email"):
            self.add_error("email", "Choisissez une personne connue ou une adresse, pas les deux.")
        if donor is not None and donor.erased_at:
            self.add_error("donor", "Cette personne a fait effacer ses données.")
        if data.get("street") and not (donor or data.get("name")):
            self.add_error("name", "À qui est cette adresse postale ?")
        day, collection = data.get("received_on"), data.get("collection")
        if day and collection and not collection.starts_on <= day <= collection.ends_on:
            self.add_error(
                "collection",
                f"Elle court du {collection.starts_on:%d/%m/%Y} au {collection.ends_on:%d/%m/%Y}.",
            )
        if not self.errors:
            self.order = self._order(data)
            self._refuse_another_gift_under_this_key(self.order)
        return data

    def _order(self, data: dict[str, Any]) -> OfflineGift:
        # Noon, so that the day is that day for everybody; but never a time to come.
        noon = dt.datetime.combine(data["received_on"], dt.time(12), campaigns.PARIS)
        return OfflineGift(
            key=str(data["key"]),
            amount_cents=data["amount"],
            occurred_at=min(noon, timezone.now()),
            means=data["means"],
            donor=data["donor"],
            email=data["email"],
            name=data["name"],
            address=Address(
                street=data["street"],
                postal_code=data["postal_code"],
                city=data["city"],
                country=data["country"],
            ),
            broadcast=data["broadcast"],
            collection=data["collection"],
            note=data["note"],
        )

    def _refuse_another_gift_under_this_key(self, order: OfflineGift) -> None:
        """The browser's « back » brings a used form up again, for the next cheque of the pile."""
        booked = Gift.objects.select_related("donor").filter(pk=gift_id_of(order.key)).first()
        if booked is None or booked.donor is None or booked.paid_at is None:
            return
        same_person = (
            booked.donor == order.donor
            if order.donor
            else (booked.donor.email or "") == order.email.lower()
            and (not order.name or booked.donor.name == order.name)
        )
        same_day = campaigns.paris_day(booked.paid_at) == campaigns.paris_day(order.occurred_at)
        if (
            same_person
            and same_day
            and (booked.amount_cents, booked.means) == (order.amount_cents, order.means)
        ):
            return
        self.data = {name: self.data[name] for name in self.data} | {"key": str(uuid.uuid4())}
        raise ValidationError(
            f"Ce formulaire a déjà servi pour un don de {euros(booked.amount_cents)}. "
            "Si celui-ci en est un autre, enregistrez de nouveau."
        )
