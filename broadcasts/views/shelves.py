"""How the archive is laid out: series, seasons, keywords; an index of each, and a page for each."""

from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from auposte.pages.policy import kept
from broadcasts.filters import Filters
from broadcasts.models import Series, Tag, TagAlias
from broadcasts.services.browsing import (
    public_seasons,
    public_series,
    public_tags,
    public_through,
)
from broadcasts.views.lists import shelf

LAST_SEASON = 9999


@kept()
@require_safe
def all_series(request: HttpRequest) -> HttpResponse:
    """`/series`: the shows, and how many episodes each has."""
    return render(request, "broadcasts/all_series.html", {"all_series": public_series()})


@kept("page")
@require_safe
def series(request: HttpRequest, slug: str) -> HttpResponse:
    """`/series/<slug>`: a show and its episodes. 404 until one is public."""
    show = Series.objects.filter(public_through("broadcasts"), slug=slug).first()
    if show is None:
        raise Http404("Aucune série à cette adresse.")
    context = {"series": show, **shelf(request, Filters(series=show))}
    return render(request, "broadcasts/series.html", context)


@kept()
@require_safe
def seasons(request: HttpRequest) -> HttpResponse:
    """`/saisons`: what each season holds."""
    return render(request, "broadcasts/seasons.html", {"seasons": public_seasons()})


@kept("page")
@require_safe
def season(request: HttpRequest, number: int) -> HttpResponse:
    """`/saisons/<n>`: a season and its episodes. 404 until one is public; `/saisons/04` moved."""
    if not 1 <= number <= LAST_SEASON:
        raise Http404("Aucune saison de ce numéro.")
    shown = shelf(request, Filters(season=number))
    if not shown["found"].total:
        raise Http404("Aucune saison de ce numéro.")
    if request.path != f"/saisons/{number}":
        return HttpResponsePermanentRedirect(f"/saisons/{number}")
    return render(request, "broadcasts/season.html", {"number": number, **shown})


@kept()
@require_safe
def tags(request: HttpRequest) -> HttpResponse:
    """`/tags`: every keyword, under its first letter, and how many episodes have it."""
    rows = list(public_tags())
    letters = [(letter, list(group)) for letter, group in groupby(rows, key=_first_letter)]
    return render(request, "broadcasts/tags.html", {"letters": letters, "count": len(rows)})


def _first_letter(tag: Tag) -> str:
    """By its slug, where accents are folded; what is no letter, under 0."""
    first = tag.slug[:1].upper()
    return first if "A" <= first <= "Z" else "0"


@kept("page")
@require_safe
def tag(request: HttpRequest, slug: str) -> HttpResponse:
    """`/tags/<slug>`: a keyword and its episodes. 404 until one is public; former names moved."""
    public = public_through("broadcasts")
    keyword = Tag.objects.filter(public, slug=slug).first()
    if keyword is None:
        today = TagAlias.objects.filter(slug=slug).values("tag")
        moved = Tag.objects.filter(public, pk__in=today).first()
        if moved is None:
            raise Http404("Aucun mot-clé à cette adresse.")
        return HttpResponsePermanentRedirect(moved.page_address)
    context = {"tag": keyword, **shelf(request, Filters(tags=(keyword,)))}
    return render(request, "broadcasts/tag.html", context)
