"""Durations as people type them; kept in whole seconds."""

import re

CLOCK = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{2})", re.ASCII)
WORDS = re.compile(r"(?:(\d{1,3})h)?(?:(\d{1,4})(?:mn|min|m)?)?(?:(\d{1,5})(?:s|sec))?", re.ASCII)


def parse_duration(text: str) -> int:
    """Seconds from `1:48:00`, `6:12`, `1 h 48`, `52 min` or `45 s`. ValueError otherwise.

    A bare number is refused: nobody can tell minutes from seconds. A bare 0 is 0 either way.
    """
    cleaned = re.sub(r"\s+", "", text).lower()
    if cleaned == "0":
        return 0
    clock = CLOCK.fullmatch(cleaned)
    if clock:
        hours, minutes, seconds = (int(part or 0) for part in clock.groups())
        if seconds > 59 or (clock[1] and minutes > 59):
            raise ValueError(text)
        return hours * 3600 + minutes * 60 + seconds
    words = WORDS.fullmatch(cleaned)
    if not cleaned or cleaned.isdigit() or not words:
        raise ValueError(text)
    hours, minutes, seconds = (int(part or 0) for part in words.groups())
    return hours * 3600 + minutes * 60 + seconds
