"""Which motif is drawn in which inks, and what it shows in words."""

from collections.abc import Callable
from dataclasses import dataclass

from PIL import Image

from broadcasts.demo.pictures import records, rooms, streets
from broadcasts.demo.pictures.press import (
    CARBON,
    INK,
    KRAFT,
    LAMP,
    PAPER,
    ROSE,
    STAMP,
    Colour,
    Sheet,
    dice,
)


@dataclass(frozen=True, kw_only=True)
class Motif:
    """`draw` puts the motif on a sheet, with two inks and a number; `alt` says what one sees."""

    draw: Callable[[Sheet, Colour, Colour, str], None]
    alt: str


MOTIFS = {
    "bars": Motif(draw=rooms.bars, alt="des barreaux dont deux s’écartent, devant un soleil"),
    "blocks": Motif(draw=streets.blocks, alt="des immeubles la nuit, quelques fenêtres allumées"),
    "cards": Motif(draw=records.cards, alt="des fiches épinglées, reliées par un fil"),
    "chairs": Motif(draw=rooms.chairs, alt="une table sous une lampe, deux chaises, un micro"),
    "clippings": Motif(draw=records.clippings, alt="une page de journal découpée et entourée"),
    "eye": Motif(draw=rooms.eye, alt="un œil dont l’iris est un diaphragme"),
    "fingerprint": Motif(
        draw=records.fingerprint, alt="une empreinte digitale aux repères numérotés"
    ),
    "lamp": Motif(draw=rooms.lamp, alt="un gyrophare et ses rayons"),
    "ledger": Motif(draw=records.ledger, alt="un livre de comptes barré d’un grand nombre"),
    "lineup": Motif(
        draw=rooms.lineup, alt="des silhouettes devant une toise, dont une la tête en bas"
    ),
    "machine": Motif(
        draw=streets.machine,
        alt="un désert de circuits imprimés traversé par une route, sous un soleil rouge",
    ),
    "march": Motif(draw=streets.march, alt="une foule de dos, des pancartes levées"),
    "megaphone": Motif(draw=streets.megaphone, alt="un porte-voix et les ondes qui en sortent"),
    "microphone": Motif(draw=rooms.microphone, alt="un micro au centre d’ondes concentriques"),
    "notebook": Motif(draw=records.notebook, alt="une page lignée, signée et tamponnée"),
    "redacted": Motif(
        draw=records.redacted, alt="une page dactylographiée, caviardée sauf une ligne"
    ),
    "stamped": Motif(draw=records.stamped, alt="un formulaire vide sous un énorme tampon"),
    "tape": Motif(draw=streets.tape, alt="des rubans de chantier croisés devant un nombre"),
    "town": Motif(draw=streets.town, alt="le plan d’une ville et un trajet en rouge"),
    "water": Motif(draw=streets.water, alt="un soleil rayé au-dessus de lignes d’eau"),
    "waveform": Motif(draw=rooms.waveform, alt="l’onde d’un enregistrement en cours de lecture"),
}

# Ground, first ink, second ink.
SCHEMES: dict[str, tuple[Colour, Colour, Colour]] = {
    "papier": (PAPER, INK, STAMP),
    "carbone": (PAPER, CARBON, STAMP),
    "kraft": (KRAFT, INK, STAMP),
    "rose": (ROSE, CARBON, STAMP),
    "ocre": (LAMP, INK, STAMP),
    "nuit": (INK, PAPER, STAMP),
    "bleu": (CARBON, INK, LAMP),
    "rouge": (STAMP, INK, STAMP),
}


def draw_poster(*, motif: str, scheme: str, key: str, number: str) -> Image.Image:
    """The picture of an episode, 1600 × 900 pixels, the same for the same arguments."""
    ground, first, second = SCHEMES[scheme]
    sheet = Sheet(dice(f"{motif} {key}"), ground=ground)
    MOTIFS[motif].draw(sheet, first, second, number)
    return sheet.picture


def describe(motif: str) -> str:
    """The alternative text."""
    return f"Dessin\u00a0: {MOTIFS[motif].alt}."
