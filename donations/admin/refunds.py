"""Giving money back: the form, its confirmation, and the orders that were given."""

import uuid

from django import forms
from django.contrib import admin, messages
from django.http import HttpRequest, HttpResponse
from django.utils.safestring import SafeString

from auposte.fields import EuroField
from auposte.modeladmin import ModelAdmin, ReadOnlyAdmin
from auposte.money import NBSP, euros
from donations import tasks
from donations.admin import gift_tools
from donations.models import Gift, ReceiptItem, RefundOrder
from donations.services import refunds
from donations.services.disputes import DISPUTE_FEE_CENTS, warnings_to_act_on
from donations.services.history import waiting_words

State = RefundOrder.State


class RefundForm(forms.Form):
    """How much, in euros, up to what is left; and why, for the treasury's eyes."""

    amount = EuroField(label="Somme à rembourser (€)")
    reason = forms.CharField(
        label="Raison",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=f"Pour la trésorerie seulement{NBSP}: elle n’est pas dans le courriel.",
    )

    def __init__(self, *args: object, left_cents: int, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        self.left_cents = left_cents
        self.fields["amount"].help_text = f"Il reste {euros(left_cents)}, frais couverts compris."

    def clean_amount(self) -> int:
        cents: int = self.cleaned_data["amount"]
        if cents > self.left_cents:
            raise forms.ValidationError(
                f"Il reste {euros(self.left_cents)} à rembourser sur ce don, pas plus."
            )
        return cents


def refund_view(request: HttpRequest, gift: Gift, admin: ModelAdmin) -> HttpResponse:
    """Form, then confirmation with the split, then the order. The order's id is made for the
    confirmation: pressing its button twice is one order.
    """
    if request.method == "POST" and "order" in request.POST:
        return _order(request, gift)
    left = refunds.left_cents(gift)
    form = RefundForm(request.POST or None, left_cents=left, initial={"amount": left})
    if not (request.method == "POST" and form.is_valid()):
        return gift_tools.page(
            request,
            "refund",
            admin=admin,
            gift=gift,
            title="Rembourser ce don",
            form=form,
            warnings=warnings_to_act_on().filter(gift=gift),
            fee_cents=DISPUTE_FEE_CENTS,
        )
    amount = form.cleaned_data["amount"]
    return gift_tools.page(
        request,
        "refund_confirm",
        admin=admin,
        gift=gift,
        title="Confirmer le remboursement",
        amount_cents=amount,
        reason=form.cleaned_data["reason"],
        split=refunds.split_of(gift, amount),
        order=uuid.uuid4(),
        receipt=ReceiptItem.objects.filter(gift=gift, is_live=True)
        .select_related("receipt")
        .first(),
    )


class OrderForm(forms.Form):
    """What the confirmation page sends back."""

    order = forms.UUIDField()
    cents = forms.IntegerField(min_value=1)
    reason = forms.CharField(max_length=200, required=False)


def _order(request: HttpRequest, gift: Gift) -> HttpResponse:
    form = OrderForm(request.POST)
    if not form.is_valid():
        messages.error(request, "Ce formulaire n’est pas complet. Recommencez.")
        return gift_tools.back_to(gift)
    try:
        order = refunds.ask(
            order_id=form.cleaned_data["order"],
            gift_id=gift.pk,
            amount_cents=form.cleaned_data["cents"],
            reason=form.cleaned_data["reason"],
            asked_by=request.user,  # type: ignore[arg-type]  # staff
        )
    except refunds.RefundError as error:
        messages.error(request, str(error))
        return gift_tools.back_to(gift)
    refunds.carry_out(str(order.pk))
    tasks.follow_up()
    order.refresh_from_db()
    amount = euros(order.amount_cents)
    match order.state:
        case State.DONE:
            messages.success(request, f"Remboursement de {amount} accepté par Stripe.")
        case State.REFUSED:
            messages.error(request, f"Rien n’a été remboursé. {order.error}")
        case _:
            messages.warning(
                request,
                f"Remboursement de {amount}{NBSP}: {waiting_words(order)}. Ne le demandez pas "
                "une deuxième fois.",
            )
    return gift_tools.back_to(gift)


gift_tools.register(
    gift_tools.GiftTool(
        slug="rembourser",
        label="Rembourser",
        permission="donations.add_refundorder",
        applies=refunds.can_refund,
        view=refund_view,
        bears_repeats=True,
    )
)


def state_words(order: RefundOrder) -> str:
    """The order's state; of one that waits, until when."""
    if order.state == State.ASKED:
        return waiting_words(order).capitalize()
    return str(order.get_state_display())


@admin.register(RefundOrder)
class RefundOrderAdmin(ReadOnlyAdmin):
    list_display = ("gift", "amount", "state_shown", "asked_at", "asked_by", "reason", "error")
    list_filter = ("state",)
    list_select_related = ("gift", "asked_by")
    date_hierarchy = "asked_at"
    search_fields = ("gift__id", "refund_id", "reason")
    search_help_text = "Référence du don, remboursement Stripe (re_…) ou raison"
    fields = (
        "gift_link", "amount", "reason", "state_shown", "error", "asked_by", "asked_at",
        "attempts", "next_attempt_at", "refund_id",
    )  # fmt: skip
    readonly_fields = ("gift_link", "amount", "state_shown")

    @admin.display(description="montant", ordering="amount_cents")
    def amount(self, order: RefundOrder) -> str:
        return euros(order.amount_cents)

    @admin.display(description="état", ordering="state")
    def state_shown(self, order: RefundOrder) -> str:
        return state_words(order)

    @admin.display(description="don")
    def gift_link(self, order: RefundOrder) -> SafeString:
        return gift_tools.link_to(order.gift)
