"""Reading a page as a reader does: its text, its links, its one title."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from urllib.parse import urlsplit

from django.http import HttpResponse
from django.test import Client

UNSEEN = {"script", "style", "title", "template"}
APART = {
    "p",
    "div",
    "li",
    "dt",
    "dd",
    "h1",
    "h2",
    "h3",
    "small",
    "aside",
    "nav",
    "header",
    "section",
}


def answers(visitor: Client, address: str) -> bool:
    """Whether there is something at this address of the site; a file is read to its end."""
    response = visitor.get(urlsplit(address).path)
    if response.streaming:
        b"".join(response.streaming_content)
    return response.status_code == 200


class Page(HTMLParser):
    """What a page says (`text`, white space folded, no-break spaces kept) and where it leads."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.links: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self._said: list[str] = []
        self._hidden = 0
        self.html = response.content.decode()
        self.feed(self.html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self.tags.append((tag, attributes))
        self._hidden += tag in UNSEEN
        if tag == "a" and attributes.get("href"):
            self.links.append(str(attributes["href"]))

    def handle_endtag(self, tag: str) -> None:
        self._hidden -= tag in UNSEEN
        self._said.append(" " if tag in APART else "")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self._said.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"[ \t\n\r]+", " ", "".join(self._said)).strip()

    def all(self, tag: str, **wanted: str) -> list[dict[str, str | None]]:
        """The attributes of each such element; `class_` stands for `class`, `_` for `-`."""
        asked = {name.rstrip("_").replace("_", "-"): value for name, value in wanted.items()}
        return [
            attributes
            for name, attributes in self.tags
            if name == tag and all(attributes.get(key) == value for key, value in asked.items())
        ]

    def one(self, tag: str, **wanted: str) -> dict[str, str | None]:
        found = self.all(tag, **wanted)
        assert len(found) == 1, f"{len(found)} <{tag}> {wanted}"
        return found[0]

    @property
    def structured_data(self) -> dict[str, object]:
        """What the page tells of itself first."""
        return self.all_structured_data[0]

    @property
    def all_structured_data(self) -> list[dict[str, object]]:
        found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', self.html, re.S)
        assert found
        return [json.loads(text) for text in found]
