"""The people who came: a register, and a page for each."""

from itertools import groupby

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from auposte.pages.policy import kept
from broadcasts.filters import Filters
from broadcasts.services.browsing import public_guests, public_through
from broadcasts.views.lists import shelf
from guests.models import Guest


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
    context = {"guest": person, **shelf(request, Filters(guests=(person,)))}
    return render(request, "guests/guest.html", context)
