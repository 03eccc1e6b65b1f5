"""JSON-LD in a page: data, never executed."""

import json

from django import template
from django.utils.safestring import SafeString, mark_safe

from broadcasts import structured_data as schema
from broadcasts.models import Series
from broadcasts.services.reading import Dossier
from guests.models import Guest

register = template.Library()

# Nothing in a title may close the element.
ESCAPES = (("<", "\\u003c"), (">", "\\u003e"), ("&", "\\u0026"))


@register.simple_tag
def structured_data(thing: Dossier | Series | Guest | None = None) -> SafeString:
    """The page's <script type="application/ld+json">, one for each thing; without one, home's."""
    match thing:
        case Dossier():
            told = schema.of_episode(thing)
        case Series():
            told = schema.of_series(thing)
        case Guest():
            told = schema.of_guest(thing)
        case _:
            told = schema.of_home()
    return mark_safe("\n".join(map(_script, told)))  # noqa: S308  # see there


def _script(thing: schema.Thing) -> str:
    """Safe: every < > & is escaped."""
    text = json.dumps(thing, ensure_ascii=False)
    # Not `translate`, which looks at each letter and took a tenth of a page's time.
    for sign, escape in ESCAPES:
        text = text.replace(sign, escape)
    return f'<script type="application/ld+json">{text}</script>'
