"""A small printing press: plates drawn in grey, printed one ink over another, on paper.

Every drawing is made of the same few gestures, as cheap two-colour printing is: flat inks that
overprint, dots for greys, a plate slightly out of register, ink that did not take everywhere.
Lengths are in pixels of the finished picture; plates are twice as large so that edges are smooth.
"""

import math
import random
from collections.abc import Sequence

from PIL import Image, ImageChops, ImageDraw, ImageFont

Colour = tuple[int, int, int]
Point = tuple[float, float]

PAPER: Colour = (245, 241, 232)
CARD: Colour = (255, 253, 247)
INK: Colour = (28, 24, 20)
STAMP: Colour = (196, 38, 20)
CARBON: Colour = (34, 66, 104)
KRAFT: Colour = (217, 184, 132)
ROSE: Colour = (236, 199, 184)
REGISTER: Colour = (196, 208, 184)
LAMP: Colour = (238, 190, 72)
SHADE: Colour = (20, 14, 8)

FINE = 2


def dice(key: str) -> random.Random:
    """Chance that falls the same way for the same key, on every machine."""
    return random.Random(key)  # noqa: S311  # it draws pictures, it keeps no secret


class Plate:
    """What one ink prints: white takes ink, black does not."""

    def __init__(self, width: int, height: int) -> None:
        self.width, self.height = width, height
        self.image = Image.new("L", (width * FINE, height * FINE))
        self._draw = ImageDraw.Draw(self.image)

    def polygon(self, points: Sequence[Point], tone: int = 255) -> None:
        self._draw.polygon([(x * FINE, y * FINE) for x, y in points], fill=tone)

    def line(self, points: Sequence[Point], width: float, tone: int = 255) -> None:
        """A stroke with round ends and joints."""
        scaled = [(x * FINE, y * FINE) for x, y in points]
        self._draw.line(scaled, fill=tone, width=max(1, round(width * FINE)), joint="curve")
        for x, y in (points[0], points[-1]):
            self.disc(x, y, width / 2, tone)

    def rule(self, start: Point, end: Point, width: float, tone: int = 255) -> None:
        """A straight stroke with square ends."""
        scaled = [(start[0] * FINE, start[1] * FINE), (end[0] * FINE, end[1] * FINE)]
        self._draw.line(scaled, fill=tone, width=max(1, round(width * FINE)))

    def disc(self, x: float, y: float, radius: float, tone: int = 255) -> None:
        self.oval(x, y, radius, radius, tone)

    def oval(self, x: float, y: float, across: float, down: float, tone: int = 255) -> None:
        self._draw.ellipse(
            [(x - across) * FINE, (y - down) * FINE, (x + across) * FINE, (y + down) * FINE],
            fill=tone,
        )

    def ring(self, x: float, y: float, radius: float, width: float, tone: int = 255) -> None:
        box = [(x - radius) * FINE, (y - radius) * FINE, (x + radius) * FINE, (y + radius) * FINE]
        self._draw.ellipse(box, outline=tone, width=max(1, round(width * FINE)))

    def box(self, x: float, y: float, width: float, height: float, tone: int = 255) -> None:
        self._draw.rectangle(
            [x * FINE, y * FINE, (x + width) * FINE - 1, (y + height) * FINE - 1], fill=tone
        )

    def number(
        self, text: str, x: float, y: float, size: float, weight: float = 0.03, tone: int = 255
    ) -> None:
        """Figures centred on a point; `weight` thickens them, in parts of their size."""
        font = ImageFont.load_default(round(size * FINE))
        self._draw.text(
            (x * FINE, y * FINE), text, fill=tone, font=font, anchor="mm",
            stroke_width=round(size * weight * FINE), stroke_fill=tone,
        )  # fmt: skip

    def turned(self, degrees: float, around: Point) -> "Plate":
        """This plate, turned clockwise about a point."""
        plate = Plate(self.width, self.height)
        centre = (around[0] * FINE, around[1] * FINE)
        # The nearest point will do: printing smooths it, being half as large.
        plate.replace(self.image.rotate(-degrees, Image.Resampling.NEAREST, center=centre))
        return plate

    def replace(self, image: Image.Image) -> None:
        self.image = image
        self._draw = ImageDraw.Draw(image)

    def cut(self, other: "Plate") -> None:
        """Leave nothing where `other` prints."""
        self.replace(ImageChops.subtract(self.image, other.image))

    def keep(self, other: "Plate") -> None:
        """Leave only what `other` prints too."""
        self.replace(ImageChops.multiply(self.image, other.image))


