"""Marking the words that were found, and choosing the lines to show.

Which words match is asked of the database, with the very function that the index was made with. The
texts are cut and escaped here, piece by piece, so that nothing in them is ever taken for HTML.
"""

import functools
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import connection
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from auposte.templatetags.french import typography
from broadcasts.services.search.asking import WORD, Compiled

EXCERPT = 240
# What stands before the first marked word of an excerpt.
LEAD = 70
# Stems keep the beginning of their words.
STEM_KEEPS = 2


@dataclass(frozen=True, kw_only=True)
class Excerpt:
    """A part of a text, ready for the page; `first` is where its first marked word stands."""

    html: SafeString
    first: int


def fold(text: str) -> str:
    """Small letters without accents; ligatures as two letters."""
    plain = text.lower().replace("œ", "oe").replace("æ", "ae")
    return "".join(
        letter
        for letter in unicodedata.normalize("NFD", plain)
        if not unicodedata.combining(letter)
    )


@functools.lru_cache(4096)
def _beginning(letters: str) -> str:
    """The first letters of a word or a stem, folded: a text has some hundreds of them."""
    return fold(letters)[:STEM_KEEPS]


class Marker:
    """Knows which words of some texts answer a question. One query, when it is made."""

    def __init__(self, compiled: Compiled, texts: Iterable[str]) -> None:
        beginnings = {_beginning(lexeme[:STEM_KEEPS]) for lexeme in compiled.lexemes}
        words = {word for text in texts for word in WORD.findall(text)}
        likely = [word for word in words if _beginning(word[:STEM_KEEPS]) in beginnings]
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT word FROM unnest(%s::text[]) AS word"
                " WHERE french_vector(word) @@ %s::tsquery",
                [likely, compiled.marked],
            )
            self._words = {str(row[0]) for row in cursor.fetchall()}

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where the words that match stand in this text."""
        return [
            (found.start(), found.end()) for found in WORD.finditer(text) if found[0] in self._words
        ]

    def marked(self, text: str) -> SafeString:
        """The whole text, escaped, typeset, with its words marked."""
        return _mark(text, self.spans(text))

    def excerpt(self, text: str) -> Excerpt | None:
        """The lines around the place with the most different words; None where none matches."""
        spans = self.spans(text)
        if not spans:
            return None
        first, _ = max(spans, key=lambda span: (self._wealth(text, spans, span[0]), -span[0]))
        start = _word_after(text, first - LEAD) if first > LEAD else 0
        end = _word_before(text, start + EXCERPT) if len(text) - start > EXCERPT else len(text)
        shown = [(left - start, right - start) for left, right in spans if start <= left < end]
        html = _mark(text[start:end], shown)
        return Excerpt(
            html=format_html(
                "{}{}{}", "… " if start else "", html, " …" if end < len(text) else ""
            ),
            first=first,
        )

    @staticmethod
    def _wealth(text: str, spans: list[tuple[int, int]], first: int) -> int:
        reach = first + EXCERPT - LEAD
        return len({fold(text[a:b]) for a, b in spans if first <= a and b <= reach})


def _word_after(text: str, place: int) -> int:
    while place > 0 and not text[place - 1].isspace():
        place -= 1
    return place


def _word_before(text: str, place: int) -> int:
    end = place
    while end > 0 and not text[end].isspace():
        end -= 1
    return end or place


def _mark(text: str, spans: list[tuple[int, int]]) -> SafeString:
    pieces: list[tuple[SafeString | str, SafeString]] = []
    last = 0
    for start, end in spans:
        pieces.append(
            (typography(text[last:start]), format_html("<mark>{}</mark>", text[start:end]))
        )
        last = end
    pieces.append((typography(text[last:]), SafeString("")))
    return format_html_join("", "{}{}", pieces)
