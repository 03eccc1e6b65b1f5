"""Links to the preview of a text: made, opened and revoked in the admin."""

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from auposte.modeladmin import ModelAdmin
from broadcasts.models import Broadcast
from broadcasts.services.previews import DAYS, preview_path, revoke_previews


class LinkForm(forms.Form):
    days = forms.TypedChoiceField(
        label="Valable",
        coerce=int,
        initial=7,
        choices=[(days, "un jour" if days == 1 else f"{days} jours") for days in DAYS],
        widget=forms.RadioSelect,
    )


class SharesPreviews(ModelAdmin):
    """Two pages beside the form: one that leads to the preview, one that hands out links to it."""

    def get_urls(self) -> list[URLPattern]:
        wrap = self.admin_site.admin_view
        return [
            path("<int:pk>/voir/", wrap(self.see_view), name="broadcasts_broadcast_see"),
            path("<int:pk>/apercus/", wrap(self.links_view), name="broadcasts_broadcast_links"),
            *super().get_urls(),
        ]

    def see_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """To the page as it is saved, by a link of a day."""
        broadcast = self._for_preview(request, pk)
        if broadcast is None:
            return self._nothing_there(request, pk)
        return HttpResponseRedirect(preview_path(broadcast=broadcast, days=1))

    def links_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """GET asks for how long; POST makes a link, or with `revoke` takes them all back."""
        broadcast = self._for_preview(request, pk)
        if broadcast is None:
            return self._nothing_there(request, pk)
        form, link = LinkForm(request.POST if request.method == "POST" else None), ""
        if request.method == "POST" and "revoke" in request.POST:
            revoke_previews(broadcast=broadcast)
            self.log_change(request, broadcast, "Liens d’aperçu révoqués.")
            messages.success(request, "Aucun lien d’aperçu donné jusqu’ici n’ouvre plus rien.")
            return redirect("admin:broadcasts_broadcast_links", pk)
        if form.is_bound and form.is_valid():
            days = form.cleaned_data["days"]
            link = settings.SITE_URL + preview_path(broadcast=broadcast, days=days)
        context = {
            **self.admin_site.each_context(request),
            "title": "Liens d’aperçu",
            "opts": self.opts,
            "original": broadcast,
            "form": form,
            "link": link,
        }
        return TemplateResponse(request, "admin/broadcasts/broadcast/links.html", context)

    def _for_preview(self, request: HttpRequest, pk: int) -> Broadcast | None:
        broadcast = Broadcast.objects.filter(pk=pk).first()
        if not self.has_change_permission(request, broadcast):
            raise PermissionDenied
        return broadcast

    def _nothing_there(self, request: HttpRequest, pk: int) -> HttpResponse:
        answer: Any = self._get_obj_does_not_exist_redirect(request, self.opts, str(pk))  # type: ignore[attr-defined]  # Django's, not in its stubs
        return answer  # type: ignore[no-any-return]
