"""After a save, what the broadcast still lacks, each with a way to where it is written."""

from typing import Any

from django.contrib import messages
from django.contrib.admin.options import IS_POPUP_VAR
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from auposte.modeladmin import ModelAdmin
from auposte.money import NBSP
from broadcasts.models import Broadcast
from broadcasts.services.warnings import EditorWarning, unknown_videos, warnings_for


class TellsWarnings(ModelAdmin):
    """Says them beside the good news; nothing is refused for them."""

    def response_add(
        self, request: HttpRequest, obj: Broadcast, post_url_continue: str | None = None
    ) -> HttpResponse:
        response = super().response_add(request, obj, post_url_continue)
        self._warn(request, obj)
        return response

    def response_change(self, request: HttpRequest, obj: Broadcast) -> HttpResponse:
        response = super().response_change(request, obj)
        self._warn(request, obj)
        return response

    def _warn(self, request: HttpRequest, broadcast: Broadcast) -> None:
        if IS_POPUP_VAR in request.POST:
            return
        # What was just typed is not read yet; what was read is looked after by the errands.
        unread = broadcast.sources.filter(fetched_at=None)
        warnings = warnings_for(broadcast) + unknown_videos(unread)
        if warnings:
            messages.warning(request, _in_words(broadcast, warnings))


def _in_words(broadcast: Broadcast, warnings: list[EditorWarning]) -> SafeString:
    form = reverse("admin:broadcasts_broadcast_change", args=[broadcast.pk])
    links: Any = ((form, warning.anchor, warning.text) for warning in warnings)
    return format_html(
        "{}{}: {}.",
        "En ligne, mais il y a à voir" if broadcast.is_public else "À voir avant de publier",
        NBSP,
        format_html_join(", ", '<a href="{}#{}">{}</a>', links),
    )
