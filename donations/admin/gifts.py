"""Gifts. Money is the ledger's; here only words can be changed."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse

from auposte.modeladmin import ReadOnlyInline, SavesOnlyChanges
from auposte.money import euros
from donations.admin.attribution import AttributionAdmin
from donations.admin.gift_tools import ToolsAdmin
from donations.admin.ledger import LedgerEntryInline
from donations.admin.offline import RecordsOfflineGifts
from donations.models import Gift, RefundOrder
from donations.services import disputes, history, refunds

PUBLIC_WORDS = ("public_name", "message")
# What moderators may ask the list for, by its address.
ASKED_BY_MODERATORS = {"status", "created_at"}


def sees_donors(request: HttpRequest) -> bool:
    """Moderators look after what is shown; whose it is, and how it was paid, is not theirs."""
    return request.user.has_perm("donations.view_donor")


@admin.register(Gift)
class GiftAdmin(AttributionAdmin, RecordsOfflineGifts, ToolsAdmin, SavesOnlyChanges):
    list_display = (
        "__str__", "amount", "status", "kind", "channel", "donor", "public_name", "broadcast",
        "campaign", "created_at", "paid_at",
    )  # fmt: skip
    list_display_of_moderators = (
        "__str__", "amount", "status", "public_name", "message", "broadcast", "created_at",
    )  # fmt: skip
    list_filter = (
        "status", "kind", "channel", "livemode", ("campaign", admin.RelatedOnlyFieldListFilter),
    )  # fmt: skip
    list_select_related = ("donor", "broadcast", "campaign")
    date_hierarchy = "created_at"
    show_full_result_count = False
    inlines = (LedgerEntryInline,)
    fieldsets = (
        (
            "Montré à tout le monde",
            {"fields": (*PUBLIC_WORDS, "name_state", "message_state")},
        ),
        (
            "Don",
            {
                "fields": (
                    "id", "status", "amount", "kind", "broadcast", "campaign", "collection",
                    "created_at", "paid_at",
                )
            },
        ),
    )  # fmt: skip
    fieldsets_of_treasurers = (
        ("Personne", {"fields": ("donor", "contact_email", "subscription", "note")}),
        (
            "Paiement",
            {
                "fields": (
                    "channel", "means", "fee_cover", "refunded", "left", "livemode",
                    "checkout_session_id", "payment_intent_id", "charge_id", "invoice_id",
                    "fee_known", "attempt", "declines", "swept_at",
                )
            },
        ),
    )  # fmt: skip

    def has_delete_permission(self, request: HttpRequest, obj: Gift | None = None) -> bool:
        return False

    def get_list_display(self, request: HttpRequest) -> Any:
        return self.list_display if sees_donors(request) else self.list_display_of_moderators

    def get_list_filter(self, request: HttpRequest) -> Any:
        return self.list_filter if sees_donors(request) else ("status",)

    def get_fieldsets(self, request: HttpRequest, obj: Gift | None = None) -> Any:
        if not sees_donors(request):
            return self.fieldsets
        return (*self.fieldsets, *self.fieldsets_of_treasurers)

    def get_readonly_fields(self, request: HttpRequest, obj: Gift | None = None) -> Any:
        shown = [name for _, part in self.get_fieldsets(request, obj) for name in part["fields"]]
        return [name for name in shown if name not in PUBLIC_WORDS]

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """A list that says yes or no to any question tells, letter by letter, what it hides."""
        allowed = sees_donors(request) or lookup.partition("__")[0] in ASKED_BY_MODERATORS
        return allowed and super().lookup_allowed(lookup, value, request)

    def get_search_fields(self, request: HttpRequest) -> Any:
        if not sees_donors(request):
            return PUBLIC_WORDS
        return (
            *PUBLIC_WORDS, "id", "donor__email", "donor__name", "checkout_session_id",
            "payment_intent_id", "charge_id", "invoice_id", "subscription__id", "note",
        )  # fmt: skip

    @admin.display(description="montant", ordering="amount_cents")
    def amount(self, gift: Gift) -> str:
        return euros(gift.amount_cents)

    @admin.display(description="frais couverts")
    def fee_cover(self, gift: Gift) -> str:
        return euros(gift.fee_cover_cents)

    @admin.display(description="remboursé")
    def refunded(self, gift: Gift) -> str:
        return euros(gift.refunded_cents)

    @admin.display(description="reste au grand livre")
    def left(self, gift: Gift) -> str:
        return euros(refunds.left_cents(gift))

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Gift | None = None,
    ) -> HttpResponse:
        if obj is not None:
            sees_all = sees_donors(request)
            moments = history.of_gift(obj)
            context["moments"] = [each for each in moments if sees_all or not each.is_private]
        if obj is not None and sees_donors(request):
            context |= {
                # They come for the story; moderators come for the words.
                "story_first": True,
                "waiting_order": obj.refund_orders.filter(state=RefundOrder.State.ASKED).first(),
                "fraud_warnings": disputes.warnings_to_act_on().filter(gift=obj),
                "open_disputes": disputes.open_disputes().filter(gift=obj),
                "dispute_fee_cents": disputes.DISPUTE_FEE_CENTS,
            }
        return super().render_change_form(request, context, add, change, form_url, obj)


class GiftInline(ReadOnlyInline):
    model = Gift
    fields = ("status", "amount", "kind", "campaign", "paid_at")
    readonly_fields = ("amount",)

    def get_queryset(self, request: HttpRequest) -> "QuerySet[Gift]":
        return super().get_queryset(request).select_related("campaign")

    @admin.display(description="montant")
    def amount(self, gift: Gift) -> str:
        return euros(gift.amount_cents)
