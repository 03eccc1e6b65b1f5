"""Whose word counts: what WordPress says now, or what the newsroom made of it since.

Kept in mind is a digest of what the import last wrote. A field that still holds it was not touched
by anybody, so the import may write it again; any other value is somebody's work.
"""

import hashlib
import json
from enum import Enum
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder

DIGEST_LENGTH = 32


class Decision(Enum):
    SAME = "same"
    WRITE = "write"
    KEEP = "keep"


def digest(value: Any) -> str:
    """32 hexadecimal digits that stand for a value (of JSON's kinds, dates)."""
    text = json.dumps(value, cls=DjangoJSONEncoder, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_LENGTH]


def decide(*, current: Any, wanted: Any, written: str | None, overwrite: bool) -> Decision:
    """`written` is the digest of what the import wrote last; None when it never wrote this."""
    if current == wanted:
        return Decision.SAME
    if overwrite or written == digest(current) or (written is None and _is_blank(current)):
        return Decision.WRITE
    return Decision.KEEP


def _is_blank(value: Any) -> bool:
    if isinstance(value, list):
        return all(map(_is_blank, value))
    return value is None or value == ""
