"""The podcast: what can be listened to, for podcast applications and directories.

https://help.apple.com/itc/podcasts_connect/#/itcb54353390 ·
https://github.com/Podcastindex-org/podcast-namespace/blob/main/docs/1.0.md
"""

import uuid
from collections.abc import Iterable
from dataclasses import replace
from html import escape
from typing import Any
from urllib.parse import urlsplit
from xml.sax.xmlreader import AttributesImpl

from django.conf import settings
from django.templatetags.static import static
from django.utils.feedgenerator import Enclosure, Rss201rev2Feed
from django.utils.xmlutils import SimplerXMLGenerator

from auposte.money import NNBSP
from auposte.outside import absolute, xml_text
from broadcasts import share_cards
from broadcasts.feeds.channels import guid_of
from broadcasts.models import Appearance, Broadcast, Licence

PATH = "/podcast.xml"
ITUNES = "http://www.itunes.com/dtds/podcast-1.0.dtd"
PODCAST = "https://podcastindex.org/namespace/1.0"
# The namespace of `podcast:guid`, which the standard sets.
GUIDS = uuid.UUID("ead4c236-bf58-58c6-a2c6-a6b28d128cb6")
AUTHOR = "Au Poste"
DESCRIPTION = (
    "De longs entretiens en direct, sans montage ni formatage, "
    "financés par celles et ceux qui les écoutent."
)
CATEGORY, SUBCATEGORY = "News", "Politics"
# In small letters, as https://spdx.org/licenses/ names them otherwise.
LICENCES = {Licence.BY_NC_SA: "cc-by-nc-sa-4.0", Licence.BY_SA: "cc-by-sa-4.0"}
ROLES = {Appearance.Role.HOST.value: "host", Appearance.Role.GUEST.value: "guest"}


def podcast_guid() -> str:
    """The podcast's name wherever it is hosted: a UUIDv5 of its address without the scheme."""
    address = urlsplit(absolute(PATH))
    return str(uuid.uuid5(GUIDS, f"{address.netloc}{address.path}".rstrip("/")))


def write_podcast(broadcasts: Iterable[Broadcast]) -> bytes:
    """The feed as UTF-8 XML, of `podcast_episodes()`."""
    feed = _Podcast(
        title=AUTHOR,
        link=absolute("/"),
        description=DESCRIPTION,
        language="fr",
        feed_url=absolute(PATH),
        feed_copyright="CC BY-NC-SA 4.0, Au Poste",
    )
    for broadcast in broadcasts:
        feed.add_item(**_item(broadcast))
    return feed.writeString("utf-8").encode()


def _item(broadcast: Broadcast) -> dict[str, Any]:
    audio, page = broadcast.audio, absolute(broadcast.get_absolute_url())
    dek = f"<p>{escape(xml_text(broadcast.dek), quote=False)}</p>" if broadcast.dek else ""
    return {
        "title": xml_text(broadcast.title),
        "link": page,
        "description": f'{dek}<p><a href="{page}">La page de l’émission</a></p>',
        "pubdate": broadcast.published_at,
        "unique_id": guid_of(broadcast),
        "unique_id_is_permalink": False,
        "enclosures": [Enclosure(audio.address, str(audio.size_bytes), audio.mime)],
        "broadcast": broadcast,
        "page": page,
        "picture": absolute(_picture(broadcast)),
    }


def _picture(broadcast: Broadcast) -> str:
    """Where the episode's square picture is: a path."""
    came = [a for a in broadcast.appearances.all() if a.role == Appearance.Role.GUEST]
    card = share_cards.episode_card(broadcast, guests=[a.guest.name for a in came])
    return replace(card, is_square=True).path


class _Podcast(Rss201rev2Feed):
    def rss_attributes(self) -> dict[str, str]:
        return {**super().rss_attributes(), "xmlns:itunes": ITUNES, "xmlns:podcast": PODCAST}

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        add, cover = handler.addQuickElement, absolute(static("img/podcast.jpg"))
        add("itunes:author", AUTHOR)
        add("itunes:type", "episodic")
        add("itunes:explicit", "false")
        add("itunes:image", "", {"href": cover})
        handler.startElement("itunes:category", AttributesImpl({"text": CATEGORY}))
        add("itunes:category", "", {"text": SUBCATEGORY})
        handler.endElement("itunes:category")
        handler.startElement("itunes:owner", AttributesImpl({}))
        add("itunes:name", AUTHOR)
        add("itunes:email", settings.CONTACT_EMAIL)
        handler.endElement("itunes:owner")
        handler.startElement("image", AttributesImpl({}))
        add("url", cover)
        add("title", AUTHOR)
        add("link", absolute("/"))
        handler.endElement("image")
        add("podcast:guid", podcast_guid())
        add("podcast:medium", "podcast")
        add("podcast:locked", "yes", {"owner": settings.CONTACT_EMAIL})
        add("podcast:funding", f"Adonnez-vous{NNBSP}!", {"url": absolute("/don")})
        _add_licence(handler, Licence.BY_NC_SA)

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        broadcast, page = item["broadcast"], item["page"]
        add = handler.addQuickElement
        add("itunes:title", item["title"])
        add("itunes:image", "", {"href": item["picture"]})
        add("itunes:episodeType", "full")
        add("itunes:explicit", "false")
        seconds = broadcast.audio.duration_seconds or broadcast.duration_seconds
        if seconds:
            add("itunes:duration", str(seconds))
        if broadcast.season:
            add("itunes:season", str(broadcast.season))
            add("podcast:season", str(broadcast.season))
        if broadcast.number:
            add("itunes:episode", str(broadcast.number))
            add("podcast:episode", str(broadcast.number))
        for appearance in broadcast.appearances.all():
            _add_person(handler, appearance)
        if broadcast.words_in is not None:
            language = xml_text(broadcast.words_in)
            for ending, mime in (("vtt", "text/vtt"), ("txt", "text/plain")):
                address = f"{page}/transcription.{ending}"
                add("podcast:transcript", "", {"url": address, "type": mime, "language": language})
        if broadcast.has_chapters:
            where = {"url": f"{page}/chapitres.json", "type": "application/json+chapters"}
            add("podcast:chapters", "", where)
        if broadcast.licence != Licence.BY_NC_SA:
            _add_licence(handler, broadcast.licence_terms)


def _add_licence(handler: SimplerXMLGenerator, licence: Licence) -> None:
    where = {"url": licence.url} if licence.url else {}
    handler.addQuickElement("podcast:license", LICENCES.get(licence, licence.label), where)


def _add_person(handler: SimplerXMLGenerator, appearance: Appearance) -> None:
    guest = appearance.guest
    about = {"role": ROLES[appearance.role], "href": absolute(guest.get_absolute_url())}
    if guest.portrait:
        about["img"] = absolute(guest.portrait.url)
    handler.addQuickElement("podcast:person", xml_text(guest.name), about)
