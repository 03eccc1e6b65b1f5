"""The home page, the list of episodes, and an episode."""

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from auposte.pages.policy import kept, leave_unkept
from broadcasts.drawers import drawers, orders
from broadcasts.filters import PARAMETERS, asked_pairs, read_filters
from broadcasts.services import browsing
from broadcasts.services.antenna import current_antenna
from broadcasts.services.cards import newest_cards
from broadcasts.services.reading import open_dossier
from broadcasts.views.access import GoneError, gone, readable_broadcast
from broadcasts.views.lists import found_page

HOME_EPISODES = 9


@kept(never_with=("p",))
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """`/`: what is on air or comes next, the newest episodes, the series, what the outlet is."""
    antenna = current_antenna()
    newest = [card for card in newest_cards(HOME_EPISODES + 1) if card != antenna.broadcast]
    context = {
        "antenna": antenna,
        "first": newest[0] if newest else None,
        "newest": newest[1:HOME_EPISODES],
        "all_series": browsing.public_series(),
    }
    return render(request, "home.html", context)


@kept("page", *PARAMETERS)
@require_safe
def episodes(request: HttpRequest) -> HttpResponse:
    """`/emissions?page=&tags=&serie=&saison=&invite=&annee=&duree=&transcription=&tri=`.

    Unknown values are left aside, and said so. Kept with one filter at most, canonically written:
    there is no end to the others.
    """
    filters = read_filters(request.GET)
    if filters.is_combined or asked_pairs(request.GET) != filters.pairs:
        leave_unkept(request)
    found, page = found_page(request, filters.narrowing, order=filters.order)
    if filters.moved:
        return HttpResponsePermanentRedirect(filters.address(page=page.number))
    context = {
        "filters": filters,
        "drawers": drawers(filters, found),
        "orders": orders(filters),
        "page": page,
        "canonical_url": filters.canonical_url(page.number),
    }
    return render(request, "broadcasts/episodes.html", context)


@kept()
@require_safe
def episode(request: HttpRequest, slug: str) -> HttpResponse:
    """`/emissions/<slug>`: 404 for what is not public, 410 for what was taken away."""
    try:
        broadcast = readable_broadcast(slug)
    except GoneError:
        return gone(request)
    context = {"broadcast": broadcast, "dossier": open_dossier(broadcast)}
    return render(request, "broadcasts/episode.html", context)
