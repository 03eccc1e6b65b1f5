"""Campaigns with their lines and their progress."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet, Sum
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from auposte.fields import EuroField
from auposte.modeladmin import InlineModelAdmin, ReadOnlyAdmin, ReadOnlyInline
from auposte.money import NBSP, euros, percent
from auposte.templatetags.french import french_date, french_days
from broadcasts.admin.widgets import NamesFields
from donations.models import BudgetChange, BudgetLine, Campaign, Progress
from donations.services import budgets, campaigns, history
from donations.tasks import follow_up

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm


FORMER = "Sa période est finie : elle reste comme elle a été promise."


class CampaignForm(ModelForm):
    """A month keeps its days; nothing is made in a period that is over."""

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        days = (data.get("starts_on"), data.get("ends_on"))
        if any(day and not 2000 <= day.year <= 2100 for day in days):
            self.add_error(None, "Cette période est hors de notre calendrier.")
        last = data.get("ends_on")
        if last and last < campaigns.paris_day():
            # On no field, so that the constraints still say what they have to say.
            self.add_error(None, "Cette période est déjà finie.")
        return data


class BudgetLineForm(ModelForm):
    amount_cents = EuroField(label="Montant (€)")


class BudgetLineInline(InlineModelAdmin):
    model = BudgetLine
    form = BudgetLineForm
    extra = 0
    fields = ("position", "label", "description", "amount_cents", "is_provision")


class ShownLineInline(ReadOnlyInline):
    """The same, to be read: by those who may not change them, and once the period is over."""

    model = BudgetLine
    fields = ("position", "label", "description", "amount", "is_provision")
    readonly_fields = ("amount",)
    show_change_link = False

    @admin.display(description="montant")
    def amount(self, line: BudgetLine) -> str:
        return euros(line.amount_cents)


class BudgetChangeInline(ReadOnlyInline):
    """What was changed while it ran: readers see it too."""

    model = BudgetChange
    fields = ("made_at", "text", "made_by")
    readonly_fields = ("made_at",)
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> "QuerySet[BudgetChange]":
        return super().get_queryset(request).select_related("made_by")


@admin.register(Campaign)
class CampaignAdmin(NamesFields):
    form = CampaignForm
    list_display = ("title", "kind", "days", "goal", "raised", "reached", "donors")
    list_filter = ("kind",)
    list_select_related = ("progress",)
    ordering = ("-starts_on", "-pk")
    date_hierarchy = "starts_on"
    search_fields = ("title",)
    autocomplete_fields = ("broadcasts",)
    inlines = (BudgetLineInline, BudgetChangeInline)
    fieldsets = (
        (
            None,
            {
                "fields": ("title", "kind", ("starts_on", "ends_on"), "broadcasts"),
                "description": "La campagne d’un mois se crée toute seule le 1er, avec les lignes "
                "du mois d’avant ; « Préparer le mois suivant » la crée à l’avance. Les lignes se "
                "remplissent dans l’ordre de leur rang. Une ligne « provision » met de côté mois "
                "après mois, sous le même nom. Tout changement d’un budget en cours est noté et "
                "visible. Une collecte exceptionnelle court à côté du mois, et ses émissions la "
                "montrent à sa place.",
            },
        ),
        (
            "Où elle en est",
            {"fields": (("goal", "raised"), ("reached", "donors"), "to_come", "corrections")},
        ),
    )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.prepare_view)
        return [
            path("preparer/", view, name="donations_campaign_prepare"),
            *super().get_urls(),
        ]

    def prepare_view(self, request: HttpRequest) -> HttpResponse:
        """Make next month's campaign, or find it made, and open its form."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_add_permission(request):
            raise PermissionDenied
        campaign = campaigns.prepare_next_month()
        messages.info(request, f"« {campaign} » est prête : ses lignes se changent d’ici là.")
        return redirect("admin:donations_campaign_change", campaign.pk)

    def has_change_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return super().has_change_permission(request, obj) and not _is_past(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Campaign | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not _is_past(obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Campaign | None = None) -> Any:
        shown = ["goal", "raised", "reached", "donors", "to_come", "corrections"]
        if obj is not None:
            shown += ["kind"]
            if obj.kind == Campaign.Kind.MONTH:
                shown += ["starts_on", "ends_on"]
        return shown

    def get_fieldsets(self, request: HttpRequest, obj: Campaign | None = None) -> Any:
        """A month is on every page: it has no broadcasts of its own."""
        if obj is None or obj.kind == Campaign.Kind.SPECIAL:
            return self.fieldsets
        (name, first), *others = self.fieldsets
        kept = tuple(field for field in first["fields"] if field != "broadcasts")
        return ((name, {**first, "fields": kept}), *others)

    def get_inlines(self, request: HttpRequest, obj: Campaign | None) -> list[Any]:
        if obj is None:
            return [BudgetLineInline]
        may_change = self.has_change_permission(request, obj)
        return [BudgetLineInline if may_change else ShownLineInline, BudgetChangeInline]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        campaign = self.get_object(request, object_id) if object_id else None
        if request.method == "GET" and campaign and _is_past(campaign):
            messages.info(request, FORMER)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Campaign, form: Any, change: bool) -> None:
        form.before = budgets.budget_of(obj.pk) if change else None
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        campaign = form.instance
        Progress.objects.bulk_create([Progress(campaign=campaign)], ignore_conflicts=True)
        before = form.before
        if before is not None and budgets.record_changes(
            campaign=campaign, before=before, user=request.user
        ):
            follow_up()

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Campaign]":
        found: QuerySet[Campaign] = super().get_queryset(request)
        return found.annotate(lines_total=Sum("lines__amount_cents"))

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

    @admin.display(description="dates", ordering="starts_on")
    def days(self, campaign: Campaign) -> str:
        return french_days(campaign.starts_on, campaign.ends_on)

    @admin.display(description="objectif", ordering="lines_total")
    def goal(self, campaign: Campaign) -> str:
        return euros(self._goal_cents(campaign))

    @admin.display(description="récolté", ordering="progress__raised_cents")
    def raised(self, campaign: Campaign) -> str:
        return euros(self._raised_cents(campaign))

    @admin.display(description="atteint")
    def reached(self, campaign: Campaign) -> str:
        return percent(self._raised_cents(campaign), self._goal_cents(campaign))

    @admin.display(description="corrections postérieures")
    def corrections(self, campaign: Campaign) -> SafeString | str:
        """What came off, or back, after the last day; it counts here all the same."""
        found = history.corrections_of(campaign) if campaign.pk else []
        if not found:
            return "Aucune"
        lines = ((french_date(each.day), each.text, euros(each.cents)) for each in found)
        return format_html(
            '<ul class="corrections">{}</ul>',
            format_html_join("", f"<li>{{}}{NBSP}: {{}}, {{}}</li>", lines),
        )

    @admin.display(description="donateur·ices", ordering="progress__donors")
    def donors(self, campaign: Campaign) -> int:
        return campaign.progress.donors if hasattr(campaign, "progress") else 0

    @admin.display(description="à venir, non compté")
    def to_come(self, campaign: Campaign) -> str:
        """Of the running month only: what monthly gifts and debits under way should bring yet."""
        now = timezone.now()
        if campaign.kind != Campaign.Kind.MONTH or campaign.starts_on != campaigns.paris_month(now):
            return "–"
        coming = campaigns.expected(now)
        gifts = "un don mensuel" if coming.count == 1 else f"{coming.count} dons mensuels"
        monthly = f"{euros(coming.cents)} de {gifts}" if coming.count else "aucun don mensuel"
        return (
            f"{monthly} d’ici le {coming.until.day}, et {euros(coming.processing_cents)} "
            "en cours d’encaissement"
        )


def _is_past(campaign: Campaign | None) -> bool:
    return campaign is not None and campaigns.is_past(campaign)


@admin.register(Progress)
class ProgressAdmin(ReadOnlyAdmin):
    list_display = ("campaign", "raised", "donors", "computed_at", "dirty_since")
    list_select_related = ("campaign",)
    list_filter = ("campaign__kind", ("dirty_since", admin.EmptyFieldListFilter))
    search_fields = ("campaign__title",)
    fields = ("campaign", "raised", "donors", "computed_at", "dirty_since")
    readonly_fields = ("raised",)

    @admin.display(description="récolté", ordering="raised_cents")
    def raised(self, progress: Progress) -> str:
        return euros(progress.raised_cents)
