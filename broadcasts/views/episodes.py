"""The home page, the list of episodes, and an episode."""

from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from django.shortcuts import render
from django.views.decorators.http import require_safe

from auposte.pages.policy import kept, leave_unkept
from broadcasts.filters import PARAMETERS, read_filters
from broadcasts.models import Broadcast
from broadcasts.services import browsing
from broadcasts.services.reading import open_dossier
from broadcasts.views.access import GoneError, gone, readable_broadcast
from broadcasts.views.paging import numbered_page

EPISODES_A_PAGE = 24
HOME_EPISODES = 9


@kept(never_with=("p",))
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """`/`: the newest episodes, the series, what the outlet is."""
    newest = list(Broadcast.objects.public().newest_first().for_cards()[:HOME_EPISODES])
    context = {
        "first": newest[0] if newest else None,
        "newest": newest[1:],
        "all_series": browsing.public_series(),
    }
    return render(request, "home.html", context)


@kept("page", *PARAMETERS)
@require_safe
def episodes(request: HttpRequest) -> HttpResponse:
    """`/emissions?page=&tags=&serie=&saison=&invite=&annee=`: newest first; unknown values are
    left aside, and said so."""
    filters = read_filters(request.GET)
    asked = {name: request.GET[name] for name in PARAMETERS if request.GET.get(name)}
    if asked != filters.parameters:
        leave_unkept(request)
    page = numbered_page(request, filters.narrow(Broadcast.objects.public()), EPISODES_A_PAGE)
    if filters.moved:
        return HttpResponsePermanentRedirect(filters.address(page=page.number))
    context = {
        "filters": filters,
        "drawers": filters.drawers(browsing.shelves()),
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
