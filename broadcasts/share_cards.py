"""The pictures that a link is shared with: a record card with the title, who came, a picture.

An episode has a square one too, for podcast applications.
"""

import hashlib
from dataclasses import dataclass

from django.db.models.fields.files import ImageFieldFile

from auposte.money import NBSP
from auposte.templatetags.french import french_date
from broadcasts.drawing import (
    INK,
    PAPER,
    STAMP,
    Paper,
    fitted,
    heavy,
    stored_picture,
    typed,
    wrapped,
)
from broadcasts.models import Broadcast, Series
from guests.models import Guest

WIDTH, HEIGHT = 1200, 630
MARGIN, LEFT, TOP = 64, 96, 60
PICTURE_LEFT = 690
# Raise it when the drawing changes: addresses name what they show.
DRAWING = 1
DIGEST_LENGTH = 12
SIZES = (116, 100, 88, 76, 68, 60, 54, 48, 42)
# Applications want at least 1400 pixels (https://podcasters.apple.com/support/896).
SIDE, SQUARE_LEFT, PICTURE_HEIGHT = 1400, 130, 760
SQUARE_SIZES = (190, 164, 142, 124, 108, 94, 82, 72, 62)


@dataclass(frozen=True, kw_only=True)
class Card:
    """What a card says. `focus` (percent) is what stays in sight of the picture."""

    kind: str
    slug: str
    heading: str
    below: str = ""
    foot: str = ""
    stamp: str = ""
    image: ImageFieldFile | None = None
    focus: tuple[int, int] = (50, 50)
    is_square: bool = False

    @property
    def digest(self) -> str:
        """Changes with what the card shows."""
        image = self.image.name if self.image else ""
        told = (DRAWING, self.heading, self.below, self.foot, self.stamp, image, self.focus)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:DIGEST_LENGTH]

    @property
    def path(self) -> str:
        """Where it is, at an address that never shows anything else."""
        ending = ".carre.jpg" if self.is_square else ".jpg"
        return f"/partage/{self.kind}/{self.slug}.{self.digest}{ending}"


def episode_card(broadcast: Broadcast, *, guests: list[str]) -> Card:
    """The card of a broadcast with these guests, by name."""
    return Card(
        kind="emissions",
        slug=broadcast.slug,
        heading=broadcast.title,
        below=f"Avec {_in_prose(guests)}" if guests else "",
        foot=french_date(broadcast.date) if broadcast.date else "",
        stamp=f"PV nº{NBSP}{broadcast.pk}",
        image=broadcast.image,
        focus=(broadcast.focal_x, broadcast.focal_y),
    )


def series_card(series: Series) -> Card:
    """The card of a series."""
    return Card(kind="series", slug=series.slug, heading=series.title, stamp="Série")


def guest_card(guest: Guest) -> Card:
    """The card of somebody who came."""
    return Card(
        kind="invites",
        slug=guest.slug,
        heading=guest.name,
        below=guest.title,
        stamp="Au micro",
        image=guest.portrait,
    )


def _in_prose(names: list[str]) -> str:
    return " et ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)


def draw(card: Card) -> bytes:
    """The card as a JPEG, 1200 × 630 pixels; 1400 × 1400 when it is square."""
    return (_square(card) if card.is_square else _wide(card)).as_jpeg()


def _wide(card: Card) -> Paper:
    paper = Paper(WIDTH, HEIGHT, margin=MARGIN)
    picture = stored_picture(card.image, width=WIDTH - PICTURE_LEFT) if card.image else None
    right = WIDTH - 64
    if picture is not None:
        paper.lay(
            picture, at=(PICTURE_LEFT, 0), size=(WIDTH - PICTURE_LEFT, HEIGHT), focus=card.focus
        )
        paper.box(at=(PICTURE_LEFT, 0), size=(6, HEIGHT), colour=INK)
        right = PICTURE_LEFT - 40
    width = right - LEFT
    paper.brand(at=(LEFT, TOP), size=46)
    below = wrapped(card.below, typed(28), width=width, lines=2) if card.below else []
    foot = HEIGHT - 56
    bottom = foot - 36 * (len(below) + bool(card.foot)) - 16
    title = fitted(
        card.heading, heavy, sizes=SIZES, width=width, height=bottom - (TOP + 84), spacing=1.06
    )
    paper.write(title, at=(LEFT, TOP + 76))
    for row, text in enumerate(below):
        y = foot - 36 * (len(below) - 1 - row + bool(card.foot))
        paper.line(text, at=(LEFT, y), font=typed(28), anchor="ls")
    if card.foot:
        paper.line(card.foot, at=(LEFT, foot), font=typed(28), colour=STAMP, anchor="ls")
    if card.stamp:
        at, ground = (WIDTH - 210, HEIGHT - 84), None if picture is None else PAPER
        paper.stamp(card.stamp, at=at, size=38, ground=ground)
    return paper


def _square(card: Card) -> Paper:
    """Shown as small as a thumb: large type, and the picture above it."""
    paper = Paper(SIDE, SIDE, margin=SQUARE_LEFT - 50, scale=2)
    picture = stored_picture(card.image, width=SIDE) if card.image else None
    top = 90
    if picture is not None:
        paper.lay(picture, at=(0, 0), size=(SIDE, PICTURE_HEIGHT), focus=card.focus)
        paper.box(at=(0, PICTURE_HEIGHT), size=(SIDE, 12), colour=INK)
        top = PICTURE_HEIGHT + 60
    width, foot = SIDE - SQUARE_LEFT - 80, SIDE - 160
    below = wrapped(card.below, typed(54), width=width, lines=2) if card.below else []
    bottom = foot - 66 * len(below) - 30
    title = fitted(
        card.heading, heavy, sizes=SQUARE_SIZES, width=width, height=bottom - top, spacing=1.06
    )
    paper.write(title, at=(SQUARE_LEFT, top))
    for row, text in enumerate(below):
        at = (SQUARE_LEFT, foot - 36 - 66 * (len(below) - 1 - row))
        paper.line(text, at=at, font=typed(54), anchor="ls")
    paper.brand(at=(SQUARE_LEFT, SIDE - 130), size=92)
    if card.stamp:
        paper.stamp(card.stamp, at=(SIDE - 250, SIDE - 100), size=56, ground=PAPER)
    return paper
