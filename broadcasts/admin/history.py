"""Versions of a page in the admin: kept at each save, listed, compared, given back."""

from itertools import zip_longest
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db import connection
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from auposte.money import NBSP
from auposte.staff import name_of
from broadcasts.admin.addresses import KeepsOldAddress
from broadcasts.services.restoring import LEFT_ALONE, RestoreError, restore_version
from broadcasts.services.version_reading import as_it_stands, changed_labels, differences
from broadcasts.services.versions import edition_of, keep_version, keep_what_was, versions_of

VERSIONS_A_PAGE = 25


class KeepsVersions(KeepsOldAddress):
    """One version a save, whole: text, keywords, people, chapters. Their list is the history."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.version_view)
        return [
            path("<int:pk>/versions/<int:history_id>/", view, name=self._address_name("version")),
            *super().get_urls(),
        ]

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        page = super().get_object(request, object_id, from_field)
        if page is None or request.method != "POST" or not connection.in_atomic_block:
            return page
        # Of two saves at once, the second waits here and then sees what the first one wrote.
        self.model._base_manager.select_for_update().filter(pk=page.pk).first()
        return super().get_object(request, object_id, from_field)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if change:
            keep_what_was(page=obj)
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        keep_version(page=form.instance, user=request.user)  # type: ignore[arg-type]  # staff

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Who changed what, and when; 25 a page."""
        page = self._page_of_history(request, object_id)
        if isinstance(page, HttpResponse):
            return page
        versions = versions_of(page).select_related("history_user")
        shown = Paginator(versions, VERSIONS_A_PAGE).get_page(request.GET.get("page"))
        start = shown.start_index() - 1 if shown.object_list else 0
        rows = list(versions[start : start + VERSIONS_A_PAGE + 1])
        lines = [
            {
                "version": version,
                "who": name_of(version.history_user) if version.history_user else "",
                "labels": changed_labels(older, version),
                "url": self._version_address(version),
            }
            for version, older in zip_longest(rows, rows[1:])
        ]
        context = {
            **self._history_context(request, page, "Versions"),
            "page": shown,
            "lines": lines[:VERSIONS_A_PAGE],
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/versions/list.html", context)

    def version_view(self, request: HttpRequest, pk: int, history_id: int) -> HttpResponse:
        """What a version changed, and what giving it back would; POST gives it back."""
        page = self._page_of_history(request, str(pk))
        if isinstance(page, HttpResponse):
            return page
        versions = versions_of(page).select_related("history_user")
        version = versions.filter(history_id=history_id).first()
        if version is None:
            messages.warning(request, "Cette version n’existe pas.")
            return HttpResponseRedirect(self._history_address(page))
        if request.method == "POST":
            return self._restore(request, page, version)
        older = versions.filter(history_id__lt=history_id).first()
        current = as_it_stands(page)
        context = {
            **self._history_context(request, page, "Version"),
            "version": version,
            "who": name_of(version.history_user) if version.history_user else "",
            "changed": differences(older, version),
            "is_first": older is None,
            "back": differences(current, version, leave_out=LEFT_ALONE),
            "may_restore": self.has_change_permission(request, page),
            "edition": edition_of(page),
        }
        return TemplateResponse(request, "admin/versions/version.html", context)

    def _restore(self, request: HttpRequest, page: Any, version: Any) -> HttpResponse:
        if not self.has_change_permission(request, page):
            raise PermissionDenied
        seen = request.POST.get("edition", "")
        try:
            restored = restore_version(
                page=page,
                version=version,
                user=request.user,  # type: ignore[arg-type]  # staff
                seen=int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 18 else -1,
            )
        except RestoreError as error:
            messages.error(request, str(error))
            return HttpResponseRedirect(self._version_address(version))
        for sentence in restored.left:
            messages.warning(request, sentence)
        if restored.version is None:
            messages.info(request, "La page disait déjà cela.")
        else:
            self.log_change(request, page, "Version restaurée.")
            messages.success(
                request, f"La version est restaurée{NBSP}: c’est maintenant la dernière."
            )
        return HttpResponseRedirect(self._history_address(page))

    def _page_of_history(self, request: HttpRequest, object_id: str) -> Any:
        """The page that the address names; a redirect when there is none."""
        page = self.get_object(request, object_id)
        if not self.has_view_or_change_permission(request, page):
            raise PermissionDenied
        if page is None:
            return self._get_obj_does_not_exist_redirect(request, self.opts, object_id)  # type: ignore[attr-defined]  # Django's, not in its stubs
        return page

    def _history_context(self, request: HttpRequest, page: Any, title: str) -> dict[str, Any]:
        return {
            **self.admin_site.each_context(request),
            "title": title,
            "subtitle": str(page),
            "opts": self.opts,
            "original": page,
            "changelist_url": reverse(f"admin:{self._address_name('changelist')}"),
            "form_url": reverse(f"admin:{self._address_name('change')}", args=[page.pk]),
            "history_url": self._history_address(page),
        }

    def _address_name(self, kind: str) -> str:
        return f"{self.opts.app_label}_{self.opts.model_name}_{kind}"

    def _history_address(self, page: Any) -> str:
        return reverse(f"admin:{self._address_name('history')}", args=[page.pk])

    def _version_address(self, version: Any) -> str:
        name = f"admin:{self._address_name('version')}"
        return reverse(name, args=[version.id, version.history_id])
