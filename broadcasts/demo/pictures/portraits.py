"""Portraits without a face: cut paper, before the height chart."""

import math

from PIL import Image

from broadcasts.demo.pictures.press import (
    CARBON,
    CARD,
    INK,
    KRAFT,
    LAMP,
    PAPER,
    REGISTER,
    ROSE,
    STAMP,
    Colour,
    Plate,
    Sheet,
    dice,
    glow,
)

WIDTH, HEIGHT = 640, 800
GROUNDS = (PAPER, KRAFT, ROSE, REGISTER, LAMP, CARD)
SKINS: tuple[Colour, ...] = (
    (246, 222, 198), (224, 178, 140), (188, 132, 94), (136, 88, 60), (92, 60, 44),
)  # fmt: skip
CLOTHES = (INK, CARBON, STAMP)


def draw_portrait(key: str) -> Image.Image:
    """A silhouette that is always the same for the same key, 480 × 600 pixels."""
    chance = dice(key)
    sheet = Sheet(chance, WIDTH, HEIGHT, chance.choice(GROUNDS))
    cloth = chance.choice(CLOTHES)
    accent = STAMP if cloth is not STAMP else CARBON
    hair_ink = chance.choice([INK, INK, (92, 52, 30), (150, 140, 130), accent])
    _chart(sheet, accent)
    hair, behind = sheet.plate(), sheet.plate()
    style = chance.randrange(8)
    _hair(hair, behind, style)
    sheet.ink(behind, hair_ink, wear=0.2, opaque=True)
    neck, head, shade = sheet.plate(), sheet.plate(), sheet.plate()
    neck.polygon([(262, 430), (378, 430), (392, 640), (248, 640)])
    head.oval(320, 350, 118, 156)
    for side in (-1, 1):
        head.oval(320 + side * 116, 362, 20, 34)
    shade.oval(320, 470, 108, 66)
    shade.keep(neck)
    shade.cut(head)
    skin = chance.choice(SKINS)
    sheet.ink(neck, skin, wear=0, opaque=True)
    sheet.ink(head, skin, wear=0, opaque=True)
    sheet.ink(shade, INK, wear=0, opaque=True, strength=0.35)
    cheek = sheet.dots(glow(WIDTH, HEIGHT, (430, 400), 230, light=235), cell=11)
    cheek.keep(head)
    sheet.ink(cheek, INK, wear=0, strength=0.4)
    _clothes(sheet, cloth, accent, chance.randrange(4))
    sheet.ink(hair, hair_ink, wear=0.25, opaque=True)
    _glasses(sheet, chance.randrange(4))
    return sheet.picture.resize((480, 600), Image.Resampling.LANCZOS)


def _chart(sheet: Sheet, colour: Colour) -> None:
    chart = sheet.plate()
    for row in range(10):
        chart.box(0, 40 + row * 80, WIDTH if row % 2 == 0 else 70, 5)
        if row % 2 == 0:
            chart.number(str(200 - row * 5), WIDTH - 62, 18 + row * 80, 34, 0.02)
    sheet.ink(chart, colour, wear=0.3, strength=0.7)


def _hair(front: Plate, behind: Plate, style: int) -> None:
    cap = Plate(WIDTH, HEIGHT)
    cap.oval(320, 330, 132, 160)
    face = Plate(WIDTH, HEIGHT)
    match style:
        case 0:  # shaven
            return
        case 1:  # short, parted
            face.oval(350, 400, 122, 178)
        case 2:  # a bun
            face.oval(320, 400, 120, 180)
            behind.disc(320, 168, 62)
        case 3:  # long
            face.oval(320, 405, 108, 190)
            behind.oval(320, 350, 158, 188)
            behind.box(162, 350, 316, 250)
        case 4:  # curls
            face.oval(320, 420, 116, 176)
            for step in range(13):
                angle = math.pi * (step - 1) / 10
                behind.disc(320 + math.cos(angle) * 138, 320 - math.sin(angle) * 150, 58)
        case 5:  # a fringe
            face.box(150, 300, 340, 400)
            behind.box(184, 250, 272, 230)
        case 6:  # a cap
            cap.box(150, 262, 340, 34)
            cap.polygon([(300, 250), (500, 282), (505, 306), (300, 296)])
            face.box(100, 306, 440, 400)
        case _:  # a scarf over the head
            face.oval(320, 392, 104, 146)
            cap.oval(320, 350, 146, 186)
            cap.polygon([(190, 420), (450, 420), (500, 640), (140, 640)])
            under = Plate(WIDTH, HEIGHT)
            under.box(0, 560, WIDTH, 300)
            cap.cut(under)
    cap.cut(face)
    front.replace(cap.image)


def _clothes(sheet: Sheet, colour: Colour, accent: Colour, cut: int) -> None:
    body, trim = sheet.plate(), sheet.plate()
    body.polygon(
        [
            (320 + math.cos(a) * 270, 815 - max(0.0, math.sin(a)) ** 0.5 * 245)
            for a in (math.pi * step / 48 for step in range(49))
        ]
    )
    opening = sheet.plate()
    match cut:
        case 0:
            opening.oval(320, 560, 76, 56)
        case 1:
            opening.polygon([(250, 560), (390, 560), (320, 740)])
            trim.polygon([(236, 572), (262, 566), (330, 742), (306, 790)])
            trim.polygon([(404, 572), (378, 566), (310, 742), (334, 790)])
        case 2:
            opening.oval(320, 545, 70, 30)
            trim.oval(320, 590, 92, 44)
            trim.cut(opening)
        case _:
            opening.oval(320, 560, 76, 56)
            for row in range(5):
                trim.box(0, 640 + row * 44, WIDTH, 20)
            trim.keep(body)
    body.cut(opening)
    sheet.ink(body, colour, wear=0.3, opaque=True)
    sheet.ink(trim, accent if cut != 1 else CARD, wear=0.15, opaque=True)


def _glasses(sheet: Sheet, kind: int) -> None:
    if kind > 1:
        return
    frame = sheet.plate()
    for side in (-1, 1):
        if kind:
            frame.ring(320 + side * 54, 356, 43, 8)
        else:
            frame.box(320 + side * 56 - 46, 330, 92, 54)
    frame.box(306, 348, 28, 8)
    for side in (-1, 1):
        frame.box(320 + side * 108 - 12, 348, 24, 8)
    sheet.ink(frame, INK, wear=0.1, opaque=True)
