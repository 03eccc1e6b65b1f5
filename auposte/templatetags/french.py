"""Filters that write numbers, dates and durations as French print does. Built in everywhere."""

import datetime as dt
import functools
import re
from collections.abc import Sized

from django import template
from django.template import defaultfilters
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator

from auposte import money
from auposte.money import NBSP, NNBSP

register = template.Library()


@register.filter
def euros(cents: int) -> str:
    """Integer cents → `1 900,00 €`."""
    return money.euros(cents)


@register.filter
def pluralize(count: float | Sized | None, endings: str = "s") -> str:
    """Django's, of a number or of what has a length, in French: from two up. `0 émission`."""
    number = count if isinstance(count, int | float) else len(count or ())
    return defaultfilters.pluralize(1 if abs(number) < 2 else number, endings)


@register.filter
def duration(seconds: int | None) -> str:
    """Seconds → `1 h 48`, `52 min`, `45 s`; nothing for None."""
    if seconds is None:
        return ""
    hours, rest = divmod(seconds, 3600)
    minutes = rest // 60
    if hours:
        return f"{hours}{NBSP}h{NBSP}{minutes:02d}"
    return f"{minutes}{NBSP}min" if minutes else f"{rest}{NBSP}s"


@register.filter
def timecode(seconds: int) -> str:
    """Seconds → `1:21:30` or `6:12`."""
    hours, rest = divmod(seconds, 3600)
    minutes, left = divmod(rest, 60)
    return f"{hours}:{minutes:02d}:{left:02d}" if hours else f"{minutes}:{left:02d}"


@register.filter
def said_moment(seconds: int) -> str:
    """Seconds → `1 h 12`, `12 min 05`, `45 s`: a moment as one says it."""
    minutes, rest = divmod(seconds, 60)
    if 1 <= minutes < 60 and rest:
        return f"{minutes}{NBSP}min{NBSP}{rest:02d}"
    return duration(seconds)


@register.filter
def file_size(size: int) -> str:
    """Bytes → `98 Mo`, `1,2 Go`, `640 ko`, in thousands, as shops and phones count."""
    for unit, name in ((10**9, "Go"), (10**6, "Mo")):
        if size >= unit:
            whole = size / unit
            said = f"{whole:.0f}" if whole >= 10 else f"{whole:.1f}".replace(".", ",")
            return f"{said.removesuffix(',0')}{NBSP}{name}"
    return f"{max(1, round(size / 1000))}{NBSP}ko"


@register.filter
def iso_duration(seconds: int | None) -> str:
    """Seconds → `PT1H48M0S`, for a `datetime` attribute."""
    if seconds is None:
        return ""
    hours, rest = divmod(seconds, 3600)
    return f"PT{hours}H{rest // 60}M{rest % 60}S"


@register.filter
def paris_date(moment: dt.datetime | dt.date) -> dt.date:
    """The day in Paris of a moment kept in UTC."""
    if isinstance(moment, dt.datetime):
        return timezone.localtime(moment).date()
    return moment


@register.filter
def french_date(moment: dt.datetime | dt.date) -> str:
    """The day in Paris as one says it: `1er août 2025`, `21 mai 2025`."""
    return _said(paris_date(moment))


@functools.lru_cache(maxsize=4096)
def _said(day: dt.date) -> str:
    text = date_format(day, "j F Y")
    return f"1er{text[1:]}" if day.day == 1 else text


@register.simple_tag
def french_days(first: dt.date, last: dt.date) -> str:
    """From day to day, nothing said twice: `du 1er au 30 novembre 2026`, `le 27 novembre 2026`."""
    if first == last:
        return f"le {_said(first)}"
    words = 3 if first.year != last.year else 2 if first.month != last.month else 1
    return f"du {' '.join(_said(first).split()[:words])} au {_said(last)}"


@register.filter
def typography(text: str) -> SafeString:
    """Escape plain text, then put the no-break spaces where French print has them."""
    return _spaced(str(conditional_escape(text)))


@functools.lru_cache(maxsize=8192)
def _spaced(escaped: str) -> SafeString:
    """Text of HTML with the spaces of French print. Titles and names come back on each page."""
    spaced = re.sub(r"[ \u00a0\u202f]+([!?;])", rf"{NNBSP}\1", escaped)
    spaced = re.sub(r"[ \u00a0\u202f]+([:%€»])", rf"{NBSP}\1", spaced)
    return mark_safe(re.sub(r"«[ \u00a0\u202f]+", f"«{NBSP}", spaced))  # noqa: S308  # escaped


@register.filter
def shortened(text: str, length: int) -> str:
    """Plain text, cut to this many characters, with an ellipsis where something is left out."""
    return _cut(str(text), length)


@functools.lru_cache(maxsize=4096)
def _cut(text: str, length: int) -> str:
    return Truncator(text).chars(length)


@register.filter
def iso_date(moment: dt.datetime | dt.date) -> str:
    """The day in Paris as machines read it."""
    return paris_date(moment).isoformat()


@register.filter
def iso_moment(moment: dt.datetime) -> str:
    """A moment kept in UTC, as machines read it, on the clock of Paris."""
    return timezone.localtime(moment).isoformat()


@register.filter
def nested(text: str) -> str:
    """Plain text that will stand between « and »: its own quotes become “ and ”."""
    return re.sub(r"«[ \u00a0\u202f]*(.*?)[ \u00a0\u202f]*»", r"“\1”", text)


@register.filter
def french_time(moment: dt.datetime) -> str:
    """The hour in Paris of a moment kept in UTC: `9 h 05`."""
    local = timezone.localtime(moment)
    return f"{local.hour}{NBSP}h{NBSP}{local.minute:02d}"


@register.filter
def french_moment(moment: dt.datetime) -> str:
    """A moment kept in UTC as one says it in Paris: `24 novembre à 9 h 05`.

    Another year than ours is said too.
    """
    day = french_date(moment)
    this_year = f" {timezone.localdate().year}"
    return f"{day.removesuffix(this_year)} à {french_time(moment)}"
