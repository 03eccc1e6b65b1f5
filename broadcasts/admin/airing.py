"""The audit trail of the air: read here, written by nobody but the services."""

from typing import Any

from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from auposte.modeladmin import ReadOnlyAdmin, ReadOnlyInline
from auposte.staff import name_of
from broadcasts.models import Airing, AiringChange, Mark


class ChangeInline(ReadOnlyInline):
    model = AiringChange
    fields = ("at", "from_state", "to_state", "cause", "who", "detail")
    readonly_fields = fields
    ordering = ("-at", "-pk")
    show_change_link = False

    @admin.display(description="par")
    def who(self, change: AiringChange) -> str:
        return name_of(change.user) if change.cause == AiringChange.Cause.OVERRIDE else ""


class MarkInline(ReadOnlyInline):
    model = Mark
    fields = ("at", "label", "by", "fate")
    show_change_link = False


class WaitingMarks(admin.SimpleListFilter):
    title = "moments marqués"
    parameter_name = "moments"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("a-relire", "À relire")]

    def queryset(self, request: HttpRequest, queryset: "QuerySet[Airing]") -> "QuerySet[Airing]":
        if self.value() == "a-relire":
            waiting = Mark.objects.filter(airing=OuterRef("pk"), fate=Mark.Fate.WAITING)
            return queryset.filter(Exists(waiting))
        return queryset


@admin.register(Airing)
class AiringAdmin(ReadOnlyAdmin):
    list_display = ("broadcast", "state", "since", "began_at", "override_state", "override_until")
    list_filter = ("state", WaitingMarks)
    list_select_related = ("broadcast",)
    search_fields = ("broadcast__title",)
    ordering = ("-since", "-pk")
    inlines = (ChangeInline, MarkInline)
    fields = (
        "broadcast", "state", "since", "began_at", "override_state", "override_until",
        "override_by", "override_reason", "at_the_desk",
    )  # fmt: skip
    readonly_fields = ("at_the_desk",)

    @admin.display(description="pupitre")
    def at_the_desk(self, airing: Airing) -> SafeString:
        desk = f"{reverse('broadcasts:live-desk')}?emission={airing.broadcast_id}"
        chapters = reverse("broadcasts:live-chapters", args=[airing.broadcast_id])
        return format_html(
            '<a href="{}">Le pupitre du direct</a>, <a href="{}">les moments marqués</a>',
            desk, chapters,
        )  # fmt: skip
