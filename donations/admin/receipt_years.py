"""A year's papers: how many and how much, the run that makes them, and what the post carries."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from auposte.modeladmin import ReadOnlyAdmin
from auposte.queue import enqueue
from donations.models import Receipt, ReceiptIssuer, ReceiptRun
from donations.receipts import posting, reading, runs
from donations.receipts.issuing import ReceiptError
from donations.tasks import issue_slice

FIRST_YEAR, LAST_YEAR = 2000, 2100
LONGEST_KEY = 10


class YearsAdmin(ReadOnlyAdmin):
    """The pages of a year, below the list of receipts."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        year = "annee/<int:year>/"
        return [
            path("annee/", wrap(self.last_year), name="donations_receipt_years"),
            path(year, wrap(self.year_page), name="donations_receipt_year"),
            path(f"{year}lancer/", wrap(self.start_run), name="donations_receipt_start"),
            path(f"{year}recus.csv", wrap(self.year_csv), name="donations_receipt_csv"),
            path(f"{year}sans-adresse/", wrap(self.unreached), name="donations_receipt_unreached"),
            path(f"{year}a-poster.pdf", wrap(self.to_post), name="donations_receipt_to_post"),
            *super().get_urls(),
        ]

    def _check(self, request: HttpRequest, year: int) -> None:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise Http404

    def _page(self, request: HttpRequest, template: str, **context: Any) -> HttpResponse:
        shown = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return TemplateResponse(request, f"admin/receipts/{template}.html", shown)

    def last_year(self, request: HttpRequest) -> HttpResponse:
        """The year whose papers are made now: the last one until summer, else this one."""
        today = timezone.localdate()
        year = today.year - 1 if today.month < 7 else today.year
        return redirect("admin:donations_receipt_year", year)

    def year_page(self, request: HttpRequest, year: int) -> HttpResponse:
        self._check(request, year)
        issuers = list(ReceiptIssuer.objects.order_by("-is_default", "name"))
        kinds = [Receipt.Kind.ATTESTATION]
        if any(issuer.is_entitled for issuer in issuers):
            kinds.insert(0, Receipt.Kind.FISCAL)
        return self._page(
            request,
            "year",
            title=f"Reçus de l’année {year}",
            year=year,
            years=reading.years(),
            tallies=reading.tally(year),
            issuers=issuers,
            offers=[(kind, kind.label, runs.waiting_donors(year, kind)) for kind in kinds],
            year_runs=ReceiptRun.objects.filter(year=year).select_related("issuer"),
            to_redo=reading.to_redo(year)[:50],
            to_post_count=posting.to_post(year).count(),
            may_start=request.user.has_perm("donations.add_receiptrun"),
        )

    def start_run(self, request: HttpRequest, year: int) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        self._check(request, year)
        if not request.user.has_perm("donations.add_receiptrun"):
            raise PermissionDenied
        kind, issuer_id = request.POST.get("kind", ""), request.POST.get("issuer", "")
        is_key = issuer_id.isascii() and issuer_id.isdecimal() and len(issuer_id) < LONGEST_KEY
        issuer = ReceiptIssuer.objects.filter(pk=issuer_id).first() if is_key else None
        if issuer is None or kind not in Receipt.Kind.values:
            messages.warning(request, "Choisissez l’entité et le document.")
            return redirect("admin:donations_receipt_year", year)
        try:
            run = runs.start(issuer=issuer, kind=kind, year=year, user_id=request.user.pk)
        except ReceiptError as refusal:
            messages.warning(request, str(refusal))
            return redirect("admin:donations_receipt_year", year)
        enqueue(issue_slice, run.pk)
        return redirect("admin:donations_receiptrun_change", run.pk)

    def year_csv(self, request: HttpRequest, year: int) -> HttpResponse:
        self._check(request, year)
        return HttpResponse(
            reading.as_csv(year),
            content_type="text/csv; charset=utf-8",
            headers={"Content-Disposition": f'attachment; filename="recus-{year}.csv"'},
        )

    def unreached(self, request: HttpRequest, year: int) -> HttpResponse:
        self._check(request, year)
        return self._page(
            request,
            "unreached",
            parent_year=year,
            title=f"Sans adresse, {year}",
            year=year,
            rows=posting.unreached(year),
        )

    def to_post(self, request: HttpRequest, year: int) -> HttpResponse:
        self._check(request, year)
        pdf = posting.pdf_to_post(year)
        if pdf is None:
            messages.warning(request, f"Rien à poster pour {year}.")
            return redirect("admin:donations_receipt_year", year)
        return HttpResponse(
            pdf,
            content_type="application/pdf",
            headers={"Content-Disposition": f'attachment; filename="recus-a-poster-{year}.pdf"'},
        )


@admin.register(ReceiptRun)
class ReceiptRunAdmin(ReadOnlyAdmin):
    """Each run has a page that follows it."""

    list_display = (
        "__str__", "issuer", "kind_name", "state", "done", "total", "started_at", "ended_at",
    )  # fmt: skip
    list_filter = ("state", "year")
    search_fields = ("issuer__name", "year")
    list_select_related = ("issuer",)

    @admin.display(description="document", ordering="kind")
    def kind_name(self, run: ReceiptRun) -> str:
        return str(Receipt.Kind(run.kind).label)

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/interrompre/", wrap(self.pause), name="donations_receiptrun_pause"),
            path("<int:pk>/reprendre/", wrap(self.resume), name="donations_receiptrun_resume"),
            *super().get_urls(),
        ]

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        run = self.get_object(request, object_id)
        if not self.has_view_permission(request, run):
            raise PermissionDenied
        if run is None:
            raise Http404
        context = {
            **self.admin_site.each_context(request),
            "title": f"{Receipt.Kind(run.kind).label}, {run.year}",
            "opts": self.opts,
            "run": run,
            "parent_year": run.year,
            "total": max(run.total, run.done),
            "to_render": run.receipts.filter(
                rendered_at__isnull=True, cancelled_at__isnull=True
            ).count(),
            "may_act": request.user.has_perm("donations.change_receiptrun"),
        }
        template = "admin/receipts/run.html"
        if getattr(request, "htmx", False):
            template += "#progress"
        return TemplateResponse(request, template, context)

    def pause(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._act(request, pk, resume=False)

    def resume(self, request: HttpRequest, pk: int) -> HttpResponse:
        return self._act(request, pk, resume=True)

    def _act(self, request: HttpRequest, pk: int, *, resume: bool) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not request.user.has_perm("donations.change_receiptrun"):
            raise PermissionDenied
        if resume and runs.resume(pk):
            enqueue(issue_slice, pk)
        elif not resume:
            runs.pause(pk)
        if getattr(request, "htmx", False):
            return self.change_view(request, str(pk))
        return redirect("admin:donations_receiptrun_change", pk)
