"""What happens while a broadcast is live, kept as chapters: « 21 h 04 : le loyer est payé »."""

import datetime as dt
import itertools
import re

from django.db.models import Q

from auposte.money import NBSP
from auposte.templatetags.french import french_time
from broadcasts.models import Airing, AiringChange, Broadcast, Chapter, VideoSource
from broadcasts.services.antenna import ON_AIR

# Such a title is what tells a moment from a chapter that an editor wrote: it also comes through a
# form and through a version that is given back, where a column would be lost.
MOMENT = re.compile(r"[0-9]{1,2}\sh\s[0-9]{2}\s:\s")
LONGEST_TITLE = 200


def is_moment(chapter: Chapter) -> bool:
    """Whether it was noted during the live, and is neither an editor's nor a platform's."""
    return chapter.source_id is None and MOMENT.match(chapter.title) is not None


def on_air_at(moment: dt.datetime) -> Broadcast | None:
    """What was on the air at `moment` (aware), by its own state: a break is part of the evening,
    and an editor's word counts as on the pages. Of several the one that had begun last.

    For moments that have just passed: a broadcast that came back meanwhile counts as never gone.
    """
    left_since = AiringChange.objects.filter(at__gte=moment, from_state__in=ON_AIR).exclude(
        to_state__in=ON_AIR
    )
    return (
        Broadcast.objects.exclude(status=Broadcast.Status.ARCHIVED)
        .filter(
            Q(airing__state__in=ON_AIR) | Q(airing__in=left_since.values("airing")),
            airing__began_at__lte=moment,
        )
        .select_related("airing")
        .order_by("-airing__began_at", "pk")
        .first()
    )


def origin_of(broadcast: Broadcast) -> dt.datetime | None:
    """When second 0 of the broadcast's clock was: a source's clock is `offset_seconds` ahead.

    As the first platform tells it, else when it went on the air; None when nobody knows.
    """
    told = broadcast.sources.filter(started_at__isnull=False).exclude(role=VideoSource.Role.AUDIO)
    source = told.order_by("started_at", "pk").first()
    if source is not None and source.started_at is not None:
        return source.started_at + dt.timedelta(seconds=source.offset_seconds or 0)
    airing = Airing.objects.filter(broadcast=broadcast).only("began_at").first()
    return (airing.began_at if airing else None) or broadcast.aired_at


def note_moment(*, broadcast: Broadcast, at: dt.datetime, text: str) -> Chapter | None:
    """Keep what happened at `at` while this broadcast was on the air as a chapter of it.

    None while nobody knows when it began. Several calls for one moment make several chapters.
    """
    began = origin_of(broadcast)
    if began is None:
        return None
    seconds = max(0, int((at - began).total_seconds()))
    later = Chapter.objects.filter(broadcast=broadcast, start_seconds__gte=seconds)
    taken = set(later.values_list("start_seconds", flat=True))
    return Chapter.objects.create(
        broadcast=broadcast,
        start_seconds=next(second for second in itertools.count(seconds) if second not in taken),
        title=f"{french_time(at)}{NBSP}: {text}"[:LONGEST_TITLE],
    )
