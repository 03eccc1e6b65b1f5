"""Motifs from outside: the march, the town, the land, the machine."""

import math
from itertools import pairwise

from broadcasts.demo.pictures.press import (
    CARD,
    LAMP,
    Colour,
    Plate,
    Point,
    Sheet,
    glow,
)


def megaphone(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """A megaphone, and its voice getting wider."""
    chance = sheet.chance
    mouth: Point = (690, 420)
    voice = sheet.plate()
    for step in range(9):
        spread = 0.40 + 0.012 * step
        inner, outer = 150 + step * 118, 212 + step * 122
        turns = [spread * part / 20 for part in range(-20, 21)]
        arc = [
            (mouth[0] + math.cos(turn) * radius, mouth[1] + math.sin(turn) * radius)
            for radius, way in ((outer, turns), (inner, turns[::-1]))
            for turn in way
        ]
        voice.polygon(arc)
    lean = chance.choice([-14, -9, -4])
    sheet.ink(voice.turned(lean, mouth), second, wear=0.4)
    horn, rim, hand = sheet.plate(), sheet.plate(), sheet.plate()
    horn.polygon([(150, 365), (210, 345), (640, 170), (640, 670), (210, 495), (150, 475)])
    horn.box(100, 352, 62, 136)
    hand.polygon([(250, 500), (345, 540), (300, 760), (205, 740)])
    rim.oval(652, 420, 62, 268)
    inside = sheet.plate()
    inside.oval(652, 420, 38, 226)
    rim.cut(inside)
    sheet.ink(horn.turned(lean, mouth), first, wear=0.3)
    sheet.ink(hand.turned(lean, mouth), first, wear=0.3)
    clear = sheet.plate()
    clear.oval(652, 420, 62, 268)
    sheet.ink(clear.turned(lean, mouth), sheet.ground, wear=0, opaque=True)
    sheet.ink(rim.turned(lean, mouth), first, wear=0.2)
    deep = sheet.dots(glow(1600, 900, (640, 430), 300, light=250, dark=90), cell=12)
    deep.keep(inside)
    sheet.ink(deep.turned(lean, mouth), first, wear=0)


def tape(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """Do-not-cross tape, crossing; a number behind it."""
    chance = sheet.chance
    big = sheet.plate()
    big.number(number, 800, 430, 980 if len(number) < 3 else 640, 0.06)
    sheet.ink(big, first, wear=0.5)
    for rank, (y, lean) in enumerate(((250, 11), (690, -8), (470, -27))):
        band = Sheet(chance, 2300, 104, CARD)
        stripes = band.plate()
        for step in range(-2, 34):
            x = step * 78 + rank * 20
            stripes.polygon([(x, 104), (x + 44, 104), (x + 104, 0), (x + 60, 0)])
        band.ink(stripes, second, wear=0.3)
        sheet.lay(band, (800, y), lean + chance.uniform(-4, 4))


def march(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """A crowd seen from the back, and blank signs."""
    chance = sheet.chance
    sun = sheet.dots(glow(1600, 900, (chance.uniform(400, 1200), 300), 620, light=235), cell=15)
    sheet.ink(sun, second, wear=0, strength=0.9)
    for row, (y, size, strength) in enumerate(((640, 46, 0.45), (770, 66, 0.7), (930, 96, 1.0))):
        heads, signs = sheet.plate(), sheet.plate()
        x = -40.0
        while x < 1660:
            lift = chance.uniform(-26, 26)
            heads.oval(x, y - size + lift, size * 0.56, size * 0.7)
            heads.oval(x, y + size * 0.9 + lift, size * 1.05, size * 1.25)
            if chance.random() < (0.34, 0.26, 0.16)[row]:
                _sign(heads, signs, x + size * 0.7, y + lift - size, size, chance.uniform(-9, 9))
            x += size * chance.uniform(1.5, 2.0)
        heads.box(0, y + size * 1.2, 1600, 500)
        sheet.ink(signs, CARD if row != 1 else second, wear=0.1, opaque=True)
        sheet.ink(heads, first, wear=0.3, strength=strength)


def _sign(stick: Plate, face: Plate, x: float, y: float, size: float, lean: float) -> None:
    slant = math.radians(lean)
    top = (x + math.sin(slant) * size * 3, y - math.cos(slant) * size * 3)
    stick.rule((x, y + size), top, size * 0.11)
    across = (math.cos(slant) * size * 1.25, math.sin(slant) * size * 1.25)
    up = (math.sin(slant) * size * 0.85, -math.cos(slant) * size * 0.85)
    corners = [
        (top[0] + a * across[0] + b * up[0], top[1] + a * across[1] + b * up[1])
        for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    face.polygon(corners)
    stick.line([*corners, corners[0]], size * 0.09)
    for line in (0.35, -0.2):
        start, end = (
            (top[0] + a * across[0] + line * up[0], top[1] + a * across[1] + line * up[1])
            for a in (-0.7, 0.6)
        )
        stick.rule(start, end, size * 0.2)


def town(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """A town's blocks, a route through them, and where it was stopped."""
    chance = sheet.chance
    blocks, park, route = sheet.plate(), sheet.plate(), sheet.plate()
    across, down = [-420.0], [-620.0]
    while across[-1] < 2100:
        across.append(across[-1] + chance.choice([110, 150, 190, 240]))
    while down[-1] < 1500:
        down.append(down[-1] + chance.choice([90, 120, 160]))
    for left, right in pairwise(across):
        for top, bottom in pairwise(down):
            roll = chance.random()
            street = 13 if roll < 0.85 else 30
            plate = park if roll > 0.92 else blocks
            plate.box(left + street, top + street, right - left - street, bottom - top - street)
            if roll < 0.3:
                middle = (left + right + street) / 2
                plate.box(middle - 4, top + street, 8, bottom - top, tone=0)
    river, bank = sheet.plate(), sheet.plate()
    course = [(x, 300 + 150 * math.sin(x / 330 + 1) + x * 0.12) for x in range(-500, 2100, 30)]
    river.line(course, 120)
    bank.line(course, 160)
    blocks.cut(bank)
    park.cut(bank)
    # Corner to corner inside the picture: along a street, then up the next.
    columns = [x for x in across if 230 < x < 1400][:7]
    rows = [y for y in down if 130 < y < 800][::-1]
    stops: list[Point] = [(columns[0] + 6, rows[0] + 6)]
    for x, y in zip(columns[1:], rows[1:], strict=False):
        stops += [(x + 6, stops[-1][1]), (x + 6, y + 6)]
    route.line(stops, 22)
    for stop in (stops[0], stops[-1]):
        route.disc(*stop, 44)
    lean, around = chance.choice([-13, 9, 16]), (800.0, 450.0)
    sheet.ink(river.turned(lean, around), first, wear=0.3, strength=0.3)
    sheet.ink(blocks.turned(lean, around), first, wear=0.35, strength=0.88)
    sheet.ink(park.turned(lean, around), LAMP, wear=0.2)
    sheet.ink(route.turned(lean, around), second, wear=0.1, opaque=True)
    pins = sheet.plate()
    for stop in (stops[0], stops[-1]):
        pins.disc(*stop, 20)
    sheet.ink(pins.turned(lean, around), CARD, wear=0, opaque=True)


def blocks(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """A housing block at night; some have not gone to bed."""
    chance = sheet.chance
    wall, windows, lit = sheet.plate(), sheet.plate(), sheet.plate()
    moon = sheet.plate()
    moon.disc(1330, 190, 110)
    sheet.ink(moon, second, wear=0.3, opaque=True)
    for left, top, columns in ((90, 130, 6), (640, 40, 5), (1110, 330, 5)):
        width = columns * 78 + 40
        wall.box(left, top, width, 900)
        for row in range(13):
            for column in range(columns):
                roll = chance.random()
                plate = lit if roll < 0.16 else windows
                plate.box(left + 34 + column * 78, top + 42 + row * 84, 46, 54)
    wall.box(0, 868, 1600, 40)
    sheet.ink(wall, first, wear=0.3, opaque=True)
    sheet.ink(windows, sheet.ground, wear=0.15, opaque=True, strength=0.9)
    sheet.ink(lit, CARD if LAMP in {second, sheet.ground} else LAMP, wear=0, opaque=True)


def water(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """Water in lines, and a sun that has been drinking it."""
    chance = sheet.chance
    sun, lines = sheet.plate(), sheet.plate()
    x = chance.choice([470, 1130])
    sun.disc(x, 330, 265)
    slots = sheet.plate()
    for row in range(9):
        slots.box(0, 300 + row * 36, 1600, 5 + row * 3)
    sun.cut(slots)
    sheet.ink(sun, second, wear=0.3)
    phase = [chance.uniform(0, 6) for _ in range(3)]
    for row in range(24):
        depth = row / 24
        y = 430 + 520 * depth**1.25
        swell = 6 + 44 * depth
        lines.line(
            [
                (
                    step * 20,
                    y
                    + swell * math.sin(step / (9 + 14 * depth) + phase[0] + row * 0.5)
                    + swell * 0.5 * math.sin(step / (4 + 6 * depth) + phase[1] - row * 0.3),
                )
                for step in range(-2, 84)
            ],
            3 + 15 * depth,
        )
    sheet.ink(lines, first, wear=0.4)


def machine(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """A desert of circuits under a red sun, a road of wires into it."""
    sun, road, chips, sky = (sheet.plate() for _ in range(4))
    horizon = 470
    sun.disc(800, 385, 300)
    for row in range(8):
        sun.box(0, 300 + row * 27, 1600, 3 + row * 2.4, tone=0)
    below = sheet.plate()
    below.box(0, horizon, 1600, 500)
    sun.cut(below)
    heat = sheet.dots(glow(1600, 900, (800, 430), 950, light=170, dark=0), cell=15)
    heat.cut(below)
    heat.cut(sun)
    sheet.ink(heat, LAMP, wear=0)
    sheet.ink(sun, second, wear=0.35)
    _dunes(sky, horizon)
    sheet.ink(sky, first, wear=0.4, strength=0.6)
    for lane in range(-24, 25):
        _track(sheet, road, chips, lane, horizon)
    for x, y, half in ((300, 690, 150), (1330, 655, 118), (520, 560, 56), (1105, 540, 44)):
        _chip(road, chips, x, y, half)
    sheet.ink(road, first, wear=0.3)
    sheet.ink(chips, sheet.ground, wear=0, opaque=True)
    plate = sheet.plate()
    plate.polygon([(745, horizon + 6), (855, horizon + 6), (1260, 905), (340, 905)])
    sheet.ink(plate, first, wear=0.45, opaque=True)
    middle = sheet.plate()
    for near, far in ((0.02, 0.05), (0.09, 0.15), (0.22, 0.33), (0.46, 0.64), (0.8, 1.0)):
        a, b = horizon + 6 + 430 * near, horizon + 6 + 430 * far
        middle.polygon([(800 - 22 * near, a), (800 + 22 * near, a), (800 + 22 * far, b),
                        (800 - 22 * far, b)])  # fmt: skip
    sheet.ink(middle, second, wear=0.1, opaque=True)


def _dunes(plate: Plate, horizon: float) -> None:
    crest = [
        (x, horizon - 46 - 40 * math.sin(x / 210) - 22 * math.sin(x / 83 + 2))
        for x in range(0, 1601, 20)
    ]
    plate.polygon([(0, horizon), *crest, (1600, horizon)])


def _track(sheet: Sheet, road: Plate, holes: Plate, lane: int, horizon: float) -> None:
    """A printed wire that comes down from the horizon, stepping aside on its way."""
    if abs(lane) < 3:
        return
    place, points = float(lane), [(800.0 + lane * 9, horizon + 4)]
    for depth in (0.05, 0.16, 0.34, 0.62, 1.02):
        y = horizon + 4 + (905 - horizon) * depth
        points.append((800 + place * (9 + 166 * depth), y))
        aside = sheet.chance.choice([-0.5, 0, 0, 0.5]) if abs(lane) > 4 else 0
        place += aside
        points.append((800 + place * (9 + 166 * (depth + 0.035)), y + 15 * depth))
    stop = sheet.chance.choice([4, 6, 8, 99, 99])
    for rank, (one, other) in enumerate(pairwise(points[:stop])):
        road.line([one, other], 1.5 + 1.15 * rank)
    if stop < 99:
        size = 6 + 22 * (points[stop - 1][1] - horizon) / 430
        road.oval(*points[stop - 1], size, size * 0.62)
        holes.oval(*points[stop - 1], size * 0.45, size * 0.28)


def _chip(dark: Plate, clear: Plate, x: float, y: float, half: float) -> None:
    """A processor lying in the sand, legs out."""

    def slab(grow: float, lift: float = 0) -> list[Point]:
        far, near, deep = half * 0.80 * grow, half * grow, half * 0.40 * grow
        return [
            (x - near, y + deep - lift), (x + near, y + deep - lift),
            (x + far, y - deep - lift), (x - far, y - deep - lift),
        ]  # fmt: skip

    dark.polygon(slab(1.42), tone=0)
    for step in range(7):
        part = -0.78 + step * 0.26
        far = (x + part * half * 0.8, y - half * 0.52)
        near = (x + part * half * 1.05, y + half * 0.60)
        dark.rule(far, near, half * 0.075)
        row = y - half * 0.34 + step * half * 0.115
        reach = half * (1.1 + 0.05 * step)
        dark.rule((x - reach, row), (x + reach, row), half * 0.05)
    dark.polygon(slab(1.0))
    dark.polygon(slab(0.99, half * 0.09))
    clear.polygon(slab(0.62, half * 0.10))
    dark_core = slab(0.5, half * 0.10)
    clear.polygon(dark_core, tone=0)
    clear.oval(x - half * 0.66, y + half * 0.2, half * 0.06, half * 0.035)
