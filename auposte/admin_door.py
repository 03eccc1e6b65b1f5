"""What stands before the admin for those who have not come in."""

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

# As much as nginx lets through to public pages.
STRANGERS_BYTES = 1024 * 1024


def leave_strangers_bodies(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware, once it is known who asks: only the staff has anything large read in the admin.

    Hundreds of megabytes may come in there, and Django reads them all for the form's token before
    any view asks whose they are. Whoever lost their session meanwhile is led to the door, as ever.
    """

    def middleware(request: HttpRequest) -> HttpResponse:
        if request.method == "POST" and request.path.startswith("/admin/") and _is_large(request):
            user = request.user
            if not (user.is_active and user.is_staff):
                return redirect_to_login(request.get_full_path(), reverse("admin:login"))
        return get_response(request)

    return middleware


def _is_large(request: HttpRequest) -> bool:
    told = request.headers.get("content-length") or "0"
    return not told.isdecimal() or len(told) > 15 or int(told) > STRANGERS_BYTES