def grain(width: int, height: int, chance: random.Random) -> Image.Image:
    """How well the paper takes ink, point by point: fine noise over larger blotches."""
    size = (max(2, width // 3), max(2, height // 3))
    fine = Image.frombytes("L", size, chance.randbytes(size[0] * size[1]))
    coarse_size = (max(2, width // 60), max(2, height // 60))
    coarse = Image.frombytes("L", coarse_size, chance.randbytes(coarse_size[0] * coarse_size[1]))
    blotches = coarse.resize(size, Image.Resampling.BICUBIC)
    return Image.blend(fine, blotches, 0.5).resize((width, height), Image.Resampling.BICUBIC)


def moved(mask: Image.Image, across: int, down: int) -> Image.Image:
    """A mask shifted by whole pixels, empty where it came from."""
    shifted = Image.new(mask.mode, mask.size)
    shifted.paste(mask, (across, down))
    return shifted


def halftone(
    tones: Image.Image, width: int, height: int, *, cell: float = 13, degrees: float = 45
) -> Plate:
    """`tones` (white is dense) as a plate of dots on a turned grid."""
    plate = Plate(width, height)
    small = tones.convert("L").resize(
        (max(1, width // 8), max(1, height // 8)), Image.Resampling.BILINEAR
    )
    pixels = small.tobytes()
    cosine, sine = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    reach = int(math.hypot(width, height) / cell / 2) + 1
    for row in range(-reach, reach + 1):
        for column in range(-reach, reach + 1):
            x = width / 2 + (column * cosine - row * sine) * cell
            y = height / 2 + (column * sine + row * cosine) * cell
            if not (-cell < x < width + cell and -cell < y < height + cell):
                continue
            left = min(max(int(x / 8), 0), small.width - 1)
            top = min(max(int(y / 8), 0), small.height - 1)
            tone = pixels[top * small.width + left]
            if tone > 6:
                plate.disc(x, y, cell * 0.74 * math.sqrt(tone / 255))
    return plate


def glow(
    width: int, height: int, centre: Point, reach: float, *, dark: float = 0, light: float = 255
) -> Image.Image:
    """Tones that fall off from `light` at a point to `dark` at `reach` pixels from it."""
    size = round(reach * 2)
    fall = Image.radial_gradient("L").resize((size, size), Image.Resampling.BILINEAR)
    # The gradient is black in the middle and white at the corners, 1.41 radii away.
    inner = fall.point(lambda tone: round(light + (dark - light) * min(1, tone / 180)))
    tones = Image.new("L", (width, height), round(dark))
    tones.paste(inner, (round(centre[0] - reach), round(centre[1] - reach)))
    return tones


class Sheet:
    """The paper under the press."""

    def __init__(
        self, chance: random.Random, width: int = 1600, height: int = 900, ground: Colour = PAPER
    ) -> None:
        self.chance, self.width, self.height = chance, width, height
        self.ground = ground
        self.picture = Image.new("RGB", (width, height), ground)
        self.shape: Plate | None = None  # what is left of it when it is cut; None: all
        self._grain = grain(width, height, chance)

    @property
    def is_dark(self) -> bool:
        return sum(self.ground) < 300

    def plate(self) -> Plate:
        return Plate(self.width, self.height)

    def dots(self, tones: Image.Image, *, cell: float = 13, degrees: float = 45) -> Plate:
        return halftone(tones, self.width, self.height, cell=cell, degrees=degrees)

    def ink(
        self,
        plate: Plate,
        colour: Colour,
        *,
        wear: float = 0.3,
        strength: float = 1,
        opaque: bool = False,
        shift: tuple[int, int] = (0, 0),
    ) -> None:
        """Print a plate. Inks let what is under them show through, unless `opaque`."""
        mask = plate.image.reduce(FINE)
        if shift != (0, 0):
            mask = moved(mask, *shift)
        if wear > 0:
            mask = ImageChops.multiply(mask, self._taken(wear))
        if strength < 1:
            mask = mask.point(lambda tone: round(tone * strength))
        if opaque or self.is_dark:
            self.picture.paste(colour, mask=mask)
            return
        white = Image.new("RGB", self.picture.size, "white")
        white.paste(colour, mask=mask)
        self.picture = ImageChops.multiply(self.picture, white)

    def _taken(self, wear: float) -> Image.Image:
        """Where ink took, white; every ink meets the grain elsewhere."""
        roll = self.chance.randrange
        threshold = 255 * (0.13 + 0.2 * wear)
        elsewhere = ImageChops.offset(self._grain, roll(self.width), roll(self.height))
        return elsewhere.point(lambda tone: max(0, min(255, int((tone - threshold) * 9))))

    def lay(self, other: "Sheet", centre: Point, degrees: float) -> None:
        """Put another sheet on this one, turned clockwise, with its shadow."""
        shape = other.shape.image.reduce(FINE) if other.shape else None
        outline = shape or Image.new("L", other.picture.size, 255)
        turned = other.picture.rotate(-degrees, Image.Resampling.BICUBIC, expand=True)
        mask = outline.rotate(-degrees, Image.Resampling.BICUBIC, expand=True)
        corner = (round(centre[0] - mask.width / 2), round(centre[1] - mask.height / 2))
        fall = Image.new("L", self.picture.size)
        fall.paste(mask, (corner[0] + 6, corner[1] + 10))
        fall = fall.reduce(6).resize(self.picture.size, Image.Resampling.BICUBIC)
        self.picture.paste(SHADE, mask=fall.point(lambda tone: round(tone * 0.36)))
        self.picture.paste(turned, corner, mask)
