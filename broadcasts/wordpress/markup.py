"""A small tree for bodies: elements and text, in order.

`parse` goes through an HTML5 parser first, so that what a browser would make of a soup is what we
make of it. Only trees that come out of `sanitise` are ever shown; here more is allowed, since the
elements that the site has no place for (iframes, divs) say what an author meant.
"""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import TypeAlias

import nh3

VOID = {"br", "hr", "img", "embed", "source"}
# Something to see although nothing is written in it.
SHOWN = VOID | {"audio", "iframe", "object", "video"}
INLINE = {
    "a", "abbr", "b", "br", "cite", "code", "del", "em", "i", "img", "option", "q", "s", "small",
    "span", "strike", "strong", "sub", "sup",
}  # fmt: skip
BLOCKS = {
    "article", "aside", "audio", "blockquote", "caption", "center", "dd", "details", "div", "dl",
    "dt", "embed", "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4",
    "h5", "h6", "header", "hgroup", "hr", "iframe", "legend", "li", "main", "menu", "nav",
    "object", "ol", "p", "pre", "section", "source", "summary", "table", "tbody", "td",
    "tfoot", "th", "thead", "tr", "ul", "video",
}  # fmt: skip
# `data-wp` carries what the text stage found to the tree stage.
ATTRIBUTES = {
    "a": {"href", "title", "hreflang"},
    "abbr": {"title"},
    "blockquote": {"cite"},
    "div": {"data-wp"},
    "embed": {"src"},
    "figure": {"data-wp"},
    "hr": {"data-wp"},
    "iframe": {"src", "data-src", "data-lazy-src", "width", "height", "style"},
    "img": {"src", "data-src", "data-lazy-src", "alt"},
    "object": {"data"},
    "ol": {"start"},
    "q": {"cite"},
    "source": {"src"},
    "span": {"data-wp"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan", "scope"},
    "video": {"src"},
    "audio": {"src"},
}
SCHEMES = {"http", "https", "mailto", "tel"}
# Past this depth elements are no longer nested: nobody wrote that, and the stages recurse.
DEEPEST = 60


@dataclass
class Element:
    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    children: list[Node] = field(default_factory=list)

    def text(self) -> str:
        """All the text inside."""
        return "".join(
            node if isinstance(node, str) else (" " if node.tag == "br" else node.text())
            for node in self.children
        )

    def like(self, children: list[Node]) -> Element:
        """The same element around other children."""
        return Element(self.tag, dict(self.attributes), children)

    def walk(self) -> Iterator[Element]:
        """Every element inside, in the order of the text."""
        for node in self.children:
            if isinstance(node, Element):
                yield node
                yield from node.walk()

    def sources(self) -> list[str]:
        """The addresses of what it shows, those that lazy loading keeps for later first."""
        names = ("data-lazy-src", "data-src", "src", "data")
        return [self.attributes[name] for name in names if self.attributes.get(name)]

    @property
    def mark(self) -> str:
        """What the text stage said of it."""
        return self.attributes.get("data-wp", "")


Node: TypeAlias = Element | str


class _Builder(HTMLParser):
    """Reads what nh3 wrote: balanced, lower case, quoted."""

    # An iframe's content is raw text, which nobody sees.
    CDATA_CONTENT_ELEMENTS = ("iframe",)  # type: ignore[misc]  # final in its stub only

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("body")
        self._open = [self.root]
        self._flattened: list[bool] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        if tag in VOID:
            self._open[-1].children.append(element)
            return
        flatten = len(self._open) > DEEPEST
        self._flattened.append(flatten)
        if not flatten:
            self._open[-1].children.append(element)
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag not in VOID and self._flattened and not self._flattened.pop():
            self._open.pop()

    def handle_data(self, data: str) -> None:
        parent = self._open[-1]
        if parent.tag == "iframe":
            return
        if parent.children and isinstance(parent.children[-1], str):
            parent.children[-1] += data
        else:
            parent.children.append(data)


def parse(text: str) -> Element:
    """A `body` element with what HTML5 makes of this fragment; scripts and styles are gone."""
    clean = nh3.clean(
        text,
        tags=INLINE | BLOCKS,
        attributes=ATTRIBUTES,
        url_schemes=SCHEMES,
        link_rel=None,
    )
    builder = _Builder()
    builder.feed(clean)
    builder.close()
    return builder.root


def serialise(nodes: list[Node]) -> str:
    """HTML of these nodes, every text and attribute escaped."""
    return "".join(_serialised(node) for node in nodes)


def _serialised(node: Node) -> str:
    if isinstance(node, str):
        return html.escape(node, quote=False)
    attributes = "".join(
        f' {name}="{html.escape(value)}"' for name, value in node.attributes.items()
    )
    if node.tag in VOID:
        return f"<{node.tag}{attributes}>"
    return f"<{node.tag}{attributes}>{serialise(node.children)}</{node.tag}>"


def is_block(node: Node) -> bool:
    """Whether it stands on lines of its own."""
    return isinstance(node, Element) and node.tag in BLOCKS


def holds_block(node: Node) -> bool:
    """Whether a block is somewhere in it."""
    return isinstance(node, Element) and any(inner.tag in BLOCKS for inner in node.walk())


def is_blank(nodes: list[Node]) -> bool:
    """Whether nothing in these nodes shows."""
    return all(
        not node.strip()
        if isinstance(node, str)
        else node.tag == "br" or (node.tag not in SHOWN and is_blank(node.children))
        for node in nodes
    )


def without_noscript(nodes: list[Node], seen: set[str] | None = None) -> list[Node]:
    """Without the marks of `<noscript>`, and what it only says again of a lazy image before it."""
    seen = set() if seen is None else seen
    result: list[Node] = []
    for node in nodes:
        if isinstance(node, str):
            result.append(node)
        elif node.mark == "noscript" and node.tag == "span":
            images = [inner for inner in node.walk() if inner.tag == "img"]
            again = images and all(seen & set(image.sources()) for image in images)
            if not (again and not node.text().strip()):
                result += without_noscript(node.children, seen)
        else:
            if node.tag == "img":
                seen |= set(node.sources())
            result.append(node.like(without_noscript(node.children, seen)))
    return result


def push_down(element: Element) -> list[Node]:
    """An inline element around blocks, put around the inline content of each block instead.

    `<a><h2>x</h2>y</a>` → `<h2><a>x</a></h2><a>y</a>`.
    """
    result: list[Node] = []
    run: list[Node] = []

    def flush() -> None:
        if not is_blank(run):
            result.append(element.like(list(run)))
        else:
            result.extend(node for node in run if isinstance(node, str))
        run.clear()

    for child in element.children:
        if isinstance(child, Element) and (is_block(child) or holds_block(child)):
            flush()
            result.append(child.like(push_down(element.like(child.children))))
        else:
            run.append(child)
    flush()
    return result
