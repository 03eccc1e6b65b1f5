"""Chapters as people write them in a video's description.

YouTube's rules (https://support.google.com/youtube/answer/9884579): the first at 0:00, at least
three, in order, ten seconds long at least. A list that breaks one of them is no list of chapters.
"""

import itertools
import re
from collections.abc import Iterator

from broadcasts.platforms import PlatformChapter

FEWEST = 3
SHORTEST_SECONDS = 10
MOST = 200
# A mark or a number may come before the time; an end may come after it ("0:00 – 5:30 Intro").
TIME = r"(?:([0-9]{1,2}):)?([0-9]{1,3}):([0-9]{2})(?![0-9:])"
LINE = re.compile(rf"[^\w\n]*+(?:[0-9]{{1,3}}[.)]\s+[^\w\n]*+)?{TIME}(.*)")
END = re.compile(rf"[\s\-–—→]*{TIME}")
BEFORE_TITLE = " \t\u00a0\u202f-–—:|•·.)]>→*_"
AFTER_TITLE = " \t\u00a0\u202f*_"


def chapters_in(description: str) -> tuple[PlatformChapter, ...]:
    """The first list of chapters in a description; empty when there is none that holds."""
    found: list[PlatformChapter] = []
    for seconds, title in _timed_lines(description):
        if seconds == 0 and found:
            break  # the same list once more, in another language
        if seconds == 0 or found:
            found.append(PlatformChapter(start_seconds=seconds, title=title))
    if not FEWEST <= len(found) <= MOST:
        return ()
    starts = [chapter.start_seconds for chapter in found]
    pairs = itertools.pairwise(starts)
    return tuple(found) if all(b - a >= SHORTEST_SECONDS for a, b in pairs) else ()


def _timed_lines(description: str) -> Iterator[tuple[int, str]]:
    for line in description.splitlines():
        match = LINE.match(line[:500])
        if not match:
            continue
        hours, minutes, seconds = (int(part or 0) for part in match.groups()[:3])
        rest = match[4]
        end = END.match(rest)
        title = (rest[end.end() :] if end else rest).lstrip(BEFORE_TITLE).rstrip(AFTER_TITLE)
        if title and seconds < 60 and (minutes < 60 or not match[1]):
            yield (hours * 60 + minutes) * 60 + seconds, title
