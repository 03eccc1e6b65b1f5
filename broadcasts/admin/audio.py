"""The sound of a broadcast: an uploaded file wins over PeerTube's."""

from typing import TYPE_CHECKING, Any

from django import forms

from auposte.audio import KINDS, kind_of
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
    duration_seconds = DurationField(label="Durée", required=False, help_text="1:48:00 ou 1 h 48")

    def clean_file(self) -> Any:
        file, audio = self.cleaned_data["file"], self.instance
        if not file and not audio.url:
            raise forms.ValidationError("Choisissez un fichier.")
        if file and "file" in self.changed_data:
            audio.url, audio.source = "", None
            audio.mime, audio.size_bytes = KINDS[kind_of(file)], file.size
        return file


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
