"""Values from other people's JSON: what is absent, or not what it should be, is None or "".

Numbers outside of what a database column holds count as absent, and text is made fit for
PostgreSQL: no NUL, no half of a surrogate pair.
"""

import datetime as dt
import re
from decimal import Decimal
from typing import Any

MOST = 2**63 - 1
MOST_SECONDS = 2**31 - 1
UNFIT = re.compile("[\x00\ud800-\udfff]")


def dig(raw: Any, name: str) -> Any:
    """`dig({"a": {"b": 1}}, "a.b")` → 1; None where the way ends early."""
    for part in name.split("."):
        if not isinstance(raw, dict):
            return None
        raw = raw.get(part)
    return raw


def as_text(value: Any) -> str:
    """Text with Unix line ends; "" for anything else."""
    if not isinstance(value, str):
        return ""
    return UNFIT.sub("", value).replace("\r\n", "\n").replace("\r", "\n")


def as_count(value: Any, *, most: int = MOST) -> int | None:
    """A whole number from 0 to `most`, written as a number or as text."""
    if isinstance(value, str) and value.isascii() and value.isdecimal() and len(value) < 20:
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return None
    return value if 0 <= value <= most else None


def as_seconds(value: Any) -> int | None:
    """A duration in whole seconds; 0 means that the platform does not know it."""
    if isinstance(value, float) and value == value and abs(value) < MOST_SECONDS:
        value = int(value)
    return as_count(value, most=MOST_SECONDS) or None


def as_moment(value: Any) -> dt.datetime | None:
    """An ISO 8601 date and time, in UTC; one without a zone is taken as UTC."""
    if not isinstance(value, str):
        return None
    try:
        moment = dt.datetime.fromisoformat(value)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return aware.astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None


def as_ratio(width: Any, height: Any = 1) -> Decimal | None:
    """Width over height with four decimals; None outside of what any picture has."""
    try:
        ratio = (Decimal(str(width)) / Decimal(str(height))).quantize(Decimal("0.0001"))
        return ratio if Decimal("0.01") <= ratio < 100 else None
    except ArithmeticError:
        return None
