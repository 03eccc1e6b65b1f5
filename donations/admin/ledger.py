"""The ledger, to be read, and to be taken to the accountant."""

import datetime as dt
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path
from django.utils import timezone

from auposte.modeladmin import ReadOnlyAdmin, ReadOnlyInline
from auposte.money import euros
from donations.admin.period import PeriodForm
from donations.models import LedgerEntry
from donations.services.ledger_export import ledger_lines


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    change_list_template = "admin/donations/ledgerentry/change_list.html"
    list_display = ("occurred_at", "kind", "amount", "campaign", "gift", "source", "recorded_at")
    list_filter = ("kind", ("campaign", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("campaign", "gift")
    date_hierarchy = "occurred_at"
    search_fields = ("source", "gift__id")
    search_help_text = "Origine (ch_…, re_…) ou référence du don"
    show_full_result_count = False
    fields = (
        "kind", "amount", "currency", "occurred_at", "recorded_at", "campaign", "gift", "source",
    )  # fmt: skip
    readonly_fields = ("amount",)

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(self.export)
        return [
            path("exporter/", export, name="donations_ledgerentry_export"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        """With last month in the export's fields: what the accountant mostly wants."""
        last = timezone.localdate().replace(day=1) - dt.timedelta(days=1)
        context = {"export_from": last.replace(day=1), "export_to": last}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def export(self, request: HttpRequest) -> HttpResponseBase:
        """The entries of a period as CSV, streamed."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = PeriodForm(request.GET)
        if not form.is_valid():
            for refusals in form.errors.values():
                messages.error(request, " ".join(map(str, refusals)))
            return redirect("admin:donations_ledgerentry_changelist")
        first, last = form.cleaned_data["du"], form.cleaned_data["au"]
        name = "-".join(["grand-livre", *(str(day) for day in (first, last) if day)])
        return StreamingHttpResponse(
            ledger_lines(first=first, last=last),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
        )

    @admin.display(description="montant", ordering="amount_cents")
    def amount(self, entry: LedgerEntry) -> str:
        return euros(entry.amount_cents)


class LedgerEntryInline(ReadOnlyInline):
    """What a gift brought, and what was taken back."""

    model = LedgerEntry
    verbose_name_plural = "écritures du grand livre"
    fields = ("occurred_at", "kind", "amount", "campaign", "source")
    readonly_fields = ("amount",)
    ordering = ("occurred_at", "pk")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[LedgerEntry]":
        return super().get_queryset(request).select_related("campaign")

    @admin.display(description="montant")
    def amount(self, entry: LedgerEntry) -> str:
        return euros(entry.amount_cents)
