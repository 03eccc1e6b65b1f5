"""The fundraising as a fragment that open pages ask for again and again."""

import functools
import hashlib
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from donations.services import campaigns

TEMPLATE = "donations/till.html"


@require_safe
def till(request: HttpRequest) -> HttpResponse:
    """`/fragments/collecte`: the fundraising as it stands, for pages that stay open.

    Every open page asks three times a minute, and most of the time nothing has moved: then the
    answer is 304, and no template is rendered. `?collecte=<key>` comes from those that show a
    special collection; they get the month once it is over.
    """
    collection_id = collection_key(request.GET.get("collecte", ""))
    context = {"fundraising": campaigns.shown_fundraising(collection_id=collection_id)}
    etag = _etag(context)
    response = get_conditional_response(request, etag=etag) or render(request, TEMPLATE, context)
    response["Cache-Control"] = "no-cache"
    response["ETag"] = etag
    return response


def collection_key(typed: str) -> int | None:
    """The key of a special collection, as an address carries it; None for what is none."""
    return int(typed) if typed.isascii() and typed.isdigit() and len(typed) < 10 else None


def _etag(context: dict[str, Any]) -> str:
    """Of all that is shown, to the cent, and of the template that shows it."""
    shown = f"{_template_version()} {context!r}"
    return f'"{hashlib.sha256(shown.encode()).hexdigest()[:32]}"'


@functools.cache
def _template_version() -> str:
    source: str = get_template(TEMPLATE).template.source  # type: ignore[attr-defined]
    return hashlib.sha256(source.encode()).hexdigest()
