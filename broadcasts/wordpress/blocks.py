"""The block editor's comments: taken off, with what they alone know kept."""

import html
import json
import re
from collections.abc import Callable

DELIMITER = re.compile(
    r"<!--\s+(?P<closing>/)?wp:(?P<name>[a-z][a-z0-9_-]*(?:/[a-z][a-z0-9_-]*)?)\s+"
    r"(?P<attributes>\{(?:(?!-->).)*\}\s+)?(?P<alone>/)?-->",
    re.DOTALL,
)
MORE = re.compile(r"<!--\s*more\b.*?-->", re.DOTALL)
PAGE_BREAK = re.compile(r"<!--\s*(?:nextpage|noteaser)\s*-->")
# Inside these, WordPress makes paragraphs of blank lines as it does in old texts.
WRITTEN_AS_OF_OLD = {"shortcode", "freeform"}


def is_block_text(text: str) -> bool:
    """Whether the block editor wrote it."""
    return DELIMITER.search(text) is not None


def mark_breaks(text: str) -> str:
    """`<!--more-->` becomes a mark for the tree stage; other page breaks go."""
    return PAGE_BREAK.sub("\n\n", MORE.sub('\n\n<hr data-wp="more">\n\n', text))


def take_off_blocks(text: str, on_unknown: Callable[[str], None]) -> str:
    """The HTML inside the blocks. What stands outside any is marked as written the old way.

    `on_unknown` hears the names of blocks that hold no HTML: what they showed is not in the file.
    """
    pieces: list[str] = []
    depth = position = 0
    for found in DELIMITER.finditer(text):
        between = text[position : found.start()]
        pieces.append(_as_of_old(between) if depth == 0 else between)
        position = found.end()
        name = found["name"].removeprefix("core/")
        if found["alone"]:
            pieces.append(_alone(name, found["attributes"] or "", on_unknown))
        elif found["closing"]:
            depth = max(0, depth - 1)
            if name in WRITTEN_AS_OF_OLD:
                pieces.append("</div>")
        else:
            depth += 1
            if name in WRITTEN_AS_OF_OLD:
                pieces.append('<div data-wp="classic">')
    pieces.append(_as_of_old(text[position:]))
    return "".join(pieces)


def _as_of_old(text: str) -> str:
    return f'<div data-wp="classic">{text}</div>' if text.strip() else text


def _alone(name: str, attributes: str, on_unknown: Callable[[str], None]) -> str:
    """A block without HTML: an embed still says its address, others only their name."""
    try:
        known = json.loads(attributes) if attributes else {}
    except ValueError:
        known = {}
    url = known.get("url") if isinstance(known, dict) else None
    if "embed" in name and isinstance(url, str):
        return f"<p>{html.escape(url)}</p>"
    if name not in {"spacer", "separator", "more", "nextpage"}:
        on_unknown(name)
    return "<hr>" if name == "separator" else ""
