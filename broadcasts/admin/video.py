"""Videos: an editor pastes the address, the form keeps the identifier."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin

from auposte.fields import DurationField
from auposte.modeladmin import SavesOnlyChanges
from auposte.templatetags.french import duration
from broadcasts.models import VideoSource
from broadcasts.peertube.ids import uuid_of, valid_id, valid_uuid
from broadcasts.services.videos.lookup import (
    SilentPlatformError,
    UnknownVideoError,
    is_configured,
    peertube_uuid,
)
from broadcasts.video_addresses import identifier_in

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm


class VideoSourceForm(ModelForm):
    duration_seconds = DurationField(label="Durée", required=False)
    offset_seconds = DurationField(
        label="Décalage",
        required=False,
        signed=True,
        help_text="Par rapport à l’émission ; vide tant que personne ne l’a vérifié.",
    )
    external_id = forms.CharField(
        label="Identifiant",
        max_length=300,
        widget=forms.TextInput(attrs={"size": 38}),
        help_text="Ou l’adresse de la vidéo.",
    )

    def clean_external_id(self) -> str:
        typed = str(self.cleaned_data["external_id"]).strip()
        platform = str(self.data.get(self.add_prefix("platform")))
        identifier = identifier_in(typed, platform=platform)
        if len(identifier) > 40:
            raise forms.ValidationError("Cet identifiant n’est pas de ceux de la plateforme.")
        if platform == VideoSource.Platform.PEERTUBE and valid_id(identifier):
            return self._uuid_of(identifier)
        return identifier

    def _uuid_of(self, name: str) -> str:
        """PeerTube has three names for a video; only the uuid is kept, and only itself is valid."""
        uuid = valid_uuid(name) or uuid_of(name)
        if uuid or not is_configured(VideoSource.Platform.PEERTUBE):
            return uuid or name
        try:
            return peertube_uuid(name)
        except (UnknownVideoError, SilentPlatformError) as error:
            raise forms.ValidationError(str(error)) from error


@admin.register(VideoSource)
class VideoSourceAdmin(SavesOnlyChanges):
    form = VideoSourceForm
    list_display = (
        "external_id", "platform", "role", "broadcast", "length", "live_state", "availability",
        "fetched_at",
    )  # fmt: skip
    list_filter = ("platform", "role", "live_state", "availability")
    list_select_related = ("broadcast",)
    search_fields = ("external_id", "peertube_short_uuid", "broadcast__title")
    autocomplete_fields = ("broadcast",)
    ordering = ("-pk",)
    readonly_fields = (
        "peertube_id", "peertube_short_uuid", "aspect_ratio", "views_count", "comments_count",
        "consecutive_misses", "fetched_at", "etag",
    )  # fmt: skip
    fieldsets = (
        (None, {"fields": ("broadcast", "platform", "external_id", "role")}),
        ("Horloge", {"fields": ("duration_seconds", "offset_seconds")}),
        ("État", {"fields": ("live_state", "availability")}),
        ("Lu chez la plateforme", {"fields": readonly_fields}),
    )

    @admin.display(description="durée", ordering="duration_seconds")
    def length(self, source: VideoSource) -> str:
        return duration(source.duration_seconds)
