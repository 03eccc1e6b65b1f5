"""What episode pages say in words: names in a row, seasons, links into a video."""

import html
import re

from django import template

from broadcasts.models import Appearance, Broadcast, VideoSource
from broadcasts.playback import position_on, watch_at
from guests.models import Guest

register = template.Library()

TAG = re.compile(r"<[^>]*>")
FOLDABLE = re.compile(r"[ \t\r\n]+")


@register.filter
def plain_text(rich_text: str) -> str:
    """Sanitised HTML → the words in it, not escaped: for descriptions and excerpts."""
    words = html.unescape(TAG.sub(" ", rich_text))
    return FOLDABLE.sub(" ", words).strip()


@register.filter
def season(number: int) -> str:
    """`9` → `09`, as the outlet writes its seasons."""
    return f"{number:02d}"


def _guests(broadcast: Broadcast) -> list[Guest]:
    return [
        appearance.guest
        for appearance in broadcast.appearances.all()
        if appearance.role == Appearance.Role.GUEST
    ]


@register.filter
def guests_in_list(broadcast: Broadcast) -> str:
    """`Welgryn Lou, Dupont Ada`: who came, from prefetched appearances."""
    return ", ".join(guest.list_name for guest in _guests(broadcast))


@register.filter
def guests_in_prose(broadcast: Broadcast) -> str:
    """`Lou Welgryn, Ada Dupont et Zéphir`: the same in a sentence."""
    names = [guest.name for guest in _guests(broadcast)]
    return " et ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


@register.filter
def at_seconds(source: VideoSource, seconds: int) -> str:
    """The source's own page, at this moment (seconds) of the broadcast."""
    return watch_at(source, seconds)


@register.filter
def position_at(source: VideoSource, seconds: int) -> int:
    """Seconds on the source's own clock, for the player."""
    return position_on(source, seconds)
