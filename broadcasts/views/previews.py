"""A text before it is out, for whoever holds a link."""

from collections.abc import Callable
from functools import wraps

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from broadcasts.services.previews import PreviewError, open_preview
from broadcasts.services.reading import open_dossier

View = Callable[[HttpRequest, str], HttpResponse]


def between_us(view: View) -> View:
    """Whatever the answer: nobody stores it, indexes it, or hears of its address by a referrer."""

    @wraps(view)
    def guarded(request: HttpRequest, token: str) -> HttpResponse:
        response = view(request, token)
        response["Cache-Control"] = "no-store"
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        return response

    return guarded


@require_safe
@between_us
def preview(request: HttpRequest, token: str) -> HttpResponse:
    """`/apercu/<token>`: the episode's page under a banner; once out, the way to the real one."""
    try:
        found = open_preview(token)
    except PreviewError as error:
        context = {"message": str(error), "code": error.status}
        return render(request, "broadcasts/preview_closed.html", context, status=error.status)
    address = found.broadcast.get_absolute_url()
    if found.broadcast.is_public:
        return HttpResponseRedirect(address)
    context = {
        "broadcast": found.broadcast,
        "dossier": open_dossier(found.broadcast),
        "preview": found,
        # The address in use is a secret: the page says the one that it will have.
        "canonical_url": f"{settings.SITE_URL}{address}",
    }
    return render(request, "broadcasts/episode.html", context)
