"""Reading exports (WXR 1.0 to 1.2) of any size: one item in memory at a time.

The format has no specification but WordPress's own `wp-admin/includes/export.php`. The namespace of
its `wp:` elements names the version, so it differs between files and is taken as it comes.
"""

import html
import re
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import ParseError, XMLParser

from broadcasts.wordpress.decoding import Decoder
from broadcasts.wordpress.documents import Author, Entry, ExportError, Item, Site, Term, TermUse

WORDPRESS = re.compile(r"^http://wordpress\.org/export/[0-9.]+/$")
EXCERPT = re.compile(r"^http://wordpress\.org/export/[0-9.]+/excerpt/$")
CONTENT = "http://purl.org/rss/1.0/modules/content/"

# A text this long (characters) is an accident; holding several would break the bound on memory.
LONGEST_TEXT: Final = 4_000_000
LONGEST_META: Final = 20_000
META_KEYS: Final = {"_thumbnail_id", "_wp_old_slug", "_wp_attachment_image_alt"}

ITEM_FIELDS: Final = {
    "title": "title",
    "link": "link",
    "guid": "guid",
    "pubDate": "pub_date",
    "content:encoded": "content",
    "excerpt:encoded": "excerpt",
    "wp:post_date": "date",
    "wp:post_date_gmt": "date_gmt",
    "wp:post_modified_gmt": "modified_gmt",
    "wp:post_name": "name",
    "wp:status": "status",
    "wp:post_type": "post_type",
    "wp:post_password": "password",
    "wp:attachment_url": "attachment_url",
}
# A password of one space protects a text as well as another.
AS_IT_IS: Final = {"content:encoded", "excerpt:encoded", "wp:post_password"}
ITEM_NUMBERS: Final = {"wp:post_id": "post_id", "wp:post_parent": "parent"}
TERM_ELEMENTS: Final = {
    "wp:category": ("category", "wp:category_nicename", "wp:cat_name", "wp:category_description"),
    "wp:tag": ("post_tag", "wp:tag_slug", "wp:tag_name", "wp:tag_description"),
    "wp:term": ("", "wp:term_slug", "wp:term_name", "wp:term_description"),
}
SITE_URLS: Final = {"link", "wp:base_site_url", "wp:base_blog_url"}
# WXR 1.0 says "tag" in a post's categories where later versions say "post_tag".
TAXONOMIES: Final = {"tag": "post_tag"}

TRUNCATED: Final = {3, 5, 20}  # expat's codes: no element found, unclosed token, unclosed CDATA


