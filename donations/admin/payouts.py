"""What Stripe sent to the bank, and which gifts it was made of."""

from typing import Any

from django.contrib import admin
from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce
from django.http import HttpRequest

from auposte.admin_filters import StateFilter
from auposte.modeladmin import ReadOnlyAdmin, ReadOnlyInline
from auposte.money import NBSP, euros
from donations.models import Payout, PayoutLine

FRENCH = {
    "charge": "Paiement",
    "refund": "Remboursement",
    "refund_failure": "Remboursement revenu",
    "dispute": "Litige",
    "dispute_reversal": "Litige gagné",
    "fee": "Frais de Stripe",
    "tax": "Taxe sur les frais",
    "network_cost": "Frais de réseau",
    "payout": "Virement",
    "payout_reversal": "Virement revenu",
}
STATES = {
    "pending": "À venir",
    "in_transit": "En route",
    "paid": "Arrivé",
    "failed": "Échoué",
    "canceled": "Annulé",
}
NOT_LISTED = Q(read_at__isnull=True)
AGREES = Q(read_at__isnull=False, lines_cents=F("amount_cents"))


class PayoutStateFilter(StateFilter):
    title = "détail"
    conditions = {
        "accord": ("Accordé", AGREES),
        "ecart": ("En écart", ~NOT_LISTED & ~AGREES),
        "attente": ("Pas encore détaillé", NOT_LISTED),
    }


class PayoutLineInline(ReadOnlyInline):
    model = PayoutLine
    show_change_link = False
    # Its movement's id stands above each line.
    fields = ("occurred_at", "what", "amount", "fee", "net", "gift", "source_id")
    readonly_fields = ("what", "amount", "fee", "net")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("gift")

    @admin.display(description="mouvement")
    def what(self, line: PayoutLine) -> str:
        return FRENCH.get(line.kind, line.kind)

    @admin.display(description="montant")
    def amount(self, line: PayoutLine) -> str:
        return euros(line.amount_cents)

    @admin.display(description="commission")
    def fee(self, line: PayoutLine) -> str:
        return euros(-line.fee_cents)

    @admin.display(description="net")
    def net(self, line: PayoutLine) -> str:
        return euros(line.amount_cents - line.fee_cents)


@admin.register(Payout)
class PayoutAdmin(ReadOnlyAdmin):
    list_display = (
        "payout_id", "amount", "agreement", "arrives_on", "state", "line_count", "total",
        "created_at",
    )  # fmt: skip
    list_filter = (PayoutStateFilter,)
    date_hierarchy = "created_at"
    search_fields = ("payout_id", "lines__source_id", "lines__transaction_id", "lines__gift__id")
    search_help_text = "Virement (po_…), paiement (ch_…), mouvement (txn_…) ou référence du don"
    inlines = (PayoutLineInline,)
    fieldsets = (
        (
            None,
            {"fields": (("payout_id", "state"), ("amount", "total", "agreement"))},
        ),
        ("Dates", {"fields": (("created_at", "arrives_on", "read_at"), "livemode")}),
    )
    readonly_fields = ("state", "amount", "total", "agreement")

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Payout]":
        payouts: QuerySet[Payout] = super().get_queryset(request)
        return payouts.annotate(
            lines_count=Count("lines"),
            lines_unmatched=Count(
                "lines",
                filter=Q(lines__gift__isnull=True)
                & Q(lines__kind__in=["charge", "refund", "refund_failure", "dispute"]),
            ),
            lines_cents=Coalesce(Sum(F("lines__amount_cents") - F("lines__fee_cents")), 0),
        )

    @admin.display(description="montant viré", ordering="amount_cents")
    def amount(self, payout: Payout) -> str:
        return euros(payout.amount_cents)

    @admin.display(description="état", ordering="status")
    def state(self, payout: Payout) -> str:
        return STATES.get(payout.status, payout.status)

    @admin.display(description="lignes", ordering="lines_count")
    def line_count(self, payout: Any) -> int:
        return int(payout.lines_count)

    @admin.display(description="somme des lignes, nette", ordering="lines_cents")
    def total(self, payout: Any) -> str:
        return euros(payout.lines_cents)

    @admin.display(description="accord")
    def agreement(self, payout: Any) -> str:
        """Whether the lines make up the payout, and each payment among them is a gift."""
        if payout.read_at is None:
            return "Pas encore détaillé par Stripe"
        gap = payout.amount_cents - payout.lines_cents
        if gap:
            return f"⚠ Écart{NBSP}: {euros(gap)}"
        if payout.lines_unmatched:
            return f"⚠ Sans don{NBSP}: {payout.lines_unmatched}"
        return "✓ Accordé"
