"""The live, and the agenda of those to come: what readers see of `Airing`."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from auposte.pages.policy import kept, wants_part
from broadcasts.services.agenda import CONTENT_TYPE, write_agenda
from broadcasts.services.antenna import (
    OFF,
    announced_broadcasts,
    antenna_of,
    current_antenna,
    last_antenna,
    streams_among,
    streams_of,
)
from broadcasts.services.reading import open_dossier
from broadcasts.views.access import GoneError, gone, readable_broadcast


@kept()
@require_safe
def direct(request: HttpRequest) -> HttpResponse:
    """`/direct`: what is live, else what is announced next, else the last replay; always 200.

    htmx gets the part that changes with the state, which open pages ask for again.
    """
    antenna = current_antenna()
    if antenna is OFF:
        antenna = last_antenna()
    context = {"antenna": antenna, "streams": streams_of(antenna)}
    part = "#antenne" if wants_part(request) else ""
    return render(request, f"broadcasts/direct.html{part}", context)


@kept()
@require_safe
def strip(request: HttpRequest) -> HttpResponse:
    """`/fragments/direct`: the strip on the front page, as it is now."""
    context = {"antenna": current_antenna(), "place": "home", "polled": True}
    return render(request, "broadcasts/_antenne.html", context)


@kept()
@require_safe
def episode_strip(request: HttpRequest, slug: str) -> HttpResponse:
    """`/fragments/direct/<slug>`: what changes on an episode's page with its state: the strip, the
    stamp, the picture that opens the video. 404 and 410 as the page.
    """
    try:
        broadcast = readable_broadcast(slug)
    except GoneError:
        return gone(request)
    antenna, dossier = antenna_of(broadcast), open_dossier(broadcast)
    context = {
        "antenna": antenna,
        "broadcast": broadcast,
        "dossier": dossier,
        "streams": streams_among(antenna, dossier.sources),
        "place": "episode",
        "polled": True,
    }
    return render(request, "broadcasts/_antenne.html", context)


@kept()
@require_safe
def agenda(request: HttpRequest) -> HttpResponse:
    """`/agenda`: what is announced, the next first."""
    context = {"announced": announced_broadcasts().for_cards().with_airing()}
    return render(request, "broadcasts/agenda.html", context)


@kept()
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """`/agenda.ics`: the same for calendars that subscribe to it."""
    return HttpResponse(write_agenda(), content_type=CONTENT_TYPE)


@kept()
@require_safe
def episode_calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """`/emissions/<slug>/agenda.ics`: one broadcast; 404 when it has no hour on the air."""
    try:
        broadcast = readable_broadcast(slug)
    except GoneError:
        return gone(request)
    if broadcast.scheduled_for is None:
        raise Http404("Cette émission n’a pas d’heure d’antenne.")
    response = HttpResponse(write_agenda([broadcast]), content_type=CONTENT_TYPE)
    response["Content-Disposition"] = f'attachment; filename="{slug}.ics"'
    return response
