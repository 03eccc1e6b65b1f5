"""Receipts: what was given out, to whom, and what is wrong with it."""

import io
import uuid
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from PIL import Image

from auposte.admin_filters import StateFilter
from auposte.modeladmin import ModelAdmin, ReadOnlyInline
from auposte.money import NBSP, euros
from auposte.notices import Notice, notice_source
from auposte.queue import enqueue
from auposte.templatetags.french import french_date
from donations.admin.receipt_acts import ActsAdmin
from donations.admin.receipt_years import YearsAdmin
from donations.models import Receipt, ReceiptIdentity, ReceiptIssuer, ReceiptItem
from donations.receipts import pdf_of, rendering
from donations.tasks import render_receipt

if TYPE_CHECKING:
    ModelForm = forms.ModelForm[Any]
else:
    ModelForm = forms.ModelForm

SIGNATURE_MAX_BYTES = 2 * 1024 * 1024
SIGNATURE_PIXELS = (900, 360)
IN_FORCE = Q(cancelled_at__isnull=True)


def pdf_response(pdf: bytes, name: str) -> HttpResponse:
    """A PDF to be saved. It holds somebody's name: `admin_view` forbids caches to keep it."""
    return HttpResponse(
        pdf,
        content_type="application/pdf",
        headers={"Content-Disposition": f'attachment; filename="{name}.pdf"'},
    )


class ReceiptStateFilter(StateFilter):
    conditions = {
        "vigueur": ("En vigueur", IN_FORCE),
        "annule": ("Annulé", ~IN_FORCE),
        "attente": ("Pas encore mis en page", rendering.TO_RENDER),
        "echec": ("Mise en page en échec", rendering.FAILING),
    }


class ReceiptItemInline(ReadOnlyInline):
    model = ReceiptItem
    verbose_name_plural = "dons attestés"
    fields = ("gift", "paid_at", "amount", "is_live")
    readonly_fields = ("paid_at", "amount")
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> "QuerySet[ReceiptItem]":
        return super().get_queryset(request).select_related("gift")

    @admin.display(description="payé le")
    def paid_at(self, item: ReceiptItem) -> str:
        return french_date(item.gift.paid_at) if item.gift.paid_at else "–"

    @admin.display(description="somme")
    def amount(self, item: ReceiptItem) -> str:
        return euros(item.amount_cents)


class ReceiptIdentityInline(ReadOnlyInline):
    model = ReceiptIdentity
    verbose_name_plural = "identité, telle qu’elle est écrite sur le reçu"
    fields = ("name", "street", "postal_code", "city", "country", "keep_until")
    show_change_link = False


