"""The forms of `/don/gerer`: asking for a link, and what a donor changes in their space."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError

from auposte.fields import FoldedEmailField
from auposte.forms import StampedForm

ERASE_WORD = "effacer"


class LinkForm(StampedForm):
    """An address; `cleaned_data["email"]` is case-folded."""

    email = FoldedEmailField(
        label="Adresse électronique",
        max_length=254,
        error_messages={
            "required": "Indiquez votre adresse électronique.",
            "invalid": "Cette adresse électronique est incomplète.",
        },
        help_text="Celle que vous avez donnée avec votre don.",
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class NameForm(forms.Form):
    """How a donor is shown. `cleaned_data["public_name"]` is "" for an anonymous gift."""

    show_name = forms.BooleanField(
        label="J’affiche mon nom",
        required=False,
        help_text="À l’antenne et sur le site. Sans cette case, vous êtes anonyme, tout de suite.",
    )
    public_name = forms.CharField(
        label="Nom à afficher",
        max_length=80,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text="Un nouveau nom est relu par l’équipe avant de paraître.",
    )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not data.get("show_name"):
            data["public_name"] = ""
        elif not data.get("public_name"):
            self.add_error("public_name", "Indiquez le nom à afficher, ou restez anonyme.")
        return data


class AddressForm(forms.Form):
    """A donor's name and postal address, each optional: for receipts, and letters by post."""

    name = forms.CharField(
        label="Prénom et nom",
        max_length=120,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    street = forms.CharField(
        label="Adresse",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    postal_code = forms.CharField(
        label="Code postal",
        max_length=12,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "postal-code", "size": 8}),
    )
    city = forms.CharField(
        label="Ville",
        max_length=100,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "address-level2"}),
    )
    country = forms.CharField(
        label="Pays",
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "country-name"}),
    )


class EraseForm(forms.Form):
    """A word to type, so that nobody erases themselves by a slip."""

    word = forms.CharField(
        label=f"Tapez «\u00a0{ERASE_WORD}\u00a0»",
        max_length=20,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )

    def clean_word(self) -> str:
        word = str(self.cleaned_data["word"]).strip(" «»\u00a0\u202f").lower()
        if word != ERASE_WORD:
            raise ValidationError(f"Tapez le mot «\u00a0{ERASE_WORD}\u00a0» pour confirmer.")
        return word
