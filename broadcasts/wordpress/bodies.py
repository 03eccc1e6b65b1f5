"""The text of a post, as this site keeps it: two parts around the place of the fundraising."""

import html
import re
from dataclasses import dataclass

from auposte.richtext import sanitise
from broadcasts.video_addresses import VideoAddress
from broadcasts.wordpress import shortcodes
from broadcasts.wordpress.blocks import is_block_text, mark_breaks, take_off_blocks
from broadcasts.wordpress.flow import Flow
from broadcasts.wordpress.library import Attachment, Finding, Findings, Kind, Library
from broadcasts.wordpress.markup import Element, Node, is_blank, parse, serialise, without_noscript
from broadcasts.wordpress.media import Media, absolute
from broadcasts.wordpress.shortcodes import StandIn, Tag

BANNER = "auposte_bandeau_don"
MARK_OF_BANNER = '\n\n<hr data-wp="banner">\n\n'
FILE_ATTRIBUTES = ("", "src", "url", "mp4", "webm", "ogv", "m4v", "mp3", "ogg", "m4a", "wav", "id")
# In these a parser reads no tags: what takes a shortcode's place would show as its source.
RAW_TEXT = re.compile(
    r"</?(?:title|textarea|xmp|plaintext|noembed|noframes|listing)\b[^<>]*>", re.IGNORECASE
)
# nh3 writes what is in it unescaped.
NO_SCRIPT = re.compile(r"<(/?)noscript\b[^<>]*>", re.IGNORECASE)
PLAYER_SHORTCODES = {"embed", "youtube", "video", "audio", "vimeo", "dailymotion", "soundcloud",
                     "twitter", "tweet", "instagram", "facebook"}  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Body:
    """Sanitised HTML in two parts, the videos that its broadcast is to own, what to report."""

    opening: str
    rest: str
    videos: tuple[VideoAddress, ...]
    findings: tuple[Finding, ...]


def convert(text: str, library: Library) -> Body:
    """Convert the text of a post (old or of the block editor).

    The fundraising stands at the first `[auposte_bandeau_don]`; without one, where the text said
    « lire la suite »; without that, after everything.
    """
    findings = Findings()
    media = Media(library, findings)
    text = RAW_TEXT.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    text = NO_SCRIPT.sub(lambda tag: "</span>" if tag[1] else '<span data-wp="noscript">', text)
    classic = not is_block_text(text)
    if not classic:
        text = take_off_blocks(text, lambda name: findings.add(Kind.BLOCK, name))
    text = mark_breaks(text)
    text = shortcodes.replace(text, library.shortcode_names, _Choices(library, findings))
    nodes = without_noscript(parse(text).children)
    blocks = Flow(library, findings, media).blocks(nodes, classic=classic)
    opening, rest = (_cleaned(part, library.shortcode_names) for part in _split(blocks))
    return Body(
        opening=_finished(opening),
        rest=_finished(rest),
        videos=tuple(media.videos),
        findings=(*findings.found, *_brackets_kept([*opening, *rest])),
    )


class _Choices:
    """What is put in the place of each shortcode."""

    def __init__(self, library: Library, findings: Findings) -> None:
        self.library = library
        self.findings = findings

    def __call__(self, tag: Tag, inner: str | None) -> StandIn:
        name = tag.name.lower()
        if name == BANNER:
            return StandIn(html=MARK_OF_BANNER)
        if name in {"caption", "wp_caption"}:
            return self._caption(tag, inner)
        if name == "gallery":
            return StandIn(html="".join(map(_figure_of, self._gallery(tag))))
        if name in PLAYER_SHORTCODES:
            url = self._address(tag, name, inner)
            if url:
                return StandIn(html=f"\n\n<p>{html.escape(url)}</p>\n\n", takes_content=True)
        self.findings.add(Kind.SHORTCODE, tag.name, f"[{tag.name}{tag.attributes}]")
        return StandIn()

    def _caption(self, tag: Tag, inner: str | None) -> StandIn:
        """The image with its caption, which older versions wrote among the attributes."""
        caption = tag.values().get("caption", "")
        if inner is None:
            self.findings.add(Kind.SHORTCODE, tag.name, "légende sans fin : son texte est gardé")
            return StandIn(html=caption)
        words = f"<figcaption>{caption}</figcaption>" if caption else ""
        return StandIn(
            html=f'<figure data-wp="caption">{inner}{words}</figure>', takes_content=True
        )

    def _gallery(self, tag: Tag) -> list[Attachment]:
        wanted = tag.values().get("ids") or tag.values().get("include") or ""
        numbers = [part.strip() for part in wanted.split(",")]
        if not wanted:
            return self.library.attachments_of_post()
        found = []
        for number in numbers:
            known = self.library.attachment(int(number)) if number.isdecimal() else None
            if known is None:
                self.findings.add(Kind.PICTURE, f"[gallery] {number}", "fichier absent de l’export")
            else:
                found.append(known)
        return found

    @staticmethod
    def _address(tag: Tag, name: str, inner: str | None) -> str:
        """The address that a player's shortcode names, in any of the ways that there are."""
        values = tag.values()
        candidates = [inner or "", *(values.get(key, "") for key in FILE_ATTRIBUTES)]
        for candidate in candidates:
            url = absolute(html.unescape(candidate).strip().strip("\"'"))
            if "?" not in url:  # the shortcode's own parameters follow without more ado
                url = url.partition("&")[0]
            if url.startswith(("http://", "https://")) and not set(url) & set(" <>\n"):
                return url
        if name == "youtube" and (video := values[""] or values.get("id", "")):
            return f"https://www.youtube.com/watch?v={video}"
        return ""


