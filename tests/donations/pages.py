"""Reading the giving pages as a person or a screen reader would."""

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.http import HttpResponse

from auposte.money import NBSP, NNBSP

Attributes = dict[str, str | None]


def spaced(text: str) -> str:
    """French as tests write it (plain spaces) with the no-break spaces that print wants."""
    text = re.sub(r"(?<=\d) (?=\d{3})", NNBSP, text)
    text = re.sub(r" (?=[!?;])", NNBSP, text)
    text = re.sub(r" (?=[:€%»])", NBSP, text)
    return text.replace("« ", f"«{NBSP}")


def text_of(markup: str) -> str:
    """What a page says: no tags, and white space of the source made single spaces."""
    bare = re.sub(r"<(title|style|script)\b.*?</\1>", "", markup, flags=re.DOTALL)
    bare = re.sub(r"</?(?:a|b|i|span|strong|time)\b[^>]*>", "", bare)
    bare = re.sub(r"<[^>]+>", " ", bare)
    return re.sub(r"[ \n\t]+", " ", html.unescape(bare)).strip()


def says(response: HttpResponse, sentence: str) -> bool:
    return spaced(sentence) in text_of(response.content.decode())


@dataclass
class Page(HTMLParser):
    """The elements of a page, by tag, with their attributes."""

    response: HttpResponse
    found: list[tuple[str, Attributes]] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()
        self.feed(self.response.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, tag: str, **attributes: str) -> list[Attributes]:
        """Elements with these attributes; `class_` may name one of several classes."""
        return [
            given
            for name, given in self.found
            if name == tag
            and all(
                wanted in (given.get("class") or "").split()
                if key == "class_"
                else given.get(key) == wanted
                for key, wanted in attributes.items()
            )
        ]

    def one(self, tag: str, **attributes: str) -> Attributes:
        (element,) = self.all(tag, **attributes)
        return element

    @property
    def ids(self) -> list[str]:
        return [given["id"] or "" for _, given in self.found if "id" in given]
