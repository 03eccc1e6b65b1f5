"""What the foot of every page asks for."""

from typing import Any

from django import template

from outlet.services import pages

register = template.Library()


@register.simple_tag(takes_context=True)
def outlet_pages(context: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    """The outlet's own pages in their order: address, title."""
    shown = pages.pages_in_foot(context.get("broadcast"))
    return tuple((page.get_absolute_url(), page.title) for page in shown)
