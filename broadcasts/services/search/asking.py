"""Reading what somebody has typed: words, quoted phrases, what must not be there."""

import re
import unicodedata
from dataclasses import dataclass

from django.db import connection

LONGEST = 200
MOST_TERMS = 12
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]+")
TERM = re.compile(r"([-−]?)(?:\"([^\"]*)\"|«([^»]*)»|“([^”]*)”|(\S+))")
WORD = re.compile(r"[^\W_]+")
# The operators between the words of a query as PostgreSQL writes it: `'maintien' <3> 'ordre'`.
JOINT = re.compile(r"&|<(?:-|\d+)>")
QUOTED = re.compile(r"'([^']+)'")


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is asked: `wanted` and `unwanted` terms, each a word or several in a row."""

    text: str
    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()
    was_cut: bool = False

    def __bool__(self) -> bool:
        return bool(self.wanted)


@dataclass(frozen=True, kw_only=True)
class Compiled:
    """A question in PostgreSQL's writing (`tsquery`), each part as its text.

    `spoken` is what a passage must match, `written` a document, `words` a broadcast as a whole,
    `any` what makes a match better, `marked` what is marked in the results, `unwanted` what
    no document may have.
    """

    spoken: str
    written: str
    words: str
    any: str
    marked: str
    unwanted: str

    @property
    def is_empty(self) -> bool:
        """Nothing but words that are in every text, such as « le »."""
        return not self.written

    @property
    def has_phrase(self) -> bool:
        """Whether the order of words matters somewhere."""
        return "<" in self.written

    @property
    def lexemes(self) -> set[str]:
        """The stems of what is marked."""
        return set(QUOTED.findall(self.marked))


def read_question(typed: str) -> Question:
    """What was typed, as terms. What is too long is cut; odd signs are left out, never refused."""
    clean = " ".join(CONTROL.sub(" ", unicodedata.normalize("NFC", typed[: LONGEST * 4])).split())
    text = clean[:LONGEST].strip()
    wanted: list[str] = []
    unwanted: list[str] = []
    terms = [found.groups() for found in TERM.finditer(text)]
    for minus, *spellings in terms:
        term = next((spelling for spelling in spellings if spelling), "").strip()
        if WORD.search(term):
            (unwanted if minus else wanted).append(term)
    return Question(
        text=text,
        wanted=tuple(wanted[:MOST_TERMS]),
        unwanted=tuple(unwanted[:MOST_TERMS]),
        was_cut=len(clean) > LONGEST or len(typed) > LONGEST * 4 or len(wanted) > MOST_TERMS,
    )


def compile_question(question: Question) -> Compiled:
    """Have PostgreSQL read the terms, in one query. Stop words drop out by themselves."""
    phrases = ["french_phrase(%s)"] * len(question.wanted)
    unwanted = " || ".join(["french_phrase(%s)"] * len(question.unwanted)) or "''::tsquery"
    words = " && ".join(["french_words(%s)"] * len(question.wanted))
    every, either = " && ".join(phrases), " || ".join(phrases)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT ({every})::text, ({words})::text, ({either})::text, ({unwanted})::text",
            [*question.wanted * 3, *question.unwanted],
        )
        written, anywhere, some, not_these = cursor.fetchone()
    return Compiled(
        spoken=f"({written}) & !({not_these})" if written and not_these else written,
        written=written,
        words=anywhere,
        any=some,
        marked=JOINT.sub("|", some),
        unwanted=not_these,
    )
