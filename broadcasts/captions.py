"""Subtitles (WebVTT, SRT) as cues. https://www.w3.org/TR/webvtt1/

Files come from machines and from people, so everything that can be understood is taken, and the
rest is passed over. What comes out is in order, never overlaps and never says a line twice because
the screen did.
"""

import html
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

MOST_CHARACTERS = 5_000_000
MOST_CUES = 20_000
MOST_TEXT = 2_000
LAST_MOMENT_MS = 2**31 - 1
# Cues of a rolling display follow each other without a gap, or nearly.
ROLLING_GAP_MS = 100

MOMENT = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})(?:[.,](\d{1,3}))?"
TIMING = re.compile(rf"\s*{MOMENT}[ \t]*-->[ \t]*{MOMENT}(?:[ \t].*)?", re.ASCII)
NO_CUE = re.compile(r"(?:WEBVTT|NOTE|STYLE|REGION)(?:[ \t].*)?$")
VOICE = re.compile(r"<v(?:\.[^\s>]*)?[ \t]+([^>]{1,200})>")
TAG = re.compile(r"</?[a-zA-Z][^<>]*>|<[\d:.]+>|</>")
INVISIBLE = re.compile("[\x00\ud800-\udfff\u200b-\u200f\u202a-\u202e\u2060\ufeff]")
SPACES = re.compile(r"[ \t\r\f\v]+")


@dataclass(frozen=True, kw_only=True)
class PlatformCue:
    """A few words, and when they are said (milliseconds); `speaker` is "" when not told."""

    start_ms: int
    end_ms: int
    speaker: str
    text: str


@dataclass(frozen=True, kw_only=True)
class _Shown:
    """A cue as the screen shows it: its lines, some of which may have been there before."""

    start_ms: int
    end_ms: int
    speaker: str
    lines: tuple[str, ...]


def decoded(content: bytes) -> str:
    """A file's text: UTF-8 or UTF-16 when it says so, else what Windows writes in France."""
    if content[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        return content.decode("utf-16", "replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", "replace")


def parse_webvtt(text: str) -> tuple[PlatformCue, ...]:
    """The cues of a file, by their start; the file's first five million characters, at most."""
    clean = INVISIBLE.sub("", text[:MOST_CHARACTERS]).replace("\r\n", "\n").replace("\r", "\n")
    shown = sorted(_shown(clean.split("\n")), key=lambda cue: cue.start_ms)
    return tuple(_clamped(_said_once(shown)))[:MOST_CUES]


def _shown(lines: list[str]) -> Iterator[_Shown]:
    """Each timing line begins a cue, which lasts until an empty line or the next timing."""
    timing: re.Match[str] | None = None
    said: list[str] = []
    passing_over = False
    for number, line in enumerate([*lines, ""]):
        found = TIMING.fullmatch(line)
        # A line of spaces is part of a cue: YouTube's rolling subtitles have them.
        if timing and (found or not line):
            # A cue's own name may follow the last one without a blank line.
            if found and said and said[-1].isdecimal():
                said.pop()
            yield from _cue(timing, said)
            timing, said = None, []
        if not line.strip():
            passing_over = False
        elif found and not passing_over:
            timing = found
        elif timing:
            said.append(line)
        elif NO_CUE.match(line) and (number == 0 or not lines[number - 1].strip()):
            passing_over = True


def _cue(timing: re.Match[str], said: Iterable[str]) -> Iterator[_Shown]:
    parts = timing.groups()
    start, end = _milliseconds(parts[:4]), _milliseconds(parts[4:])
    whole = "\n".join(said)[:MOST_TEXT]
    voice = VOICE.search(whole)
    lines = tuple(line for line in map(_plain, whole.split("\n")) if line)
    if lines and start <= LAST_MOMENT_MS:
        yield _Shown(
            start_ms=start,
            end_ms=min(max(start, end), LAST_MOMENT_MS),
            speaker=_plain(voice[1]) if voice else "",
            lines=lines,
        )


def _milliseconds(parts: Iterable[str | None]) -> int:
    hours, minutes, seconds, fraction = parts
    whole = (int(hours or 0) * 60 + int(minutes or 0)) * 60 + int(seconds or 0)
    return whole * 1000 + int((fraction or "0").ljust(3, "0"))


def _plain(line: str) -> str:
    """Without tags and with entities read, so that « < » is a sign and no tag."""
    return SPACES.sub(" ", INVISIBLE.sub("", html.unescape(TAG.sub("", line)))).strip()


def _said_once(shown: Iterable[_Shown]) -> Iterator[PlatformCue]:
    """Automatic subtitles roll: a line stays while the next is said, or grows word by word."""
    before: _Shown | None = None
    held: PlatformCue | None = None
    for cue in shown:
        rolling = (
            before is not None
            and cue.start_ms - before.end_ms <= ROLLING_GAP_MS
            and cue.speaker == before.speaker
        )
        fresh = _without_repeat(before.lines, cue.lines) if before and rolling else cue.lines
        text = " ".join(fresh)
        before = cue
        if held and rolling and (not text or text.startswith(f"{held.text} ")):
            end = max(held.end_ms, cue.end_ms)
            held = replace(held, end_ms=end, text=text or held.text)
            continue
        if held:
            yield held
        held = PlatformCue(start_ms=cue.start_ms, end_ms=cue.end_ms, speaker=cue.speaker, text=text)
    if held:
        yield held


def _without_repeat(before: tuple[str, ...], now: tuple[str, ...]) -> tuple[str, ...]:
    """The lines that were not on the screen already, at its bottom."""
    for count in range(min(len(before), len(now)), 0, -1):
        if before[-count:] == now[:count]:
            return now[count:]
    return now


def _clamped(cues: Iterable[PlatformCue]) -> Iterator[PlatformCue]:
    """A cue ends when the next begins, at the latest."""
    last: PlatformCue | None = None
    for cue in cues:
        if last:
            yield replace(last, end_ms=min(last.end_ms, cue.start_ms))
        last = cue
    if last:
        yield last
