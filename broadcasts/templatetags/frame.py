"""What the frame of every page asks for: the motto of the moment, the current section."""

import zlib
from typing import Any

from django import template
from django.utils import timezone
from django.utils.safestring import SafeString, mark_safe

from broadcasts.services.frame import Frame, frame_along, read_frame

register = template.Library()

MOTTO_SECONDS = 600


def _frame(context: dict[str, Any]) -> Frame:
    """Read once for a page; an episode's page has read it along with the episode."""
    along = frame_along(context.get("broadcast"))
    if along is not None:
        return along
    request = context.get("request")
    read: Frame | None = getattr(request, "_frame", None)
    if read is None:
        read = read_frame()
        if request is not None:
            request._frame = read
    return read


@register.simple_tag(takes_context=True)
def on_air(context: dict[str, Any]) -> bool:
    """Whether something is live now."""
    return _frame(context).is_live


@register.simple_tag(takes_context=True)
def motto(context: dict[str, Any]) -> str:
    """The banner's line: it changes with the page and every ten minutes, never under one's eyes."""
    texts = _frame(context).mottos
    if not texts:
        return ""
    request = context.get("request")
    slot = int(timezone.now().timestamp()) // MOTTO_SECONDS
    path = request.path if request else ""
    return texts[(zlib.crc32(path.encode(errors="replace")) + slot) % len(texts)]


@register.simple_tag(takes_context=True)
def section(context: dict[str, Any]) -> str:
    """Where in the site one is, as far as `current` tells: `/emissions`, or `/emissions/` below."""
    request = context.get("request")
    _, first, *below = (request.path if request else "/").split("/")
    return f"/{first}/" if below else f"/{first}"


@register.simple_tag(takes_context=True)
def current(context: dict[str, Any], section: str) -> SafeString:
    """The attribute that marks the section one is in, for a link of the navigation."""
    request = context.get("request")
    path = request.path if request else ""
    if path == section:
        return mark_safe(' aria-current="page"')
    if path.startswith(f"{section}/"):
        return mark_safe(' aria-current="true"')
    return mark_safe("")
