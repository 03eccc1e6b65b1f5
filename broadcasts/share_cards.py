"""The pictures that a link is shared with: a record card with the title, who came, a picture."""

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

    @property
    def digest(self) -> str:
        """Changes with what the card shows."""
        image = self.image.name if self.image else ""
        told = (DRAWING, self.heading, self.below, self.foot, self.stamp, image, self.focus)
        return hashlib.sha256(repr(told).encode()).hexdigest()[:DIGEST_LENGTH]

    @property
    def path(self) -> str:
        """Where it is, at an address that never shows anything else."""
        return f"/partage/{self.kind}/{self.slug}.{self.digest}.jpg"


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
    """The card as a JPEG, 1200 × 630 pixels."""
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
    return paper.as_jpeg()