class _Collector:
    """Gets the parser's events and makes entries of them; what it does not know it passes over."""

    def __init__(self) -> None:
        self.entries: deque[Entry] = deque()
        self.line: Callable[[], int] = lambda: 0
        self.is_wordpress = False
        self._short: dict[str, str] = {}
        self._path: list[str] = []
        self._text: list[str] | None = None
        self._length = 0
        self._limit = LONGEST_TEXT
        self._item: Item | None = None
        self._fields: dict[str, str] = {}
        self._use: tuple[str, str] = ("", "")
        self._urls: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        short = self._short.get(tag) or self._shorten(tag)
        self._path.append(short)
        depth = len(self._path)
        if depth == 3 and self._path[1] == "channel":
            self._start_entry(short)
        elif depth == 4 and self._path[2] == "item":
            self._start_field(short, attributes)
        elif depth == 4:
            self._listen()
        elif depth == 5 and self._path[3] == "wp:postmeta":
            self._listen(LONGEST_META)

    def end(self, tag: str) -> None:
        short = self._path.pop()
        depth = len(self._path)
        if depth == 4 and self._path[3] == "wp:postmeta":
            self._fields[short] = self._heard()
        elif depth == 3:
            self._end_field(short)
        elif depth == 2:
            self._end_entry(short)

    def data(self, text: str) -> None:
        if self._text is not None:
            self._length += len(text)
            if self._length <= self._limit:
                self._text.append(text)

    def close(self) -> None:
        """The parser wants it."""

    def _shorten(self, tag: str) -> str:
        namespace, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
        if not namespace:
            short = local
        elif WORDPRESS.match(namespace):
            self.is_wordpress = True
            short = f"wp:{local}"
        elif EXCERPT.match(namespace):
            short = f"excerpt:{local}"
        else:
            short = f"content:{local}" if namespace == CONTENT else f"other:{local}"
        self._short[tag] = short
        return short

    def _listen(self, limit: int = LONGEST_TEXT) -> None:
        self._text, self._length, self._limit = [], 0, limit

    def _heard(self) -> str:
        """What was said since `_listen`; nothing when it was too long."""
        text = "".join(self._text or ()) if self._length <= self._limit else ""
        self._text = None
        return text

    def _start_entry(self, short: str) -> None:
        self._fields = {}
        if short == "item":
            self._item = Item(line=self.line())
        elif short in SITE_URLS:
            self._listen(LONGEST_META)

    def _start_field(self, short: str, attributes: dict[str, str]) -> None:
        if short == "category":
            domain = attributes.get("domain", "category")
            # Version 1.0 says each category twice, the first time without its nicename.
            self._use = (TAXONOMIES.get(domain, domain), attributes.get("nicename", ""))
        if short in ITEM_FIELDS or short in ITEM_NUMBERS or short == "category":
            self._listen()
        elif short == "wp:postmeta":
            self._fields = {}

    def _end_field(self, short: str) -> None:
        if self._path[2] != "item":
            self._fields[short] = self._heard().strip()
            return
        item = self._item
        if item is None:
            return
        if short == "wp:postmeta":
            key = self._fields.get("wp:meta_key", "")
            if key in META_KEYS:
                item.meta.setdefault(key, []).append(self._fields.get("wp:meta_value", "").strip())
        elif self._text is None:
            return
        elif short == "category":
            taxonomy, nicename = self._use
            name = html.unescape(self._heard()).strip()
            if nicename and name:
                item.terms.append(TermUse(taxonomy=taxonomy, nicename=nicename, name=name))
        elif short in ITEM_NUMBERS:
            number = self._heard().strip()
            if number.isascii() and number.isdecimal() and len(number) < 19:
                setattr(item, ITEM_NUMBERS[short], int(number))
        else:
            item.too_long = item.too_long or self._length > self._limit
            text = self._heard()
            setattr(item, ITEM_FIELDS[short], text if short in AS_IT_IS else text.strip())

    def _end_entry(self, short: str) -> None:
        fields = self._fields
        if short == "item" and self._item is not None:
            self.entries.append(self._item)
            self._item = None
        elif short in SITE_URLS:
            self.entries.append(Site(urls=(self._heard().strip(),)))
        elif short == "wp:author":
            self.entries.append(
                Author(
                    login=fields.get("wp:author_login", ""),
                    display_name=html.unescape(fields.get("wp:author_display_name", "")),
                    first_name=fields.get("wp:author_first_name", ""),
                    last_name=fields.get("wp:author_last_name", ""),
                )
            )
        elif short in TERM_ELEMENTS:
            taxonomy, slug, name, description = TERM_ELEMENTS[short]
            self.entries.append(
                Term(
                    taxonomy=taxonomy or fields.get("wp:term_taxonomy", ""),
                    nicename=fields.get(slug, ""),
                    name=html.unescape(fields.get(name, "")),
                    description=fields.get(description, ""),
                )
            )


def read_export(path: Path, on_bytes: Callable[[int], None] | None = None) -> Iterator[Entry]:
    """The entries of a file, in its order; `on_bytes` hears how many bytes were read so far.

    Raises ExportError after the entries that stand before the fault.
    """
    try:
        stream = path.open("rb")
    except OSError as error:
        raise ExportError("ce fichier ne peut pas être ouvert.", path=path) from error
    with stream:
        collector = _Collector()
        parser = XMLParser(target=collector, encoding="utf-8", forbid_dtd=True)
        collector.line = lambda: int(parser.parser.CurrentLineNumber) + decoder.leading_lines
        decoder = Decoder(path, stream)
        try:
            for text in decoder:
                parser.feed(text.encode())
                while collector.entries:
                    yield collector.entries.popleft()
                if on_bytes is not None:
                    on_bytes(decoder.bytes_read)
            parser.close()
        except (ParseError, DefusedXmlException) as error:
            yield from collector.entries
            raise _explain(error, path, decoder.leading_lines) from error
        except OSError as error:
            raise ExportError("la lecture de ce fichier a échoué.", path=path) from error
        yield from collector.entries
        if not collector.is_wordpress:
            raise ExportError(
                "ce fichier n’est pas un export de WordPress. Dans WordPress : Outils, Exporter, "
                "Tout le contenu.",
                path=path,
            )


def _explain(
    error: ParseError | DefusedXmlException, path: Path, leading_lines: int
) -> ExportError:
    if isinstance(error, DefusedXmlException):
        return ExportError(
            "ce fichier contient un DOCTYPE ou des entités, qu’un export de WordPress n’a jamais. "
            "Il est refusé : enlevez cette déclaration, ou exportez à nouveau.",
            path=path,
        )
    line = error.position[0] + leading_lines
    if error.code in TRUNCATED:
        return ExportError(
            "le fichier s’arrête avant sa fin. Ce qui précède est pris ; exportez à nouveau "
            "(par années, si le serveur manque de temps), puis relancez : rien ne sera en double.",
            path=path,
            line=line,
        )
    return ExportError(
        "le XML est abîmé ici. Ce qui précède est pris ; corrigez cette ligne ou exportez à "
        "nouveau, puis relancez : rien ne sera en double.",
        path=path,
        line=line,
    )
