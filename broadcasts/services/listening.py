"""What can be listened to, and its chapters on the sound's own clock."""

from django.db.models import Exists, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from broadcasts.models import Appearance, Audio, Broadcast, Chapter, Transcript, VideoSource
from broadcasts.models.broadcast import BroadcastQuerySet
from broadcasts.playback import position_on
from broadcasts.services.transcripts import best_first


def with_sound(broadcasts: BroadcastQuerySet) -> BroadcastQuerySet:
    """Those that have one, with it; `has_chapters` where some stand on its clock.

    An uploaded file is on the broadcast's clock; a platform's sound is on its video's, which is
    known as its page knows it (`Dossier.players`): somebody confirmed it, no other video disagrees
    with it, or none was confirmed and its own chapters or subtitles gave the broadcast its times.
    """
    ours = {"broadcast": OuterRef("pk")}
    playable = VideoSource.objects.filter(**ours).playable().order_by()
    others = Exists(playable.exclude(pk=OuterRef("audio__source")))
    confirmed = Exists(playable.filter(offset_seconds__isnull=False))
    told = Chapter.objects.filter(**ours, source__isnull=False).order_by("start_seconds")
    heard = best_first(Transcript.objects.filter(**ours))
    timed_by = Coalesce(Subquery(told.values("source")[:1]), Subquery(heard.values("source")[:1]))
    known = (
        Q(audio__source=None)
        | Q(audio__source__offset_seconds__isnull=False)
        | ~others
        | ~confirmed & Q(audio__source=timed_by)
    )
    return (
        broadcasts.filter(audio__in=Audio.objects.playable())
        .select_related("audio", "audio__source")
        .annotate(has_chapters=Q(Exists(Chapter.objects.filter(**ours))) & known)
    )


def podcast_episodes() -> list[Broadcast]:
    """All that is public and can be listened to, newest first, in two queries, without the texts.

    With `has_chapters`, and `words_in`: the language of the words that its page shows, None without
    any.
    """
    people = Prefetch("appearances", Appearance.objects.select_related("guest"))
    words = best_first(Transcript.objects.filter(broadcast=OuterRef("pk")))
    return list(
        with_sound(Broadcast.objects.public())
        .newest_first()
        .annotate(words_in=Subquery(words.values("language")[:1]))
        .defer("body_opening", "body_rest")
        .prefetch_related(people)
    )


def sound_chapters(broadcast: Broadcast) -> list[tuple[int, str]]:
    """Seconds into the sound and title of each chapter; empty when its clock is not known."""
    heard = with_sound(Broadcast.objects.filter(pk=broadcast.pk)).first()
    if heard is None or not heard.has_chapters:  # type: ignore[attr-defined]  # annotated above
        return []
    source = heard.audio.source
    return [
        (position_on(source, row.start_seconds) if source else row.start_seconds, row.title)
        for row in Chapter.objects.filter(broadcast=broadcast)
    ]
