"""HTTP habits of the public site: no cookie, so no CSRF token; other guards instead."""

import functools
import ipaddress
import re
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Concatenate, ParamSpec, cast
from urllib.parse import urlsplit

from csp.decorators import csp_replace
from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import render
from django.views.decorators.clickjacking import xframe_options_exempt
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

P = ParamSpec("P")
STAMP_SALT = "auposte.form"


CHARSET = re.compile(r";\s*charset\s*\*?\s*=[^;]*", re.IGNORECASE)


def in_utf8_only(application: "WSGIApplication") -> "WSGIApplication":
    """Around the site: whatever a request says of its letters, they are read as UTF-8.

    Django would read the address with any codec that Python has, those that are none for texts as
    well, before the first middleware: an error without a page, or null bytes that nobody expects.
    """

    def wrapped(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        if "charset" in environ.get("CONTENT_TYPE", "").lower():
            environ["CONTENT_TYPE"] = CHARSET.sub("", environ["CONTENT_TYPE"])
        return application(environ, start_response)

    return wrapped


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


def explain_refused_methods(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Middleware: a page for people where Django's 405 has none; programs get its `Allow` alone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 405 or "text/html" not in request.headers.get("accept", ""):
            return response
        page = render(request, "405.html", status=405)
        page["Allow"] = response["Allow"]
        return page

    return middleware


def client_address(request: HttpRequest) -> str:
    """The visitor's IP address, to count by; behind our own proxy, the last hop that it saw.

    Of IPv6 the network's (/64): a single line has as many addresses as it likes there.
    """
    address = str(request.META.get("REMOTE_ADDR", ""))
    if settings.TRUST_PROXY:
        forwarded = request.headers.get("x-forwarded-for", "")
        address = str(forwarded.rsplit(",", 1)[-1].strip()) or address
    try:
        whole = ipaddress.ip_address(address)
    except ValueError:
        return address
    if whole.version == 4 or whole.ipv4_mapped:
        return str(whole)
    return str(ipaddress.ip_network((int(whole), 64), strict=False).network_address)


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
    try:
        referer = urlsplit(request.headers.get("Referer", ""))
    except ValueError:  # no address at all, so none of ours
        return False
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
