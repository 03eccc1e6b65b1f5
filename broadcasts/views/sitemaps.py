"""The sitemaps, for search engines."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from auposte.pages.policy import kept
from broadcasts.services import browsing, mapping

MOST_NEWS = 1000


@kept()
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """`/sitemap.xml`: which sitemaps there are."""
    return _answer(request, "index", {"parts": mapping.parts()})


@kept()
@require_safe
def episodes(request: HttpRequest, number: int) -> HttpResponse:
    """`/sitemaps/emissions-<n>.xml`: a thousand broadcasts, with their videos."""
    entries = mapping.episodes(number) if 0 < number <= mapping.MOST_PARTS else []
    if not entries:
        raise Http404("Aucun plan à cette adresse.")
    return _answer(request, "episodes", {"entries": entries})


@kept()
@require_safe
def news(request: HttpRequest) -> HttpResponse:
    """`/sitemaps/actualites.xml`: what was published in the last two days."""
    return _answer(request, "news", {"broadcasts": mapping.news()[:MOST_NEWS]})


@kept()
@require_safe
def pages(request: HttpRequest) -> HttpResponse:
    """`/sitemaps/pages.xml`: the pages that are none of the others."""
    return _answer(request, "pages", {})


@kept()
@require_safe
def series(request: HttpRequest) -> HttpResponse:
    """`/sitemaps/series.xml`."""
    return _answer(request, "addresses", {"things": browsing.public_series()})


@kept()
@require_safe
def seasons(request: HttpRequest) -> HttpResponse:
    """`/sitemaps/saisons.xml`."""
    return _answer(request, "addresses", {"things": browsing.public_seasons()})


@kept()
@require_safe
def guests(request: HttpRequest) -> HttpResponse:
    """`/sitemaps/invites.xml`: everybody who has a page."""
    return _answer(request, "addresses", {"things": browsing.public_people()})


@kept()
@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    """`/sitemaps/tags.xml`: the page of each keyword."""
    return _answer(request, "addresses", {"things": browsing.public_tags()})


@kept()
@require_safe
def transcripts(request: HttpRequest) -> HttpResponse:
    """`/sitemaps/transcriptions.xml`: what was said, a page each."""
    return _answer(request, "addresses", {"things": mapping.transcripts()})


def _answer(request: HttpRequest, template: str, context: dict[str, object]) -> HttpResponse:
    return render(request, f"sitemaps/{template}.xml", context, content_type="application/xml")
