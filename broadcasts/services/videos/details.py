"""Chapters, subtitles and sound, where a platform has them and no editor gave better ones."""

import hashlib
from collections.abc import Iterable, Sequence

from django.db import transaction
from django.utils import timezone

from broadcasts.captions import PlatformCue
from broadcasts.models import Audio, Chapter, Transcript, VideoSource
from broadcasts.platforms import PlatformAudio, PlatformChapter
from broadcasts.services.moments import is_moment
from broadcasts.services.passages import rebuild_passages
from broadcasts.services.transcripts import replace_cues


@transaction.atomic
def store_chapters(*, source: VideoSource, chapters: Sequence[PlatformChapter]) -> bool:
    """Write the source's chapters on the broadcast; whether they were written.

    Only where they differ from the last reading, and where no editor has touched a chapter. Moments
    noted during the live stay among them. Times go from the source's clock to the broadcast's.
    """
    digest = _digest(f"{chapter.start_seconds} {chapter.title}" for chapter in chapters)
    if not chapters or digest == source.chapters_digest:
        return False
    VideoSource.objects.filter(pk=source.pk).update(chapters_digest=digest)
    written = Chapter.objects.select_for_update().filter(broadcast=source.broadcast_id)
    moments = [chapter.start_seconds for chapter in written if is_moment(chapter)]
    others = [chapter for chapter in written if not is_moment(chapter)]
    if any(chapter.source_id != source.pk for chapter in others):
        return False
    Chapter.objects.filter(pk__in=[chapter.pk for chapter in others]).delete()
    offset = source.offset_seconds or 0
    starts: dict[int, str] = {}
    for chapter in chapters:
        start = max(0, chapter.start_seconds - offset)
        while start in moments:
            start += 1
        starts[start] = chapter.title
    Chapter.objects.bulk_create(
        Chapter(
            broadcast_id=source.broadcast_id, source=source, start_seconds=start, title=title[:200]
        )
        for start, title in starts.items()
        if title
    )
    return True


@transaction.atomic
def store_captions(*, source: VideoSource, language: str, cues: Sequence[PlatformCue]) -> bool:
    """Make the source's subtitles a transcript of the broadcast; whether it was (re)written.

    A reviewed transcript stays as it is, and so does the one that another source gave.
    """
    digest = _digest(f"{cue.start_ms} {cue.end_ms} {cue.speaker} {cue.text}" for cue in cues)
    transcript, _ = Transcript.objects.get_or_create(
        broadcast_id=source.broadcast_id,
        language=language[:12],
        origin=Transcript.Origin.PEERTUBE,
        defaults={"source": source},
    )
    transcript = Transcript.objects.select_for_update().get(pk=transcript.pk)
    another = transcript.source_id not in (None, source.pk)
    if transcript.is_reviewed or transcript.digest == digest or another:
        return False
    replace_cues(transcript=transcript, cues=cues)
    transcript.source, transcript.digest = source, digest
    transcript.save(update_fields=["source", "digest", "updated_at"])
    rebuild_passages(source.broadcast_id)
    return True


@transaction.atomic
def store_audio(*, source: VideoSource, audio: PlatformAudio | None) -> bool:
    """Make the source's sound, or its absence, the broadcast's; whether anything was written.

    An uploaded file stays, and so does the sound that another source gave.
    """
    kept = Audio.objects.select_for_update().filter(broadcast=source.broadcast_id).first()
    if kept is not None and kept.source_id != source.pk:
        return False
    if audio is None:
        if kept is not None:
            kept.delete()
        return kept is not None
    facts = {
        "url": audio.url,
        "download_url": audio.download_url,
        "mime": audio.mime,
        "size_bytes": audio.size_bytes,
        "duration_seconds": source.duration_seconds,
    }
    if kept is not None and all(getattr(kept, name) == value for name, value in facts.items()):
        return False
    Audio.objects.update_or_create(
        broadcast_id=source.broadcast_id, defaults={"source": source, **facts}
    )
    return True


def read_sound_again(broadcast_id: int) -> None:
    """Have PeerTube asked for the whole of what it knows: an unchanged video is not read."""
    VideoSource.objects.filter(
        broadcast=broadcast_id, platform=VideoSource.Platform.PEERTUBE
    ).update(etag="", read_due_at=timezone.now())


def note_details_read(source: VideoSource) -> None:
    VideoSource.objects.filter(pk=source.pk).update(details_read_at=timezone.now())


def _digest(lines: Iterable[str]) -> str:
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
