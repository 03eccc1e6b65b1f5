"""The ledger and Stripe, compared: each run, and what they said differently."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path

from auposte.modeladmin import ReadOnlyAdmin, ReadOnlyInline
from auposte.money import NBSP, euros
from auposte.queue import enqueue
from donations.models import Discrepancy, ReconciliationRun
from donations.services import reconciling
from donations.tasks import reconcile


class DiscrepancyInline(ReadOnlyInline):
    model = Discrepancy
    show_change_link = False
    fields = ("kind", "source", "stripe_id", "at_stripe", "in_ledger", "difference", "gift")
    readonly_fields = ("at_stripe", "in_ledger", "difference")

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).select_related("gift")

    @admin.display(description="chez Stripe")
    def at_stripe(self, row: Discrepancy) -> str:
        return euros(row.stripe_cents)

    @admin.display(description="au grand livre")
    def in_ledger(self, row: Discrepancy) -> str:
        return euros(row.ledger_cents)

    @admin.display(description="écart")
    def difference(self, row: Discrepancy) -> str:
        return euros(row.difference_cents)


@admin.register(ReconciliationRun)
class ReconciliationRunAdmin(ReadOnlyAdmin):
    """Its list has a button that starts a run; nobody writes one by hand."""

    change_list_template = "admin/donations/reconciliationrun/change_list.html"
    list_display = (
        "started_at", "state", "difference", "since", "transactions", "filed", "pending",
        "dry_run", "started_by",
    )  # fmt: skip
    list_filter = ("state",)
    search_fields = (
        "discrepancies__stripe_id", "discrepancies__source", "discrepancies__gift__id", "error",
    )  # fmt: skip
    search_help_text = "Écart : origine (ch_…, re_…) ou référence du don ; erreur"
    list_select_related = ("started_by",)
    date_hierarchy = "started_at"
    inlines = (DiscrepancyInline,)
    fieldsets = (
        (
            None,
            {"fields": (("state", "difference", "difference_in_cents"), "error")},
        ),
        (
            "Ce qui a été comparé",
            {"fields": (("since", "until"), ("transactions", "filed", "pending"), "dry_run")},
        ),
        ("Passage", {"fields": (("started_at", "ended_at"), "started_by")}),
    )
    readonly_fields = ("difference", "difference_in_cents")

    def get_urls(self) -> list[URLPattern]:
        run_now = self.admin_site.admin_view(self.run_now)
        return [
            path("lancer/", run_now, name="donations_reconciliationrun_run"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> Any:
        context = {"may_run": _may_run(request), "newest": reconciling.newest_complete()}
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def run_now(self, request: HttpRequest) -> HttpResponse:
        """Ask for a run: its row is written here, a worker does the rest."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not _may_run(request):
            raise PermissionDenied
        running = ReconciliationRun.objects.filter(state=ReconciliationRun.State.RUNNING)
        if running.exists():
            messages.info(request, "Un rapprochement est déjà en cours.")
        else:
            enqueue(reconcile, reconciling.begin(user_id=request.user.pk).pk)
            messages.success(
                request,
                "Le rapprochement commence. Rechargez la page dans un instant pour le résultat.",
            )
        return redirect("admin:donations_reconciliationrun_changelist")

    @admin.display(description="écart", ordering="difference_cents")
    def difference(self, run: ReconciliationRun) -> str:
        return euros(run.difference_cents) if run.ended_at and not run.error else "–"

    @admin.display(description="en centimes")
    def difference_in_cents(self, run: ReconciliationRun) -> str:
        if not run.ended_at or run.error:
            return "–"
        plural = "s" if run.difference_cents > 1 else ""
        return f"{run.difference_cents}{NBSP}centime{plural}"


def _may_run(request: HttpRequest) -> bool:
    return request.user.has_perm("donations.add_reconciliationrun")
