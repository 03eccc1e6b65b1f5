"""Shapes that several motifs share: a head and shoulders, a stamp, typed words."""

import math
import random

from broadcasts.demo.pictures.press import Plate, Point


def bust(plate: Plate, x: float, base: float, size: float, hair: int = 0) -> None:
    """Head and shoulders that stand on `base`, about 2.6 `size` tall; `hair` is one of 0 to 5."""
    head = (x, base - 1.82 * size)
    shoulders = [
        (
            x + math.cos(angle) * 1.28 * size,
            base - math.sin(angle) ** 0.55 * 0.95 * size,
        )
        for angle in (math.pi * step / 40 for step in range(41))
    ]
    plate.polygon(shoulders)
    plate.polygon(
        [
            (x - 0.30 * size, head[1] + 0.4 * size), (x + 0.30 * size, head[1] + 0.4 * size),
            (x + 0.40 * size, base - 0.7 * size), (x - 0.40 * size, base - 0.7 * size),
        ]
    )  # fmt: skip
    plate.oval(head[0], head[1], 0.55 * size, 0.72 * size)
    match hair:
        case 1:  # a bun
            plate.disc(x, head[1] - 0.82 * size, 0.28 * size)
        case 2:  # curls
            for step in range(11):
                angle = math.pi * (step - 0.5) / 9
                plate.disc(
                    x + math.cos(angle) * 0.56 * size,
                    head[1] - math.sin(angle) * 0.66 * size,
                    0.27 * size,
                )
        case 3:  # long
            plate.oval(x, head[1] + 0.05 * size, 0.72 * size, 0.86 * size)
            plate.box(x - 0.72 * size, head[1], 1.44 * size, 1.0 * size)
        case 4:  # a cap
            plate.polygon(
                [
                    (x - 0.62 * size, head[1] - 0.22 * size),
                    (x - 0.50 * size, head[1] - 0.86 * size),
                    (x + 0.50 * size, head[1] - 0.86 * size),
                    (x + 0.60 * size, head[1] - 0.32 * size),
                    (x + 0.98 * size, head[1] - 0.20 * size),
                ]
            )
        case 5:  # a square cut
            plate.box(x - 0.66 * size, head[1] - 0.82 * size, 1.32 * size, 1.36 * size)


def seal(plate: Plate, at: Point, radius: float, number: str) -> None:
    """A round stamp: two rings, a crown of strokes and dots, a number on a bar."""
    plate.ring(*at, radius, radius * 0.055)
    plate.ring(*at, radius * 0.90, radius * 0.02)
    plate.ring(*at, radius * 0.60, radius * 0.03)
    for step in range(60):
        angle = math.tau * step / 60
        if step % 5 == 0:
            plate.disc(
                at[0] + math.cos(angle) * radius * 0.75,
                at[1] + math.sin(angle) * radius * 0.75,
                radius * 0.045,
            )
        else:
            near, far = radius * 0.69, radius * 0.81
            plate.rule(
                (at[0] + math.cos(angle) * near, at[1] + math.sin(angle) * near),
                (at[0] + math.cos(angle) * far, at[1] + math.sin(angle) * far),
                radius * 0.025,
            )
    clear = Plate(plate.width, plate.height)
    clear.box(at[0] - radius * 1.02, at[1] - radius * 0.28, radius * 2.04, radius * 0.56)
    plate.cut(clear)
    for edge in (-0.28, 0.25):
        plate.box(at[0] - radius * 1.02, at[1] + radius * edge, radius * 2.04, radius * 0.035)
    plate.number(number, at[0], at[1] - radius * 0.01, radius * 0.46, 0.04)


def type_word(plate: Plate, x: float, y: float, letters: int, chance: random.Random) -> float:
    """Marks that read as typed letters; where the next word may begin (pixels)."""
    for _ in range(letters):
        kind = chance.randrange(6)
        top = y - 9 if kind in {0, 1} else y
        bottom = y + 26 if kind == 2 else y + 18
        lift = chance.choice([0, 0, 0, 1, -1])
        if kind in {3, 4}:
            plate.ring(x + 4.5, y + 9.5 + lift, 6.5, 3.4)
        else:
            plate.box(x + 2, top + lift, 3.6, bottom - top)
            if kind in {1, 5}:
                plate.box(x + 2, y + lift, 8, 3.4)
            plate.box(x, y + 15 + lift, 8.5, 3.4)
        x += 13
    return x + 13
