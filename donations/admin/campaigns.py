"""Campaigns with their lines, their progress, and the switch of the till."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.db.models import QuerySet, Sum
from django.http import HttpRequest
from django.shortcuts import redirect
from django.utils import timezone

from auposte.fields import EuroField
from auposte.modeladmin import InlineModelAdmin, ModelAdmin, ReadOnlyAdmin
from auposte.money import euros, percent
from donations.models import BudgetLine, Campaign, GivingSettings, Progress
from donations.services.campaigns import expected, paris_month

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm


class BudgetLineForm(ModelForm):
    amount_cents = EuroField(label="Montant (€)")


class BudgetLineInline(InlineModelAdmin):
    model = BudgetLine
    form = BudgetLineForm
    extra = 0
    fields = ("position", "label", "description", "amount_cents")


@admin.register(Campaign)
class CampaignAdmin(ModelAdmin):
    list_display = ("title", "kind", "starts_on", "ends_on", "goal", "raised", "reached", "donors")
    list_filter = ("kind",)
    list_select_related = ("progress",)
    ordering = ("-starts_on", "-pk")
    date_hierarchy = "starts_on"
    search_fields = ("title",)
    inlines = (BudgetLineInline,)
    readonly_fields = ("goal", "raised", "reached", "donors", "to_come")
    fieldsets = (
        (
            None,
            {
                "fields": ("title", "kind", ("starts_on", "ends_on")),
                "description": "La campagne d’un mois se crée toute seule le 1er, avec les lignes "
                "du mois d’avant. Les lignes se remplissent dans l’ordre de leur rang.",
            },
        ),
        ("Où elle en est", {"fields": (("goal", "raised"), ("reached", "donors"), "to_come")}),
    )

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Campaign]":
        campaigns: QuerySet[Campaign] = super().get_queryset(request)
        return campaigns.annotate(lines_total=Sum("lines__amount_cents"))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """A campaign without money may go, with its progress, which nobody may delete alone."""
        to_delete, model_count, perms_needed, protected = super().get_deleted_objects(objs, request)
        perms_needed.discard(Progress._meta.verbose_name)
        return to_delete, model_count, perms_needed, protected

    @staticmethod
    def _raised_cents(campaign: Campaign) -> int:
        return campaign.progress.raised_cents if hasattr(campaign, "progress") else 0

    @staticmethod
    def _goal_cents(campaign: Campaign) -> int:
        return getattr(campaign, "lines_total", None) or 0

    @admin.display(description="objectif", ordering="lines_total")
    def goal(self, campaign: Campaign) -> str:
        return euros(self._goal_cents(campaign))

    @admin.display(description="récolté", ordering="progress__raised_cents")
    def raised(self, campaign: Campaign) -> str:
        return euros(self._raised_cents(campaign))

    @admin.display(description="atteint")
    def reached(self, campaign: Campaign) -> str:
        return percent(self._raised_cents(campaign), self._goal_cents(campaign))

    @admin.display(description="donateur·ices", ordering="progress__donors")
    def donors(self, campaign: Campaign) -> int:
        return campaign.progress.donors if hasattr(campaign, "progress") else 0

    @admin.display(description="à venir, non compté")
    def to_come(self, campaign: Campaign) -> str:
        """Of the running month only: what monthly gifts and debits under way should bring yet."""
        now = timezone.now()
        if campaign.kind != Campaign.Kind.MONTH or campaign.starts_on != paris_month(now):
            return "–"
        coming = expected(now)
        return (
            f"{euros(coming.cents)} de {coming.count} don(s) mensuel(s) d’ici le "
            f"{coming.until.day}, et {euros(coming.processing_cents)} en cours d’encaissement"
        )


@admin.register(Progress)
class ProgressAdmin(ReadOnlyAdmin):
    list_display = ("campaign", "raised", "donors", "computed_at", "dirty_since")
    list_select_related = ("campaign",)
    search_fields = ("campaign__title",)
    fields = ("campaign", "raised", "donors", "computed_at", "dirty_since")
    readonly_fields = ("raised",)

    @admin.display(description="récolté", ordering="raised_cents")
    def raised(self, progress: Progress) -> str:
        return euros(progress.raised_cents)


@admin.register(GivingSettings)
class GivingSettingsAdmin(ModelAdmin):
    """One row: its list is its form."""

    fields = ("is_open", "closed_message", "sepa_debit")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        if not self.has_view_or_change_permission(request):
            return super().changelist_view(request, extra_context)
        row, _created = GivingSettings.objects.get_or_create(pk=1)
        return redirect("admin:donations_givingsettings_change", row.pk)
