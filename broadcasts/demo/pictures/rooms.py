"""Motifs from the station and its studio: who is questioned, who listens, who watches."""

import math

from PIL import Image

from broadcasts.demo.pictures.figures import bust
from broadcasts.demo.pictures.press import (
    CARD,
    LAMP,
    PAPER,
    Colour,
    Plate,
    Point,
    Sheet,
    glow,
)


def lineup(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """People before a height chart; the one in colour stands on their head."""
    chance = sheet.chance
    chart = sheet.plate()
    for row in range(10):
        y = 70 + row * 92
        chart.box(0, y, 1600, 8 if row % 2 == 0 else 3)
        if row % 2 == 0:
            chart.number(str(200 - row * 10), 88, y - 36, 56, 0.02)
            chart.number(str(200 - row * 10), 1512, y - 36, 56, 0.02)
    sheet.ink(chart, second, wear=0.3, strength=0.75)
    people, odd = sheet.plate(), sheet.plate()
    places = [270, 535, 800, 1065, 1330]
    upside = chance.randrange(1, 4)
    for rank, x in enumerate(places):
        if rank == upside:
            bust(odd, x, 900, 205, chance.choice([0, 1, 2]))
        else:
            bust(
                people,
                x,
                925 + chance.uniform(-10, 70),
                chance.uniform(185, 215),
                (0, 2, 1, 4, 0)[rank],
            )
    odd.replace(odd.image.transpose(Image.Transpose.FLIP_TOP_BOTTOM))
    sheet.ink(people, first, wear=0.45, strength=0.96)
    sheet.ink(odd, second, wear=0.4)


def microphone(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """A microphone standing up, and what comes out of it."""
    chance = sheet.chance
    x, y = chance.choice([560, 1040]), 370
    waves = sheet.plate()
    for step in range(14):
        waves.ring(x, y, 250 + step * 92, 40 - step * 1.4)
    sheet.ink(waves, second, wear=0.35)
    body, grille = sheet.plate(), sheet.plate()
    body.disc(x, y, 205)
    body.polygon([(x - 150, y + 110), (x + 150, y + 110), (x + 92, 1000), (x - 92, 1000)])
    grille.disc(x, y, 183)
    mesh = sheet.plate()
    for step in range(-9, 10):
        mesh.rule((x + step * 38 - 230, y - 230), (x + step * 38 + 230, y + 230), 9)
        mesh.rule((x + step * 38 + 230, y - 230), (x + step * 38 - 230, y + 230), 9)
    grille.cut(mesh)
    band = sheet.plate()
    band.box(x - 225, y + 128, 450, 44)
    halo = sheet.plate()
    halo.disc(x, y, 228)
    halo.polygon([(x - 176, y + 110), (x + 176, y + 110), (x + 116, 1000), (x - 116, 1000)])
    sheet.ink(halo, sheet.ground, wear=0, opaque=True)
    sheet.ink(body, first, wear=0.3)
    sheet.ink(grille, sheet.ground, wear=0.2, opaque=True, strength=0.9)
    sheet.ink(band, sheet.ground, wear=0, opaque=True)
    rim = sheet.plate()
    rim.box(x - 170, y + 138, 340, 24)
    sheet.ink(rim, second, wear=0.2, opaque=True)


def lamp(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """The lamp on the roof, turning."""
    chance = sheet.chance
    centre: Point = (chance.choice([520, 1080]), 610)
    beams, others = sheet.plate(), sheet.plate()
    turn = chance.uniform(0, 0.3)
    for step in range(18):
        start, end = (math.tau * (step + part) / 18 + turn for part in (0.0, 0.5))
        wedge = [centre, *(
            (centre[0] + math.cos(angle) * 1900, centre[1] + math.sin(angle) * 1900)
            for angle in (start, end)
        )]  # fmt: skip
        (beams if step % 2 else others).polygon(wedge)
    fade = sheet.dots(glow(1600, 900, centre, 1150, light=255, dark=60), cell=15)
    beams.keep(fade)
    sheet.ink(others, second, wear=0.35)
    sheet.ink(beams, first, wear=0.1)
    ground = sheet.plate()
    ground.oval(*centre, 275, 275)
    ground.box(centre[0] - 275, centre[1], 550, 400)
    sheet.ink(ground, sheet.ground, wear=0, opaque=True)
    dome, shine = sheet.plate(), sheet.plate()
    dome.oval(*centre, 220, 235)
    below = sheet.plate()
    below.box(centre[0] - 260, centre[1] + 2, 520, 300)
    dome.cut(below)
    shine.oval(centre[0] - 70, centre[1] - 95, 62, 88)
    shine.cut(below)
    sheet.ink(dome, second, wear=0.15)
    sheet.ink(shine, PAPER, wear=0, strength=0.6, opaque=True)
    base = sheet.plate()
    base.box(centre[0] - 250, centre[1] + 14, 500, 58)
    base.box(centre[0] - 205, centre[1] + 84, 410, 400)
    sheet.ink(base, first, wear=0.35)


def eye(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """A lens that looks back."""
    chance = sheet.chance
    centre: Point = (800 + chance.choice([-170, 0, 170]), 450)
    lids, blades, pupil = sheet.plate(), sheet.plate(), sheet.plate()
    for step in range(16):
        tall = 140 + step * 62
        curve = [
            (centre[0] + x, centre[1] - side * tall * (1 - (x / 1050) ** 2) ** 1.0)
            for side in (1, -1)
            for x in (range(-1050, 1051, 50) if side == 1 else range(1050, -1051, -50))
        ]
        lids.line([*curve, curve[0]], 12 if step % 3 else 26)
    well = sheet.plate()
    well.disc(*centre, 330)
    lids.cut(well)
    sheet.ink(lids, first, wear=0.5)
    turn = chance.uniform(0, 1)
    for step in range(9):
        near, far = (math.tau * (step + part) / 9 + turn for part in (0.0, 0.62))
        blades.polygon(
            [
                (centre[0] + math.cos(near) * 120, centre[1] + math.sin(near) * 120),
                (centre[0] + math.cos(near - 0.75) * 318, centre[1] + math.sin(near - 0.75) * 318),
                (centre[0] + math.cos(near - 0.2) * 318, centre[1] + math.sin(near - 0.2) * 318),
                (centre[0] + math.cos(far) * 120, centre[1] + math.sin(far) * 120),
            ]
        )
    blades.ring(*centre, 322, 12)
    sheet.ink(blades, second, wear=0.3)
    pupil.disc(*centre, 112)
    sheet.ink(pupil, first, wear=0.2)
    light = sheet.plate()
    light.disc(centre[0] + 38, centre[1] - 40, 27)
    sheet.ink(light, PAPER, wear=0, opaque=True)


def bars(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """Bars, two of which have given way, and the sun behind."""
    chance = sheet.chance
    gap = chance.choice([3, 4, 5])
    middle = 100 + (gap + 0.5) * 175
    sun = sheet.plate()
    sun.disc(middle, 450, 320)
    sheet.ink(sun, second, wear=0.3)
    rays = sheet.dots(glow(1600, 900, (middle, 450), 900, light=150, dark=0), cell=16)
    rays.cut(sun)
    sheet.ink(rays, second, wear=0, strength=0.75)
    iron = sheet.plate()
    for rank in range(9):
        x = 100 + rank * 175
        bend = {gap: -150, gap + 1: 150, gap - 1: -40, gap + 2: 40}.get(rank, 0)
        curve = [
            (x + bend * math.exp(-(((y - 450) / 190) ** 2)), float(y)) for y in range(-40, 960, 20)
        ]
        iron.line(curve, 46)
    for y in (60, 840):
        iron.box(0, y - 17, 1600, 34)
    sheet.ink(iron, first, wear=0.4)
    shine = sheet.plate()
    for rank in range(9):
        if rank not in range(gap - 1, gap + 3):
            shine.box(90 + rank * 175, 100, 5, 700)
    sheet.ink(shine, sheet.ground, wear=0.5, opaque=True, strength=0.6)


def waveform(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """What was said, as a machine draws it, up to now."""
    chance = sheet.chance
    said, coming, needle = sheet.plate(), sheet.plate(), sheet.plate()
    now = chance.randrange(26, 44)
    level = 0.4
    for step in range(64):
        level = min(1.0, max(0.12, level + chance.uniform(-0.34, 0.34)))
        tall = 330 * level * math.sin(math.pi * (step + 4) / 72) ** 0.6 + 14
        plate = said if step <= now else coming
        x = 32 + step * 24.3
        plate.box(x - 8, 450 - tall, 16, tall * 2)
        plate.disc(x, 450 - tall, 8)
        plate.disc(x, 450 + tall, 8)
    x = 32 + (now + 0.5) * 24.3
    needle.box(x - 4, 40, 8, 820)
    needle.disc(x, 40, 26)
    sheet.ink(coming, first, wear=0.3, strength=0.55)
    sheet.ink(said, first, wear=0.3)
    sheet.ink(needle, second, wear=0.1, opaque=True)


def chairs(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """A table under a lamp, two chairs, no one yet."""
    cone, shade, wood = sheet.plate(), sheet.plate(), sheet.plate()
    cone.polygon([(690, 215), (910, 215), (1420, 900), (180, 900)])
    sheet.ink(cone, LAMP if not sheet.is_dark else CARD, wear=0.2, strength=0.9)
    shade.rule((800, 0), (800, 130), 8)
    shade.polygon([(745, 120), (855, 120), (935, 222), (665, 222)])
    shade.oval(800, 222, 42, 26)
    sheet.ink(shade, second, wear=0.25, opaque=True)
    wood.box(500, 610, 600, 34)
    wood.polygon([(540, 640), (572, 640), (556, 900), (530, 900)])
    wood.polygon([(1028, 640), (1060, 640), (1070, 900), (1044, 900)])
    for side in (-1, 1):
        _chair(wood, 800 + side * 430, side)
    wood.box(786, 560, 8, 50)
    wood.disc(790, 548, 22)
    wood.box(760, 600, 62, 10)
    sheet.ink(wood, first, wear=0.3, opaque=True)


def _chair(plate: Plate, x: float, side: int) -> None:
    plate.box(x - 78, 690, 156, 26)
    back = x + side * 66
    plate.polygon([(back - 12, 690), (back + 12, 690), (back + side * 34 + 12, 430),
                   (back + side * 34 - 12, 430)])  # fmt: skip
    plate.polygon([(back - 12, 480), (back + 14, 480), (back + side * 34 + 12, 400),
                   (back + side * 30 - 12, 400)])  # fmt: skip
    for foot in (-1, 1):
        plate.polygon([(x + foot * 60 - 11, 710), (x + foot * 60 + 11, 710),
                       (x + foot * 74 + 9, 900), (x + foot * 74 - 9, 900)])  # fmt: skip
