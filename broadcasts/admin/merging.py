"""« Fusionner » : an action of the list, then a page that asks which one stays."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from auposte.modeladmin import ModelAdmin

MOST_AT_ONCE = 20


class MergesDuplicates(ModelAdmin):
    """A list whose rows can be merged by `merge_rows(keep=, others=)`, which returns how many."""

    merge_rows: Callable[..., int]
    actions = ("merge",)

    @admin.action(description="Fusionner les doublons choisis", permissions=["merge"])
    def merge(self, request: HttpRequest, queryset: "QuerySet[Any]") -> HttpResponse | None:
        """Asks first: the page posts the same action again, with the one to keep."""
        rows = list(queryset.order_by("pk")[: MOST_AT_ONCE + 1])
        if len(rows) < 2:
            messages.warning(request, "Choisissez au moins deux lignes à fusionner.")
            return None
        if len(rows) > MOST_AT_ONCE:
            messages.warning(request, f"Au plus {MOST_AT_ONCE} lignes à la fois.")
            return None
        kept = {str(row.pk): row for row in rows}.get(request.POST.get("keep", ""))
        if kept is None:
            return TemplateResponse(request, "admin/merge.html", self._context(request, rows))
        others = [row for row in rows if row.pk != kept.pk]
        gone = type(self).merge_rows(keep=kept, others=others)
        for row in others:
            self.log_change(request, kept, f"Fusion : « {row} » y est entré.")
        plural = "est fusionnée" if gone == 1 else "sont fusionnées"
        messages.success(
            request,
            f"{gone} ligne{'s' if gone > 1 else ''} {plural} dans « {kept} » ; "
            "les anciens liens y mènent.",
        )
        return None

    def has_merge_permission(self, request: HttpRequest) -> bool:
        """Whoever merges changes one row and deletes the others."""
        return self.has_change_permission(request) and self.has_delete_permission(request)

    def _context(self, request: HttpRequest, rows: list[Model]) -> dict[str, Any]:
        if not self.has_merge_permission(request):
            raise PermissionDenied
        return {
            **self.admin_site.each_context(request),
            "title": f"Fusionner : {self.opts.verbose_name_plural}",
            "opts": self.opts,
            "rows": [(row, self._facts(row)) for row in rows],
            # The fullest is the likeliest to stay.
            "likeliest": max(rows, key=lambda row: (len(self._facts(row)), -row.pk)).pk,
        }

    def _facts(self, row: Any) -> list[str]:
        """What helps to tell the rows apart, in words."""
        return []
