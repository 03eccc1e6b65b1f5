"""Motifs taken from a record office: prints, typed pages, cards, stamps, clippings."""

import math
import random
from itertools import pairwise

from broadcasts.demo.pictures.figures import bust, seal, type_word
from broadcasts.demo.pictures.press import (
    CARD,
    KRAFT,
    LAMP,
    PAPER,
    REGISTER,
    ROSE,
    SHADE,
    Colour,
    Plate,
    Point,
    Sheet,
    glow,
)


def fingerprint(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """A spiral of ridges, and the marks that an examiner counts on it."""
    chance = sheet.chance
    side = chance.choice([-1, 1])
    centre = (800 - side * 230, 455)
    ridges, spacing = sheet.plate(), 17.5
    phases = [chance.uniform(0, math.tau) for _ in range(3)]
    stroke: list[Point] = []
    marks: list[Point] = []
    for step in range(150, 34 * 120):
        angle = math.tau * step / 120
        radius = spacing * step / 120
        wobble = (
            0.09 * math.sin(2 * angle + phases[0])
            + 0.05 * math.sin(3 * angle + phases[1] + radius / 160)
            + 0.03 * math.sin(5 * angle + phases[2] - radius / 90)
        )
        x = centre[0] + 0.80 * radius * (1 + wobble) * math.cos(angle)
        y = centre[1] + radius * (1 + wobble * 0.6) * math.sin(angle)
        stroke.append((x, y))
        if len(stroke) > 14 and chance.random() < 0.045:
            ridges.line(stroke, chance.uniform(7.5, 10.5))
            if 90 < y < 810 and 70 < radius < 360 and (x - centre[0]) * side > -60:
                marks.append((x, y))
            stroke = []
    pad = sheet.plate()
    pad.oval(*centre, 395, 500)
    ridges.keep(pad.turned(10 * side, centre))
    sheet.ink(ridges, first, wear=0.7)

    notes = sheet.plate()
    chosen = sorted(chance.sample(marks, min(8, len(marks))), key=lambda mark: mark[1])
    for rank, (x, y) in enumerate(chosen):
        label = (800 + side * 640, 100 + rank * 100)
        notes.ring(x, y, 18, 5)
        notes.rule((x + side * 17, y), (label[0] - side * 190, label[1]), 3)
        notes.rule((label[0] - side * 190, label[1]), (label[0] - side * 40, label[1]), 3)
        notes.number(str(rank + 1), *label, 46, 0.025)
    sheet.ink(notes, second, wear=0.15)


def redacted(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """A typed page of which little may be read, but for one line."""
    chance = sheet.chance
    page = Sheet(chance, 1080, 1160, CARD)
    typed, struck, told, mark = (page.plate() for _ in range(4))
    spoken = chance.randrange(6, 9)
    for row in range(17):
        y, x = 66 * row + 50.0, 150.0 if row % 5 == 0 else 80.0
        end = 1000 - (chance.uniform(200, 520) if row % 5 == 4 else chance.uniform(0, 40))
        while x < end - 60:
            letters = chance.randrange(2, 11)
            if row == spoken:
                x = type_word(told, x, y, letters, chance)
            elif chance.random() < 0.6:
                struck.box(x - 6, y - 14 + chance.uniform(-2, 2), letters * 13 + 8, 44)
                x += letters * 13 + 16
            else:
                x = type_word(typed, x, y, letters, chance)
    mark.box(56, 66 * spoken + 28, 968, 64)
    page.ink(mark, ROSE, wear=0)
    page.ink(typed, first, wear=0.4, strength=0.85)
    page.ink(struck, first, wear=0.35)
    page.ink(told, second, wear=0)
    sheet.lay(page, (800, 450), chance.choice([-5.5, -4, 4.5, 6]))
    strike, at = sheet.plate(), (chance.choice([1190, 410]), 660)
    seal(strike, at, 180, number)
    sheet.ink(strike.turned(-14, at), second, wear=0.8)


def stamped(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """One stamp, far too large, struck twice on an empty form."""
    chance = sheet.chance
    form = sheet.plate()
    for row, cells in enumerate((2, 3, 1, 4, 2, 1)):
        y = 50 + row * 134
        form.box(60, y - (5 if row in {0, 3} else 2), 1480, 10 if row in {0, 3} else 4)
        for cell in range(cells):
            x = 60 + cell * 1480 / cells
            form.box(x, y, 4, 134)
            type_word(form, x + 24, y + 22, chance.randrange(4, 12), chance)
            if cell % 2:
                form.box(x + 24, y + 76, 32, 32)
                form.box(x + 28, y + 80, 24, 24, tone=0)
    form.box(60, 852, 1480, 10)
    form.box(1536, 50, 4, 804)
    sheet.ink(form, first, wear=0.4, strength=0.6)
    at = (chance.uniform(620, 980), 450.0)
    ghost, strike = sheet.plate(), sheet.plate()
    seal(ghost, at, 400, number)
    seal(strike, at, 400, number)
    sheet.ink(ghost.turned(-19, at), first, wear=1.5, strength=0.4, shift=(34, -22))
    sheet.ink(strike.turned(-12, at), second, wear=0.9)


def cards(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """Index cards tied together by a thread from pin to pin."""
    chance = sheet.chance
    places = [(270, 235), (760, 640), (1050, 225), (1370, 610), (300, 690)]
    colours = [CARD, KRAFT, ROSE, REGISTER, CARD]
    chance.shuffle(colours)
    pins: list[Point] = []
    for rank, place in enumerate(places):
        card = _card(chance, colours[rank], (first, second), portrait=rank in {0, 3})
        sheet.lay(card, place, chance.uniform(-12, 12))
        pins.append((place[0] + chance.uniform(-40, 40), place[1] - 120))
    thread, shadow, shine = sheet.plate(), sheet.plate(), sheet.plate()
    order = [0, 1, 2, 3, 1, 4]
    for one, other in pairwise(order):
        thread.rule(pins[one], pins[other], 5)
    for x, y in pins:
        shadow.disc(x + 6, y + 10, 19)
        thread.disc(x, y, 19)
        shine.disc(x - 6, y - 7, 5)
    sheet.ink(shadow, SHADE, wear=0, strength=0.4)
    sheet.ink(thread, second, wear=0, opaque=True)
    sheet.ink(shine, PAPER, wear=0, opaque=True)


def _card(
    chance: random.Random, colour: Colour, inks: tuple[Colour, Colour], *, portrait: bool
) -> Sheet:
    card = Sheet(chance, 500, 350, colour)
    lines, head = card.plate(), card.plate()
    head.box(28, 66, 444, 4)
    left = 32.0
    if portrait:
        head.box(32, 92, 168, 226)
        figure = card.plate()
        bust(figure, 116, 318, 76, chance.choice([0, 1, 2, 5]))
        head.cut(figure)
        card.ink(figure, inks[0], wear=0.2)
        left = 228.0
    type_word(lines, 32, 32, chance.randrange(6, 14), chance)
    for row in range(5):
        reach, place = 470 - chance.uniform(0, 130), left
        while place < reach - 60:
            place = type_word(lines, place, 100 + row * 46, chance.randrange(2, 8), chance)
    card.ink(head, inks[1], wear=0.2)
    card.ink(lines, inks[0], wear=0.2, strength=0.85)
    return card


def clippings(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """A front page, what a reader ringed in it, and the hole where an article was."""
    chance = sheet.chance
    page = Sheet(chance, 1300, 1240, CARD)
    gap = chance.randrange(1, 3)
    page.shape = page.plate()
    page.shape.box(0, 0, 1300, 1240)
    hole = page.plate()
    hole.polygon(
        [
            (gap * 310 + 42 + chance.uniform(-6, 6) + x, 590 + y + chance.uniform(-6, 6))
            for x, y in ((0, 0), (306, 0), (306, 300), (0, 300))
        ]
    )
    page.shape.cut(hole)
    text, heads, ring, frame = (page.plate() for _ in range(4))
    heads.box(50, 150, 560, 96)
    heads.box(50, 270, 1200, 8)
    heads.number(number, 1170, 200, 120, 0.05)
    for row, width in enumerate((700, 540, 640)):
        heads.box(50, 310 + row * 68, width, 50)
    for column in range(4):
        x, y = 50 + column * 310, 610
        for row in range(2):
            heads.box(x, 535 + row * 30, 270 - row * chance.uniform(60, 150), 20)
        while y < 1200:
            text.box(x, y, 270 - (chance.uniform(60, 200) if chance.random() < 0.16 else 0), 7)
            y += 17
    frame.box(800, 300, 450, 215)
    dots = page.dots(
        glow(1300, 1240, (chance.uniform(950, 1120), 520), 330, light=250, dark=30), cell=11
    )
    dots.keep(frame)
    ring.line(
        [
            (
                185 + math.cos(step / 30) * (185 + step / 11),
                760 + math.sin(step / 30) * (105 + step / 16),
            )
            for step in range(330)
        ],
        9,
    )
    page.ink(text, first, wear=0.2, strength=0.75)
    page.ink(heads, first, wear=0.35)
    page.ink(dots, first, wear=0.1)
    page.ink(ring, second, wear=0.2)
    sheet.lay(page, (800, 510), chance.choice([-6, 5]))


def notebook(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """A ruled page, and a signature that takes all of it."""
    chance = sheet.chance
    rules, margin, pen = sheet.plate(), sheet.plate(), sheet.plate()
    for row in range(16):
        rules.rule((0, 60 + row * 58), (1600, 60 + row * 58), 3)
    margin.rule((250, 0), (250, 900), 6)
    for hole in range(6):
        margin.ring(115, 75 + hole * 150, 30, 5)
    sheet.ink(rules, first, wear=0.3, strength=0.5)
    sheet.ink(margin, second, wear=0.3)
    phase, loops = chance.uniform(0, 1), chance.choice([6.5, 7.5, 8.5])
    stroke: list[Point] = []
    for step in range(700):
        part = step / 700
        angle = math.tau * loops * part + phase
        tall = 190 * (1 - part) ** 0.6 * (0.55 + 0.45 * math.sin(part * 9 + phase * 6)) + 26
        stroke.append(
            (
                370 + 900 * part + 95 * math.cos(angle) * (1 - part * 0.5),
                470 - 90 * part + tall * math.sin(angle),
            )
        )
    stroke += [(1290 + step * 5, 380 - math.sin(step / 12) * 60) for step in range(30)]
    _pen(pen, stroke, 9)
    _pen(
        pen,
        [
            (360 + step * 9.6, 705 + 26 * math.sin(step / 17 + phase) - step * 0.4)
            for step in range(110)
        ],
        7,
    )
    sheet.ink(pen, first, wear=0.15)
    stamped = sheet.plate()
    seal(stamped, (1330, 660), 150, number)
    sheet.ink(stamped.turned(11, (1330, 660)), second, wear=1.0)


def _pen(plate: Plate, stroke: list[Point], width: float) -> None:
    """A nib's line: thick where it goes down, thin where it goes up."""
    for one, other in pairwise(stroke):
        down = (other[1] - one[1]) / (math.dist(one, other) or 1)
        plate.line([one, other], width * (1.15 + 0.75 * down))


def ledger(sheet: Sheet, first: Colour, second: Colour, number: str) -> None:
    """Columns of an account book; one does not add up."""
    chance = sheet.chance
    grid, figures, wrong = sheet.plate(), sheet.plate(), sheet.plate()
    bands = sheet.plate()
    for row in range(0, 12, 2):
        bands.box(0, 90 + row * 72, 1600, 72)
    sheet.ink(bands, LAMP if sheet.ground == PAPER else CARD, wear=0, strength=0.28)
    columns = (110, 420, 730, 1040, 1350)
    for x in columns:
        grid.rule((x, 0), (x, 900), 4)
        grid.rule((x + 12, 0), (x + 12, 900), 2)
    bad = chance.randrange(1, 4)
    for row in range(11):
        for rank, x in enumerate(columns):
            amount = chance.randrange(100, 99999)
            plate = wrong if rank == bad and row >= 5 else figures
            plate.number(f"{amount}", x + 165, 128 + row * 72, 50, 0.012)
    sheet.ink(grid, second, wear=0.4, strength=0.7)
    sheet.ink(figures, first, wear=0.55)
    sheet.ink(wrong, second, wear=0.3)
    struck, x = sheet.plate(), columns[bad] + 165
    for shift in (-13, 13):
        struck.line([(x - 180, 470 + shift), (x + 160, 880 + shift)], 13)
    sheet.ink(struck, first, wear=0.3)
    total = sheet.plate()
    total.number(number, 800, 430, 820, 0.05)
    sheet.ink(total, second, wear=0.5, strength=0.9)
