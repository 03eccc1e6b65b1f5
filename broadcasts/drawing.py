"""What drawn pictures stand on: paper, two faces of type, a stamp; sizes are in pixels.

For what is made of the outlet's own words: share images, the podcast's cover. Nothing here asks
the database; the demonstration's posters have a press of their own.
"""

import functools
import io
import unicodedata
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from django.db.models.fields.files import ImageFieldFile
from PIL import Image, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Font = ImageFont.FreeTypeFont

# As static/css/base.css has them in the light.
PAPER: Colour = (245, 241, 232)
CARD: Colour = (255, 253, 247)
INK: Colour = (23, 20, 16)
FAINT: Colour = (93, 86, 75)
HAIR: Colour = (207, 198, 181)
STAMP: Colour = (189, 30, 15)

FONTS = Path(__file__).parent / "fonts"
ELLIPSIS = "…"
# What the faces lack, as what they have.
INSTEAD = {"\u202f": "\u00a0", "\u2011": "-", "\u2212": "–"}
NO_SUCH_CHARACTER = "\U0010ffff"
JPEG = {"quality": 82, "optimize": True, "progressive": True}


@functools.lru_cache(maxsize=64)
def heavy(size: int) -> Font:
    """The face of titles."""
    return ImageFont.truetype(FONTS / "archivo-black.ttf", size)


@functools.lru_cache(maxsize=64)
def typed(size: int) -> Font:
    """The face of forms and stamps."""
    return ImageFont.truetype(FONTS / "courier-prime-bold.otf", size)


def printable(text: str, font: Font) -> str:
    """The text in characters that the face has: an accent may go, an emoji does."""
    return "".join(_printed(character, font) for character in text)


@functools.lru_cache(maxsize=1024)
def _printed(character: str, font: Font) -> str:
    character = INSTEAD.get(character, character)
    if character.isspace() and character != "\u00a0":
        return " "  # lines are ours to break: Pillow draws none that has a break of its own
    if _has(font, character):
        return character
    bare = unicodedata.normalize("NFKD", character)
    return "".join(part for part in bare if part != character and _has(font, part))


def _has(font: Font, character: str) -> bool:
    if character.isspace():
        return True
    missing = font.getmask(NO_SUCH_CHARACTER)
    drawn = font.getmask(character)
    return (drawn.size, bytes(drawn)) != (missing.size, bytes(missing))


def wrapped(text: str, font: Font, *, width: float, lines: int) -> list[str]:
    """The text in lines no wider than `width`; what is too long ends with an ellipsis.

    No-break spaces hold; a word that is wider than a line is broken.
    """
    rows = [""]
    for word in _words(printable(text, font), font, width):
        longer = f"{rows[-1]} {word}" if rows[-1] else word
        if font.getlength(longer) <= width:
            rows[-1] = longer
        else:
            rows.append(word)
    if len(rows) > lines:
        rows = rows[:lines]
        while rows[-1] and font.getlength(rows[-1] + ELLIPSIS) > width:
            rows[-1] = rows[-1][:-1]
        rows[-1] = rows[-1].rstrip(" \u00a0,;:–-") + ELLIPSIS
    return rows


def _words(text: str, font: Font, width: float) -> Iterable[str]:
    for word in text.split(" "):
        rest = word
        while font.getlength(rest) > width and len(rest) > 1:
            lengths = range(1, len(rest) + 1)
            measure = partial(_beginning, rest, font)
            fitting = max(1, bisect_right(lengths, width, key=measure))
            yield rest[:fitting]
            rest = rest[fitting:]
        if rest:
            yield rest


def _beginning(word: str, font: Font, length: int) -> float:
    """How wide the word's first letters are."""
    return font.getlength(word[:length])


@dataclass(frozen=True)
class Set:
    """Text set in a face: its lines, and how far apart they stand."""

    font: Font
    rows: Sequence[str]
    leading: int

    @property
    def height(self) -> int:
        return self.leading * len(self.rows)


