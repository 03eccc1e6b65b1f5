"""The fundraising in the video: a transparent page for OBS, and the state that it asks for."""

import hashlib
import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from auposte.money import euros
from donations.models import GivingSettings
from donations.overlay_theme import theme_of
from donations.services import on_air
from donations.views.till import collection_key


@require_safe
def overlay(request: HttpRequest) -> HttpResponse:
    """`/overlay/collecte?cle=…`: dressed by its query, see `overlay_theme`.

    `&collecte=<pk>` shows a special collection while it runs, else the month.

    Without the right key the answer is 403 and says nothing, so that OBS shows nothing either.
    """
    till = GivingSettings.load()
    if not on_air.key_opens(request.GET.get("cle", ""), till):
        return _alone(HttpResponse(status=403))
    context = {"theme": theme_of(request.GET), "state": _state(request, till)}
    return _alone(render(request, "donations/overlay.html", context))


@require_safe
def overlay_state(request: HttpRequest) -> HttpResponse:
    """`/overlay/collecte/etat?cle=…`: what to show now, as JSON; 304 while it is what it was.

    Asked more than once a second, in three small queries. `{"hidden": true}` and nothing else once
    somebody has hidden all.
    """
    till = GivingSettings.load()
    if not on_air.key_opens(request.GET.get("cle", ""), till):
        return _alone(HttpResponse(status=403))
    body = json.dumps(_state(request, till), ensure_ascii=False, separators=(",", ":")).encode()
    etag = f'"{hashlib.sha256(body).hexdigest()[:32]}"'
    response = get_conditional_response(request, etag=etag) or HttpResponse(
        body, content_type="application/json"
    )
    response["ETag"] = etag
    return _alone(response)


def _alone(response: HttpResponse) -> HttpResponse:
    """The address is a secret: nobody keeps the page, finds it, or is told where it leads from."""
    response["Cache-Control"] = "private, no-cache"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex, nofollow"
    return response


def _state(request: HttpRequest, till: GivingSettings) -> dict[str, Any]:
    if till.on_air_hidden:
        return {"hidden": True}
    collection_id = collection_key(request.GET.get("collecte", ""))
    shown = on_air.shown_on_air(collection_id=collection_id or 0)
    fundraising = shown.fundraising
    current = fundraising.current_line
    return {
        "hidden": False,
        "title": shown.title,
        "raised": euros(fundraising.raised_cents),
        "goal": euros(fundraising.goal_cents),
        "percent": fundraising.percent,
        "over": fundraising.over_percent if fundraising.is_over_goal else None,
        "current": {
            "label": current.label,
            "funded": euros(current.funded_cents),
            "amount": euros(current.amount_cents),
        }
        if current
        else None,
        "lines": [
            {
                "x": line.slot_x,
                "width": line.slot_width,
                "fill": line.fill_width,
                "state": line.state,
            }
            for line in fundraising.lines
        ],
        "names": list(shown.names),
        "gifts": [{"key": gift.key, "name": gift.name} for gift in shown.gifts],
        "crossed": [{"key": key, "label": label} for key, label in shown.crossed],
    }
