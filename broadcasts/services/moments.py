"""What happens while a broadcast is live, kept as chapters: « 21 h 04 : le loyer est payé »."""

import datetime as dt
import itertools
import re

from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce

from auposte.money import NBSP
from auposte.templatetags.french import french_time
from broadcasts.models import Broadcast, Chapter, VideoSource

# Such a title is what tells a moment from a chapter that an editor wrote: it also comes through a
# form and through a version that is given back, where a column would be lost.
MOMENT = re.compile(r"[0-9]{1,2}\sh\s[0-9]{2}\s:\s")
LONGEST_TITLE = 200


def is_moment(chapter: Chapter) -> bool:
    """Whether it was noted during the live, and is neither an editor's nor a platform's."""
    return chapter.source_id is None and MOMENT.match(chapter.title) is not None


def live_at(moment: dt.datetime) -> VideoSource | None:
    """The video that was live at `moment` (aware); of several the one that had begun last.

    Platforms tell of a beginning a little late, and some never do: then the broadcast's own time on
    air counts. A live without any beginning comes last.
    """
    return (
        _lives_until(moment)
        .filter(Q(began__lte=moment) | Q(began=None, live_state=VideoSource.LiveState.LIVE))
        .order_by(F("began").desc(nulls_last=True), "pk")
        .first()
    )


def _lives_until(moment: dt.datetime) -> QuerySet[VideoSource]:
    under_way = Q(live_state=VideoSource.LiveState.LIVE, ended_at=None)
    return (
        VideoSource.objects.filter(under_way | Q(ended_at__gte=moment))
        .exclude(broadcast__status=Broadcast.Status.ARCHIVED)
        .select_related("broadcast")
        .annotate(began=Coalesce("started_at", "broadcast__aired_at"))
    )


def note_moment(*, source: VideoSource, at: dt.datetime, text: str) -> Chapter | None:
    """Keep what happened at `at` during this live as a chapter of its broadcast.

    None while nobody knows when the live began. Several calls for one moment make several chapters.
    """
    began = source.started_at or source.broadcast.aired_at
    if began is None:
        return None
    seconds = max(0, int((at - began).total_seconds()) - (source.offset_seconds or 0))
    taken = set(
        Chapter.objects.filter(
            broadcast=source.broadcast_id, start_seconds__gte=seconds
        ).values_list("start_seconds", flat=True)
    )
    return Chapter.objects.create(
        broadcast_id=source.broadcast_id,
        start_seconds=next(second for second in itertools.count(seconds) if second not in taken),
        title=f"{french_time(at)}{NBSP}: {text}"[:LONGEST_TITLE],
    )
