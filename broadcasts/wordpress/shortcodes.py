"""WordPress shortcodes: what is one, and what stands for it in our texts.

An export does not say which shortcodes the site knew, and French prose has brackets of its own:
« [Rires] », « "[La police] a chargé" », « [...] ». A bracket is taken for a shortcode when it has
attributes, a closing tag, an underscore, a name that WordPress or a common plugin owns, or the name
of one that showed itself elsewhere in the exports; also a bare lowercase word alone on its line,
unless editors use it as a stage direction.
"""

import html
import re
from bisect import bisect_right
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass

# In a name: letters, digits, _ and -. Attributes never hold brackets.
TAG = re.compile(r"\[(\[?)(/?)([^\W\d_][\w-]{0,60})((?:[\s=/][^\[\]]{0,4000})?)\](\]?)")
# HTML may stand in the quotes of a shortcode whose every word is an attribute.
RICH = re.compile(
    r"""\[(\[?)(/?)([^\W\d_][\w-]{0,60})"""
    r"""((?:\s+[\w-]+\s*=\s*(?:"[^"\[\]]*"|'[^'\[\]]*'))+\s*/?)\](\]?)"""
)
# And the visual editor breaks a line, or sets a word in bold, between the attributes.
MARKED_UP = re.compile(
    r"""\[(\[?)(/?)([^\W\d_][\w-]{0,60})"""
    r"""((?:[^\[\]<>]|</?(?:a|b|br|code|em|font|i|span|strong|u)\b[^<>]*>){1,600})\](\]?)"""
)
TOKEN = re.compile(r"<!--.*?-->|</?[A-Za-z][^<>]*>|<!--.*", re.DOTALL)
ATTRIBUTE = re.compile(r"""([\w-]+)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'\]]+))""")
HAS_ATTRIBUTES = re.compile(r"""=\s*["'“”«″&]|^=|[\w-]=[\w/#.-]""")
# The editor made curly quotes of attributes' straight ones.
QUOTES = str.maketrans({"“": '"', "”": '"', "″": '"', "«": '"', "»": '"', "’": "'", "′": "'"})

