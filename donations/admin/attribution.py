"""« Dons par émission »: what episodes and series have brought, for the treasury."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from auposte.modeladmin import ModelAdmin
from auposte.spreadsheets import Cell, csv_text, decimal, harmless
from donations.admin.period import PeriodForm
from donations.services import attribution
from donations.services.attribution import Brought

PERMISSION = "donations.view_ledgerentry"
NO_BROADCAST, NO_SERIES = "Sans émission", "Hors série ou sans émission"
COLUMNS = ("Dons", "Donateur·ices", "Ponctuels", "Mensuels", "Total")


class AttributionAdmin(ModelAdmin):
    """Gives the list of gifts its page of totals, and the button that leads there."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.by_broadcast)
        return [
            path("par-emission/", view, name="donations_gift_by_broadcast"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        sees_totals = request.user.has_perm(PERMISSION)
        return super().changelist_view(
            request, {"sees_totals": sees_totals, **(extra_context or {})}
        )

    def by_broadcast(self, request: HttpRequest) -> HttpResponse:
        """`?du=&au=` narrow the period; `?csv=emissions` and `?csv=series` are the downloads."""
        if not request.user.has_perm(PERMISSION):
            raise PermissionDenied
        form = PeriodForm(request.GET)
        if not form.is_valid():
            return self._totals_page(request, form, [], [], status=400)
        period = {"first": form.cleaned_data["du"], "last": form.cleaned_data["au"]}
        match request.GET.get("csv"):
            case "emissions":
                return _csv("Émission", attribution.brought_by_broadcast(**period), NO_BROADCAST)
            case "series":
                return _csv("Série", attribution.brought_by_series(**period), NO_SERIES)
        return self._totals_page(
            request,
            form,
            attribution.brought_by_broadcast(**period),
            attribution.brought_by_series(**period),
        )

    def _totals_page(
        self,
        request: HttpRequest,
        form: PeriodForm,
        broadcasts: list[Brought],
        series: list[Brought],
        *,
        status: int = 200,
    ) -> HttpResponse:
        query = request.GET.copy()
        query.pop("csv", None)
        context = {
            **self.admin_site.each_context(request),
            "opts": self.opts,
            "title": "Dons par émission",
            "form": form,
            "tables": [
                ("Par émission", "Émission", "emissions", broadcasts, NO_BROADCAST),
                ("Par série", "Série", "series", series, NO_SERIES),
            ]
            if status == 200
            else [],
            "columns": COLUMNS,
            "query": query.urlencode(),
        }
        template = "admin/donations/gift/by_broadcast.html"
        return TemplateResponse(request, template, context, status=status)


def _csv(what: str, rows: list[Brought], nothing: str) -> HttpResponse:
    table: list[list[Cell]] = [
        [
            harmless(row.title) or nothing,
            row.promises,
            row.donors,
            decimal(row.once_cents),
            decimal(row.monthly_cents),
            decimal(row.cents),
        ]
        for row in rows
    ]
    name = f"dons-par-{'serie' if what == 'Série' else 'emission'}.csv"
    return HttpResponse(
        csv_text([(what, *COLUMNS), *table]),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
