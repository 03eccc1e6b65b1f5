"""Reading sitemaps as a search engine does: strictly."""

from django.conf import settings
from django.test import Client
from lxml import etree

from tests.broadcasts.schemas import check_xml

NAMES = {
    "s": "http://www.sitemaps.org/schemas/sitemap/0.9",
    "video": "http://www.google.com/schemas/sitemap-video/1.1",
    "news": "http://www.google.com/schemas/sitemap-news/0.9",
}


def read_sitemap(visitor: Client, path: str) -> etree._Element:
    """The sitemap at this path, which must be as the protocol wants it."""
    response = visitor.get(path)
    assert response.status_code == 200, path
    assert response["Content-Type"].startswith("application/xml")
    assert not response.cookies
    tree = etree.fromstring(response.content)
    check_xml("sitemap", tree)
    return tree


def texts(tree: etree._Element, path: str) -> list[str]:
    return [str(element.text) for element in tree.iterfind(f".//{path}", NAMES)]


def parts(visitor: Client) -> list[str]:
    """The paths of the sitemaps that the index names."""
    index = read_sitemap(visitor, "/sitemap.xml")
    return [address.removeprefix(settings.SITE_URL) for address in texts(index, "s:loc")]


def addresses(visitor: Client) -> list[str]:
    """Every address in every sitemap."""
    return [
        address
        for part in parts(visitor)
        for address in texts(read_sitemap(visitor, part), "s:loc")
    ]
