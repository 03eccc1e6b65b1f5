"""Draws static/img/podcast.jpg, the podcast's cover: square, as directories want it (1400 to 3000).

.venv/bin/python docs/podcast_cover.py
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from broadcasts.drawing import INK, PAPER, Paper, Set, heavy  # noqa: E402  # the checkout is no package

SIDE, LEFT = 2000, 270


def draw() -> Paper:
    paper = Paper(SIDE, SIDE, margin=190, scale=4)
    paper.write(Set(heavy(560), ["AU"], 0), at=(LEFT - 12, 330))
    poste = heavy(408)
    width, height = round(poste.getlength("POSTE")), round(408 * 0.7)
    paper.box(at=(LEFT, 960), size=(width + 110, height + 110))
    paper.line("POSTE", at=(LEFT + 55, 960 + 55 + height), font=poste, colour=PAPER, anchor="ls")
    paper.box(at=(LEFT, 960 + height + 150), size=(width + 110, 10), colour=INK)
    paper.stamp("Sans montage", at=(1330, 1650), size=120, ground=PAPER)
    return paper


if __name__ == "__main__":
    (ROOT / "static" / "img" / "podcast.jpg").write_bytes(draw().as_jpeg())
