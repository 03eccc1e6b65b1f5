"""The card of a broadcast in a list.

Its HTML follows from what it shows and from nothing else, and lists share their cards: each is
written once a process, until one of those facts changes.
"""

import datetime as dt
import functools

from django import template
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from auposte.templatetags.french import paris_date
from broadcasts.models import Broadcast
from broadcasts.templatetags.episodes import guests_in_list, shelf_mark
from broadcasts.templatetags.pictures import picture

register = template.Library()

SIZES = "(min-width: 88rem) 20rem, (min-width: 40rem) 45vw, 8rem"


@register.simple_tag
def card(broadcast: Broadcast, *, eager: bool = False, bare: bool = False) -> SafeString:
    """An `<li>`, of a broadcast that was read for cards; `bare` without the guests.

    `eager` for the one whose picture opens the page.
    """
    shown = ""
    if broadcast.image:
        x, y = broadcast.focal_x, broadcast.focal_y
        shown = picture(
            broadcast.image,  # type: ignore[arg-type]  # a StoredImageFile
            sizes=SIZES, eager=eager, focus_x=x, focus_y=y,
        )  # fmt: skip
    # Announced on the site before it is on the air: that is the day readers look for.
    hour = None if broadcast.aired_at else broadcast.scheduled_for
    is_awaited = hour is not None and hour > timezone.now()
    moment = hour if is_awaited else broadcast.date
    return _written(
        broadcast.get_absolute_url(),
        broadcast.title,
        shown,
        # Without a picture, its first lines.
        "" if shown else broadcast.dek or broadcast.title,
        shelf_mark(broadcast),
        broadcast.extract_of_id is not None,
        "" if bare else guests_in_list(broadcast),
        is_awaited,
        paris_date(moment) if moment else None,
        broadcast.duration_seconds,
    )


@functools.lru_cache(maxsize=4096)
def _written(
    address: str,
    title: str,
    shown: str,
    lines: str,
    mark: str,
    is_extract: bool,
    names: str,
    is_awaited: bool,
    day: dt.date | None,
    duration_seconds: int | None,
) -> SafeString:
    context = {
        "address": address,
        "title": title,
        "picture": shown,
        "lines": lines,
        "mark": mark,
        "is_extract": is_extract,
        "names": names,
        "is_awaited": is_awaited,
        "day": day,
        "duration_seconds": duration_seconds,
    }
    return render_to_string("broadcasts/card.html", context)
