"""The people who came, and the series: pages that list broadcasts."""

from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from auposte.pages.policy import kept
from broadcasts.models import Broadcast, Series
from broadcasts.services.browsing import public_guests, public_series, public_through
from broadcasts.views.paging import numbered_page
from guests.models import Guest

EPISODES_A_PAGE = 24


@kept()
@require_safe
def guests(request: HttpRequest) -> HttpResponse:
    """`/invites`: everybody who came, under the letter of their last name."""
    people = list(public_guests())
    letters = [(letter, list(group)) for letter, group in groupby(people, key=_first_letter)]
    context = {"letters": letters, "count": len(people)}
    return render(request, "guests/guests.html", context)


def _first_letter(guest: Guest) -> str:
    """`É` stands under E; what is no letter, under 0."""
    first = guest.sort_key[:1].upper()
    return first if "A" <= first <= "Z" else "0"


@kept("page")
@require_safe
def guest(request: HttpRequest, slug: str) -> HttpResponse:
    """`/invites/<slug>`: somebody, and where they were heard. 404 until that is public."""
    person = Guest.objects.filter(public_through("broadcasts"), slug=slug).first()
    if person is None:
        raise Http404("Personne n’est connu à cette adresse.")
    heard = Broadcast.objects.public().filter(guests=person)
    page = numbered_page(request, heard.newest_first().for_cards(), EPISODES_A_PAGE)
    return render(request, "guests/guest.html", {"guest": person, "page": page})


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
    shown = Broadcast.objects.public().filter(series=show)
    page = numbered_page(request, shown.newest_first().for_cards(), EPISODES_A_PAGE)
    return render(request, "broadcasts/series.html", {"series": show, "page": page})
