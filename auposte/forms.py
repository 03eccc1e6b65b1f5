"""What the public forms share."""

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError

from auposte.http import form_stamp, stamp_age

STAMP_VALID_SECONDS = 24 * 3600


class StampedForm(forms.Form):
    """A form of pages without cookies: it knows when it was shown, and has a trap for programs."""

    stamp = forms.CharField(widget=forms.HiddenInput, required=False)
    too_fast = (
        "C’était trop rapide pour nous\u00a0: comptez jusqu’à trois et renvoyez le formulaire, "
        "il est resté rempli."
    )
    # A person does not see this field; a program fills it in.
    website = forms.CharField(label="Laissez ce champ vide", required=False)

    @property
    def fresh_stamp(self) -> str:
        """A stamp for the form shown now: the first showing's, so that a correction is not slow."""
        sent = str(self.data.get("stamp", "")) if self.is_bound else ""
        age = stamp_age(sent)
        return sent if age is not None and age <= STAMP_VALID_SECONDS else form_stamp()

    @property
    def least_seconds(self) -> int:
        """Faster than this, nobody fills it in."""
        return settings.GIFT_FORM_MINIMUM_SECONDS

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("website"):
            raise ValidationError("Ce formulaire n’a pas été rempli par une personne.")
        age = stamp_age(data.get("stamp", ""))
        if age is None or age > STAMP_VALID_SECONDS:
            raise ValidationError("Cette page a vieilli. Vérifiez le formulaire et renvoyez-le.")
        if age < self.least_seconds:
            raise ValidationError(self.too_fast)
        return data
