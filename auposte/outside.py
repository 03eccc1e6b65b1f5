"""What is read away from the site: absolute addresses, and text that XML can hold."""

import re

from django.conf import settings

# https://www.w3.org/TR/xml/#charsets
NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# A path of this site, with whatever follows it. Browsers read `\` as `/` and leave out tabs and
# ends of lines, so that `/\ailleurs.example` leads elsewhere. For Python and PostgreSQL alike.
OWN_PATH = r"\A/(?:[^/\\\u0000-\u001f\u007f][^\\\u0000-\u001f\u007f]*)?\Z"
# Attributes of sanitised HTML stand in double quotes.
OWN = re.compile(r'\b(href|src|cite)="(/(?!/)|[#?])')


def absolute(path: str) -> str:
    """An address of this site, never taken from the Host header. What is absolute stays."""
    return f"{settings.SITE_URL}{path}" if path.startswith("/") else path


def absolute_links(rich_text: str, *, page: str) -> str:
    """Sanitised HTML whose links and pictures work anywhere; `page` is the path it stands at."""

    def outward(found: re.Match[str]) -> str:
        start = absolute("/") if found[2] == "/" else absolute(page) + found[2]
        return f'{found[1]}="{start}'

    return OWN.sub(outward, rich_text)


def xml_text(text: str) -> str:
    """The text without what XML forbids: an old post may hold a control character."""
    return NOT_IN_XML.sub("", text)
