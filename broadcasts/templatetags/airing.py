"""What pages ask of a broadcast on the air."""

import datetime as dt

from django import template
from django.utils import timezone

from broadcasts.models import Broadcast
from broadcasts.services.antenna import Antenna, antenna_of

register = template.Library()


@register.simple_tag
def antenna(broadcast: Broadcast) -> Antenna:
    """The broadcast's place on the air, without a query where it was read with its `airing`."""
    return antenna_of(broadcast)


@register.filter
def is_late(moment: dt.datetime) -> bool:
    """Whether the announced hour (UTC) has passed."""
    return moment <= timezone.now()
