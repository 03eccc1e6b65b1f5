"""The forms of `/lettre` and `/contact`."""

from django import forms

from auposte.fields import FoldedEmailField
from auposte.forms import StampedForm


def email_field(help_text: str) -> FoldedEmailField:
    """An address that one is written to."""
    return FoldedEmailField(
        label="Adresse électronique",
        max_length=254,
        error_messages={
            "required": "Indiquez votre adresse électronique.",
            "invalid": "Cette adresse électronique est incomplète.",
            "max_length": "Cette adresse électronique est trop longue.",
        },
        help_text=help_text,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )


class SubscribeForm(StampedForm):
    """An address; `cleaned_data["email"]` is case-folded."""

    email = email_field("Elle ne sert qu’à la lettre, et n’est donnée à personne.")

    @property
    def least_seconds(self) -> int:
        """A single field, which a browser fills in by itself: Enter is quick then, and human."""
        return min(1, super().least_seconds)


class ContactForm(StampedForm):
    """A message, and where to answer."""

    name = forms.CharField(
        label="Nom (facultatif)",
        max_length=120,
        required=False,
        error_messages={"max_length": "Ce nom est trop long."},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = email_field("Pour vous répondre, et rien d’autre.")
    text = forms.CharField(
        label="Message",
        max_length=5000,
        error_messages={
            "required": "Écrivez votre message.",
            "max_length": "Ce message est trop long : 5 000 caractères au plus.",
        },
        widget=forms.Textarea(attrs={"rows": 8, "maxlength": 5000}),
    )
