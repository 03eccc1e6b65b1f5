"""From the tree of a body to the few blocks that the site styles.

Old texts have no paragraphs but blank lines (WordPress puts them in when it shows a page): there a
blank line starts a paragraph and a newline breaks the line. In texts of the block editor white
space means nothing.
"""

import re
from collections.abc import Iterator

from broadcasts.wordpress.library import Findings, Kind, Library
from broadcasts.wordpress.markup import (
    BLOCKS,
    Element,
    Node,
    holds_block,
    is_blank,
    is_block,
    push_down,
)
from broadcasts.wordpress.media import Media

URL_ONLY = re.compile(r"^https?://[^\s<>\"']+$", re.IGNORECASE)
HEADINGS = {"h1": "h2", "h2": "h2", "h3": "h3", "h4": "h4", "h5": "h4", "h6": "h4"}
RENAMED = {"del": "s", "strike": "s"}
PLAYERS = {"iframe", "object", "embed", "video", "audio"}
LISTS = {"ul": "ul", "ol": "ol", "menu": "ul"}
FILES = re.compile(r"\.(?:jpe?g|png|gif|webp|avif)(?:\?.*)?$", re.IGNORECASE)


class Flow:
    """Turns nodes into blocks; what it meets on the way goes to `media` and `findings`."""

    def __init__(self, library: Library, findings: Findings, media: Media) -> None:
        self.library = library
        self.findings = findings
        self.media = media

    # --- Blocks ----------------------------------------------------------------------------

    def blocks(self, nodes: list[Node], *, classic: bool) -> list[Node]:
        """Block elements only: runs of text and inline elements become paragraphs."""
        result: list[Node] = []
        run: list[Node] = []
        for node in _unnested(nodes):
            if isinstance(node, Element) and is_block(node):
                result += self.paragraphs(run, classic=classic)
                run = []
                result += self.block(node, classic=classic)
            else:
                run.append(node)
        return result + self.paragraphs(run, classic=classic)

    def block(self, element: Element, *, classic: bool) -> list[Node]:
        """What a block element becomes."""
        tag, children = element.tag, element.children
        if tag == "p":
            return self.paragraphs(children, classic=classic)
        if tag in HEADINGS:
            return self._unless_blank(Element(HEADINGS[tag], {}, self.line(children, classic)))
        if tag in LISTS:
            return self._list(element, classic=classic)
        if tag == "blockquote":
            inner = self.blocks(children, classic=classic)
            return [Element("blockquote", {}, inner)] if inner else []
        if tag == "table":
            return self._table(element, classic=classic)
        if tag == "pre":
            return self._unless_blank(Element("pre", {}, self.inline(children)))
        if tag == "figure":
            return self._figure(element, classic=classic)
        if tag in PLAYERS:
            return self.media.player(element)
        if tag == "hr":
            return [element]
        if tag in {"dt", "summary", "legend"}:
            strong = Element("strong", {}, self.line(children, classic))
            return self._unless_blank(Element("p", {}, [strong]))
        return self.blocks(children, classic=classic or element.mark == "classic")

    def paragraphs(self, run: list[Node], *, classic: bool) -> list[Node]:
        """Paragraphs of a run that holds no block; addresses and images alone are taken out."""
        if any(is_block(node) or holds_block(node) for node in run):
            return self.blocks(run, classic=classic)
        result: list[Node] = []
        lines: list[list[Node]] = []

        def flush() -> None:
            nodes = _trimmed(_joined(lines))
            if not is_blank(nodes):
                result.append(Element("p", {}, nodes))
            lines.clear()

        for line in _lines(run) if classic else [run]:
            url = "".join(node if isinstance(node, str) else "\n" for node in line).strip()
            images = _only_images(line)
            if is_blank(line):
                flush()
            elif URL_ONLY.match(url):
                flush()
                result += self.media.embed(url)
            elif images:
                flush()
                result += self.media.figure(images, [])
            else:
                lines.append(self.inline(line))
        flush()
        return result

    def line(self, nodes: list[Node], classic: bool) -> list[Node]:
        """Inline content for one block: what breaks lines in an old text becomes `<br>`."""
        kept = [line for line in _lines(nodes) if not is_blank(line)] if classic else [nodes]
        return _trimmed(_joined([self.inline(line) for line in kept]))

    @staticmethod
    def _unless_blank(element: Element) -> list[Node]:
        return [] if is_blank(element.children) else [element]

    def _cell(self, children: list[Node], *, classic: bool) -> list[Node]:
        """The content of a list's item or a table's cell: blocks only where it has some."""
        if not any(is_block(node) or holds_block(node) for node in children):
            return self.line(children, classic)
        blocks = self.blocks(children, classic=classic)
        first = blocks[0] if blocks else None
        if isinstance(first, Element) and first.tag == "p":
            return [*first.children, *blocks[1:]] if not _has_paragraph(blocks[1:]) else blocks
        return blocks

    def _list(self, element: Element, *, classic: bool) -> list[Node]:
        items: list[Node] = []
        after: list[Node] = []
        for child in element.children:
            if isinstance(child, Element) and child.tag == "hr":
                after.append(child)
                continue
            children = (
                child.children if isinstance(child, Element) and child.tag == "li" else [child]
            )
            cell = self._cell(children, classic=classic)
            if not is_blank(cell):
                items.append(Element("li", {}, cell))
        kept = [Element(LISTS[element.tag], {}, items)] if items else []
        return [*kept, *after]

    def _table(self, element: Element, *, classic: bool) -> list[Node]:
        before: list[Node] = []
        rows: list[Node] = []
        for part in _table_parts(element):
            if part.tag == "caption":
                before += self.paragraphs(part.children, classic=classic)
                continue
            cells: list[Node] = [
                cell.like(self._cell(cell.children, classic=classic))
                for cell in part.children
                if isinstance(cell, Element) and cell.tag in {"td", "th"}
            ]
            rows.append(Element("tr", {}, cells))
        table = Element("table", {}, [Element("tbody", {}, rows)])
        return [*before, *([] if is_blank(rows) else [table])]

    def _figure(self, element: Element, *, classic: bool) -> list[Node]:
        """An image with its caption; a figure around anything else adds nothing to that."""
        caption: list[Node] = []
        rest: list[Node] = []
        for child in element.children:
            is_caption = isinstance(child, Element) and child.tag == "figcaption"
            if is_caption and isinstance(child, Element):
                caption += ([" "] if caption else []) + self.line(child.children, classic)
            else:
                rest.append(child)
        images = _only_images(rest)
        if element.mark == "caption" and not images:
            images, words = _first_image(rest)
            caption = caption or self.line(words, classic)
            if not images:
                return self.blocks(rest, classic=classic)
        if images:
            return self.media.figure(images, caption)
        blocks = self.blocks(rest, classic=classic)
        if not is_blank(caption):
            blocks.append(Element("p", {}, [Element("em", {}, caption)]))
        return blocks

    # --- Inline ----------------------------------------------------------------------------

    def inline(self, nodes: list[Node]) -> list[Node]:
        """Inline content as the site has it; a block that strayed in is read as its words."""
        result: list[Node] = []
        for node in nodes:
            if isinstance(node, str) or node.tag == "br" or (node.tag == "hr" and node.mark):
                result.append(node)
            elif node.tag == "img":
                result += self.media.image(node)
            elif node.tag == "a":
                result += self._anchor(node)
            elif node.tag in PLAYERS:
                for block in self.media.player(node):
                    result += block.children if isinstance(block, Element) else [block]
            elif node.tag == "option":
                result += [*self.inline(node.children), " "]
            elif node.tag in BLOCKS:
                result += [" ", *self.inline(node.children), " "]
            elif node.tag == "span":
                result += self.inline(node.children)
            else:
                children = self.inline(node.children)
                if is_blank(children):
                    result += children
                else:
                    tag = RENAMED.get(node.tag, node.tag)
                    result.append(Element(tag, dict(node.attributes), children))
        return result

    def _anchor(self, element: Element) -> list[Node]:
        href = element.attributes.get("href", "").strip()
        children = self.inline(element.children)
        pictures = [node for node in children if isinstance(node, Element) and node.tag == "img"]
        is_enlargement = bool(pictures) and FILES.search(href) is not None
        # With a tag in it, it begins with a quote that nobody closed.
        is_nowhere = not href or "<" in href
        if is_nowhere or is_enlargement or is_blank(children):
            return children
        attributes = {name: element.attributes[name] for name in ("title", "hreflang")
                      if element.attributes.get(name)}  # fmt: skip
        return [Element("a", {"href": self.destination(href), **attributes}, children)]

    def destination(self, href: str) -> str:
        """Where a link leads from here."""
        found = self.library.link(href)
        if found is None:
            return href
        if found.path:
            self.findings.add(Kind.LINK, href, found.path)
            return found.path
        self.findings.add(Kind.LINK_KEPT, href, found.reason)
        return href


