"""People's names as somebody writes them: which part is the last name."""

import re
from dataclasses import dataclass

# They begin a last name and stay with it: « de La Tour », « Le Bon », « van der Meer ».
PARTICLES = {
    "al", "ap", "ben", "bint", "da", "dal", "de", "dei", "del", "della", "den", "der", "des", "di",
    "do", "dos", "du", "el", "la", "las", "le", "les", "lo", "los", "mac", "mc", "o", "ould",
    "saint", "sainte", "san", "santa", "st", "ste", "ten", "ter", "van", "von", "zu", "d'", "l'",
}  # fmt: skip
# They begin the name of a group or an office, never of a person.
COLLECTIVE = {
    "agence", "asso", "association", "au", "assemblée", "atelier", "ateliers", "bureau", "cercle",
    "coalition", "collectif", "collectifs", "comité", "compagnie", "conseil", "coordination",
    "équipe", "fédération", "fondation", "groupe", "l'équipe", "journal", "ligue", "média",
    "mouvement", "observatoire", "parti", "réseau", "rédaction", "revue", "syndicat", "union",
}  # fmt: skip
JOINING = {"and", "à", "aux", "avec", "contre", "des", "du", "en", "et", "for", "of", "par", "pour",
           "sans", "sur", "the"}  # fmt: skip
LONGEST = 120


@dataclass(frozen=True, kw_only=True)
class PersonName:
    """A mononym, and a group's name, is all in `last`. `doubtful` asks for an editor's eye."""

    last: str
    first: str = ""
    doubtful: bool = False


def last_name_first(text: str) -> PersonName:
    """`Welgryn Lou`, `de La Tour Anne-Lise`, `LE BON Jean`, `Welgryn, Lou`."""
    words = _words(text)
    if "," in text:
        before, _, after = " ".join(words).partition(",")
        last_part, first_part = before.strip(), after.strip()
        return _limited(
            last_part or first_part,
            first_part if last_part else "",
            doubtful=not (last_part and first_part),
        )
    if len(words) < 2 or _is_collective(words):
        return _limited(" ".join(words))
    capitals = _leading_capitals(words)
    cut = capitals or _particles(words) + 1
    if cut >= len(words):  # « Le Pen » : nobody's first name is left
        return _limited(" ".join(words), doubtful=True)
    last, first = words[:cut], words[cut:]
    if _fold(first[0]) in PARTICLES | JOINING and first[0][0].islower():
        return _limited(" ".join(words), doubtful=True)
    return _limited(" ".join(last), " ".join(first), doubtful=not capitals and len(first) > 1)


def first_name_first(text: str) -> PersonName | None:
    """`Anne-Lise de La Tour`; None for what is no person: « La rédaction », « redaction »."""
    words = _words(text)
    if len(words) < 2 or len(words) > 6 or _is_collective(words):
        return None
    if _fold(words[0]) in PARTICLES or any(_fold(word) in JOINING - PARTICLES for word in words):
        return None
    if not words[0][0].isupper() or not words[-1][0].isupper():
        return None
    cut = next((n for n, word in enumerate(words) if n and _fold(word) in PARTICLES), 1)
    doubtful = cut == 1 and len(words) > 2 and _fold(words[1]) not in PARTICLES
    return _limited(" ".join(words[cut:]), " ".join(words[:cut]), doubtful=doubtful)


def _words(text: str) -> list[str]:
    return (
        re.sub(r"\s+", " ", text.replace("\u00a0", " ")).strip().split(" ") if text.strip() else []
    )


def _fold(word: str) -> str:
    return word.lower().replace("’", "'").rstrip(".")


def _is_collective(words: list[str]) -> bool:
    folded = [_fold(word) for word in words]
    after_article = folded[1] if folded[0] in {"le", "la", "les"} and len(folded) > 1 else ""
    return (
        folded[0] in COLLECTIVE
        or after_article in COLLECTIVE
        or any(character.isdigit() or character in "&+/@" for word in words for character in word)
    )


def _leading_capitals(words: list[str]) -> int:
    """How many words at the start are in capitals, when the others are not; 0 otherwise."""
    count = 0
    while count < len(words) and len(words[count]) > 1 and words[count].isupper():
        count += 1
    return count if count and not any(w.isupper() and len(w) > 2 for w in words[count:]) else 0


def _particles(words: list[str]) -> int:
    count = 0
    while count < len(words) - 1 and _fold(words[count]) in PARTICLES:
        count += 1
    return count


def _limited(last: str, first: str = "", *, doubtful: bool = False) -> PersonName:
    return PersonName(last=last[:LONGEST], first=first[:LONGEST], doubtful=doubtful)
