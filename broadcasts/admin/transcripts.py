"""What was said: read here, reviewed elsewhere for now."""

from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest

from auposte.modeladmin import ReadOnlyAdmin, SavesOnlyChanges
from auposte.templatetags.french import timecode
from broadcasts.models import Cue, Transcript


@admin.register(Transcript)
class TranscriptAdmin(SavesOnlyChanges):
    list_display = ("broadcast", "language", "origin", "is_reviewed", "size", "updated_at")
    list_filter = ("origin", "is_reviewed", "language")
    list_select_related = ("broadcast",)
    search_fields = ("broadcast__title",)
    fields = ("broadcast", "language", "origin", "source", "is_reviewed", "size", "updated_at")
    readonly_fields = ("broadcast", "language", "origin", "source", "size", "updated_at")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Transcript]":
        transcripts: QuerySet[Transcript] = super().get_queryset(request)
        return transcripts.annotate(cue_count=Count("cues"))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    @admin.display(description="répliques", ordering="cue_count")
    def size(self, transcript: Transcript) -> int:
        return int(getattr(transcript, "cue_count", 0))


@admin.register(Cue)
class CueAdmin(ReadOnlyAdmin):
    list_display = ("moment", "speaker", "text", "transcript")
    list_select_related = ("transcript",)
    search_fields = ("text",)
    show_full_result_count = False
    ordering = ("transcript", "position")

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        return {}  # by the million: the menu leads to transcripts

    @admin.display(description="début", ordering="start_ms")
    def moment(self, cue: Cue) -> str:
        return timecode(cue.start_ms // 1000)
