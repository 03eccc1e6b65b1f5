"""What other sites show of a page: OpenGraph and Twitter's card. https://ogp.me"""

from typing import Any

from django import template
from django.templatetags.static import static

from auposte.outside import absolute
from broadcasts import oembed, share_cards
from broadcasts.models import Broadcast, Series
from broadcasts.services.reading import Dossier
from guests.models import Guest

register = template.Library()

SLOGAN = "Au Poste. Debout, micro ouvert."


@register.inclusion_tag("sharing.html", takes_context=True)
def share(
    context: template.Context,
    thing: Dossier | Series | Guest | None = None,
    *,
    title: str = "",
    description: str = "",
) -> dict[str, Any]:
    """The tags of a page about `thing`, with its card; else with the outlet's own picture.

    Without a title, those who read them take the page's own.
    """
    card = _card_of(thing)
    return {
        "url": context.get("canonical_url", ""),
        "title": title,
        "description": description,
        "image": absolute(card.path if card else static("img/social.png")),
        "alt": " – ".join(filter(None, (card.heading, card.below))) if card else SLOGAN,
        "published": thing.broadcast.published_at if isinstance(thing, Dossier) else None,
        "kind": "article" if isinstance(thing, Dossier) else "website",
    }


def _card_of(thing: Dossier | Series | Guest | None) -> share_cards.Card | None:
    match thing:
        case Dossier():
            return share_cards.episode_card(
                thing.broadcast, guests=[appearance.guest.name for appearance in thing.guests]
            )
        case Series():
            return share_cards.series_card(thing)
        case Guest():
            return share_cards.guest_card(thing)
        case _:
            return None


@register.simple_tag
def oembed_address(broadcast: Broadcast, form: str) -> str:
    """Where the oEmbed answer about it is."""
    return absolute(oembed.answer_path(broadcast, form=form))
