"""The budget lines that gifts have funded, and when."""

from django.contrib import admin

from auposte.modeladmin import ReadOnlyAdmin
from donations.models import Campaign, Crossing


@admin.register(Crossing)
class CrossingAdmin(ReadOnlyAdmin):
    list_display = ("line", "campaign", "crossed_at", "broadcast")
    list_filter = (("broadcast", admin.RelatedOnlyFieldListFilter),)
    search_fields = ("line__label", "line__campaign__title", "broadcast__title")
    list_select_related = ("line__campaign", "broadcast")
    date_hierarchy = "crossed_at"
    ordering = ("-crossed_at", "-pk")
    fields = ("line", "campaign", "crossed_at", "noted_at", "broadcast")
    readonly_fields = ("campaign",)

    @admin.display(description="campagne", ordering="line__campaign__starts_on")
    def campaign(self, crossing: Crossing) -> Campaign:
        return crossing.line.campaign
