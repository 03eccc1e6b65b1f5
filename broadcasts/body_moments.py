"""Moments that an episode's text speaks of: `[1:12:00]` leads into the video."""

import re

from auposte.durations import parse_duration
from auposte.richtext import sanitise

# In sanitised HTML every attribute stands in double quotes.
TAG = re.compile(r'(<(?:[^<>"]|"[^"]*")*>)')
NAME = re.compile(r"</?([a-z0-9]+)")
BRACKETED = re.compile(r"\[((?:[0-9]{1,2}:)?[0-9]{1,3}:[0-9]{2})\]", re.ASCII)
# Within these nothing becomes a link.
CLOSED = {"a", "code", "pre"}


def link_moments(html: str) -> str:
    """Rich text in which `[1:12:00]` and `[12:34]` are links to that second, `?t=` on the page.

    Brackets are what tells a moment of the video from an hour of the day or a score. What is a link
    already stays as it is, so this can be done again.
    """
    within = 0
    parts = TAG.split(sanitise(html))
    for place, part in enumerate(parts):
        if place % 2 == 0:
            parts[place] = part if within else BRACKETED.sub(_link, part)
        elif (name := NAME.match(part)) and name[1] in CLOSED:
            within += -1 if part.startswith("</") else 1
    return "".join(parts)


def _link(found: re.Match[str]) -> str:
    try:
        return f'<a href="?t={parse_duration(found[1])}">{found[0]}</a>'
    except ValueError:
        return found[0]
