"""From drawings to stored files, several at a time: encoding is what takes long."""

import io
import os
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass

from django.core.files.base import ContentFile
from django.db import models
from PIL import Image

from auposte.images import StoredImageFile

# Flat inks lose little to fast encoders, and somebody is waiting for the site to start.
QUICK = (
    ("avif", "AVIF", {"quality": 55, "speed": 9}),
    ("webp", "WEBP", {"quality": 76, "method": 1}),
)


# A drawing at work takes some 80 MB.
MOST_AT_ONCE = 4


@dataclass(frozen=True, kw_only=True)
class Drawing:
    """What to draw, and for which field of which (unsaved) row."""

    row: models.Model
    field: str
    draw: Callable[[], Image.Image]


def store_all(drawings: Mapping[str, Drawing], *, say: Callable[[str], None]) -> dict[str, str]:
    """Draw and store each; the stored name by key. The database is not touched."""
    names: dict[str, str] = {}
    with ThreadPoolExecutor(max_workers=min(MOST_AT_ONCE, os.cpu_count() or 1)) as pool:
        jobs = {pool.submit(_store, drawing): key for key, drawing in drawings.items()}
        for done, job in enumerate(as_completed(jobs), start=1):
            names[jobs[job]] = job.result()
            if done % 10 == 0 or done == len(jobs):
                say(f"  {done} dessins sur {len(jobs)}")
    return names


def _store(drawing: Drawing) -> str:
    buffer = io.BytesIO()
    drawing.draw().save(buffer, "PNG", compress_level=1)
    file: StoredImageFile = getattr(drawing.row, drawing.field)
    file.formats = QUICK
    file.save("drawing.png", ContentFile(buffer.getvalue()), save=False)
    return str(file.name)
