"""What a treasurer does to papers one by one: issue for a gift, cancel, issue anew."""

import uuid
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from auposte.modeladmin import ModelAdmin, ReadOnlyAdmin
from auposte.money import NBSP, euros
from auposte.queue import enqueue
from donations.admin import gift_tools
from donations.models import Gift, Receipt, ReceiptIssuer
from donations.receipts import issuing
from donations.receipts.amounts import left_of, year_of
from donations.receipts.cancelling import cancel
from donations.tasks import render_receipt

ONE, YEAR = "gift", "year"


class IssueForm(forms.Form):
    issuer = forms.ModelChoiceField(
        label="Entité émettrice", queryset=ReceiptIssuer.objects.all(), empty_label=None
    )
    kind = forms.ChoiceField(label="Document", choices=Receipt.Kind.choices)
    scope = forms.ChoiceField(label="Pour", widget=forms.RadioSelect)

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        scope = self.fields["scope"]
        assert isinstance(scope, forms.ChoiceField)  # noqa: S101  # for the type checker
        scope.choices = [
            (ONE, "ce don seul"),
            (YEAR, f"tous les dons de {year} de cette personne qui n’ont pas encore de document"),
        ]


class CancelForm(forms.Form):
    reason = forms.CharField(
        label="Raison",
        max_length=200,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Elle est écrite dans le courriel qui prévient la personne.",
    )


def issue_view(request: HttpRequest, gift: Gift, admin: ModelAdmin) -> HttpResponse:
    """A page that asks which paper, then gives it out."""
    issuer, donor = issuing.default_issuer(), gift.donor
    assert donor is not None  # noqa: S101  # `applies` has seen to it
    assert gift.paid_at is not None  # noqa: S101
    if issuer is None:
        messages.warning(request, "Décrivez d’abord l’entité qui émet les reçus.")
        return redirect("admin:donations_receiptissuer_add")
    initial = {"issuer": issuer.pk, "kind": issuing.kind_for(issuer, donor), "scope": ONE}
    year = year_of(gift.paid_at)
    form = IssueForm(request.POST or None, initial=initial, year=year)
    if form.is_valid():
        chosen = {"issuer": form.cleaned_data["issuer"], "kind": form.cleaned_data["kind"]}
        try:
            if form.cleaned_data["scope"] == ONE:
                receipt = issuing.issue_for_gift(gift_id=gift.pk, **chosen)
            else:
                receipt = issuing.issue_for_year(donor=donor, year=year, **chosen)
        except issuing.ReceiptError as refusal:
            form.add_error(None, str(refusal))
        else:
            admin.log_change(request, gift, f"Document {receipt.full_number} établi.")
            return _issued(request, receipt)
    return gift_tools.page(
        request, "receipt", admin=admin, gift=gift, title="Établir un reçu", form=form,
        amount=euros(left_of(gift.pk)), donor=donor,
    )  # fmt: skip


def _wants_paper(gift: Gift) -> bool:
    return (
        gift.status == Gift.Status.SUCCEEDED
        and gift.donor is not None
        and left_of(gift.pk) > 0
        and not gift.receipt_items.filter(is_live=True).exists()
    )


gift_tools.register(
    gift_tools.GiftTool(
        slug="recu",
        label="Établir un reçu",
        permission="donations.add_receipt",
        applies=_wants_paper,
        view=issue_view,
    )
)


def _issued(request: HttpRequest, receipt: Receipt) -> HttpResponse:
    enqueue(render_receipt, str(receipt.pk))
    by_mail = "part par courriel" if receipt.donor.email else f"est à poster{NBSP}: pas de courriel"
    messages.success(request, f"Le document {receipt.full_number} est établi et {by_mail}.")
    return redirect("admin:donations_receipt_change", receipt.pk)


class ActsAdmin(ReadOnlyAdmin):
    """The buttons of a receipt's page, and what they do."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<uuid:pk>/annuler/", wrap(self.cancel_one), name="donations_receipt_cancel"),
            path("<uuid:pk>/refaire/", wrap(self.redo_one), name="donations_receipt_redo"),
            *super().get_urls(),
        ]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Receipt | None = None,
    ) -> HttpResponse:
        if obj is not None:
            context |= {
                "may_cancel": not obj.cancelled_at
                and request.user.has_perm("donations.change_receipt"),
                "may_redo": obj.cancelled_at
                and request.user.has_perm("donations.add_receipt")
                and issuing.can_reissue(obj),
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def cancel_one(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        if not request.user.has_perm("donations.change_receipt"):
            raise PermissionDenied
        receipt = self._receipt(pk)
        form = CancelForm(request.POST or None)
        if receipt.cancelled_at:
            messages.warning(request, "Ce document est déjà annulé.")
            return redirect("admin:donations_receipt_change", pk)
        if form.is_valid():
            if cancel(receipt_id=pk, reason=form.cleaned_data["reason"]):
                self.log_change(request, receipt, "Annulé.")
                messages.success(request, f"Le document {receipt.full_number} est annulé.")
            return redirect("admin:donations_receipt_change", pk)
        context = {
            **self.admin_site.each_context(request),
            "title": f"Annuler le document {receipt.full_number}",
            "opts": self.opts,
            "original": receipt,
            "form": form,
        }
        return TemplateResponse(request, "admin/receipts/cancel.html", context)

    def redo_one(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm("donations.add_receipt"):
            raise PermissionDenied
        try:
            receipt = issuing.reissue(self._receipt(pk))
        except issuing.ReceiptError as refusal:
            messages.warning(request, str(refusal))
            return redirect("admin:donations_receipt_change", pk)
        self.log_change(request, receipt, "Établi de nouveau.")
        return _issued(request, receipt)

    def _receipt(self, pk: uuid.UUID) -> Receipt:
        receipt = Receipt.objects.select_related("donor", "issuer").filter(pk=pk).first()
        if receipt is None:
            raise Http404
        return receipt
