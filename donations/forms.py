"""The form for giving."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from auposte import money
from auposte.fields import FoldedEmailField
from auposte.forms import StampedForm
from donations.fees import fee_cover_cents
from donations.models import Gift
from donations.services.shield import Limits


class AmountForm(forms.Form):
    """Amount as typed, in euros; `cleaned_data` has cents under `amount`, and `fee_cover_cents`."""

    amount = forms.CharField(
        label="Montant, en euros",
        max_length=20,
        error_messages={
            "required": "Indiquez un montant.",
            "max_length": "Ce montant est illisible.",
        },
        widget=forms.TextInput(
            attrs={"class": "amount", "inputmode": "decimal", "autocomplete": "off", "size": 8}
        ),
    )
    cover_fee = forms.BooleanField(
        label="J’ajoute les frais bancaires",
        required=False,
        help_text="1,5\u00a0% et 25\u00a0centimes, calculés sur le montant final et rappelés avant "
        "de payer. Comptés à part\u00a0: la jauge n’avance que de votre don.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        least = money.euros(self.least_cents)
        self.fields["amount"].help_text = f"Dès {least}. Les centimes se tapent 12,50 ou 12.50."

    @property
    def least_cents(self) -> int:
        return settings.GIFT_MINIMUM_CENTS

    def clean_amount(self) -> int:
        typed = self.cleaned_data["amount"]
        try:
            cents = money.parse_euros(typed)
        except ValueError:
            raise ValidationError("Écrivez le montant en chiffres, par exemple 12,50.") from None
        least, most = self.least_cents, settings.GIFT_MAXIMUM_CENTS
        if cents < least:
            raise ValidationError(f"Le don commence à {money.euros(least)}.")
        if cents > most:
            raise ValidationError(
                f"Au-delà de {money.euros(most)}, écrivez-nous\u00a0: "
                "un virement coûtera moins cher."
            )
        return cents

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        amount = data.get("amount")
        data["fee_cover_cents"] = (
            fee_cover_cents(amount) if isinstance(amount, int) and data.get("cover_fee") else 0
        )
        return data


class GiftForm(StampedForm, AmountForm):
    """What somebody means to give, how often, and who they are."""

    field_order = ("rhythm", "amount", "cover_fee", "email", "show_name", "public_name", "message")

    rhythm = forms.ChoiceField(
        label="Rythme",
        choices=Gift.Kind.choices,
        required=False,
        initial=Gift.Kind.ONCE,
        error_messages={"invalid_choice": "Choisissez une fois, ou chaque mois."},
    )
    email = FoldedEmailField(
        label="Adresse électronique",
        max_length=254,
        error_messages={
            "required": "Indiquez votre adresse électronique.",
            "invalid": "Cette adresse électronique est incomplète.",
            "max_length": "Cette adresse électronique est trop longue.",
        },
        help_text="Pour vous remercier et vous envoyer la trace du don. Ni affichée, ni cédée.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    show_name = forms.BooleanField(
        label="J’affiche mon nom",
        required=False,
        help_text="À l’antenne et sur le site. Sans cette case, votre don reste anonyme.",
    )
    public_name = forms.CharField(
        label="Nom à afficher",
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    message = forms.CharField(
        label="Un mot pour la rédaction",
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3, "maxlength": 500}),
    )

    def __init__(self, *args: Any, allowed: Limits, **kwargs: Any) -> None:
        self.allowed = allowed
        super().__init__(*args, **kwargs)
        if allowed.is_raised:
            self.too_fast = (
                f"Trop rapide\u00a0: à cause des robots, ce formulaire attend {self.least_seconds} "
                "secondes. Renvoyez-le dans un instant."
            )

    @property
    def least_seconds(self) -> int:
        return self.allowed.form_seconds

    @property
    def least_cents(self) -> int:
        return self.allowed.minimum_cents

    def clean(self) -> dict[str, Any]:
        words = self.cleaned_data
        if words.get("show_name") and not words.get("public_name"):
            self.add_error("public_name", "Indiquez le nom à afficher, ou restez anonyme.")
        data = super().clean()
        data["monthly"] = data.get("rhythm") == Gift.Kind.MONTHLY
        return data
