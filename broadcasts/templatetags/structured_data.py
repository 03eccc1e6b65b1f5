"""JSON-LD in a page: data, never executed."""

import json

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from broadcasts import structured_data as schema
from broadcasts.services.reading import Dossier

register = template.Library()

# Nothing in a title may close the element.
ESCAPES = {ord("<"): "\\u003c", ord(">"): "\\u003e", ord("&"): "\\u0026"}


@register.simple_tag
def structured_data(dossier: Dossier) -> SafeString:
    """The episode's <script type="application/ld+json">."""
    text = json.dumps(schema.article(dossier), ensure_ascii=False).translate(ESCAPES)
    return format_html(
        '<script type="application/ld+json">{}</script>',
        mark_safe(text),  # noqa: S308  # every < > & is escaped above
    )
