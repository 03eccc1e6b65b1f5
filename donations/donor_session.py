"""The donor's own cookie: signed, under `/don/gerer` only, an hour long.

It holds the donor's key and their `session_key`, and is worth nothing once that key has changed:
« me déconnecter partout » and erasing change it. Nobody else's pages see this cookie.
"""

import functools
import uuid
from collections.abc import Callable
from typing import Concatenate, ParamSpec, cast

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.crypto import constant_time_compare, salted_hmac
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from auposte.http import is_same_origin
from donations.models import Donor

P = ParamSpec("P")

COOKIE, PATH = "don", "/don/gerer"
SECONDS = 3600
SALT = "donations.donor_session"
READ, FORM = ("GET", "HEAD"), ("GET", "HEAD", "POST")


def open_session(response: HttpResponse, donor: Donor) -> None:
    """Let the browser that gets `response` into this donor's space for an hour."""
    response.set_cookie(
        COOKIE,
        signing.dumps([donor.pk, donor.session_key.hex], salt=SALT),
        max_age=SECONDS,
        path=PATH,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )


def close_session(response: HttpResponse) -> None:
    """Take the cookie back."""
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")


def donor_of(request: HttpRequest) -> Donor | None:
    """Whose browser this is, as long as their session holds."""
    try:
        pk, key = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=SECONDS)
        return Donor.objects.filter(
            pk=int(pk), session_key=uuid.UUID(key), erased_at__isnull=True
        ).first()
    except (signing.BadSignature, TypeError, ValueError):
        return None


def session_stamp(request: HttpRequest) -> str:
    """What forms of the space carry: only pages shown in this very session know it."""
    return salted_hmac(SALT, request.COOKIES.get(COOKIE, ""), algorithm="sha256").hexdigest()


def came_from_here(request: HttpRequest) -> bool:
    """`is_same_origin` for pages without a referrer: there, browsers send `Origin: null`.

    Older ones then say nothing else, and the secret of the address or the session's stamp decides.
    """
    says_nothing = (
        request.headers.get("Origin") == "null"
        and "Sec-Fetch-Site" not in request.headers
        and "Referer" not in request.headers
    )
    return says_nothing or is_same_origin(request)


def keep_private(response: HttpResponse) -> HttpResponse:
    """No cache keeps the page, and no other page learns its address."""
    response["Cache-Control"] = "no-store"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


def private_page(
    *methods: str,
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponse]],
    Callable[Concatenate[HttpRequest, P], HttpResponse],
]:
    """Decorate a page that holds a secret in its address, and needs no session."""

    def decorate(
        view: Callable[Concatenate[HttpRequest, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        @csrf_exempt
        @require_http_methods(list(methods))
        @functools.wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            if request.method == "POST" and not came_from_here(request):
                return keep_private(render(request, "403.html", status=403))
            return keep_private(view(request, *args, **kwargs))

        return cast(Callable[Concatenate[HttpRequest, P], HttpResponse], guarded)

    return decorate


def donor_page(
    *methods: str,
) -> Callable[
    [Callable[Concatenate[HttpRequest, Donor, P], HttpResponse]],
    Callable[Concatenate[HttpRequest, P], HttpResponse],
]:
    """Decorate a page of the space: it gets the donor. Without a session it leads to the door.

    A POST must carry the session's stamp, so that no other site can send one.
    """

    def decorate(
        view: Callable[Concatenate[HttpRequest, Donor, P], HttpResponse],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
        def guarded(request: HttpRequest, /, *args: P.args, **kwargs: P.kwargs) -> HttpResponse:
            donor = donor_of(request)
            if donor is None:
                response: HttpResponse = redirect(f"{PATH}?dit=session")
                close_session(response)
                return response
            if request.method == "POST" and not constant_time_compare(
                request.POST.get("stamp", ""), session_stamp(request)
            ):
                return render(request, "403.html", status=403)
            return view(request, donor, *args, **kwargs)

        return private_page(*methods)(guarded)

    return decorate
