"""Who may read what, in one place: everybody the public, nobody the rest."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from broadcasts.models import Broadcast
from broadcasts.services.reading import find_broadcast


class GoneError(Exception):
    """The broadcast was taken away for good: its address answers 410."""


def readable_broadcast(slug: str) -> Broadcast:
    """The public broadcast at this address. GoneError when archived, Http404 otherwise.

    A draft or a programmed broadcast answers as if it did not exist.
    """
    broadcast = find_broadcast(slug)
    if broadcast is not None and broadcast.status == Broadcast.Status.ARCHIVED:
        raise GoneError
    if broadcast is None or not broadcast.is_public:
        raise Http404("Aucune émission à cette adresse.")
    return broadcast


def gone(request: HttpRequest) -> HttpResponse:
    """The page that says that an episode was taken away."""
    return render(request, "410.html", status=410)
