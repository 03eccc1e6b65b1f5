"""« Marque ce moment »: taps during a live, which an editor makes chapters of."""

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone

from broadcasts.models import Airing, Broadcast, Chapter, Mark
from broadcasts.services.moments import origin_of
from broadcasts.services.versions import keep_version

# Whoever taps has heard it first: what was worth it began before.
LEAD = dt.timedelta(seconds=20)
# A thumb that trembles, a request that is sent again.
SAME_TAP = dt.timedelta(seconds=3)
LONGEST_LABEL = 200
MARKED_IN = (Airing.State.LIVE, Airing.State.INTERRUPTED)


class NotOnAirError(Exception):
    """There is no live to mark a moment of."""


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A mark as the chapter that it would make, in seconds of the broadcast's own clock."""

    mark: Mark
    start_seconds: int


@dataclass(frozen=True, kw_only=True)
class Decision:
    """An editor's word on a mark; it is dropped when `title` is None."""

    mark_id: int
    start_seconds: int
    title: str | None


@transaction.atomic
def mark_moment(*, broadcast_id: int, user: User, label: str = "") -> Mark:
    """Note this second. The same thumb within three seconds marks it once, and may add its word."""
    airing = Airing.objects.select_for_update().filter(broadcast=broadcast_id).first()
    if airing is None or airing.state not in MARKED_IN:
        raise NotOnAirError
    now = timezone.now().replace(microsecond=0)
    label = " ".join(label.split())[:LONGEST_LABEL]
    last = airing.marks.filter(by=user, at__gte=now - SAME_TAP).order_by("-at").first()
    if last is None:
        return Mark.objects.create(airing=airing, at=now, by=user, label=label)
    if label and not last.label:
        last.label = label
        last.save(update_fields=["label"])
    return last


def undo_mark(*, mark_id: int, broadcast_id: int) -> bool:
    """Take a mark back that nobody has made a chapter of; whether there was one."""
    waiting = Mark.objects.filter(
        pk=mark_id, airing__broadcast=broadcast_id, fate=Mark.Fate.WAITING
    )
    return bool(waiting.delete()[0])


def draft_chapters(broadcast: Broadcast) -> list[Draft]:
    """The marks that wait for an editor, with their times once it is known when the live began."""
    waiting = Mark.objects.filter(
        airing__broadcast=broadcast, fate=Mark.Fate.WAITING
    ).select_related("by", "airing")
    origin = origin_of(broadcast)
    if origin is None:
        return []
    return [
        Draft(mark=mark, start_seconds=max(0, int((mark.at - LEAD - origin).total_seconds())))
        for mark in waiting
    ]


@transaction.atomic
def decide_marks(*, broadcast: Broadcast, decisions: Sequence[Decision], user: User) -> int:
    """Make chapters of what is kept, and be done with the rest; how many chapters.

    Marks that somebody else has decided meanwhile stay as they are.
    """
    by_key = {decision.mark_id: decision for decision in decisions}
    marks = Mark.objects.select_for_update().filter(
        pk__in=by_key, airing__broadcast=broadcast, fate=Mark.Fate.WAITING
    )
    taken = set(broadcast.chapters.values_list("start_seconds", flat=True))
    kept = 0
    for mark in marks:
        decision = by_key[mark.pk]
        mark.fate = Mark.Fate.DROPPED if decision.title is None else Mark.Fate.KEPT
        mark.save(update_fields=["fate"])
        if decision.title is None:
            continue
        start = next(s for s in itertools.count(decision.start_seconds) if s not in taken)
        taken.add(start)
        Chapter.objects.create(broadcast=broadcast, start_seconds=start, title=decision.title)
        kept += 1
    if kept:
        keep_version(page=broadcast, user=user)
    return kept
