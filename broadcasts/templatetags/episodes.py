"""What episode pages say in words: names in a row, seasons, links into a video."""

from django import template

from broadcasts.models import Appearance, Broadcast, VideoSource
from broadcasts.playback import position_on, watch_at

register = template.Library()


@register.filter
def season(number: int) -> str:
    """`9` → `09`, as the outlet writes its seasons."""
    return f"{number:02d}"


@register.filter
def guests_in_list(broadcast: Broadcast) -> str:
    """`Welgryn Lou, Dupont Ada`: who came, from prefetched appearances."""
    return ", ".join(
        appearance.guest.list_name
        for appearance in broadcast.appearances.all()
        if appearance.role == Appearance.Role.GUEST
    )


@register.filter
def at_seconds(source: VideoSource, seconds: int) -> str:
    """The source's own page, at this moment (seconds) of the broadcast."""
    return watch_at(source, seconds)


@register.filter
def position_at(source: VideoSource, seconds: int) -> int:
    """Seconds on the source's own clock, for the player."""
    return position_on(source, seconds)
