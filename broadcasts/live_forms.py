"""What the staff's page of the live sends."""

import datetime as dt
from typing import Any

from django import forms

from auposte.fields import DurationField
from broadcasts.live import AiringState
from broadcasts.services.airing import HOLDS

RELEASE = "release"
WORDS = {
    AiringState.LIVE: "Passer en direct",
    AiringState.INTERRUPTED: "Coupure",
    AiringState.OVER: "C’est fini",
}
LASTING = [
    ("", "le temps habituel"),
    ("15", "15 min"),
    ("60", "1 h"),
    ("180", "3 h"),
    ("720", "12 h"),
]


class OverrideForm(forms.Form):
    """An editor's word: which state, for how long, why."""

    say = forms.ChoiceField(
        choices=[*((state.value, WORDS[state]) for state in HOLDS), (RELEASE, "")]
    )
    minutes = forms.ChoiceField(
        label="Pendant", required=False, choices=LASTING, widget=forms.Select
    )
    reason = forms.CharField(label="Raison (interne)", required=False, max_length=200)

    def lasts(self) -> dt.timedelta | None:
        minutes = self.cleaned_data.get("minutes")
        return dt.timedelta(minutes=int(minutes)) if minutes else None


class MarkForm(forms.Form):
    label = forms.CharField(label="Un mot, si vous voulez", required=False, max_length=200)


class DraftForm(forms.Form):
    """A mark as a chapter to be. `fate`: keep it, drop it, or see later."""

    FATES = [("keep", "Garder"), ("drop", "Écarter"), ("later", "Plus tard")]

    mark = forms.IntegerField(widget=forms.HiddenInput)
    start = DurationField(label="Début")
    title = forms.CharField(label="Titre", required=False, max_length=200)
    fate = forms.ChoiceField(label="Que faire", choices=FATES, widget=forms.RadioSelect)

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("fate") == "keep" and not cleaned.get("title"):
            self.add_error("title", "Un chapitre a un titre.")
        return cleaned


DraftFormSet = forms.formset_factory(DraftForm, extra=0, max_num=500, absolute_max=500)
