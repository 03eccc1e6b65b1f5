"""What was said: sent as subtitles on a broadcast's form, reviewed, quoted by readers."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import Count, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html

from auposte.modeladmin import InlineModelAdmin, ReadOnlyAdmin, SavesOnlyChanges, site_link
from auposte.templatetags.french import said_moment, timecode
from broadcasts.captions import MOST_CHARACTERS, PlatformCue, decoded, parse_webvtt
from broadcasts.models import Cue, Quote, Transcript
from broadcasts.services.passages import rebuild_passages
from broadcasts.services.quoting import hide_quote, show_quote
from broadcasts.services.transcripts import replace_cues

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
    FormSet = forms.BaseInlineFormSet[Any, Any, Any]
else:
    ModelForm, FormSet = forms.ModelForm, forms.BaseInlineFormSet


class TranscriptForm(ModelForm):
    """A file makes a new transcript, or takes the place of the words of one that is there."""

    file = forms.FileField(
        label="Fichier", required=False, widget=forms.FileInput(attrs={"accept": ".vtt,.srt"}),
        help_text="Sous-titres WebVTT ou SRT, 5 Mo au plus, à l’heure de l’émission.",
    )  # fmt: skip
    cues: tuple[PlatformCue, ...] = ()

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if not file:
            return file
        if file.size > MOST_CHARACTERS:
            raise forms.ValidationError("Ce fichier pèse trop : 5 Mo au plus.")
        self.cues = parse_webvtt(decoded(file.read()))
        if not self.cues:
            raise forms.ValidationError(
                "Aucune réplique lisible : il faut un fichier de sous-titres WebVTT ou SRT."
            )
        return file

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        transcript = self.instance
        if self.cues:
            transcript.origin, transcript.source = Transcript.Origin.UPLOAD, None
            transcript.digest = ""
        elif not transcript.pk and "file" not in self.errors:
            self.add_error("file", "Choisissez un fichier.")
        same = Transcript.objects.filter(
            broadcast=transcript.broadcast_id,
            language=data.get("language"),
            origin=transcript.origin,
        )
        if transcript.broadcast_id and same.exclude(pk=transcript.pk).exists():
            self.add_error(
                "language",
                "Il y a déjà une transcription envoyée dans cette langue : remplacez son fichier.",
            )
        return data

    def _save_m2m(self) -> None:
        super()._save_m2m()  # type: ignore[misc]  # the stubs do not know it
        if self.cues:
            replace_cues(transcript=self.instance, cues=self.cues)


class TranscriptFormSet(FormSet):
    def save(self, commit: bool = True) -> Any:
        saved = super().save(commit)
        if commit and self.has_changed():
            rebuild_passages(self.instance.pk)
        return saved


class TranscriptInline(InlineModelAdmin):
    model = Transcript
    form = TranscriptForm
    formset = TranscriptFormSet
    extra = 0
    fields = ("language", "file", "is_reviewed", "told")
    readonly_fields = ("told",)

    @admin.display(description="ce qu’il y a")
    def told(self, transcript: Transcript) -> str:
        if not transcript.pk:
            return "–"
        return format_html(
            "{}, modifiée le {}",
            transcript.get_origin_display(),
            f"{timezone.localtime(transcript.updated_at):%d/%m/%Y}",
        )


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
    list_filter = ("transcript__origin", "transcript__is_reviewed")
    search_fields = ("text",)
    show_full_result_count = False
    ordering = ("transcript", "position")

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        return {}  # by the million: the menu leads to transcripts

    @admin.display(description="début", ordering="start_ms")
    def moment(self, cue: Cue) -> str:
        return timecode(cue.start_ms // 1000)


class HiddenFilter(admin.SimpleListFilter):
    title = "état"
    parameter_name = "etat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("en-ligne", "En ligne"), ("retirees", "Retirées")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Quote]") -> "QuerySet[Quote]":
        match self.value():
            case "en-ligne":
                return queryset.filter(hidden_at=None)
            case "retirees":
                return queryset.exclude(hidden_at=None)
        return queryset


@admin.register(Quote)
class QuoteAdmin(ReadOnlyAdmin):
    """Made by readers, taken away here."""

    list_display = ("text", "speaker", "broadcast", "moment", "created_at", "state", "on_site")
    list_select_related = ("broadcast",)
    list_filter = (HiddenFilter,)
    search_fields = ("text", "speaker", "broadcast__title")
    date_hierarchy = "created_at"
    actions = ("hide", "show")

    @admin.display(description="moment", ordering="start_ms")
    def moment(self, quote: Quote) -> str:
        return said_moment(quote.seconds)

    @admin.display(description="état", ordering="hidden_at")
    def state(self, quote: Quote) -> str:
        return "Retirée" if quote.hidden_at else "En ligne"

    @admin.display(description="sur le site")
    def on_site(self, quote: Quote) -> str:
        return "–" if quote.hidden_at else site_link(quote.get_absolute_url())

    def has_hide_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("broadcasts.change_quote")

    @admin.action(description="Retirer du site", permissions=["hide"])
    def hide(self, request: HttpRequest, quotes: Iterable[Quote]) -> None:
        for quote in quotes:
            hide_quote(quote)
        self.message_user(request, "Les citations choisies ne sont plus sur le site.")

    @admin.action(description="Remettre sur le site", permissions=["hide"])
    def show(self, request: HttpRequest, quotes: Iterable[Quote]) -> None:
        for quote in quotes:
            show_quote(quote)
        self.message_user(request, "Les citations choisies sont de nouveau sur le site.")
