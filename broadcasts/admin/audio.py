"""The sound of a broadcast: an uploaded file wins over PeerTube's."""

from typing import TYPE_CHECKING, Any

from django import forms

from auposte.audio import KINDS, kind_of, length_of
from auposte.fields import DurationField
from auposte.modeladmin import InlineModelAdmin
from broadcasts.models import Audio
from broadcasts.services.videos.details import read_sound_again

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
    FormSet = forms.BaseInlineFormSet[Any, Any, Any]
else:
    ModelForm, FormSet = forms.ModelForm, forms.BaseInlineFormSet


class AudioForm(ModelForm):
    duration_seconds = DurationField(
        label="Durée", required=False, help_text="Lue dans le fichier si rien n’est écrit."
    )
    measured: int | None = None

    def clean_file(self) -> Any:
        file, audio = self.cleaned_data["file"], self.instance
        if not file and not audio.url:
            raise forms.ValidationError("Choisissez un fichier.")
        if file and "file" in self.changed_data:
            audio.url, audio.download_url, audio.source = "", "", None
            audio.mime, audio.size_bytes = KINDS[kind_of(file)], file.size
            self.measured = length_of(file)
        return file

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        # Unless somebody has just typed one, a length is that of the sound before.
        if self.measured and not (
            "duration_seconds" in self.changed_data and cleaned.get("duration_seconds")
        ):
            cleaned["duration_seconds"] = self.measured
        return cleaned


class AudioFormSet(FormSet):
    def delete_existing(self, obj: Any, commit: bool = True) -> None:
        super().delete_existing(obj, commit)
        # PeerTube's comes back at the next reading.
        read_sound_again(obj.broadcast_id)


class AudioInline(InlineModelAdmin):
    model = Audio
    form = AudioForm
    formset = AudioFormSet
    extra = 0
    fields = ("file", "duration_seconds", "url", "size_bytes")
    readonly_fields = ("url", "size_bytes")