@admin.register(Receipt)
class ReceiptAdmin(ActsAdmin, YearsAdmin):
    """Nobody changes a receipt: it is given out, and perhaps cancelled."""

    change_list_template = "admin/receipts/change_list.html"
    change_form_template = "admin/receipts/change_form.html"
    list_display = ("full_number", "kind", "who", "amount", "issued_on", "state", "pdf")
    list_filter = (ReceiptStateFilter, "kind", "year", "is_yearly", "issuer")
    list_select_related = ("identity", "issuer")
    date_hierarchy = "issued_at"
    search_fields = ("identity__name", "donor__email", "id", "items__gift__id")
    search_help_text = "Nom, adresse électronique, référence du don"
    show_full_result_count = False
    inlines = (ReceiptIdentityInline, ReceiptItemInline)
    actions = ("render_again",)
    fields = (
        "full_number", "kind", "issuer", "year", "is_yearly", "donor", "amount", "issued_at",
        "state", "rendered_at", "attempts", "last_error", "cancelled_at", "cancel_reason", "run",
    )  # fmt: skip
    readonly_fields = ("full_number", "amount", "state")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.download)
        return [
            path("<uuid:pk>/pdf/", view, name="donations_receipt_pdf"),
            *super().get_urls(),
        ]

    def download(self, request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        receipt = Receipt.objects.filter(pk=pk).first()
        content = pdf_of(receipt) if receipt else None
        if receipt is None or content is None:
            raise Http404
        return pdf_response(content, receipt.full_number)

    def has_render_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("donations.change_receipt")

    @admin.action(description="Remettre en page (ceux qui attendent)", permissions=["render"])
    def render_again(self, request: HttpRequest, receipts: "QuerySet[Receipt]") -> None:
        ids = rendering.try_again(list(receipts.values_list("pk", flat=True)))
        for receipt_id in ids:
            enqueue(render_receipt, receipt_id)
        messages.success(request, f"Reçus remis en file{NBSP}: {len(ids)}.")

    @admin.display(description="numéro", ordering="number")
    def full_number(self, receipt: Receipt) -> str:
        return receipt.full_number

    @admin.display(description="établi au nom de", ordering="identity__name")
    def who(self, receipt: Receipt) -> str:
        return receipt.identity.name or "–"

    @admin.display(description="somme", ordering="amount_cents")
    def amount(self, receipt: Receipt) -> str:
        return euros(receipt.amount_cents)

    @admin.display(description="émis le", ordering="issued_at")
    def issued_on(self, receipt: Receipt) -> str:
        return french_date(receipt.issued_at)

    @admin.display(description="état", ordering="cancelled_at")
    def state(self, receipt: Receipt) -> str:
        if receipt.cancelled_at:
            return "Annulé"
        if receipt.rendered_at:
            return "En vigueur"
        return "Mise en page en échec" if receipt.last_error else "Mise en page en cours"

    @admin.display(description="PDF")
    def pdf(self, receipt: Receipt) -> SafeString | str:
        if not receipt.rendered_at:
            return "–"
        return format_html(
            '<a href="{}">PDF<span class="visually-hidden"> {}</span></a>',
            reverse("admin:donations_receipt_pdf", args=[receipt.pk]),
            receipt.full_number,
        )


class ReceiptIssuerForm(ModelForm):
    signature_file = forms.FileField(
        label="Signature",
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": "image/png,image/jpeg"}),
        help_text="Une image PNG ou JPEG de la signature, imprimée au bas des reçus.",
    )
    no_signature = forms.BooleanField(label="Retirer la signature", required=False)

    def clean_signature_file(self) -> bytes | None:
        file = self.cleaned_data.get("signature_file")
        if not file:
            return None
        if file.size > SIGNATURE_MAX_BYTES:
            raise ValidationError(f"Cette image est trop lourde{NBSP}: 2{NBSP}Mo au plus.")
        return as_png(file)


def as_png(file: Any) -> bytes:
    """The image, small and as PNG, without whatever else its file held."""
    try:
        with Image.open(file, formats=("PNG", "JPEG")) as image:
            image.thumbnail(SIGNATURE_PIXELS)
            clean = image.convert("RGBA")
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
        raise ValidationError("Ce fichier n’est pas une image PNG ou JPEG lisible.") from error
    output = io.BytesIO()
    clean.save(output, "PNG", optimize=True)
    return output.getvalue()


@admin.register(ReceiptIssuer)
class ReceiptIssuerAdmin(ModelAdmin):
    form = ReceiptIssuerForm
    list_display = ("name", "siren", "city", "is_entitled", "is_default")
    list_filter = ("is_entitled", "is_default")
    search_fields = ("name", "siren")
    readonly_fields = ("shown_signature",)
    fieldsets = (
        (None, {"fields": ("name", "legal_form", "purpose", "siren", "is_default")}),
        ("Adresse", {"fields": ("street", "postal_code", "city")}),
        (
            "Habilitation",
            {
                "fields": ("is_entitled", "legal_basis"),
                "description": "Émettre des reçus fiscaux sans y être habilité expose à une "
                "amende. Sans habilitation, seules des attestations sont établies.",
            },
        ),
        (
            "Signature",
            {
                "fields": (
                    "signatory", "signatory_role", "shown_signature", "signature_file",
                    "no_signature",
                )
            },
        ),
    )  # fmt: skip

    def get_fieldsets(self, request: HttpRequest, obj: ReceiptIssuer | None = None) -> Any:
        may_write = (
            self.has_change_permission(request, obj) if obj else self.has_add_permission(request)
        )
        if may_write:
            return self.fieldsets
        shown = ("signatory", "signatory_role", "shown_signature")
        return (*self.fieldsets[:-1], ("Signature", {"fields": shown}))

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if form.cleaned_data.get("no_signature"):
            obj.signature = None
        if form.cleaned_data.get("signature_file"):
            obj.signature = form.cleaned_data["signature_file"]
        super().save_model(request, obj, form, change)

    @admin.display(description="Signature actuelle")
    def shown_signature(self, issuer: ReceiptIssuer) -> SafeString | str:
        if not issuer.pk or not issuer.signature:
            return "aucune"
        return format_html(
            '<img src="{}" alt="Signature de {}" height="60">',
            reverse("admin:donations_receiptissuer_signature", args=[issuer.pk]),
            issuer.signatory or issuer.name,
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.signature)
        return [
            path("<int:pk>/signature.png", view, name="donations_receiptissuer_signature"),
            *super().get_urls(),
        ]

    def signature(self, request: HttpRequest, pk: int) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        issuer = ReceiptIssuer.objects.filter(pk=pk).first()
        if issuer is None or not issuer.signature:
            raise Http404
        return HttpResponse(bytes(issuer.signature), content_type="image/png")


@notice_source
def receipts_fail(request: HttpRequest) -> Notice | None:
    if not request.user.has_perm("donations.view_receipt"):
        return None
    count = Receipt.objects.filter(rendering.FAILING).count()
    if not count:
        return None
    return Notice(
        "Un reçu ne se met pas en page"
        if count == 1
        else f"{count} reçus ne se mettent pas en page",
        reverse("admin:donations_receipt_changelist") + "?etat=echec",
        "warning",
    )
