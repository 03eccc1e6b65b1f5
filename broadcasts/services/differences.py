"""What changed between two texts, in words: lines first, then words in the lines that changed."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from html.parser import HTMLParser
from itertools import takewhile, zip_longest
from typing import Literal, TypeAlias

BLOCKS = {
    "blockquote", "div", "figcaption", "figure", "footer", "h2", "h3", "h4", "hr", "li", "ol", "p",
    "pre", "table", "tr", "ul",
}  # fmt: skip
WORDS = re.compile(r"\S+")
# Lines with less in common than that are told apart whole: their words would make a salad.
LIKENESS = 0.35
# Pairs of words from which on a single paragraph would be compared for seconds.
SLOW = 4_000_000
# As many unchanged lines are shown as they are; more are passed over.
CONTEXT_LINES = 1

Kind = Literal["same", "added", "removed", "skipped"]


@dataclass(frozen=True)
class Piece:
    """A run of words that stayed, came or went; `skipped` stands for lines that stayed."""

    kind: Kind
    text: str = ""


Line: TypeAlias = tuple[Piece, ...]


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = [""]
        self._address: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        facts = {name: value or "" for name, value in attrs}
        if tag in BLOCKS or tag == "br":
            self.lines.append("")
        if tag == "a":
            self._address.append(facts.get("href", ""))
        if tag == "img":
            self.lines[-1] += f" [image : {facts.get('alt') or facts.get('src', '')}] "

    def handle_endtag(self, tag: str) -> None:
        if tag in BLOCKS:
            self.lines.append("")
        if tag == "a" and self._address:
            address = self._address.pop()
            if address:
                self.lines[-1] += f" [{address}]"

    def handle_data(self, data: str) -> None:
        self.lines[-1] += data


def readable_lines(html: str) -> list[str]:
    """The words of a text, a paragraph a line; addresses of links and images in brackets."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    folded = (" ".join(line.split()) for line in reader.lines)
    return [line for line in folded if line]


def compare_lines(old: Sequence[str], new: Sequence[str]) -> tuple[Line, ...]:
    """Lines in reading order; nothing when nothing changed."""
    if list(old) == list(new):
        return ()
    return tuple(_compare(old, new))


def _compare(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    for what, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            if i2 - i1 <= CONTEXT_LINES:
                yield from ((Piece("same", line),) for line in old[i1:i2])
            else:
                yield (Piece("skipped"),)
            continue
        for before, after in zip_longest(old[i1:i2], new[j1:j2]):
            yield from _compare_line(before, after)


def _compare_line(before: str | None, after: str | None) -> Iterator[Line]:
    if before is None or after is None:
        yield (Piece("removed", before) if before is not None else Piece("added", after or ""),)
        return
    old, new = WORDS.findall(before), WORDS.findall(after)
    start = _common(zip(old, new, strict=False))
    longest = min(len(old), len(new)) - start
    end = min(longest, _common(zip(reversed(old), reversed(new), strict=False)))
    head, tail = old[:start], old[len(old) - end :]
    old, new = old[start : len(old) - end], new[start : len(new) - end]
    # Its short cut takes the commonest words for noise, and small words are the commonest.
    matcher = SequenceMatcher(None, old, new, autojunk=len(old) * len(new) > SLOW)
    same = start + end + sum(block.size for block in matcher.get_matching_blocks())
    if same < LIKENESS * (start + end + (len(old) + len(new)) / 2):
        yield (Piece("removed", before),)
        yield (Piece("added", after),)
        return
    pieces = [Piece("same", " ".join(head))]
    for what, i1, i2, j1, j2 in matcher.get_opcodes():
        if what == "equal":
            pieces.append(Piece("same", " ".join(old[i1:i2])))
            continue
        pieces.append(Piece("removed", " ".join(old[i1:i2])))
        pieces.append(Piece("added", " ".join(new[j1:j2])))
    pieces.append(Piece("same", " ".join(tail)))
    yield tuple(piece for piece in pieces if piece.text)


def _common(pairs: Iterable[tuple[str, str]]) -> int:
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))