KNOWN = frozenset({
    "audio", "caption", "embed", "gallery", "playlist", "video", "wp_caption", "youtube", "vimeo",
    "dailymotion", "soundcloud", "twitter", "tweet", "instagram", "facebook", "googlemaps", "more",
    "contact-form", "contact-form-7", "ninja_form", "gravityform", "mailpoet_form", "mc4wp_form",
    "jetpack-subscription-form", "polldaddy", "slideshow", "toc", "table", "button", "buttons",
    "spoiler", "accordion", "tabs", "tab", "columns", "column", "powerpress", "podcast",
    "elementor-template", "rev_slider", "do_widget", "smartslider3",
})  # fmt: skip
# What newsrooms write between brackets, also alone on a line.
STAGE_DIRECTIONS = frozenset({
    "sic", "rire", "rires", "silence", "musique", "applaudissements", "inaudible", "ndlr", "ndr",
    "note", "extrait", "suite", "coupe", "coupure", "pause", "hors-micro", "off", "bis", "etc",
    "soupir", "soupirs", "larmes", "sourire", "fin", "publicite", "archive", "jingle", "chant",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Tag:
    """One bracket, where it stands in the text. `escaped` is `[[name]]`: shown, not run."""

    start: int
    end: int
    name: str
    attributes: str
    closing: bool
    escaped: bool

    @property
    def own_closing(self) -> bool:
        """`[name /]`."""
        return self.attributes.rstrip().endswith("/")

    def values(self) -> dict[str, str]:
        """Its attributes, and its first word without a name under ""."""
        text = html.unescape(self.attributes).replace("\u00a0", " ").translate(QUOTES)
        found = {
            match[1].lower(): match[2] or match[3] or match[4] or ""
            for match in ATTRIBUTE.finditer(text)
        }
        if text.lstrip().startswith("="):  # `[youtube=https://…&w=640]`
            return {"": text.strip(" \t\n=/\"'")}
        return {"": ATTRIBUTE.sub(" ", text).strip(" \t\n/\"'"), **found}


def text_spans(text: str) -> Iterator[tuple[int, int]]:
    """Where in a text HTML tags and comments are not: the spans that readers see."""
    position = 0
    for token in TOKEN.finditer(text):
        if token.start() > position:
            yield position, token.start()
        position = token.end()
    if position < len(text):
        yield position, len(text)


def brackets(text: str, *, plain: bool = False) -> list[Tag]:
    """Everything shaped like a shortcode, shortcodes and prose alike.

    What stands inside HTML tags is passed over, unless the text is `plain` and has none.
    """
    spans = [(0, len(text))] if plain else list(text_spans(text))
    found = [match for start, end in spans for match in TAG.finditer(text, start, end)]
    if not plain:
        starts = [start for start, _ in spans]
        marked_up = [
            match
            for match in (*RICH.finditer(text), *MARKED_UP.finditer(text))
            if "<" in match[0] and (match.re is RICH or _is_only_attributes(match[4]))
        ]
        for match in marked_up:
            place = bisect_right(starts, match.start()) - 1
            if place >= 0 and match.start() < spans[place][1]:
                found.append(match)
        found.sort(key=re.Match.start)
    return [
        Tag(
            start=match.start(),
            end=match.end(),
            name=match[3],
            attributes=match[4],
            closing=bool(match[2]),
            escaped=bool(match[1] and match[5]),
        )
        for match in found
    ]


def _is_only_attributes(text: str) -> bool:
    """Whether nothing that a reader would miss is among these attributes and tags."""
    words = html.unescape(TOKEN.sub(" ", text)).translate(QUOTES)
    return text[0] in " \t\n=/<" and not ATTRIBUTE.sub(" ", words).strip(" \t\n\u00a0/")


def names_shown(text: str) -> set[str]:
    """The names, in lower case, that this text proves to be shortcodes."""
    found = brackets(text) if "[" in text else []
    opened = {tag.name for tag in found if not tag.closing}
    return {
        tag.name.lower()
        for tag in found
        if "_" in tag.name
        or (tag.closing and tag.name in opened)
        or (not tag.closing and HAS_ATTRIBUTES.search(tag.attributes))
    }


def is_shortcode(tag: Tag, text: str, names: Collection[str]) -> bool:
    """Whether this bracket of `text` is a shortcode; `names` are those that showed themselves."""
    name = tag.name.lower()
    if name in KNOWN or name in names or "_" in name or tag.closing:
        return True
    if HAS_ATTRIBUTES.search(tag.attributes):
        return True
    if tag.attributes.strip() not in {"", "/"}:
        return False  # several words: « [le ministre] »
    if tag.name != name or not name.isascii() or name in STAGE_DIRECTIONS:
        return False
    return tag.own_closing or _is_alone(tag, text)


def _is_alone(tag: Tag, text: str) -> bool:
    before = text[max(0, tag.start - 200) : tag.start].rstrip(" \t")
    after = text[tag.end : tag.end + 200].lstrip(" \t")
    return (not before or before[-1] in "\n>") and (not after or after[0] in "\n<")


@dataclass(frozen=True, kw_only=True)
class StandIn:
    """What is put where a shortcode was; `takes_content` when it speaks for what that wrapped."""

    html: str = ""
    takes_content: bool = False


# Gets an opening tag, and the text up to its closing one when that follows.
Chooser = Callable[[Tag, str | None], StandIn]


def replace(
    text: str, names: Collection[str], choose: Chooser | None = None, *, plain: bool = False
) -> str:
    """`text` without its shortcodes: stand-ins take their places, what they wrap stays."""
    # Taking one away may join two halves of another, so it goes on until there is none.
    for _ in range(text.count("[") + 1):
        tags = [tag for tag in brackets(text, plain=plain) if is_shortcode(tag, text, names)]
        if not tags:
            break
        text = _replaced(text, tags, choose)
    return text


def _replaced(text: str, tags: list[Tag], choose: Chooser | None) -> str:
    closings: dict[str, list[Tag]] = {}
    for tag in reversed(tags):
        if tag.closing:
            closings.setdefault(tag.name, []).append(tag)
    pieces: list[str] = []
    position = 0
    for tag in tags:
        if tag.start < position:
            continue  # inside what a stand-in took with it
        pieces.append(text[position : tag.start])
        position = tag.end
        if tag.escaped:  # `[[name]]` was shown as text
            pieces.append(text[tag.start : tag.end].strip("[]"))
        elif choose is not None and not tag.closing:
            following = closings.get(tag.name, [])
            while following and following[-1].start < tag.end:
                following.pop()
            closing = following[-1] if following and not tag.own_closing else None
            stand_in = choose(tag, text[tag.end : closing.start] if closing else None)
            pieces.append(stand_in.html)
            if stand_in.takes_content and closing:
                position = closing.end
    pieces.append(text[position:])
    return "".join(pieces)
