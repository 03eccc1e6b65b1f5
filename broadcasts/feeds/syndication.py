"""A channel as RSS 2.0 or Atom, with whole texts and pictures.

https://www.rssboard.org/rss-specification · https://www.rfc-editor.org/rfc/rfc4287 ·
https://www.rssboard.org/media-rss
"""

from html import escape
from typing import Any
from xml.sax.xmlreader import AttributesImpl

from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.xmlutils import SimplerXMLGenerator

from auposte.images import size_from_name
from auposte.outside import absolute, absolute_links, xml_text
from broadcasts.feeds.channels import Channel, guid_of
from broadcasts.models import Appearance, Broadcast

CONTENT = "http://purl.org/rss/1.0/modules/content/"
DUBLIN_CORE = "http://purl.org/dc/elements/1.1/"
MEDIA = "http://search.yahoo.com/mrss/"


def write_channel(channel: Channel, *, form: str) -> bytes:
    """The feed as UTF-8 XML; `form` is `xml` for RSS, or `atom`. Addresses are on SITE_URL."""
    generator: type[SyndicationFeed] = {"xml": _Rss, "atom": _Atom}[form]
    feed = generator(
        title=xml_text(channel.title),
        link=absolute(channel.page),
        description=xml_text(channel.description),
        language="fr",
        feed_url=absolute(f"{channel.stem}.{form}"),
        feed_guid=absolute(f"{channel.stem}.atom"),
        author_name="Au Poste",
        other_form=absolute(f"{channel.stem}.{'atom' if form == 'xml' else 'xml'}"),
    )
    for broadcast in channel.newest():
        feed.add_item(**_item(broadcast))
    return feed.writeString("utf-8").encode()


def _item(broadcast: Broadcast) -> dict[str, Any]:
    body = f"{broadcast.body_opening}{broadcast.body_rest}"
    return {
        "title": xml_text(broadcast.title),
        "link": absolute(broadcast.get_absolute_url()),
        "description": escape(xml_text(broadcast.dek), quote=False),  # both are read as HTML
        "pubdate": broadcast.published_at,
        "updateddate": broadcast.updated_at,
        "unique_id": guid_of(broadcast),
        "unique_id_is_permalink": False,
        "categories": [xml_text(tag.name) for tag in broadcast.tags.all()],
        "body": xml_text(absolute_links(body, page=broadcast.get_absolute_url())),
        "people": [
            xml_text(appearance.guest.name)
            for appearance in broadcast.appearances.all()
            if appearance.role == Appearance.Role.HOST
        ],
        "picture": _picture(broadcast),
        "picture_alt": xml_text(broadcast.image_alt),
    }


def _picture(broadcast: Broadcast) -> dict[str, str]:
    if not broadcast.image:
        return {}
    width, height = size_from_name(str(broadcast.image.name))
    return {
        "url": absolute(broadcast.image.url),
        "medium": "image",
        "type": "image/jpeg",
        "width": str(width),
        "height": str(height),
    }


def _write_picture(handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
    if not item["picture"]:
        return
    handler.startElement("media:content", AttributesImpl(item["picture"]))
    if item["picture_alt"]:
        handler.addQuickElement("media:description", item["picture_alt"], {"type": "plain"})
    handler.addQuickElement("media:thumbnail", "", {"url": item["picture"]["url"]})
    handler.endElement("media:content")


class _Rss(Rss201rev2Feed):
    def rss_attributes(self) -> dict[str, str]:
        names = {"xmlns:content": CONTENT, "xmlns:dc": DUBLIN_CORE, "xmlns:media": MEDIA}
        return {**super().rss_attributes(), **names}

    def add_root_elements(self, handler: SimplerXMLGenerator) -> None:
        super().add_root_elements(handler)
        other = {"rel": "alternate", "type": "application/atom+xml"}
        handler.addQuickElement("atom:link", "", {**other, "href": self.feed["other_form"]})

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name in item["people"]:
            handler.addQuickElement("dc:creator", name)
        if item["body"]:
            handler.addQuickElement("content:encoded", item["body"])
        _write_picture(handler, item)


class _Atom(Atom1Feed):
    def root_attributes(self) -> dict[str, str]:
        return {**super().root_attributes(), "xmlns:media": MEDIA}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        for name in item["people"]:
            handler.startElement("author", AttributesImpl({}))
            handler.addQuickElement("name", name)
            handler.endElement("author")
        if item["body"]:
            handler.addQuickElement("content", item["body"], {"type": "html"})
        _write_picture(handler, item)
