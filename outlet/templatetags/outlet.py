"""What the foot of every page asks for."""

from django import template

from auposte.written_once import WrittenOnce
from outlet.models import Page

register = template.Library()

_in_foot = WrittenOnce(lambda: Page.objects.in_foot().only("slug", "title"))


@register.simple_tag
def outlet_pages() -> list[Page]:
    """The outlet's own pages, in their order."""
    return _in_foot()
