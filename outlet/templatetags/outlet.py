"""What the foot of every page asks for."""

from collections.abc import Sequence
from typing import Any

from django import template

from outlet.models import Page
from outlet.services import pages

register = template.Library()


@register.simple_tag(takes_context=True)
def outlet_pages(context: dict[str, Any]) -> Sequence[Page]:
    """The outlet's own pages, in their order."""
    return pages.pages_in_foot(context.get("broadcast"))
