"""An episode for other sites to show (https://oembed.com): its player, or its card."""

import re
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit
from xml.sax.saxutils import escape

from django.conf import settings
from django.utils.html import format_html

from auposte.outside import absolute, xml_text
from broadcasts.models import Broadcast
from broadcasts.share_cards import HEIGHT, WIDTH, Card

PLAYER_WIDTH, PLAYER_HEIGHT = 800, 450
CACHE_SECONDS = 3600
EPISODES = "/emissions/"
MOMENT = re.compile(r"[0-9hms:]{1,12}", re.ASCII)


def slug_in(address: str) -> str | None:
    """The slug that an address of this site names; None for any other address.

    With or without TLS: who copies an address may have an old one.
    """
    try:
        parts = urlsplit(address.strip())
        port = parts.port
    except ValueError:
        return None
    own = urlsplit(settings.SITE_URL)
    if parts.scheme not in {"http", "https"} or parts.hostname != own.hostname or port != own.port:
        return None
    path = unquote(parts.path).rstrip("/")
    slug = path.removeprefix(EPISODES).partition("/")[0]
    return slug if path.startswith(EPISODES) and slug and "\x00" not in slug else None


def moment_in(address: str) -> str:
    """The moment that an address begins at, as it was written (`90`, `1h12m`); empty for none."""
    written = parse_qs(urlsplit(address).query).get("t", [""])[-1]
    return written if MOMENT.fullmatch(written) else ""


def answer_path(broadcast: Broadcast, *, form: str) -> str:
    """Where this site answers about it; pages say so to those who look for it."""
    return f"/oembed?{urlencode({'url': absolute(broadcast.get_absolute_url()), 'format': form})}"


def fitting(
    width: int, height: int, *, most_wide: int | None, most_high: int | None
) -> tuple[int, int]:
    """The size (pixels) in the same proportions that is within what was asked for."""
    scale = min(
        1.0,
        (most_wide or width) / width,
        (most_high or height) / height,
    )
    return max(1, int(width * scale)), max(1, int(height * scale))


def describe(
    broadcast: Broadcast, card: Card, *, has_player: bool, moment: str,
    most_wide: int | None, most_high: int | None,
) -> dict[str, Any]:  # fmt: skip
    """What oEmbed calls a `video`, or a `link` where there is nothing to watch.

    The video begins at `moment` when there is one.
    """
    across, down = fitting(WIDTH, HEIGHT, most_wide=most_wide, most_high=most_high)
    facts: dict[str, Any] = {
        "version": "1.0",
        "type": "link",
        "title": broadcast.title,
        "author_name": "Au Poste",
        "author_url": absolute("/"),
        "provider_name": "Au Poste",
        "provider_url": absolute("/"),
        "cache_age": CACHE_SECONDS,
        "thumbnail_url": absolute(card.path),
        "thumbnail_width": across,
        "thumbnail_height": down,
    }
    if not has_player:
        return facts
    width, height = fitting(PLAYER_WIDTH, PLAYER_HEIGHT, most_wide=most_wide, most_high=most_high)
    page = absolute(f"{broadcast.get_absolute_url()}/integrer")
    html = format_html(
        '<iframe src="{}" width="{}" height="{}" title="{}" frameborder="0"'
        ' allow="fullscreen; picture-in-picture" allowfullscreen></iframe>',
        f"{page}?t={moment}" if moment else page, width, height, broadcast.title,
    )  # fmt: skip
    return {**facts, "type": "video", "html": str(html), "width": width, "height": height}


def as_xml(facts: dict[str, Any]) -> str:
    """The same answer in the protocol's other form."""
    fields = "".join(
        f"<{name}>{escape(xml_text(str(value)))}</{name}>" for name, value in facts.items()
    )
    declaration = '<?xml version="1.0" encoding="utf-8" standalone="yes"?>'
    return f"{declaration}\n<oembed>{fields}</oembed>"