def _unnested(nodes: list[Node]) -> list[Node]:
    """Inline elements around blocks are put inside them."""
    result: list[Node] = []
    for node in nodes:
        if isinstance(node, Element) and not is_block(node) and holds_block(node):
            result += push_down(node)
        else:
            result.append(node)
    return result


def _table_parts(element: Element) -> Iterator[Element]:
    """The captions and rows of a table, not those of tables inside its cells."""
    for child in element.children:
        if isinstance(child, Element) and child.tag in {"caption", "tr"}:
            yield child
        elif isinstance(child, Element):
            yield from _table_parts(child)


def _lines(nodes: list[Node]) -> list[list[Node]]:
    """Nodes by line, blank lines included; an inline element over several is one in each."""
    lines: list[list[Node]] = [[]]
    after_break = False
    for position, node in enumerate(nodes):
        if isinstance(node, str):
            text = re.sub(r"^[ \t]*\n", "", node) if after_break else node
            following = nodes[position + 1] if position + 1 < len(nodes) else None
            if isinstance(following, Element) and following.tag == "br":
                text = re.sub(r"\n[ \t]*$", "", text)
            first, *others = text.split("\n")
            lines[-1].append(first)
            lines += [[other] for other in others]
        elif node.tag == "br":
            lines.append([])
        elif node.tag in {"img", "hr"}:
            lines[-1].append(node)
        else:
            first_part, *parts = _lines(node.children)
            lines[-1].append(node.like(first_part))
            lines += [[node.like(part)] for part in parts]
        after_break = isinstance(node, Element) and node.tag == "br"
    return lines


