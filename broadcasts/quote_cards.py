"""A quote as a picture, for pages and messages that show where a link leads."""

import io

from auposte.templatetags.french import french_date, said_moment
from broadcasts.drawing import INK, STAMP, Paper, fitted, heavy, typed
from broadcasts.models import Quote

WIDTH, HEIGHT = 1200, 630
LEFT, RIGHT = 96, 64
SIZES = (76, 66, 58, 50, 44, 38, 34, 30)


def draw_quote(quote: Quote) -> bytes:
    """A PNG of 1200 × 630 pixels; the same quote gives the same bytes."""
    broadcast = quote.broadcast
    paper = Paper(WIDTH, HEIGHT, margin=64)
    paper.brand(at=(LEFT, 48), size=40)
    paper.stamp("Cité", at=(WIDTH - 150, 66), size=34)
    words = fitted(
        f"«\u00a0{quote.text}\u00a0»", heavy, sizes=SIZES,
        width=WIDTH - LEFT - RIGHT, height=356, spacing=1.12,
    )  # fmt: skip
    paper.write(words, at=(LEFT, 124 + max(0, (356 - words.height) // 2)))
    small = typed(28)
    y = HEIGHT - 122
    paper.box(at=(LEFT, y), size=(WIDTH - LEFT - RIGHT, 3))
    date = french_date(broadcast.date) if broadcast.date else ""
    who = quote.speaker or "Au Poste"
    facts = " – ".join(part for part in (who, date, f"à {said_moment(quote.seconds)}") if part)
    paper.line(facts, at=(LEFT, y + 20), font=small, colour=STAMP)
    title = fitted(broadcast.title, typed, sizes=(28,), width=WIDTH - LEFT - RIGHT, height=34)
    paper.write(title, at=(LEFT, y + 60), colour=INK)
    buffer = io.BytesIO()
    # Ink on paper needs few colours.
    paper.picture.quantize(64).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
