"""Gifts from HelloAsso's and Donorbox's files: tried first, then taken in.

Between the two the file stays on the treasurer's own disk: it is full of names and addresses, so
it is sent twice rather than kept, and its digest tells whether it is the same.
"""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db.models import Count, Q, QuerySet, Sum
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from auposte.modeladmin import ReadOnlyAdmin
from auposte.money import NBSP, euros
from donations.gift_rows import MOST_BYTES, MOST_ROWS, FileError
from donations.models import GiftImport, GiftImportRow
from donations.services.gift_files import BusyError, digest_of, import_gifts
from donations.tasks import follow_up

if TYPE_CHECKING:
    Upload = UploadedFile[Any]

State = GiftImportRow.State
SHOWN_FAILURES = 200
BUSY = "Un autre fichier est en train d’entrer : recommencez dans une minute."


class FileForm(forms.Form):
    """The file itself, as bytes under `data`; with `digest`, it must be that very file."""

    file = forms.FileField(
        label="Fichier CSV",
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,text/csv"}),
        help_text=f"Au plus {MOST_BYTES // 1024 // 1024}{NBSP}Mo et {MOST_ROWS // 1000}{NBSP}000 "
        "lignes.",
    )

    def __init__(self, *args: Any, digest: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.digest = digest

    def clean_file(self) -> "Upload":
        file: Upload = self.cleaned_data["file"]
        if (file.size or 0) > MOST_BYTES:
            raise ValidationError(
                f"Ce fichier dépasse {MOST_BYTES // 1024 // 1024}{NBSP}Mo : coupez-le."
            )
        data = file.read()
        if self.digest and digest_of(data) != self.digest:
            raise ValidationError(
                "Ce n’est pas le fichier de l’essai : reprenez le même, ou refaites un essai."
            )
        self.cleaned_data["data"] = data
        return file


@admin.register(GiftImport)
class GiftImportAdmin(ReadOnlyAdmin):
    list_display = (
        "__str__", "phase", "made_at", "made_by", "new", "new_amount", "known", "failed",
    )  # fmt: skip
    list_filter = ("origin", "dry_run")
    search_fields = ("file_name", "made_by__username")
    list_select_related = ("made_by",)
    date_hierarchy = "made_at"
    fields = ("origin", "file_name", "phase", "made_at", "made_by")
    readonly_fields = ("phase",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("donations.add_giftimport")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.take_in)
        return [
            path("<int:pk>/importer/", view, name="donations_giftimport_take_in"),
            *super().get_urls(),
        ]

    def get_queryset(self, request: HttpRequest) -> "QuerySet[GiftImport]":
        batches: QuerySet[GiftImport] = super().get_queryset(request)
        is_new, is_known = Q(rows__state=State.NEW), Q(rows__state=State.KNOWN)
        return batches.annotate(
            new_rows=Count("rows", filter=is_new),
            new_cents=Sum("rows__amount_cents", filter=is_new, default=0),
            known_rows=Count("rows", filter=is_known),
            failed_rows=Count("rows", filter=Q(rows__state=State.FAILED)),
        )

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The file is tried; its report has the button that takes it in."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        sent = request.method == "POST"
        form = FileForm(request.POST, request.FILES) if sent else FileForm()
        if sent and form.is_valid():
            batch = self._run(request, form, dry_run=True)
            if batch is not None:
                return redirect("admin:donations_giftimport_change", batch.pk)
        context = {
            **self.admin_site.each_context(request),
            "title": "Importer des dons",
            "opts": self.opts,
            "form": form,
        }
        return TemplateResponse(request, "admin/donations/giftimport/upload.html", context)

    def take_in(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The same file again, for good."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not self.has_add_permission(request):
            raise PermissionDenied
        tried = GiftImport.objects.filter(pk=pk, dry_run=True).first()
        if tried is None:
            raise Http404("Cet essai n’existe pas.")
        form = FileForm(request.POST, request.FILES, digest=tried.digest)
        batch = self._run(request, form, dry_run=False) if form.is_valid() else None
        if batch is None:
            for problem in form.errors.get("file", []):
                messages.error(request, str(problem))
            return redirect("admin:donations_giftimport_change", pk)
        follow_up()
        self.log_addition(request, batch, "Dons importés")
        return redirect("admin:donations_giftimport_change", batch.pk)

    def _run(self, request: HttpRequest, form: FileForm, *, dry_run: bool) -> GiftImport | None:
        file: Upload = form.cleaned_data["file"]
        try:
            return import_gifts(
                data=form.cleaned_data["data"],
                file_name=file.name or "",
                dry_run=dry_run,
                user=request.user,
            )
        except FileError as error:
            form.add_error("file", str(error))
        except BusyError:
            messages.warning(request, BUSY)
        return None

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """The report: what went in, what was there, and why each other row did not."""
        batch: Any = self.get_object(request, object_id)
        context = dict(extra_context or {})
        if batch is not None:
            failures = batch.rows.filter(state=State.FAILED).order_by("number")
            doubtful = batch.rows.filter(state=State.KNOWN).exclude(reason="")
            may_take_in = batch.dry_run and self.has_add_permission(request)
            context |= {
                "batch": batch,
                "failures": failures[:SHOWN_FAILURES],
                "more_failures": max(0, batch.failed_rows - SHOWN_FAILURES),
                "doubtful": doubtful.order_by("number")[:SHOWN_FAILURES],
                "months": self._months(batch),
                "file_form": FileForm() if may_take_in else None,
            }
        return super().change_view(request, object_id, form_url, context)

    @staticmethod
    def _months(batch: GiftImport) -> "QuerySet[Any, Any]":
        """What the new gifts brought to each campaign; nothing for a dry run."""
        return (
            batch.rows.filter(state=State.NEW, gift__isnull=False)
            .values("gift__campaign__title", "gift__campaign__starts_on")
            .annotate(gifts=Count("pk"), cents=Sum("amount_cents"))
            .order_by("gift__campaign__starts_on")
        )

    @admin.display(description="passage", ordering="dry_run")
    def phase(self, batch: GiftImport) -> str:
        return "essai à blanc" if batch.dry_run else "pour de bon"

    @admin.display(description="nouveaux")
    def new(self, batch: Any) -> int:
        return int(batch.new_rows)

    @admin.display(description="somme des nouveaux")
    def new_amount(self, batch: Any) -> str:
        return euros(batch.new_cents)

    @admin.display(description="déjà là")
    def known(self, batch: Any) -> int:
        return int(batch.known_rows)

    @admin.display(description="refusés")
    def failed(self, batch: Any) -> int:
        return int(batch.failed_rows)


@admin.register(GiftImportRow)
class GiftImportRowAdmin(ReadOnlyAdmin):
    """All rows of a file, found from its report; the menu does without them."""

    list_display = ("number", "state", "amount", "reason", "gift")
    list_filter = ("state", ("batch", admin.RelatedOnlyFieldListFilter))
    list_select_related = ("gift",)
    search_fields = ("reason",)
    show_full_result_count = False
    fields = ("batch", "number", "state", "amount", "reason", "gift")
    readonly_fields = ("amount",)

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        return {}

    @admin.display(description="montant", ordering="amount_cents")
    def amount(self, row: GiftImportRow) -> str:
        return "–" if row.amount_cents is None else euros(row.amount_cents)
