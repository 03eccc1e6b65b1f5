"""HTTP habits of the public site: no cookie, so no CSRF token; other guards instead."""

import functools
import time
from collections.abc import Callable
from typing import Concatenate, ParamSpec, cast
from urllib.parse import urlsplit

from csp.decorators import csp_replace
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

P = ParamSpec("P")
STAMP_SALT = "auposte.form"


def refuse_null_bytes(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: PostgreSQL text holds no NUL, so no address of ours does; answer 400."""

    def middleware(request: HttpRequest) -> HttpResponse:
        query = request.META.get("QUERY_STRING", "")
        if "\x00" in request.path or "\x00" in query or "%00" in query:
            return HttpResponseBadRequest("Adresse illisible.", content_type="text/plain")
        return get_response(request)

    return middleware


def client_address(request: HttpRequest) -> str:
    """The visitor's IP address; behind our own proxy, the last hop that it saw."""
    if settings.TRUST_PROXY:
        forwarded = request.headers.get("x-forwarded-for", "")
        last = forwarded.rsplit(",", 1)[-1].strip()
        if last:
            return str(last)
    return str(request.META.get("REMOTE_ADDR", ""))


def is_same_origin(request: HttpRequest) -> bool:
    """Whether a form was sent from this site, as far as the browser says.

    Browsers send `Origin` (or at least `Sec-Fetch-Site` or `Referer`) with every POST. A client
    that sends none of them is no browser, carries no victim's credentials, and is let through.
    """
    own = {settings.SITE_URL, f"{request.scheme}://{request.get_host()}"}
    origin = request.headers.get("Origin")
    if origin and origin != "null":
        return origin in own
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site:
        return fetch_site in {"same-origin", "none"}
    referer = urlsplit(request.headers.get("Referer", ""))
    if referer.netloc:
        return f"{referer.scheme}://{referer.netloc}" in own
    return origin is None


def public_form(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Decorate a public view that shows (GET) and takes (POST) a form without any cookie."""

    @csrf_exempt
    @require_http_methods(["GET", "HEAD", "POST"])
    @functools.wraps(view)
    def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
        if request.method == "POST" and not is_same_origin(request):
            return render(request, "403.html", status=403)
        response = view(request, *args, **kwargs)
        response["Cache-Control"] = "no-store"
        return response

    return cast(Callable[Concatenate[HttpRequest, P], HttpResponse], guarded)


def framable(
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Decorate a view whose page any site may put into a frame: nothing on it can be misclicked."""
    framed = xframe_options_exempt(csp_replace({"frame-ancestors": ["*"]})(view))
    return cast(Callable[Concatenate[HttpRequest, P], HttpResponse], framed)


def form_stamp() -> str:
    """A signed time to hide in a form: when it was shown."""
    return signing.TimestampSigner(salt=STAMP_SALT).sign("form")


def stamp_age(stamp: str) -> float | None:
    """Seconds since `form_stamp()` made this stamp; None when it is not one of ours."""
    signer = signing.TimestampSigner(salt=STAMP_SALT)
    try:
        signer.unsign(stamp)
        shown_at = signing.b62_decode(stamp.rsplit(":", 2)[1])
    except (signing.BadSignature, ValueError, IndexError):
        return None
    return max(0.0, time.time() - shown_at)
