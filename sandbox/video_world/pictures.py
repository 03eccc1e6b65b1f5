"""Thumbnails: a drawing for each video, made when it is first asked for."""

from __future__ import annotations

import functools
import io
import random

from PIL import Image, ImageDraw, ImageFont

# What is drawn is this large, then scaled: large pictures would take a tenth of a second each.
BASE = (320, 180)


@functools.lru_cache(maxsize=600)
def thumbnail(seed: str, width: int, height: int) -> bytes:
    """Return a JPEG of this size; the same seed gives the same drawing."""
    picture = _draw(seed).resize((width, height), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


@functools.lru_cache(maxsize=200)
def _draw(seed: str) -> Image.Image:
    chance = random.Random(seed)
    hue = chance.randrange(360)
    picture = Image.new("RGB", BASE, f"hsl({hue}, 35%, 22%)")
    draw = ImageDraw.Draw(picture)
    for _ in range(7):
        left, top = chance.randrange(-40, BASE[0]), chance.randrange(-40, BASE[1])
        size = chance.randrange(20, 120)
        shade = f"hsl({(hue + chance.randrange(-40, 40)) % 360}, 45%, {chance.randrange(30, 70)}%)"
        box = (left, top, left + size, top + size)
        chance.choice((draw.rectangle, draw.ellipse))(box, fill=shade)
    draw.rectangle((0, 138, BASE[0], BASE[1]), fill=(18, 18, 18))
    label = f"AU POSTE  {chance.randrange(1000, 9999)}"
    draw.text((14, 146), label, fill=(245, 240, 225), font=ImageFont.load_default(20))
    return picture
