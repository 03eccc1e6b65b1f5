"""The newsroom's view of its errands to YouTube and PeerTube."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from auposte.modeladmin import ReadOnlyAdmin
from auposte.queue import enqueue
from broadcasts.models import ApiUsage, SyncJob, SyncRun
from broadcasts.services.videos.jobs import ask_now
from broadcasts.services.videos.overview import sync_desk
from broadcasts.tasks import sync_videos


@admin.register(SyncJob)
class SyncJobAdmin(ReadOnlyAdmin):
    """Its list is a page that follows the errands as they go."""

    list_display = ("name", "next_run_at", "is_paused")
    fields = ("name", "next_run_at", "is_paused", "failures")

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<str:name>/lancer/", wrap(self.run_now), name="broadcasts_syncjob_run"),
            path("<str:name>/pause/", wrap(self.pause), name="broadcasts_syncjob_pause"),
            *super().get_urls(),
        ]

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        context = {
            **self.admin_site.each_context(request),
            "title": "Synchronisation",
            "opts": self.opts,
            "desk": sync_desk(),
            "may_act": _may_act(request),
            **(extra_context or {}),
        }
        template = "admin/broadcasts/syncjob/change_list.html"
        if getattr(request, "htmx", False):
            template += "#desk"
        return TemplateResponse(request, template, context)

    def run_now(self, request: HttpRequest, name: str) -> HttpResponse:
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not _may_act(request):
            raise PermissionDenied
        if ask_now(name=name, user_id=request.user.pk) is None:
            raise Http404
        enqueue(sync_videos)
        return self._back(request)

    def pause(self, request: HttpRequest, name: str) -> HttpResponse:
        """Stop an errand, or let it go on."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not _may_act(request):
            raise PermissionDenied
        paused = request.POST.get("pause") == "1"
        if not SyncJob.objects.filter(name=name).update(is_paused=paused):
            raise Http404
        return self._back(request)

    def _back(self, request: HttpRequest) -> HttpResponse:
        if getattr(request, "htmx", False):
            return self.changelist_view(request)
        return redirect("admin:broadcasts_syncjob_changelist")


def _may_act(request: HttpRequest) -> bool:
    return request.user.has_perm("broadcasts.change_syncjob")


class BehindTheDesk(ReadOnlyAdmin):
    """Found from the synchronisation's page; the menu does without it."""

    def get_model_perms(self, request: HttpRequest) -> dict[str, bool]:
        return {}


@admin.register(SyncRun)
class SyncRunAdmin(BehindTheDesk):
    list_display = (
        "job", "state", "started_at", "finished_at", "done", "drafted", "attached", "proposed",
        "updated", "missing", "calls", "message",
    )  # fmt: skip
    list_filter = ("job", "state")
    list_select_related = ("job",)
    search_fields = ("message",)
    date_hierarchy = "started_at"


@admin.register(ApiUsage)
class ApiUsageAdmin(BehindTheDesk):
    list_display = ("day", "platform", "calls", "units")
    list_filter = ("platform",)
    search_fields = ("platform", "day")
    search_help_text = "Plateforme (youtube…), jour ou mois (2025-05)"
    date_hierarchy = "day"
