"""What can be subscribed to, and the page that says so."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.views.decorators.http import conditional_page, require_safe

from auposte.pages.policy import kept
from broadcasts.feeds.channels import KINDS, everything
from broadcasts.feeds.syndication import write_channel
from broadcasts.services import browsing

TYPES = {"xml": "application/rss+xml", "atom": "application/atom+xml"}
MOST_TAGS = 60


@kept()
@require_safe
def subscribe(request: HttpRequest) -> HttpResponse:
    """`/flux`: every feed, in words."""
    context = {
        "all_series": browsing.public_series(),
        # The most used: the others have their page, which declares its feeds.
        "tags": browsing.public_tags().order_by("-episodes", "slug")[:MOST_TAGS],  # type: ignore[misc]
    }
    return render(request, "broadcasts/feeds.html", context)


@kept()
@require_safe
@conditional_page
def feed(request: HttpRequest, form: str) -> HttpResponse:
    """`/flux/emissions.xml|.atom`: the newest broadcasts; 304 for whoever has this very feed."""
    return _answer(write_channel(everything(), form=form), form)


@kept()
@require_safe
@conditional_page
def feed_of(request: HttpRequest, kind: str, slug: str, form: str) -> HttpResponse:
    """`/flux/tags|series|invites/<slug>.xml|.atom`: 404 until something there is public."""
    find = KINDS.get(kind)
    channel = find(slug) if find else None
    if channel is None:
        raise Http404("Aucun flux à cette adresse.")
    address = f"{channel.stem}.{form}"
    if address != request.path:
        return HttpResponsePermanentRedirect(address)
    return _answer(write_channel(channel, form=form), form)


def _answer(content: bytes, form: str) -> HttpResponse:
    return HttpResponse(content, content_type=f"{TYPES[form]}; charset=utf-8")
