"""« Camille modifie cette page depuis 14 h 02 »: said on the form, and kept true by a ping."""

import hashlib
from typing import Any

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.template.response import TemplateResponse
from django.urls import URLPattern, path
from django.utils import timezone

from auposte.modeladmin import ModelAdmin
from auposte.staff import name_of
from auposte.templatetags.french import french_moment, french_time, paris_date
from broadcasts.models import Broadcast, Presence
from broadcasts.services.presence import note_departure, note_presence, others_here


class ShowsWhoIsHere(ModelAdmin):
    """The form tells who else has it open."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.presence_view)
        return [
            path("<int:pk>/presence/", view, name="broadcasts_broadcast_presence"),
            *super().get_urls(),
        ]

    def presence_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """A page that is open says so; 204 when it shows already who else is there.

        The answer is read aloud when it changes, so it must come only when it does.
        """
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        broadcast = Broadcast.objects.only("pk").filter(pk=pk).first()
        if not self.has_change_permission(request, broadcast):
            raise PermissionDenied
        if broadcast is None:
            raise Http404("Cette émission n’existe plus.")
        presence = self._presence(request, pk)
        if request.POST.get("shown") == presence["shown"]:
            return HttpResponse(status=204)
        template = "admin/broadcasts/broadcast/presence.html"
        return TemplateResponse(request, template, {"presence": presence})

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        if obj is not None and self.has_change_permission(request, obj):
            context |= {"presence": self._presence(request, obj.pk)}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_change(self, request: HttpRequest, obj: Any) -> HttpResponse:
        note_departure(broadcast_id=obj.pk, user=request.user)  # type: ignore[arg-type]  # staff
        return super().response_change(request, obj)

    def _presence(self, request: HttpRequest, pk: int) -> dict[str, Any]:
        """`sentences` about the others, and `shown`, which stands for them."""
        user: Any = request.user
        note_presence(broadcast_id=pk, user=user)
        sentences = [_sentence(one) for one in others_here(broadcast_id=pk, user=user)]
        digest = hashlib.sha256("\n".join(sentences).encode()).hexdigest()[:16]
        return {"sentences": sentences, "shown": digest}


def _sentence(presence: Presence) -> str:
    since = presence.opened_at
    today = paris_date(since) == timezone.localdate()
    moment = french_time(since) if today else f"le {french_moment(since)}"
    return f"{name_of(presence.user)} modifie cette page depuis {moment}."
