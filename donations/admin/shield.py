"""The shield on the till's page: whether it is up and why, and the button that brings it down."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse

from auposte.modeladmin import SavesOnlyChanges
from auposte.money import NBSP
from auposte.notices import Notice, notice_source
from auposte.templatetags.french import french_moment, french_time
from donations.models import GivingSettings
from donations.services import shield


class ShieldAdmin(SavesOnlyChanges):
    """For the one row of `GivingSettings`. Workers raise the shield: a save must not undo that."""

    change_form_template = "admin/donations/givingsettings/change_form.html"

    @admin.display(description="bouclier")
    def shield_state(self, till: GivingSettings) -> str:
        if till.shield_until is None:
            return "Baissé. Il ne s’est jamais levé."
        if not shield.is_up(till):
            return (
                f"Baissé depuis le {french_moment(till.shield_until)}. "
                f"La dernière fois{NBSP}: {till.shield_reason}."
            )
        return f"Levé jusqu’à {french_time(till.shield_until)}{NBSP}: {till.shield_reason}."

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.lower_shield)
        return [
            path("bouclier/baisser/", view, name="donations_givingsettings_lower"),
            *super().get_urls(),
        ]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Any = None,
    ) -> HttpResponse:
        may_lower = obj is not None and shield.is_up(obj) and _may_lower(request)
        context |= {"may_lower": may_lower}
        return super().render_change_form(request, context, add, change, form_url, obj)

    def lower_shield(self, request: HttpRequest) -> HttpResponse:
        """Bring it down, by a button's POST."""
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        if not _may_lower(request):
            raise PermissionDenied
        if shield.lower():
            self.log_change(request, GivingSettings.load(), "Bouclier baissé.")
            messages.success(
                request, "Le bouclier est baissé. Il se lèvera de nouveau si les essais continuent."
            )
        else:
            messages.info(request, "Le bouclier était déjà baissé.")
        return redirect("admin:donations_givingsettings_change", 1)


def _may_lower(request: HttpRequest) -> bool:
    return request.user.has_perm("donations.change_givingsettings")


@notice_source
def shield_is_up(request: HttpRequest) -> Notice | None:
    if not request.user.has_perm("donations.view_givingsettings"):
        return None
    till = GivingSettings.load()
    if till.shield_until is None or not shield.is_up(till):
        return None
    return Notice(
        f"Le bouclier est levé jusqu’à {french_time(till.shield_until)}{NBSP}: "
        f"{till.shield_reason}",
        reverse("admin:donations_givingsettings_change", args=[1]),
        "warning",
    )
