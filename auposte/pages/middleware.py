"""The outermost middleware: answers with the page that is kept, or keeps the one that is made."""

import contextlib
import hashlib
import re
import time
from collections.abc import Callable
from urllib.parse import urlencode

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified
from django.http.response import HttpResponseBase
from django.utils.cache import patch_vary_headers
from django.utils.http import parse_etags

from auposte.pages import encodings, store
from auposte.pages.policy import UNKEPT, Policy, policy_of, wants_part
from auposte.pages.store import Entry, Versions

Answer = Callable[[HttpRequest], HttpResponse]

# What moves by the clock alone (a text's hour comes, a month begins) shows after so long.
FRESH_SECONDS = 60.0
# A page is not rendered for the money alone more often; open pages ask for the money themselves.
MONEY_SECONDS = 10.0
LONGEST_KEY = 400
# Whoever has one of these is somebody: their answers are theirs.
PERSONAL = re.compile(r"(?:^|;\s*)(?:sessionid|csrftoken|don)=")
CONDITIONS = ("HTTP_IF_NONE_MATCH", "HTTP_IF_MODIFIED_SINCE")
PRIVATE = re.compile(r"no-store|private")
# For nginx: keep this for a second, unless whoever takes something away empties it.
NGINX_SECONDS = "1"


def serve_kept_pages(get_response: Answer) -> Answer:
    """Middleware, before all others."""

    def middleware(request: HttpRequest) -> HttpResponse:
        policy = _policy_for(request)
        if policy is None:
            return get_response(request)
        encoding = encodings.best(request.headers.get("accept-encoding", ""))
        key = _key(request, policy, encoding)
        if key is None:
            return get_response(request)
        try:
            versions, entry = store.look_up(key)
        except store.AwayError:
            return _unkept(request, get_response(request))
        if entry is not None and not _is_due(entry, versions, key):
            return _answer(request, entry, "hit")
        return _render(request, get_response, key=key, versions=versions, old=entry)

    return middleware


def _policy_for(request: HttpRequest) -> Policy | None:
    """That of the view, when this request gets what everybody gets."""
    meta = request.META
    if not settings.PAGES_KEPT or request.method not in {"GET", "HEAD"}:
        return None
    if "HTTP_AUTHORIZATION" in meta or PERSONAL.search(meta.get("HTTP_COOKIE", "")):
        return None
    policy = policy_of(request.path_info)
    if policy is None or not settings.SITE_URL.startswith(f"{request.scheme}://"):
        return None
    try:
        request.get_host()
    except DisallowedHost:
        return None
    return policy


def _key(request: HttpRequest, policy: Policy, encoding: str) -> str | None:
    """The page's name among those kept; None when it has none."""
    query = ""
    if request.META.get("QUERY_STRING"):
        asked = request.GET
        if any(name in asked for name in policy.never_with):
            return None
        if any(len(asked.getlist(name)) > 1 for name in policy.parameters):
            return None
        query = urlencode([(name, asked[name]) for name in policy.parameters if asked.get(name)])
    part = "part" if wants_part(request) else "page"
    key = f"{part}:{encoding}:{request.path_info}?{query}"
    return key if len(key) <= LONGEST_KEY and "\x00" not in key else None


def _is_due(entry: Entry, versions: Versions, key: str) -> bool:
    """Whether this request has to render it anew: it is old, and nobody else is at it."""
    age = time.time() - entry.kept_at
    old = (
        entry.versions.content != versions.content
        or age >= FRESH_SECONDS
        or (entry.versions.money != versions.money and age >= MONEY_SECONDS)
    )
    try:
        return old and store.may_render(key)
    except store.AwayError:
        return False


def _render(
    request: HttpRequest,
    get_response: Answer,
    *,
    key: str,
    versions: Versions,
    old: Entry | None,
) -> HttpResponse:
    """The page as it is now, kept when everybody may see it; the old one should that fail."""
    conditions = {name: request.META.pop(name) for name in CONDITIONS if name in request.META}
    method, request.method = request.method, "GET"
    response = get_response(request)
    request.method = method
    request.META.update(conditions)
    if response.status_code >= 500 and old is not None:
        response.close()
        return _answer(request, old, "stale")
    if not _may_be_kept(request, response):
        if old is not None:
            # What answers otherwise now must not come up again for those who do not render.
            with contextlib.suppress(store.AwayError):
                store.forget(key)
        return response
    _mark(response)
    entry = _entry(response, key.split(":", 2)[1], versions)
    with contextlib.suppress(store.AwayError):  # else it was rendered for this visit alone
        store.keep(key, entry)
    return _answer(request, entry, "miss")


def _may_be_kept(request: HttpRequest, response: HttpResponseBase) -> bool:
    return (
        response.status_code == 200
        and not response.streaming
        and not response.cookies
        and not getattr(request, UNKEPT, False)
        and not PRIVATE.search(response.get("Cache-Control", ""))
        and "CSRF_COOKIE" not in request.META
    )


def _mark(response: HttpResponse) -> None:
    """What browsers and nginx are told of it."""
    if not response.has_header("Cache-Control"):
        response["Cache-Control"] = "no-cache"
    patch_vary_headers(response, ["Accept-Encoding", "HX-Request"])
    response["X-Accel-Expires"] = NGINX_SECONDS


def _unkept(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Valkey is away: nginx keeps what the site renders."""
    if _may_be_kept(request, response):
        _mark(response)
    return response


def _entry(response: HttpResponse, encoding: str, versions: Versions) -> Entry:
    plain = response.content
    if response.get("Content-Type", "").startswith(("image/jpeg", "image/png")):
        encoding = encodings.PLAIN  # compressed already
    body, encoding = encodings.encode(plain, encoding)
    response["ETag"] = f'"{hashlib.sha256(plain).hexdigest()[:24]}-{encoding[0]}"'
    if encoding != encodings.PLAIN:
        response["Content-Encoding"] = encoding
    response["Content-Length"] = str(len(body))
    return Entry(
        versions=versions,
        kept_at=time.time(),
        etag=response["ETag"],
        headers=list(response.items()),
        body=body,
    )


def _answer(request: HttpRequest, entry: Entry, how: str) -> HttpResponse:
    """The kept page, or 304 for whoever has it; HEAD gets its headers."""
    asked = request.headers.get("if-none-match")
    response: HttpResponse
    if asked and ("*" in (tags := parse_etags(asked)) or _is_among(entry.etag, tags)):
        response = HttpResponseNotModified()
    else:
        response = HttpResponse(b"" if request.method == "HEAD" else entry.body)
    for name, value in entry.headers:
        if response.status_code == 200 or name not in {"Content-Length", "Content-Type"}:
            response[name] = value
    response["Server-Timing"] = f'page;desc="{how}"'
    return response


def _is_among(etag: str, tags: list[str]) -> bool:
    """Compared weakly, as RFC 9110 has it for 304: whoever compresses on the way adds W/."""
    return etag in {tag.removeprefix("W/") for tag in tags}
