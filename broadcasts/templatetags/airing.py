"""What pages ask of a broadcast on the air."""

import datetime as dt
from collections.abc import Iterable

from django import template
from django.utils import timezone

from broadcasts.models import Broadcast, VideoSource
from broadcasts.services import antenna as air
from broadcasts.services.antenna import Antenna, Stream, antenna_of

register = template.Library()


@register.simple_tag
def antenna(broadcast: Broadcast) -> Antenna:
    """The broadcast's place on the air, without a query where it was read with its `airing`."""
    return antenna_of(broadcast)


@register.simple_tag
def streams_among(antenna: Antenna, sources: Iterable[VideoSource]) -> tuple[Stream, ...]:
    """Where it can be watched, of a broadcast's sources that were read already."""
    return air.streams_among(antenna, sources)


@register.filter
def is_late(moment: dt.datetime) -> bool:
    """Whether the announced hour (UTC) has passed."""
    return moment <= timezone.now()
