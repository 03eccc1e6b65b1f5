"""The ledger, to be read."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from auposte.modeladmin import ReadOnlyAdmin, ReadOnlyInline
from auposte.money import euros
from donations.models import LedgerEntry


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
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
