"""Versions of a page in the admin: kept at each save."""

from typing import Any

from django.db import connection
from django.http import HttpRequest

from broadcasts.admin.addresses import KeepsOldAddress
from broadcasts.services.versions import keep_version, keep_what_was


class KeepsVersions(KeepsOldAddress):
    """One version a save, whole: text, keywords, people, chapters."""

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
