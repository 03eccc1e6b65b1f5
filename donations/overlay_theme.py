"""How an address dresses the overlay: checked, since it all ends up in a page on air."""

import re
from dataclasses import dataclass
from typing import Literal

from django.http import QueryDict

COLOUR = re.compile(r"#?(?P<digits>[0-9a-fA-F]{3,4}|[0-9a-fA-F]{6}|[0-9a-fA-F]{8})\Z")

# Without either, the machine's own preference for reduced motion decides.
Motion = Literal["", "oui", "non"]
MOTION: dict[str, Motion] = {"1": "oui", "0": "non"}


@dataclass(frozen=True, kw_only=True)
class OverlayTheme:
    """Colours are `#rrggbb` (or shorter, or with transparency) or empty; `size` is in percent."""

    background: str
    ink: str
    colour: str
    size: int
    names: int
    position: Literal["haut", "bas"]
    sound: bool
    motion: Motion


def theme_of(query: QueryDict) -> OverlayTheme:
    """What `fond`, `encre`, `couleur`, `taille`, `noms`, `position`, `son`, `anime` ask for.

    What is wrong is as if it had not been asked for: nobody wants to see an error on air.
    """
    return OverlayTheme(
        background=_colour(query.get("fond", "")),
        ink=_colour(query.get("encre", "")),
        colour=_colour(query.get("couleur", "")),
        size=_number(query.get("taille", ""), least=50, most=200, otherwise=100),
        names=_number(query.get("noms", ""), least=0, most=10, otherwise=5),
        position="haut" if query.get("position") == "haut" else "bas",
        sound=query.get("son") == "1",
        motion=MOTION.get(query.get("anime", ""), ""),
    )


def _colour(text: str) -> str:
    match = COLOUR.match(text)
    return f"#{match['digits'].lower()}" if match else ""


def _number(text: str, *, least: int, most: int, otherwise: int) -> int:
    if not re.fullmatch(r"[0-9]{1,3}", text, re.ASCII):
        return otherwise
    return min(max(int(text), least), most)
