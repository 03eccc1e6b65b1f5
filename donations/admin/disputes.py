"""Disputes and fraud warnings, to be read; answering is done at Stripe."""

from django.contrib import admin
from django.db.models import Case, IntegerField, Q, Value, When
from django.utils.html import format_html
from django.utils.safestring import SafeString

from auposte.admin_filters import StateFilter
from auposte.modeladmin import ReadOnlyAdmin
from auposte.money import euros
from donations.admin import gift_tools
from donations.models import Dispute, FraudWarning
from donations.services.disputes import (
    ANSWERABLE,
    CLOSED,
    fraud_words,
    reason_words,
    status_words,
)

WAITING, OVER = Q(status__in=ANSWERABLE), Q(status__in=CLOSED)

RANK = Case(
    When(WAITING, then=Value(0)),
    When(OVER, then=Value(2)),
    default=Value(1),
    output_field=IntegerField(),
)


class DisputeStateFilter(StateFilter):
    conditions = {
        "a-repondre": ("À répondre", WAITING),
        "ouvert": ("Ouvert", ~OVER),
        "clos": ("Clos", OVER),
    }


@admin.register(Dispute)
class DisputeAdmin(ReadOnlyAdmin):
    list_display = (
        "opened_at", "due_by", "at_stripe", "amount", "why", "state", "gift", "funds_gone",
    )  # fmt: skip
    list_filter = (DisputeStateFilter,)
    list_select_related = ("gift",)
    search_fields = ("dispute_id", "gift__id", "gift__charge_id")
    search_help_text = "Litige (dp_…), débit (ch_…) ou référence du don"
    fields = (
        "gift_link", "dispute_id", "amount", "why", "state", "opened_at", "due_by", "funds_gone",
        "read_at", "at_stripe",
    )  # fmt: skip
    readonly_fields = ("gift_link", "amount", "why", "state", "at_stripe")

    # Those that wait for an answer come first, the nearest deadline before the others.
    ordering = (RANK.asc(), "due_by", "-opened_at", "-pk")

    @admin.display(description="montant", ordering="amount_cents")
    def amount(self, dispute: Dispute) -> str:
        return euros(dispute.amount_cents)

    @admin.display(description="motif", ordering="reason")
    def why(self, dispute: Dispute) -> str:
        return reason_words(dispute.reason)

    @admin.display(description="état", ordering="status")
    def state(self, dispute: Dispute) -> str:
        return status_words(dispute.status)

    @admin.display(description="don")
    def gift_link(self, dispute: Dispute) -> SafeString:
        return gift_tools.link_to(dispute.gift)

    @admin.display(description="chez Stripe")
    def at_stripe(self, dispute: Dispute) -> SafeString:
        return dispute_link(dispute)


def dispute_link(dispute: Dispute) -> SafeString:
    """« Répondre », in Stripe's own pages; « Voir » when there is nothing to answer."""
    mode = "" if dispute.gift.livemode else "test/"
    return format_html(
        '<a href="https://dashboard.stripe.com/{}disputes/{}" rel="noreferrer">{}</a>',
        mode,
        dispute.dispute_id,
        "Répondre" if dispute.status in ANSWERABLE else "Voir",
    )


@admin.register(FraudWarning)
class FraudWarningAdmin(ReadOnlyAdmin):
    list_display = ("warned_at", "gift", "amount", "why", "actionable")
    list_filter = ("actionable",)
    list_select_related = ("gift",)
    search_fields = ("warning_id", "gift__id", "gift__charge_id")
    search_help_text = "Alerte (issfr_…), débit (ch_…) ou référence du don"
    fields = ("gift_link", "warning_id", "amount", "why", "actionable", "warned_at")
    readonly_fields = ("gift_link", "amount", "why")

    @admin.display(description="don de", ordering="gift__amount_cents")
    def amount(self, warning: FraudWarning) -> str:
        return euros(warning.gift.amount_cents)

    @admin.display(description="soupçon", ordering="kind")
    def why(self, warning: FraudWarning) -> str:
        return fraud_words(warning.kind)

    @admin.display(description="don")
    def gift_link(self, warning: FraudWarning) -> SafeString:
        return gift_tools.link_to(warning.gift)
