"""What a crawler sees in a page."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

LINKS = {
    "a": ("href", "ping"),
    "area": ("href",),
    "link": ("href",),
    "img": ("src",),
    "script": ("src",),
    "iframe": ("src",),
    "video": ("src", "poster"),
    "form": ("action",),
}
# The fragments that htmx asks for.
ASKED = ("data-hx-get", "hx-get")


@dataclass
class HtmlDocument(HTMLParser):
    """A page's language, titles, anchors, and all the addresses that it leads to or loads."""

    source: str = field(repr=False)
    language: str = ""
    h1s: int = 0
    title: str = ""
    ids: list[str] = field(default_factory=list)
    addresses: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self._in_title = False
        self.feed(self.source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "html":
            self.language = given.get("lang", "")
        elif tag == "h1":
            self.h1s += 1
        elif tag == "title":
            self._in_title = True
        if "id" in given:
            self.ids.append(given["id"])
        names = (*LINKS.get(tag, ()), *ASKED)
        self.addresses += [given[name] for name in names if name in given]
        if "srcset" in given:
            self.addresses += [part.split()[0] for part in given["srcset"].split(",")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "title":
            self._in_title = False

    def handle_data(self, data: str) -> None:
        if self._in_title:
            self.title += data
