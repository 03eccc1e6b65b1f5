"""The newsroom's daily form."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from auposte.fields import DurationField
from auposte.modeladmin import InlineModelAdmin
from auposte.money import NBSP
from auposte.templatetags.french import duration
from broadcasts.admin.audio import AudioInline
from broadcasts.admin.bulk import ActsOnMany
from broadcasts.admin.corrections import CorrectionInline
from broadcasts.admin.filling import FillsFromVideo
from broadcasts.admin.lacks import LackFilter
from broadcasts.admin.on_the_fly import AppearanceInline, CreatesTags, OffersNewTags
from broadcasts.admin.presence import ShowsWhoIsHere
from broadcasts.admin.previews import SharesPreviews
from broadcasts.admin.transcripts import TranscriptInline
from broadcasts.admin.video import VideoSourceForm
from broadcasts.admin.warnings import TellsWarnings
from broadcasts.admin.widgets import FocalImageInput, NamesFields
from broadcasts.admin.workflow import WorkflowAdmin, WorkflowForm
from broadcasts.body_moments import link_moments
from broadcasts.models import Appearance, Broadcast, Chapter, VideoSource
from broadcasts.services import airing

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm

Lookups = list[tuple[str, str]]


class BroadcastForm(CreatesTags, WorkflowForm):
    duration_seconds = DurationField(label="Durée", required=False, help_text="1:48:00 ou 1 h 48")
    extract_start_seconds = DurationField(
        label="Début de l’extrait", required=False,
        help_text=f"Où il commence dans l’émission entière{NBSP}: 1:21:30 ou 1 h 21",
    )  # fmt: skip

    class Meta:
        widgets = {
            "dek": AdminTextareaWidget(attrs={"rows": 3}),
            "image": FocalImageInput(x="focal_x", y="focal_y"),
        }

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean() or self.cleaned_data
        # Only what was written just now: an import must know its own text again.
        for name in {"body_opening", "body_rest"} & set(self.changed_data) & set(cleaned):
            cleaned[name] = link_moments(cleaned[name])
        return cleaned


class ChapterForm(ModelForm):
    start_seconds = DurationField(label="Début", help_text="6:12 ou 1:21:30")

    def save(self, commit: bool = True) -> Any:
        # What an editor has written, no platform writes again.
        self.instance.source = None
        return super().save(commit)


class VideoSourceInline(InlineModelAdmin):
    model = VideoSource
    form = VideoSourceForm
    extra = 0
    fields = ("platform", "external_id", "role", "duration_seconds", "offset_seconds")
    show_change_link = True


class ChapterInline(InlineModelAdmin):
    model = Chapter
    form = ChapterForm
    extra = 0


class StateFilter(admin.SimpleListFilter):
    title = "état"
    parameter_name = "etat"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        return [
            ("public", "En ligne"),
            ("programmed", "Programmée"),
            ("draft", "Brouillon"),
            ("archived", "Retirée"),
        ]

    def queryset(
        self, request: HttpRequest, queryset: "QuerySet[Broadcast]"
    ) -> "QuerySet[Broadcast]":
        published = Q(status=Broadcast.Status.PUBLISHED)
        match self.value():
            case "public":
                return queryset.filter(published, published_at__lte=timezone.now())
            case "programmed":
                return queryset.filter(published, published_at__gt=timezone.now())
            case "draft" | "archived" as status:
                return queryset.filter(status=status)
        return queryset


class VideoFilter(admin.SimpleListFilter):
    title = "vidéo"
    parameter_name = "video"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Lookups:
        return [("avec", "Avec vidéo"), ("sans", "Sans vidéo")]

    def queryset(
        self, request: HttpRequest, queryset: "QuerySet[Broadcast]"
    ) -> "QuerySet[Broadcast]":
        has_video = Exists(VideoSource.objects.filter(broadcast=OuterRef("pk")))
        match self.value():
            case "avec":
                return queryset.filter(has_video)
            case "sans":
                return queryset.filter(~has_video)
        return queryset


@admin.register(Broadcast)
class BroadcastAdmin(
    FillsFromVideo,
    NamesFields,
    OffersNewTags,
    TellsWarnings,
    ActsOnMany,
    SharesPreviews,
    ShowsWhoIsHere,
    WorkflowAdmin,
):
    form = BroadcastForm
    list_display = (
        "title", "state", "published_at", "series", "episode", "people", "length", "on_site",
    )  # fmt: skip
    list_filter = (StateFilter, "series", "season", VideoFilter, LackFilter, "licence")
    list_select_related = ("series",)
    list_per_page = 50
    date_hierarchy = "published_at"
    actions = (
        "add_tags", "remove_tags", "set_series", "set_season", "publish_all", "take_all_away",
    )  # fmt: skip
    ordering = ("-published_at", "-pk")
    search_fields = (
        "title", "slug", "dek", "appearances__guest__last_name", "appearances__guest__first_name",
        "tags__name", "=wp_legacy_id",
    )  # fmt: skip
    search_help_text = "Titre, chapô, invité·e, mot-clé, numéro WordPress"
    autocomplete_fields = ("series", "tags", "extract_of")
    inlines = (
        AppearanceInline, VideoSourceInline, AudioInline, ChapterInline, TranscriptInline,
        CorrectionInline,
    )  # fmt: skip
    readonly_fields = ("publication", "created_at", "updated_at")
    save_on_top = True
    fieldsets = (
        (None, {"fields": ("title", "slug", "dek", "publication", "published_at")}),
        (
            "Texte",
            {
                "fields": ("body_opening", "body_rest"),
                "description": "La collecte s’affiche entre les deux parties. "
                "Alt+F10 mène aux boutons de mise en forme, Tab au champ suivant.",
            },
        ),
        (
            "Classement",
            {
                "fields": (
                    "series", ("season", "number"), "tags",
                    ("extract_of", "extract_start_seconds"),
                ),
            },
        ),
        (
            "Image",
            {
                "fields": ("image", ("focal_x", "focal_y"), "image_alt", "image_credit"),
            },
        ),
        ("Antenne", {"fields": ("scheduled_for", "aired_at", "duration_seconds", "licence")}),
        (
            "Ancien site et flux",
            {
                "classes": ("collapse",),
                "fields": (
                    "wp_legacy_id", "wp_legacy_link", "legacy_source_url", "feed_guid",
                    "created_at", "updated_at",
                ),
            },
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Broadcast]":
        appearances = Appearance.objects.select_related("guest")
        return super().get_queryset(request).prefetch_related(Prefetch("appearances", appearances))

    def has_delete_permission(self, request: HttpRequest, obj: Broadcast | None = None) -> bool:
        """What readers have seen is taken off (« Retirée »), never deleted: links lead to it."""
        if obj is not None and obj.has_been_public():
            return False
        return super().has_delete_permission(request, obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """An hour on the air that was written, moved or taken back shows at once."""
        super().save_related(request, form, formsets, change)
        if "scheduled_for" in form.changed_data:
            airing.settle(form.instance.pk)

    @admin.display(description="épisode", ordering="season")
    def episode(self, broadcast: Broadcast) -> str:
        season = f"S{broadcast.season:02d}" if broadcast.season else ""
        return season + (f"E{broadcast.number:02d}" if broadcast.number else "")

    @admin.display(description="personnes")
    def people(self, broadcast: Broadcast) -> str:
        return ", ".join(appearance.guest.name for appearance in broadcast.appearances.all())

    @admin.display(description="état", ordering="status")
    def state(self, broadcast: Broadcast) -> str:
        return "Programmée" if broadcast.is_programmed else broadcast.get_status_display()

    @admin.display(description="durée", ordering="duration_seconds")
    def length(self, broadcast: Broadcast) -> str:
        return duration(broadcast.duration_seconds)

    @admin.display(description="sur le site")
    def on_site(self, broadcast: Broadcast) -> str | SafeString:
        return self.site_link(broadcast)
