"""Slugs as the outlet writes them."""

import re

from django.utils.text import slugify

APOSTROPHES = re.compile(r"['’ʼ‘]")


def french_slug(text: str, *, max_length: int = 200) -> str:
    """`L’info du cœur` → `l-info-du-coeur`: apostrophes become hyphens, accents fold, ASCII."""
    unligatured = text.replace("œ", "oe").replace("Œ", "Oe").replace("æ", "ae").replace("Æ", "Ae")
    return slugify(APOSTROPHES.sub("-", unligatured))[:max_length].strip("-")
