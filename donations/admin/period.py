"""From one day to another: what exports and totals of the admin are asked for."""

import datetime as dt
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

DAY = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
# Clocks count no further in every time zone.
SENSIBLE = [
    MinValueValidator(dt.date(1900, 1, 1), "Cette date est trop ancienne."),
    MaxValueValidator(dt.date(2999, 12, 31), "Cette date est trop lointaine."),
]


class PeriodForm(forms.Form):
    """Two Paris days, both included; either may be left out."""

    du = forms.DateField(label="Du", required=False, widget=DAY, validators=SENSIBLE)
    au = forms.DateField(label="Au", required=False, widget=DAY, validators=SENSIBLE)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        first, last = data.get("du"), data.get("au")
        if first and last and last < first:
            raise forms.ValidationError("La période finit avant de commencer.")
        return data
