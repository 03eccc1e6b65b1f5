"""What an item says of itself, read from how WordPress writes it."""

import datetime as dt
import html
import re
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from zoneinfo import ZoneInfo

from auposte.slugs import french_slug
from broadcasts.models import Broadcast
from broadcasts.wordpress.addresses import decoded
from broadcasts.wordpress.documents import Item
from broadcasts.wordpress.markup import parse

PARIS = ZoneInfo("Europe/Paris")
LONGEST_TITLE = 250
LARGEST_ID = 2_147_483_647
HTML_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
EPISODE = re.compile(r"\bS\s?(\d{1,2})\s?E\s?(\d{1,3})\b", re.IGNORECASE)
NEVER_SHOWN = {
    "trash": "à la corbeille",
    "auto-draft": "brouillon jamais enregistré",
    "inherit": "révision ou pièce jointe",
}
DRAFTS = {
    "draft": "brouillon",
    "pending": "en attente de relecture",
    "private": "privé",
}


@dataclass(frozen=True, kw_only=True)
class Publication:
    """`reason` (French) says why a text is a draft; `at` (UTC) only what is published has."""

    status: str
    at: dt.datetime | None = None
    reason: str = ""

    @property
    def is_public(self) -> bool:
        """Whether readers see it now."""
        return (
            self.status == Broadcast.Status.PUBLISHED
            and self.at is not None
            and self.at <= dt.datetime.now(dt.UTC)
        )


def plain_title(item: Item) -> str:
    """The title without markup; what stands for an empty one."""
    text = html.unescape(HTML_TAG.sub("", item.title))
    text = re.sub(r"\s+", " ", text).strip()
    if len(text) > LONGEST_TITLE:
        text = text[: LONGEST_TITLE - 1].rsplit(" ", 1)[0] + "…"
    return text or f"Sans titre (nº {item.post_id})"


def plain_text(text: str) -> str:
    """HTML as plain text, its paragraphs apart."""
    spaced = re.sub(r"(</p>|<br\s*/?>|</div>|</li>|\n)", r" \1", text, flags=re.IGNORECASE)
    return re.sub(r"\s+", " ", parse(spaced).text()).strip()


def slug_source(item: Item) -> str:
    """What the new slug is made of: the title, else WordPress's own slug, else the number."""
    own_title = "" if plain_title(item).startswith("Sans titre (nº") else plain_title(item)
    for text in (own_title, decoded(item.name)):
        if french_slug(text):
            return text
    return f"article {item.post_id}"


def moment(item: Item) -> dt.datetime | None:
    """When it was, or is to be, published (UTC)."""
    for text, zone in ((item.date_gmt, dt.UTC), (item.date, PARIS)):
        try:
            naive = dt.datetime.strptime(text, "%Y-%m-%d %H:%M:%S")  # noqa: DTZ007  # zone follows
            return naive.replace(tzinfo=zone).astimezone(dt.UTC)
        except (ValueError, OverflowError):  # « 0000-00-00 00:00:00 » is how WordPress says never
            continue
    try:
        found = parsedate_to_datetime(item.pub_date)
        return found.astimezone(dt.UTC) if found.tzinfo else found.replace(tzinfo=dt.UTC)
    except (ValueError, TypeError, OverflowError):
        return None


def publication_of(item: Item) -> Publication:
    """Only what WordPress shows everybody is published; a future date makes it programmed."""
    if item.password:
        return Publication(status=Broadcast.Status.DRAFT, reason="protégé par un mot de passe")
    if item.status not in {"publish", "future"}:
        reason = DRAFTS.get(item.status, f"état inconnu « {item.status[:40]} »")
        return Publication(status=Broadcast.Status.DRAFT, reason=reason)
    at = moment(item)
    if at is None:
        return Publication(status=Broadcast.Status.DRAFT, reason="publié sans date lisible")
    return Publication(status=Broadcast.Status.PUBLISHED, at=at)


def reason_to_skip(item: Item, post_types: tuple[str, ...]) -> str:
    """Why an item is left out (French); "" when it is a post to import."""
    if item.post_type not in post_types:
        return KINDS.get(item.post_type, f"contenu de type « {item.post_type[:40]} »")
    if item.post_id is None or not 0 < item.post_id <= LARGEST_ID:
        return "sans numéro utilisable"
    if item.too_long:
        return "texte démesuré (plus de quatre millions de caractères)"
    return NEVER_SHOWN.get(item.status, "")


KINDS = {
    "attachment": "fichier de la médiathèque",
    "page": "page (à refaire à la main)",
    "nav_menu_item": "entrée de menu",
    "revision": "révision",
    "custom_css": "style",
    "customize_changeset": "réglage d’apparence",
    "oembed_cache": "cache",
    "wp_block": "bloc réutilisable",
    "wp_template": "modèle de page",
    "wp_template_part": "modèle de page",
    "wp_global_styles": "style",
    "wp_navigation": "menu",
    "post": "article",
}


def episode_in(title: str) -> tuple[int, int] | None:
    """Season and number from `… - S10E27 - …`."""
    found = EPISODE.search(title)
    if not found or not int(found[1]):
        return None
    return int(found[1]), int(found[2])