def _figure_of(attachment: Attachment) -> str:
    caption = f"<figcaption>{attachment.caption}</figcaption>" if attachment.caption else ""
    return (
        f'<figure data-wp="caption"><img src="{html.escape(attachment.url)}" '
        f'alt="{html.escape(attachment.alt)}">{caption}</figure>'
    )


def _split(blocks: list[Node]) -> tuple[list[Node], list[Node]]:
    for mark in ("banner", "more"):
        parts = _cut(blocks, mark)
        if parts is not None:
            return parts
    return blocks, []


def _cut(nodes: list[Node], mark: str) -> tuple[list[Node], list[Node]] | None:
    """What stands before and after the first mark, elements around it in both; None without."""
    for position, node in enumerate(nodes):
        if isinstance(node, str):
            continue
        before, after = nodes[:position], nodes[position + 1 :]
        if node.mark == mark:
            return before, after
        inside = _cut(node.children, mark)
        if inside is not None:
            first, second = inside
            return [*before, node.like(first)], [node.like(second), *after]
    return None


def _finished(nodes: list[Node]) -> str:
    """The HTML of a part, as the database keeps it: sanitising it again changes nothing."""
    text = serialise(nodes)
    for _ in range(3):
        clean = sanitise(text)
        if clean == text:
            break
        text = clean
    return text


def _cleaned(nodes: list[Node], names: frozenset[str]) -> list[Node]:
    """Without marks, empty blocks, and shortcodes that only reading the HTML brought out."""
    result: list[Node] = []
    for node in nodes:
        if isinstance(node, str):
            _append_text(result, node)
        elif not node.mark:
            children = _cleaned(node.children, names)
            if node.children and is_blank(children) and node.tag not in {"td", "th"}:
                for child in children:
                    if isinstance(child, str):
                        _append_text(result, child)
            else:
                result.append(Element(node.tag, _scrubbed(node.attributes, names), children))
                if node.tag == "pre":
                    _drop_first_newlines(children)
    # Only now: taking away what stood between may have joined two halves of one.
    return [
        shortcodes.replace(node, names, plain=True) if isinstance(node, str) else node
        for node in result
    ]


def _append_text(nodes: list[Node], text: str) -> None:
    if nodes and isinstance(nodes[-1], str):
        nodes[-1] += text
    else:
        nodes.append(text)


def _scrubbed(attributes: dict[str, str], names: frozenset[str]) -> dict[str, str]:
    """Attributes, without shortcodes in those that readers read."""
    return {
        name: shortcodes.replace(value, names, plain=True) if name in {"alt", "title"} else value
        for name, value in attributes.items()
    }


def _drop_first_newlines(children: list[Node]) -> None:
    """A parser drops a newline right after `<pre>` each time that it reads it."""
    if children and isinstance(children[0], str):
        children[0] = children[0].lstrip("\n")


def _brackets_kept(nodes: list[Node]) -> list[Finding]:
    """One-word brackets that stay, for an editor to judge: « [sic] » is prose, « [promo] » not."""
    text = Element("body", {}, nodes).text()
    kept = dict.fromkeys(
        tag.name for tag in shortcodes.brackets(text, plain=True) if not tag.attributes.strip()
    )
    return [
        Finding(kind=Kind.BRACKETS, what=f"[{name}]", detail="gardé comme texte")
        for name in kept
        if name.lower() not in shortcodes.STAGE_DIRECTIONS
    ]
