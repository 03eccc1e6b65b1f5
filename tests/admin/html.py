"""Reading the admin's pages as a person does: what is written there, and what a form would send."""

import re
from html.parser import HTMLParser

from django.http import HttpResponse

VOID = {"input", "img", "br", "hr", "meta", "link", "path", "col", "source"}
SILENT = {"script", "style", "code", "symbol"}
SPOKEN = {"alt", "aria-label", "placeholder", "title"}


class _Page(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.fields: dict[str, list[str]] = {}
        self.words: list[str] = []
        self.open: list[str] = []
        self.select: str | None = None
        self.option: str | None = None
        self.area: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self.open.append(tag)
        self.words += [facts[name] for name in SPOKEN & facts.keys()]
        if tag == "input":
            self._input(facts)
        elif tag == "select":
            self.select = facts.get("name")
        elif tag == "option" and self.select and "selected" in facts:
            self.fields.setdefault(self.select, []).append(facts.get("value", ""))
        elif tag == "textarea":
            self.area = facts.get("name")
            self.fields[self.area or ""] = [""]

    def _input(self, facts: dict[str, str]) -> None:
        kind = facts.get("type", "text")
        if kind in {"submit", "button"}:
            self.words.append(facts.get("value", ""))
        elif kind in {"checkbox", "radio"}:
            if "checked" in facts:
                self.fields.setdefault(facts["name"], []).append(facts.get("value", "on"))
        elif kind != "file" and "name" in facts:
            self.fields[facts["name"]] = [facts.get("value", "")]

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop() != tag:
            pass
        if tag == "select":
            self.select = None
        if tag == "textarea" and self.area is not None:
            # Browsers drop the line break that the template writes after the tag.
            self.fields[self.area] = [self.fields[self.area][0].removeprefix("\n")]
            self.area = None

    def handle_data(self, data: str) -> None:
        if self.area is not None:
            self.fields[self.area] = [self.fields[self.area][0] + data]
        if not SILENT & set(self.open):
            self.words.append(data)


def _read(response: HttpResponse) -> _Page:
    page = _Page()
    page.feed(response.content.decode())
    return page


def form_of(response: HttpResponse) -> dict[str, list[str] | str]:
    """The fields of the page, as a browser would send them back untouched."""
    fields = _read(response).fields
    kept = {name: values for name, values in fields.items() if "__prefix__" not in name}
    for name in ("csrfmiddlewaretoken", "q", "action", ""):
        kept.pop(name, None)
    return {
        name: values[0] if len(values) == 1 else values for name, values in kept.items() if values
    }


def text_of(response: HttpResponse) -> str:
    """Everything on the page that somebody reads or hears, no-break spaces as plain ones."""
    return re.sub(r"\s+", " ", " ".join(_read(response).words))
