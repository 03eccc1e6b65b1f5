"""What episode pages say in words: names in a row, seasons, links into a video."""

import datetime as dt
import html
import re
from collections.abc import Iterable

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import escape, format_html_join
from django.utils.safestring import SafeString, mark_safe

from auposte.money import NBSP, NNBSP
from auposte.templatetags.french import (
    duration,
    french_date,
    french_time,
    iso_duration,
    paris_date,
    timecode,
    typography,
)
from broadcasts.models import Broadcast, Chapter, VideoSource
from broadcasts.playback import watch_at
from broadcasts.services.reading import Dossier
from broadcasts.services.transcripts import Line

register = template.Library()

TAG = re.compile(r"<[^>]*>")
# Those around part of a line: what follows one may be a full stop, or the rest of a word.
INLINE = re.compile(r"</?(?:a|abbr|b|cite|code|em|i|q|s|small|strong|sub|sup)\b[^>]*>")
FOLDABLE = re.compile(r"[ \t\r\n]+")


@register.filter
def plain_text(rich_text: str) -> str:
    """Sanitised HTML → the words in it, not escaped: for descriptions and excerpts."""
    words = html.unescape(TAG.sub(" ", INLINE.sub("", rich_text)))
    return FOLDABLE.sub(" ", words).strip()


@register.filter
def season(number: int) -> str:
    """`9` → `09`, as the outlet writes its seasons."""
    return f"{number:02d}"


@register.filter
def guests_in_list(broadcast: Broadcast) -> str:
    """`Welgryn Lou, Dupont Ada`: who came, of a broadcast that was read for a card."""
    guests = broadcast.guests_as_json  # type: ignore[attr-defined]  # annotated by for_cards()
    return ", ".join(f"{guest['last']} {guest['first']}".strip() for guest in guests)


@register.filter
def guests_in_prose(broadcast: Broadcast) -> str:
    """`Lou Welgryn, Ada Dupont et Zéphir`: the same in a sentence."""
    guests = broadcast.guests_as_json  # type: ignore[attr-defined]
    names = [f"{guest['first']} {guest['last']}".strip() for guest in guests]
    return " et ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


@register.filter
def shelf_mark(broadcast: Broadcast) -> str:
    """Where a card's broadcast stands: `Causerie, S10E27`; either part may be missing."""
    place = ""
    if broadcast.season:
        place = f"S{broadcast.season:02d}" + (
            f"E{broadcast.number:02d}" if broadcast.number else ""
        )
    return ", ".join(filter(None, (getattr(broadcast, "series_title", None), place)))


@register.filter
def appointment(moment: dt.datetime) -> str:
    """When to come, said as one does: `jeudi 19 h`, within the week; `jeudi 4 décembre, 19 h`.

    Never « demain »: a kept page may outlive it.
    """
    day, hour = paris_date(moment), french_time(moment).removesuffix(f"{NBSP}00")
    weekday = date_format(day, "l")
    if 0 <= (day - timezone.localdate()).days < 7:
        return f"{weekday} {hour}"
    said = french_date(day).removesuffix(f" {timezone.localdate().year}")
    return f"{weekday} {said}, {hour}"


@register.simple_tag
def options(names: Iterable[str]) -> SafeString:
    """The names as `<option>`s of a `<datalist>`: written here, there may be hundreds."""
    return format_html_join("", '<option value="{}"></option>', ((name,) for name in names))


@register.filter
def hours(seconds: int) -> str:
    """Seconds of many broadcasts together → `1 984 h`; in minutes under an hour."""
    if seconds < 3600:
        return duration(seconds)
    return f"{format(round(seconds / 3600), ',').replace(',', NNBSP)}{NBSP}h"


@register.filter
def chapter_items(dossier: Dossier) -> SafeString:
    """The chapters as <li>: each leads to its second, where a player or the sound knows it.

    By the dozen, with five filters each: not by a loop of the template's.
    """
    clock = dossier.clock
    is_heard = dossier.audio_plays_here and dossier.audio_offset is not None
    items = (_chapter_item(each, clock, is_heard=is_heard) for each in dossier.chapters)
    return mark_safe("\n".join(items))  # noqa: S308  # escaped there


def _chapter_item(chapter: Chapter, clock: VideoSource | None, *, is_heard: bool) -> str:
    seconds = chapter.start_seconds
    said = (
        f'<time datetime="{iso_duration(seconds)}">{timecode(seconds)}</time> '
        f"<span>{typography(chapter.title)}</span>"
    )
    if not clock and not is_heard:
        return f"<li><p>{said}</p></li>"
    address = escape(watch_at(clock, seconds)) if clock else f"?t={seconds}"
    return f'<li><a href="{address}" data-seek="{seconds}">{said}</a></li>'


@register.filter
def spoken(lines: Iterable[Line]) -> SafeString:
    """A paragraph's lines, each with its place and its second: by the thousand, so not by a loop of
    the template's."""
    return mark_safe(  # noqa: S308  # numbers, and escaped text
        " ".join(
            f'<span data-n="{line.position}" data-t="{line.seconds}">{escape(line.text)}</span>'
            for line in lines
        )
    )
