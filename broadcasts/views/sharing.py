"""What other sites show of a page: its picture, and an episode's player in a frame."""

import re
from collections.abc import Callable
from dataclasses import replace

from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseBadRequest,
    HttpResponseRedirect,
    JsonResponse,
)
from django.shortcuts import render
from django.views.decorators.http import require_safe

from auposte.http import framable
from auposte.outside import absolute
from auposte.pages.policy import kept, leave_unkept
from broadcasts import oembed, share_cards
from broadcasts.models import Appearance, Broadcast, Series, VideoSource
from broadcasts.services.browsing import public_through
from broadcasts.services.moving import Gone, Moved, find_old_path
from broadcasts.services.reading import open_dossier
from broadcasts.views.access import GoneError, gone, readable_broadcast
from guests.models import Guest

PLAIN = "text/plain; charset=utf-8"
PIXELS = re.compile(r"[1-9][0-9]{0,4}", re.ASCII)


def _episode(slug: str) -> share_cards.Card:
    return _card_of(readable_broadcast(slug))


def _card_of(broadcast: Broadcast) -> share_cards.Card:
    came = Appearance.objects.filter(broadcast=broadcast, role=Appearance.Role.GUEST)
    names = [appearance.guest.name for appearance in came.select_related("guest")]
    return share_cards.episode_card(broadcast, guests=names)


def _series(slug: str) -> share_cards.Card:
    series = Series.objects.filter(public_through("broadcasts"), slug=slug).first()
    if series is None:
        raise Http404("Aucune série à cette adresse.")
    return share_cards.series_card(series)


def _guest(slug: str) -> share_cards.Card:
    guest = Guest.objects.filter(public_through("broadcasts"), slug=slug).first()
    if guest is None:
        raise Http404("Personne n’est connu à cette adresse.")
    return share_cards.guest_card(guest)


CARDS: dict[str, Callable[[str], share_cards.Card]] = {
    "emissions": _episode,
    "series": _series,
    "invites": _guest,
}


@kept()
@require_safe
def share_image(
    request: HttpRequest, kind: str, slug: str, digest: str, *, square: bool = False
) -> HttpResponse:
    """`/partage/emissions|series|invites/<slug>.<digest>.jpg`: only what is public has one.

    Podcast applications get an episode's square one, `/partage/emissions/<slug>.….carre.jpg`.
    An address whose picture has changed leads to the one of today. Caches on the way ask before
    they show one again: no word of ours would reach them when an episode is taken away.
    """
    if kind not in CARDS:
        raise Http404("Aucune image à cette adresse.")
    try:
        card = replace(CARDS[kind](slug), is_square=square)
    except GoneError:
        return gone(request)
    if digest != card.digest:
        return HttpResponseRedirect(card.path)
    return HttpResponse(share_cards.draw(card), content_type="image/jpeg")


@kept()
@require_safe
@framable
def player(request: HttpRequest, slug: str) -> HttpResponse:
    """`/emissions/<slug>/integrer`: the player alone, for a frame on any site.

    404 where there is nothing to watch. Like everywhere, the platform is asked after a click.
    """
    try:
        broadcast = readable_broadcast(slug)
    except GoneError:
        return gone(request)
    players = open_dossier(broadcast).players
    if not players:
        raise Http404("Rien à regarder à cette adresse.")
    context = {"broadcast": broadcast, "source": players[0].source, "offset": players[0].offset}
    return render(request, "broadcasts/player.html", context)


@kept("url", "format", "maxwidth", "maxheight")
@require_safe
def oembed_answer(request: HttpRequest) -> HttpResponse:
    """`/oembed?url=&format=json|xml&maxwidth=&maxheight=`: how to show an episode elsewhere.

    404 for what is none of our public episodes, 501 for another format (https://oembed.com).
    """
    asked = request.GET
    form = asked.get("format") or "json"
    sizes = [asked.get(name, "") for name in ("maxwidth", "maxheight")]
    if form not in {"json", "xml"}:
        return HttpResponse("Formats : json, xml.", status=501, content_type=PLAIN)
    if not asked.get("url") or any(size and not PIXELS.fullmatch(size) for size in sizes):
        return HttpResponseBadRequest(
            "Il faut url=, l’adresse d’une émission ; maxwidth et maxheight en pixels.",
            content_type=PLAIN,
        )
    try:
        broadcast = _named_by(asked["url"])
    except GoneError:
        return HttpResponse("Cette émission a été retirée.", status=404, content_type=PLAIN)
    if any(sizes) or asked["url"] != absolute(broadcast.get_absolute_url()):
        leave_unkept(request)
    wide, high = (int(size) if size else None for size in sizes)
    facts = oembed.describe(
        broadcast,
        _card_of(broadcast),
        has_player=VideoSource.objects.filter(broadcast=broadcast).playable().exists(),
        moment=oembed.moment_in(asked["url"]),
        most_wide=wide,
        most_high=high,
    )
    if form == "xml":
        return HttpResponse(oembed.as_xml(facts), content_type="text/xml; charset=utf-8")
    return JsonResponse(facts, json_dumps_params={"ensure_ascii": False})


def _named_by(address: str) -> Broadcast:
    """The public broadcast at an address of this site, today's or an old one."""
    slug = oembed.slug_in(address)
    if slug is None:
        raise Http404("Aucune émission à cette adresse.")
    try:
        return readable_broadcast(slug)
    except Http404:
        found = find_old_path(f"{oembed.EPISODES}{slug}")
        if isinstance(found, Gone):
            raise GoneError from None
        if not isinstance(found, Moved) or not found.path.startswith(oembed.EPISODES):
            raise
        return readable_broadcast(found.path.removeprefix(oembed.EPISODES))
