"""What a page of results shows: broadcasts with their moments, the words marked."""

import itertools
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from broadcasts.models import Broadcast, Tag, Transcript, VideoSource
from broadcasts.playback import watch_at
from broadcasts.services.cards import read_cards
from broadcasts.services.search.asking import Compiled
from broadcasts.services.search.finding import Said, SaidThen, moments_of
from broadcasts.services.search.marking import Marker
from broadcasts.templatetags.episodes import guests_in_list, plain_text


@dataclass(frozen=True, kw_only=True)
class Moment:
    """Something said. `seconds` count from the broadcast's start; `watch_url` is the platform's
    own page at that second, empty where no video is known to have that clock."""

    seconds: int
    html: SafeString
    address: str
    watch_url: str
    platform: str


@dataclass(frozen=True, kw_only=True)
class Result:
    """A broadcast that answers. `passages` are all of its own, of which `moments` are shown.

    `text` is a part of its body, when the words are found there and nowhere better; `tags` are the
    keywords that have them.
    """

    broadcast: Broadcast
    title: SafeString
    who: SafeString
    dek: SafeString
    text: SafeString
    tags: tuple[SafeString, ...]
    moments: tuple[Moment, ...]
    passages: int

    @property
    def others(self) -> int:
        """How many of its passages are not shown."""
        return self.passages - len(self.moments)


def results_of(
    compiled: Compiled, *, numbers: Sequence[int], most_moments: int
) -> tuple[Result, ...]:
    """The results for these broadcasts, in this order. Seven queries, however many there are."""
    said = moments_of(compiled, broadcasts=numbers, most=most_moments)
    clocks = _clocks(said)
    broadcasts = {row.pk: row for row in read_cards(numbers)}
    tags = _tags(broadcasts)
    bodies = {
        pk: plain_text(f"{opening} {rest}")
        for pk, opening, rest in Broadcast.objects.filter(pk__in=broadcasts)
        .exclude(pk__in=said)
        .values_list("pk", "body_opening", "body_rest")
    }
    marker = Marker(compiled, _texts(broadcasts.values(), said, [*bodies.values(), *_flat(tags)]))
    return tuple(
        _result(broadcasts[pk], said.get(pk), clocks, bodies.get(pk, ""), tags.get(pk, ()), marker)
        for pk in numbers
        if pk in broadcasts
    )


@dataclass(frozen=True, kw_only=True)
class Clock:
    """What a transcript's times are counted on: `offset` seconds after the broadcast's own start.
    `source` is where they can be watched, None where no video is known to have that clock."""

    offset: int = 0
    source: VideoSource | None = None


def _clocks(said: Mapping[int, Said]) -> dict[int, Clock]:
    """By transcript, its clock: that of the source it came with; one that was sent in has the
    broadcast's, and so has a source whose offset is known, or that is the only one."""
    numbers = {moment.transcript for one in said.values() for moment in one.moments}
    transcripts = Transcript.objects.filter(pk__in=numbers).select_related("source")
    videos: defaultdict[int, list[VideoSource]] = defaultdict(list)
    for source in VideoSource.objects.filter(broadcast__in=list(said)).playable():
        videos[source.broadcast_id].append(source)
    return {one.pk: _clock(one, videos[one.broadcast_id]) for one in transcripts}


def _clock(transcript: Transcript, videos: Sequence[VideoSource]) -> Clock:
    source = transcript.source
    if source is not None:
        is_there = source.availability == VideoSource.Availability.AVAILABLE
        return Clock(offset=source.offset_seconds or 0, source=source if is_there else None)
    known = (one for one in videos if one.offset_seconds is not None or len(videos) == 1)
    return Clock(source=next(known, None))


def _tags(broadcasts: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """By broadcast, the names of its keywords."""
    rows = Tag.objects.filter(broadcasts__in=list(broadcasts)).values_list("broadcasts", "name")
    named: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for broadcast, name in rows.order_by("name"):
        named[broadcast] += (name,)
    return named


def _flat(tags: Mapping[int, tuple[str, ...]]) -> Iterator[str]:
    return itertools.chain.from_iterable(tags.values())


def _texts(
    broadcasts: Iterable[Broadcast],
    said: Mapping[int, Said],
    others: Iterable[str],
) -> Iterator[str]:
    for broadcast in broadcasts:
        yield from (broadcast.title, broadcast.dek, guests_in_list(broadcast))
    for one in said.values():
        yield from (moment.text for moment in one.moments)
    yield from others


def _result(
    broadcast: Broadcast,
    said: Said | None,
    clocks: Mapping[int, Clock],
    body: str,
    tags: Iterable[str],
    marker: Marker,
) -> Result:
    excerpt = None if marker.spans(broadcast.dek) else marker.excerpt(body)
    return Result(
        broadcast=broadcast,
        title=marker.marked(broadcast.title),
        who=marker.marked(guests_in_list(broadcast)),
        dek=marker.marked(broadcast.dek),
        text=excerpt.html if excerpt else SafeString(""),
        tags=tuple(marker.marked(name) for name in tags if marker.spans(name)),
        moments=tuple(
            _moment(broadcast, one, clocks.get(one.transcript, Clock()), marker)
            for one in (said.moments if said else ())
        ),
        passages=said.total if said else 0,
    )


def _moment(broadcast: Broadcast, said: SaidThen, clock: Clock, marker: Marker) -> Moment:
    excerpt = marker.excerpt(said.text)
    # The line in which the first marked word stands is the cue to open the video at.
    ends = list(itertools.accumulate(len(line) + 1 for line in said.text.split("\n")))
    line = bisect_right(ends, excerpt.first) if excerpt else 0
    start_ms = said.cue_starts_ms[min(line, len(said.cue_starts_ms) - 1)]
    seconds = max(0, start_ms // 1000 - clock.offset)
    source = clock.source
    return Moment(
        seconds=seconds,
        html=excerpt.html if excerpt else marker.marked(said.text),
        address=f"{broadcast.get_absolute_url()}?t={seconds}",
        watch_url=watch_at(source, seconds) if source else "",
        platform=source.get_platform_display() if source else "",
    )
