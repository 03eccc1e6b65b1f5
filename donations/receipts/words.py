"""Sums of money in French words, for papers where the law wants them so.

Spelling of 1990 (Journal officiel, 6 December 1990): all the words of a number are joined by
hyphens, « deux-cent-trente-et-un ». *Million* and *milliard* are nouns and stand apart.
"""

MAXIMUM_CENTS = 10**14 - 1

UNITS = (
    "zéro", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf", "dix", "onze",
    "douze", "treize", "quatorze", "quinze", "seize", "dix-sept", "dix-huit", "dix-neuf",
)  # fmt: skip
TENS = {20: "vingt", 30: "trente", 40: "quarante", 50: "cinquante", 60: "soixante"}


def in_words(cents: int) -> str:
    """`123045` → « mille-deux-cent-trente euros et quarante-cinq centimes ».

    Raises ValueError below one cent and from a thousand milliards of euros on.
    """
    if not 0 < cents <= MAXIMUM_CENTS:
        raise ValueError(f"no words for {cents} cents")
    whole, rest = divmod(cents, 100)
    parts = [_euros(whole)] if whole else []
    if rest:
        parts.append(f"{_number(rest)} centime{'s' if rest > 1 else ''}")
    return " et ".join(parts)


def _euros(whole: int) -> str:
    # After a noun the unit wants « de »: « un million d’euros ».
    if whole % 1_000_000 == 0:
        return f"{_number(whole)} d’euros"
    return f"{_number(whole)} euro{'s' if whole > 1 else ''}"


def _number(number: int) -> str:
    parts = []
    for value, noun in ((10**9, "milliard"), (10**6, "million")):
        count, number = divmod(number, value)
        if count:
            parts.append(f"{_below_million(count)} {noun}{'s' if count > 1 else ''}")
    if number:
        parts.append(_below_million(number))
    return " ".join(parts)


def _below_million(number: int) -> str:
    thousands, rest = divmod(number, 1000)
    parts = []
    if thousands:
        # « mille », not « un-mille »; before it, cent and vingt keep no s.
        parts += [_below_thousand(thousands, last=False)] if thousands > 1 else []
        parts.append("mille")
    if rest:
        parts.append(_below_thousand(rest, last=True))
    return "-".join(parts)


def _below_thousand(number: int, *, last: bool) -> str:
    """`last` is whether cent and vingt end the numeral, so that their plural is written."""
    hundreds, rest = divmod(number, 100)
    parts = []
    if hundreds > 1:
        parts.append(UNITS[hundreds])
    if hundreds:
        parts.append("cents" if hundreds > 1 and not rest and last else "cent")
    if rest:
        parts.append(_below_hundred(rest, last=last))
    return "-".join(parts)


def _below_hundred(number: int, *, last: bool) -> str:
    if number < 20:
        return UNITS[number]
    if number >= 80:
        rest = number - 80
        if not rest:
            return "quatre-vingts" if last else "quatre-vingt"
        return f"quatre-vingt-{UNITS[rest]}"
    ten = 60 if number >= 70 else number // 10 * 10
    rest = number - ten
    if not rest:
        return TENS[ten]
    # 21, 31 … 61 and 71.
    link = "-et-" if rest in {1, 11} else "-"
    return f"{TENS[ten]}{link}{UNITS[rest]}"
