"""Old addresses: asked only when nothing else answered, and on `/` with `?p=`."""

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect

from broadcasts.services.moving import Gone, Moved, find_old_path, find_old_post
from broadcasts.views.access import gone

NEVER_MOVED = ("/admin/", "/static/", "/media/")


def follow_redirects(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: 301 in one hop where an address has moved, 410 where its page is gone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        readable = request.method in {"GET", "HEAD"}
        wordpress_id = request.GET.get("p", "") if readable and request.path == "/" else ""
        if wordpress_id.isascii() and wordpress_id.isdecimal():
            found = find_old_post(wordpress_id)
            if found is None:
                raise Http404("Aucune émission à cette ancienne adresse.")
            return _answer(request, found)
        response = get_response(request)
        if response.status_code != 404 or not readable or request.path.startswith(NEVER_MOVED):
            return response
        found = find_old_path(request.path)
        return response if found is None else _answer(request, found)

    return middleware


def _answer(request: HttpRequest, found: Moved | Gone) -> HttpResponse:
    if isinstance(found, Gone):
        return gone(request)
    query = request.META.get("QUERY_STRING", "") if found.keeps_query else ""
    return HttpResponsePermanentRedirect(found.path + (f"?{query}" if query else ""))
