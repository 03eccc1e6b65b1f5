"""What is said, and heard, in the demonstration's episodes: their own text, and silence."""

import re

from broadcasts.captions import PlatformCue
from broadcasts.demo.catalogue import Episode

TAG = re.compile(r"<[^>]+>")
SENTENCE = re.compile(r"[^.!?…]+[.!?…]+[\s»]*")
PARAGRAPH = re.compile(r"<p>(.*?)</p>", re.DOTALL)
LONGEST_LINE_MS = 9_000
FIRST_WORD_MS = 4_000
# A frame of MPEG-1 layer III, 32 kbit/s, one channel at 44.1 kHz, with nothing in it: 26 ms.
SILENT_FRAME = b"\xff\xfb\x10\xc4" + bytes(100)
FRAMES_A_MINUTE = 2297


def spoken(episode: Episode) -> list[PlatformCue]:
    """The sentences of the episode's text as if they were read out, paragraphs far apart."""
    paragraphs = [
        [sentence.strip() for sentence in SENTENCE.findall(TAG.sub("", paragraph))]
        for paragraph in PARAGRAPH.findall(episode.opening + episode.rest)
    ]
    pause = 1000 * (episode.duration or 0) // max(1, len(paragraphs))
    cues, at = [], FIRST_WORD_MS
    for number, sentences in enumerate(paragraphs):
        at = max(at, number * pause)
        for sentence in sentences:
            lasts = min(LONGEST_LINE_MS, 1_200 + 62 * len(sentence))
            cues.append(PlatformCue(start_ms=at, end_ms=at + lasts, speaker="", text=sentence))
            # At a speaker's pace.
            at += lasts + 400
    return cues


def silence() -> bytes:
    """A minute of it, as an MP3."""
    return SILENT_FRAME * FRAMES_A_MINUTE
