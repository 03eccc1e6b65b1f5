"""Corrections and rights of reply, under the text that they are about."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.utils import timezone

from auposte.money import NBSP
from auposte.richtext import sanitise
from broadcasts.models import Correction

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
    StackedInline = admin.StackedInline[Any, Any]
else:
    ModelForm, StackedInline = forms.ModelForm, admin.StackedInline


class CorrectionForm(ModelForm):
    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") == Correction.Kind.CORRECTION:
            cleaned["author"] = ""
        if cleaned.get("dated") and cleaned["dated"] > timezone.localdate():
            self.add_error("dated", "Une correction ne porte pas une date à venir.")
        if "text" in cleaned and not sanitise(cleaned["text"]).strip():
            self.add_error("text", f"Ce texte est vide{NBSP}: rien n’en reste une fois nettoyé.")
        return cleaned


class CorrectionInline(StackedInline):
    model = Correction
    form = CorrectionForm
    extra = 0
    fields = (("kind", "dated", "position"), "author", "text")
