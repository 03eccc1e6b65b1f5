"""The admin: Django's own, in French, with a second factor where it is asked for."""

import functools
from typing import Any

from django.conf import settings
from django.contrib import admin
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import URLPattern, URLResolver, path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache

from auposte import second_factor, staff_views
from auposte.admin_input import CarefulAutocomplete
from auposte.notices import Notice, notice_source, notices_for

# What is opened every day comes first; the rest follows by name.
APPS_IN_ORDER = ["broadcasts", "guests", "donations", "auth"]
MODELS_IN_ORDER = ["Broadcast", "Series", "Tag", "Campaign", "Gift", "Donor", "LedgerEntry"]


class AuPosteAdminSite(admin.AdminSite):
    """Opens only to a session that has shown the second factor, where the account has one.

    With STAFF_TOTP_REQUIRED, an account without one is led to its enrolment before anything else.
    Any staff view outside `ModelAdmin` gets the same guard by `admin.site.admin_view`.
    """

    site_header = "Au Poste"
    site_title = "Au Poste"
    index_title = "La rédaction"

    def has_permission(self, request: HttpRequest) -> bool:
        if not super().has_permission(request):
            return False
        if second_factor.is_verified(request.user):
            return True
        return not (settings.STAFF_TOTP_REQUIRED or second_factor.has_second_factor(request.user))

    def must_enrol(self, request: HttpRequest) -> bool:
        """Whether this person of the staff has to set up a second factor first."""
        return (
            settings.STAFF_TOTP_REQUIRED
            and super().has_permission(request)
            and not second_factor.has_second_factor(request.user)
        )

    def admin_view(self, view: Any, cacheable: bool = False) -> Any:
        guarded = super().admin_view(view, cacheable)

        def inner(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
            if not self.must_enrol(request):
                return guarded(request, *args, **kwargs)
            if view == self.logout:
                return self.logout(request)
            return redirect("admin:second_factor")

        return functools.update_wrapper(inner, guarded)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        return [
            path("login/code/", never_cache(staff_views.enter_code), name="login_code"),
            path(
                "second-facteur/",
                never_cache(staff_views.second_factor_page),
                name="second_factor",
            ),
            *super().get_urls(),
        ]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        if request.method == "GET" and self.has_permission(request):
            return redirect("admin:index")
        context = {
            **self.each_context(request),
            "title": _("Log in"),
            "subtitle": None,
            "app_path": request.get_full_path(),
            "username": request.user.get_username(),
            **(extra_context or {}),
        }
        if "next" not in request.GET and "next" not in request.POST:
            context["next"] = reverse("admin:index")
        view = staff_views.StaffLoginView.as_view(extra_context=context)
        return never_cache(view)(request)

    def autocomplete_view(self, request: HttpRequest) -> Any:
        return CarefulAutocomplete.as_view(admin_site=self)(request)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        return super().index(request, {**(extra_context or {}), "notices": notices_for(request)})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        apps = super().get_app_list(request, app_label)
        for app in apps:
            app["models"].sort(key=lambda model: _rank(model["object_name"], MODELS_IN_ORDER))
        return sorted(apps, key=lambda app: _rank(app["app_label"], APPS_IN_ORDER))


def _rank(name: str, order: list[str]) -> int:
    return order.index(name) if name in order else len(order)


@notice_source
def second_factor_is_missing(request: HttpRequest) -> Notice | None:
    """An invitation, where the second factor is not compulsory."""
    if second_factor.is_verified(request.user) or second_factor.has_second_factor(request.user):
        return None
    return Notice(
        "Votre compte n’a que son mot de passe : protégez-le par un second facteur.",
        reverse("admin:second_factor"),
    )
