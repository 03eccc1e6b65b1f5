"""The desks beside the admin: pages of the staff's own, which htmx refreshes while a show runs."""

from collections.abc import Callable

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache


def open_desk(request: HttpRequest, view: Callable[[HttpRequest], HttpResponse]) -> HttpResponse:
    """The answer of `view` to somebody of the staff; others find the login, as in the admin."""
    if request.headers.get("HX-Request") and not admin.site.has_permission(request):
        # The session is over: the whole page goes to the login, not a piece of it.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    response: HttpResponse = admin.site.admin_view(never_cache(view))(request)
    return response