def _joined(lines: list[list[Node]]) -> list[Node]:
    result: list[Node] = []
    for line in lines:
        if result:
            result.append(Element("br"))
        result += line
    return result


def _trimmed(nodes: list[Node]) -> list[Node]:
    """Without white space and breaks at either end."""
    kept = list(nodes)
    while kept and is_blank(kept[:1]):
        del kept[0]
    while kept and is_blank(kept[-1:]):
        del kept[-1]
    if kept and isinstance(kept[0], str):
        kept[0] = kept[0].lstrip()
    if kept and isinstance(kept[-1], str):
        kept[-1] = kept[-1].rstrip()
    return kept


def _only_images(nodes: list[Node]) -> list[Element]:
    """The images of nodes that hold nothing else but wrappers; none when there is text."""
    images: list[Element] = []
    for node in nodes:
        if isinstance(node, str):
            if node.strip():
                return []
        elif node.tag == "img":
            images.append(node)
        elif node.tag in {"a", "p", "div", "em", "strong", "b", "i", "center"}:
            if is_blank(node.children):
                continue
            inner = _only_images(node.children)
            if not inner:
                return []
            images += inner
        elif node.tag != "br":
            return []
    return images


def _first_image(nodes: list[Node]) -> tuple[list[Element], list[Node]]:
    """The first node that is an image, and what follows or precedes it."""
    for position, node in enumerate(nodes):
        images = _only_images([node])
        if images:
            return images, [*nodes[:position], *nodes[position + 1 :]]
    return [], nodes


def _has_paragraph(blocks: list[Node]) -> bool:
    return any(isinstance(block, Element) and block.tag == "p" for block in blocks)
