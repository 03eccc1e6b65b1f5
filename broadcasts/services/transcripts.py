"""What was said, for readers: in paragraphs, as subtitles, as plain text; how it is written.

A long broadcast has some 4,000 cues: they are read as plain rows, in one query.
"""

import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from django.db import transaction
from django.db.models import Case, Exists, IntegerField, OuterRef, QuerySet, Value, When

from auposte.templatetags.french import timecode
from broadcasts.captions import PlatformCue
from broadcasts.models import Broadcast, Cue, Transcript

INSERT_AT_ONCE = 2_000
# A paragraph ends with a sentence after so long, and at the latest where it is too long to follow.
PARAGRAPH_MS, LONGEST_PARAGRAPH_MS = 40_000, 75_000
SENTENCE_ENDS = (".", "!", "?", "…", "»")


@dataclass(frozen=True, slots=True)
class Line:
    """A cue on the broadcast's clock."""

    position: int
    start_ms: int
    end_ms: int
    speaker: str
    text: str

    @property
    def seconds(self) -> int:
        return self.start_ms // 1000


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines that one voice says in a row. `voice` is "" where it is not told, or still the same."""

    voice: str
    lines: tuple[Line, ...]

    @property
    def seconds(self) -> int:
        return self.lines[0].seconds

    @property
    def last(self) -> Line:
        return self.lines[-1]


@dataclass(frozen=True, kw_only=True)
class Words:
    """A transcript with its lines, in order."""

    broadcast: Broadcast
    transcript: Transcript
    lines: tuple[Line, ...]

    @cached_property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        return tuple(_paragraphs(self.lines))

    @cached_property
    def edition(self) -> str:
        """Another one whenever any word or time is."""
        told = "\n".join(f"{line.start_ms} {line.end_ms} {line.text}" for line in self.lines)
        return hashlib.sha256(told.encode()).hexdigest()[:16]


def best_first(transcripts: "QuerySet[Transcript]") -> "QuerySet[Transcript]":
    """Those that say something: French before all, then what somebody reviewed, then by origin."""
    french = Case(When(language__startswith="fr", then=Value(0)), default=Value(1))
    reviewed = Case(When(is_reviewed=True, then=Value(0)), default=Value(1))
    origin = Case(
        When(origin=Transcript.Origin.UPLOAD, then=Value(0)),
        When(origin=Transcript.Origin.PEERTUBE, then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    says_something = Exists(Cue.objects.filter(transcript=OuterRef("pk")))
    return transcripts.filter(says_something).order_by(french, reviewed, origin, "pk")


def read_words(*, broadcast: Broadcast, transcript: Transcript) -> Words:
    """The transcript's lines, moved from its source's clock to the broadcast's."""
    rows = (
        Cue.objects.filter(transcript=transcript.pk)
        .order_by("position")
        .values_list(
            "position", "start_ms", "end_ms", "speaker", "text",
            "transcript__source__offset_seconds",
        )
    )  # fmt: skip
    lines = tuple(
        Line(position, max(0, start - behind), max(0, end - behind), speaker, text)
        for position, start, end, speaker, text, offset in rows
        for behind in ((offset or 0) * 1000,)
    )
    return Words(broadcast=broadcast, transcript=transcript, lines=lines)


def _paragraphs(lines: Iterable[Line]) -> Iterator[Paragraph]:
    held: list[Line] = []
    voice = ""
    for line in lines:
        if held and _begins_anew(held, line):
            yield _paragraph(held, voice)
            voice = held[0].speaker
            held = []
        held.append(line)
    if held:
        yield _paragraph(held, voice)


def _begins_anew(held: Sequence[Line], line: Line) -> bool:
    lasted = line.start_ms - held[0].start_ms
    sentence_over = held[-1].text.rstrip().endswith(SENTENCE_ENDS)
    return (
        line.speaker != held[0].speaker
        or lasted >= LONGEST_PARAGRAPH_MS
        or (lasted >= PARAGRAPH_MS and sentence_over)
    )


def _paragraph(lines: Sequence[Line], voice_before: str) -> Paragraph:
    speaker = lines[0].speaker
    return Paragraph(voice=speaker if speaker != voice_before else "", lines=tuple(lines))


# --- As files ------------------------------------------------------------------------------------


def as_webvtt(words: Words) -> str:
    """https://www.w3.org/TR/webvtt1/"""
    blocks = ["WEBVTT"]
    if not words.transcript.is_reviewed:
        blocks.append("NOTE Transcription automatique, non relue")
    for line in words.lines:
        voice = f"<v {_in_cue(line.speaker)}>" if line.speaker else ""
        timing = f"{_vtt_moment(line.start_ms)} --> {_vtt_moment(line.end_ms)}"
        blocks.append(f"{timing}\n{voice}{_in_cue(line.text)}")
    return "\n\n".join(blocks) + "\n"


def _in_cue(text: str) -> str:
    """An empty line or an arrow would end the cue; the rest is as in HTML."""
    folded = " ".join(text.split())
    return folded.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def _vtt_moment(milliseconds: int) -> str:
    seconds, left = divmod(milliseconds, 1000)
    minutes, second = divmod(seconds, 60)
    return f"{minutes // 60:02d}:{minutes % 60:02d}:{second:02d}.{left:03d}"


def as_text(words: Words, *, address: str, aired: dt.date | None) -> str:
    """For reading and quoting elsewhere: where it comes from, then a paragraph to a moment."""
    head = [words.broadcast.title, "Au Poste" + (f", {aired:%d/%m/%Y}" if aired else ""), address]
    if not words.transcript.is_reviewed:
        head.append("Transcription automatique, non relue.")
    body = []
    for paragraph in words.paragraphs:
        voice = f"{paragraph.voice} : " if paragraph.voice else ""
        said = " ".join(line.text for line in paragraph.lines)
        body.append(f"[{timecode(paragraph.seconds)}] {voice}{said}")
    return "\n\n".join(["\n".join(head), *body]) + "\n"


# --- Writing -------------------------------------------------------------------------------------


@transaction.atomic
def replace_cues(*, transcript: Transcript, cues: Sequence[PlatformCue]) -> None:
    """Make these the transcript's words. Whoever may not do that has been told before."""
    transcript.cues.all().delete()
    Cue.objects.bulk_create(
        (
            Cue(
                transcript=transcript,
                position=position,
                start_ms=cue.start_ms,
                end_ms=cue.end_ms,
                speaker=cue.speaker[:120],
                text=cue.text,
            )
            for position, cue in enumerate(cues)
        ),
        batch_size=INSERT_AT_ONCE,
    )