def fitted(
    text: str, face: "functools._lru_cache_wrapper[Font]", *, sizes: Sequence[int],
    width: float, height: float, spacing: float = 1.08,
) -> Set:  # fmt: skip
    """The text in the first of these sizes that fits the box; cut short in the last."""
    for size in sizes:
        font = face(size)
        leading = round(size * spacing)
        most = max(1, int(height // leading))
        rows = wrapped(text, font, width=width, lines=most + 1)
        widest = max((font.getlength(word) for word in printable(text, font).split()), default=0)
        if len(rows) <= most and widest <= width:
            break
    else:
        rows = wrapped(text, font, width=width, lines=most)
    return Set(font=font, rows=rows, leading=leading)


class Paper:
    """A sheet of ruled paper with its margin."""

    def __init__(
        self, width: int, height: int, *, margin: int = 0, scale: int = 1, ground: Colour = PAPER
    ) -> None:
        """Ruled when it has a margin (where its line stands); `scale` makes the lines larger."""
        self.picture = Image.new("RGB", (width, height), ground)
        self._draw = ImageDraw.Draw(self.picture)
        if margin:
            for y in range(48 * scale, height, 48 * scale):
                self._draw.line([(0, y), (width, y)], fill=_between(HAIR, ground), width=scale)
            self._draw.line([(margin, 0), (margin, height)], fill=STAMP, width=2 * scale)

    def write(self, text: Set, *, at: tuple[int, int], colour: Colour = INK) -> int:
        """Set the text with its upper left corner there; where the next line would begin (y)."""
        x, y = at
        for row in text.rows:
            self._draw.text((x, y), row, font=text.font, fill=colour)
            y += text.leading
        return y

    def line(
        self,
        text: str,
        *,
        at: tuple[int, int],
        font: Font,
        colour: Colour = INK,
        anchor: str = "la",
    ) -> float:
        """One line; how wide it is. `anchor` as Pillow has it."""
        text = printable(text, font)
        self._draw.text(at, text, font=font, fill=colour, anchor=anchor)
        return font.getlength(text)

    def box(self, *, at: tuple[int, int], size: tuple[int, int], colour: Colour = INK) -> None:
        x, y = at
        self._draw.rectangle([x, y, x + size[0] - 1, y + size[1] - 1], fill=colour)

    def brand(self, *, at: tuple[int, int], size: int) -> None:
        """« AU POSTE » as the head of every page has it; `size` is the type's."""
        font = heavy(size)
        x, y = at
        ascent = round(size * 0.70)
        self._draw.text((x, y + ascent), "AU", font=font, fill=INK, anchor="ls")
        x += round(font.getlength("AU") + size * 0.22)
        pad = round(size * 0.14)
        width = round(font.getlength("POSTE")) + 2 * pad
        self.box(at=(x, y - pad), size=(width, ascent + 2 * pad))
        self._draw.text((x + pad, y + ascent), "POSTE", font=font, fill=PAPER, anchor="ls")

    def stamp(
        self,
        word: str,
        *,
        at: tuple[int, int],
        size: int,
        degrees: float = 4,
        ground: Colour | None = None,
    ) -> None:
        """A word in a frame, centred there, turned counter-clockwise; on a patch of `ground`."""
        font = typed(size)
        text = printable(word.upper(), font)
        width, height = round(font.getlength(text) + size * 1.1), round(size * 1.55)
        fine = 2
        plate = Image.new(
            "RGBA", (width * fine, height * fine), (*(ground or STAMP), 255 if ground else 0)
        )
        draw = ImageDraw.Draw(plate)
        edge = max(2, round(size * 0.11)) * fine
        draw.rectangle(
            [0, 0, width * fine - 1, height * fine - 1], outline=(*STAMP, 255), width=edge
        )
        draw.text(
            (width * fine / 2, height * fine / 2 + size * 0.08 * fine), text,
            font=typed(size * fine), fill=(*STAMP, 255), anchor="mm",
        )  # fmt: skip
        turned = plate.rotate(degrees, Image.Resampling.BICUBIC, expand=True)
        turned = turned.resize(
            (turned.width // fine, turned.height // fine), Image.Resampling.LANCZOS
        )
        self.picture.paste(turned, (at[0] - turned.width // 2, at[1] - turned.height // 2), turned)

    def lay(
        self, picture: Image.Image, *, at: tuple[int, int], size: tuple[int, int],
        focus: tuple[int, int] = (50, 50),
    ) -> None:  # fmt: skip
        """A picture that fills the box, cropped around its focus (percent)."""
        self.picture.paste(cropped(picture, size=size, focus=focus), at)

    def as_jpeg(self) -> bytes:
        buffer = io.BytesIO()
        self.picture.save(buffer, "JPEG", **JPEG)
        return buffer.getvalue()


def cropped(
    picture: Image.Image, *, size: tuple[int, int], focus: tuple[int, int] = (50, 50)
) -> Image.Image:
    """The picture in this size, as CSS's `object-fit: cover` with `object-position` shows it."""
    scale = max(size[0] / picture.width, size[1] / picture.height)
    width, height = size[0] / scale, size[1] / scale
    left = (picture.width - width) * focus[0] / 100
    top = (picture.height - height) * focus[1] / 100
    right, bottom = min(left + width, picture.width), min(top + height, picture.height)
    box = (max(0.0, left), max(0.0, top), right, bottom)  # floats may end a hair outside
    return picture.resize(size, Image.Resampling.LANCZOS, box=box, reducing_gap=2.0)


def stored_picture(image: ImageFieldFile, *, width: int) -> Image.Image | None:
    """A stored image at least about so wide; None when there is none, or its file has gone."""
    if not image:
        return None
    try:
        with image.storage.open(str(image.name)) as content:
            picture = Image.open(content)
            # The decoder halves large pictures for nothing.
            picture.draft("RGB", (width, width))
            return picture.convert("RGB")
    except OSError:
        return None


def _between(one: Colour, other: Colour) -> Colour:
    red, green, blue = ((a + b) // 2 for a, b in zip(one, other, strict=True))
    return red, green, blue
