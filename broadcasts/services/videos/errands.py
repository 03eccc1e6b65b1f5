"""The errands themselves, a step at a time. After each step the cursor is saved: a worker that is
killed loses one step, and the next goes on from there.
"""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from auposte.external import ExternalServiceError
from broadcasts.captions import parse_webvtt
from broadcasts.chapters import chapters_in
from broadcasts.models import Airing, SyncJob, SyncRun, VideoProposal, VideoSource
from broadcasts.peertube.client import Pace, PeerTubeClient, first_valid_id
from broadcasts.platforms import PlatformVideo
from broadcasts.services.airing import follow_airings
from broadcasts.services.videos.budget import Spend, meter
from broadcasts.services.videos.details import note_details_read, store_captions, store_chapters
from broadcasts.services.videos.filing import Outcome, file_video
from broadcasts.services.videos.proposals import settle_filed
from broadcasts.services.videos.refreshing import (
    RECENT,
    apply_reading,
    drop_stale_counts,
    note_missing,
    note_unchanged,
)
from broadcasts.services.videos.thumbnails import awaited_thumbnails, store_thumbnail
from broadcasts.youtube.client import YouTubeClient

YOUTUBE, PEERTUBE = VideoSource.Platform.YOUTUBE, VideoSource.Platform.PEERTUBE
YOUTUBE_PAGE = 50
PEERTUBE_PAGE = 50
# A video of PeerTube's takes up to three requests, and its pace is five a second.
PEERTUBE_STEP = 5
THUMBNAIL_STEP = 3
# Between whole readings of a channel only its newest videos are looked at.
WHOLE_AGAIN_AFTER = dt.timedelta(days=7)
DETAILS_AGAIN_AFTER = dt.timedelta(days=14)
LIVE_EVERY = dt.timedelta(seconds=50)
FOLLOW_FROM = dt.timedelta(minutes=20)
FOLLOW_AFTER_END = dt.timedelta(hours=3)

# A steady four a second: two workers that take turns stay under fifty in ten seconds.
PACE = Pace(requests=4, seconds=1.0)

Cursor = dict[str, Any]


@dataclass
class Errand:
    """What a step works with; `run`'s counts and `job.memory` are saved after it."""

    job: SyncJob
    run: SyncRun

    def spend(self, platform: str) -> Spend:
        def count(_units: int) -> None:
            self.run.calls += 1

        return meter(platform, then=count)

    def youtube(self) -> YouTubeClient:
        return YouTubeClient(
            api_key=settings.YOUTUBE_API_KEY,
            base_url=settings.YOUTUBE_API_BASE,
            spend=self.spend(YOUTUBE),
        )

    def peertube(self) -> PeerTubeClient:
        return PeerTubeClient(base_url=settings.PEERTUBE_URL, spend=self.spend(PEERTUBE), pace=PACE)

    def file(self, video: PlatformVideo) -> None:
        match file_video(video):
            case Outcome.DRAFTED:
                self.run.drafted += 1
            case Outcome.ATTACHED:
                self.run.attached += 1
            case Outcome.PROPOSED:
                self.run.proposed += 1


Step = Callable[[Errand, Cursor], Cursor | None]


def _unknown(platform: str, ids: Sequence[str]) -> list[str]:
    """Those that have no place yet, in the same order."""
    filed = set(
        VideoSource.objects.filter(platform=platform, external_id__in=ids)
        .values_list("external_id", flat=True)
        .union(
            VideoProposal.objects.filter(platform=platform, external_id__in=ids).values_list(
                "external_id", flat=True
            )
        )
    )
    return [identifier for identifier in ids if identifier not in filed]


def _whole(job: SyncJob) -> bool:
    """Whether it is time to read the channel to its end."""
    last = job.memory.get("whole_at")
    return last is None or dt.datetime.fromisoformat(last) < timezone.now() - WHOLE_AGAIN_AFTER


def discover_on_youtube(errand: Errand, cursor: Cursor) -> Cursor | None:
    """A page of fifty of the channel's uploads: one call, and one more if some are new."""
    client, memory = errand.youtube(), errand.job.memory
    if not cursor:
        cursor = {"whole": _whole(errand.job), "page": "", "etag": ""}
    if memory.get("channel") != settings.YOUTUBE_CHANNEL_ID:
        memory.clear()
        memory["playlist"] = client.uploads_playlist(settings.YOUTUBE_CHANNEL_ID)
        memory["channel"] = settings.YOUTUBE_CHANNEL_ID
        cursor = {"whole": True, "page": "", "etag": ""}
    known_etag = "" if cursor["page"] or cursor["whole"] else memory.get("etag", "")
    page = client.list_uploads(memory["playlist"], page_token=cursor["page"], etag=known_etag)
    if page is None:
        return None
    unknown = _unknown(YOUTUBE, page.ids)
    for video in client.read_videos(unknown) if unknown else ():
        errand.file(video)
        if video.description:
            _store_described_chapters(video)
    errand.run.done += len(page.ids)
    errand.run.total = page.total if cursor["whole"] else None
    etag = cursor["etag"] or page.etag
    if page.next_token and (unknown or cursor["whole"]):
        return {**cursor, "page": page.next_token, "etag": etag}
    memory["etag"] = etag
    if cursor["whole"]:
        memory["whole_at"] = timezone.now().isoformat()
    return None


def _store_described_chapters(video: PlatformVideo) -> None:
    source = VideoSource.objects.filter(platform=YOUTUBE, external_id=video.external_id).first()
    if source is not None:
        store_chapters(source=source, chapters=chapters_in(video.description))


def discover_on_peertube(errand: Errand, cursor: Cursor) -> Cursor | None:
    """A page of the channel, at most five new videos of it at a time: each is read whole."""
    cursor = cursor or {"whole": _whole(errand.job), "start": 0, "passed": [], "news": False}
    with errand.peertube() as client:
        page = client.list_videos(
            settings.PEERTUBE_CHANNEL, start=cursor["start"], count=PEERTUBE_PAGE
        )
        ids = [video.external_id for video in page.videos]
        unknown = [found for found in _unknown(PEERTUBE, ids) if found not in cursor["passed"]]
        for identifier in unknown[:PEERTUBE_STEP]:
            try:
                video = client.read_video(identifier)
            except ExternalServiceError as error:
                if not error.missing:
                    raise
                video = None
            if video is None:
                cursor["passed"].append(identifier)
                continue
            errand.file(video)
            _read_details(client, _source(PEERTUBE, video.external_id), changed=True)
            errand.run.done += 1
    errand.run.total = page.total if cursor["whole"] else None
    news = cursor["news"] or bool(unknown)
    if len(unknown) > PEERTUBE_STEP:
        return {**cursor, "news": news}
    errand.run.done = min(cursor["start"] + len(ids), page.total)
    following = cursor["start"] + PEERTUBE_PAGE
    if following < page.total and (news or cursor["whole"]):
        return {**cursor, "start": following, "passed": [], "news": False}
    if cursor["whole"]:
        errand.job.memory["whole_at"] = timezone.now().isoformat()
    return None


def _source(platform: str, external_id: str) -> VideoSource | None:
    return VideoSource.objects.filter(platform=platform, external_id=external_id).first()


def _read_details(client: PeerTubeClient, source: VideoSource | None, changed: bool) -> None:
    """Chapters and subtitles. PeerTube may add some without calling the video changed, so those of
    a recent one are read each time, and the others' now and then."""
    if source is None:
        return
    now, read = timezone.now(), source.details_read_at
    recent = source.published_at is not None and source.published_at > now - RECENT
    if read is not None and not (changed or recent or read < now - DETAILS_AGAIN_AFTER):
        return
    store_chapters(source=source, chapters=client.chapters(source.external_id))
    for caption in client.captions(source.external_id):
        cues = parse_webvtt(client.caption_text(caption))
        if cues:
            store_captions(source=source, language=caption.language, cues=cues)
    note_details_read(source)


def _due(platform: str, errand: Errand) -> "QuerySet[VideoSource]":
    due = VideoSource.objects.filter(platform=platform, read_due_at__lte=timezone.now())
    if errand.run.total is None:
        errand.run.total = due.count()
    return due.order_by("read_due_at", "pk")


def refresh_on_youtube(errand: Errand, _cursor: Cursor) -> Cursor | None:
    """Fifty known videos in one call."""
    sources = list(_due(YOUTUBE, errand)[:YOUTUBE_PAGE])
    if not sources:
        drop_stale_counts()
        settle_filed()
        return None
    _read_youtube(errand, sources)
    return {"more": True}


def _read_youtube(errand: Errand, sources: Sequence[VideoSource]) -> None:
    found = {
        video.external_id: video
        for video in errand.youtube().read_videos([source.external_id for source in sources])
    }
    for source in sources:
        video = found.get(source.external_id)
        if video is None:
            errand.run.missing += 1
            note_missing(source)
            continue
        errand.run.updated += apply_reading(source=source, video=video)
        store_chapters(source=source, chapters=chapters_in(video.description))
    errand.run.done += len(sources)


def refresh_on_peertube(errand: Errand, _cursor: Cursor) -> Cursor | None:
    """A few known videos, each by itself: PeerTube has no call for many."""
    sources = list(_due(PEERTUBE, errand)[:PEERTUBE_STEP])
    if not sources:
        settle_filed()
        return None
    _read_peertube(errand, sources)
    return {"more": True}


def _read_peertube(errand: Errand, sources: Sequence[VideoSource]) -> None:
    with errand.peertube() as client:
        for source in sources:
            _read_one(errand, client, source)
            errand.run.done += 1


def _read_one(errand: Errand, client: PeerTubeClient, source: VideoSource) -> None:
    try:
        video = client.read_video(source.external_id, etag=source.etag)
    except ExternalServiceError as error:
        if not error.missing:
            raise
        video = _found_otherwise(client, source)
        if video is None:
            errand.run.missing += 1
            note_missing(source)
            return
    if video is None:
        note_unchanged(source)
        _read_details(client, source, changed=False)
        return
    errand.run.updated += apply_reading(source=source, video=video)
    read = source.details_read_at
    changed = video.changed_at is None or read is None or video.changed_at >= read
    _read_details(client, source, changed=changed)


def _found_otherwise(client: PeerTubeClient, source: VideoSource) -> PlatformVideo | None:
    """By the other identifiers that we have of it: old data holds wrong uuids."""
    other = first_valid_id(
        uuid="", short_uuid=source.peertube_short_uuid, peertube_id=source.peertube_id
    )
    if other is None:
        return None
    try:
        video = client.read_video(other)
    except ExternalServiceError as error:
        if not error.missing:
            raise
        return None
    if video is None or _source(PEERTUBE, video.external_id):
        return None
    VideoSource.objects.filter(pk=source.pk).update(external_id=video.external_id)
    source.external_id = video.external_id
    return video


def followed_lives() -> "QuerySet[VideoSource]":
    """Lives under way, about to begin, or just over; those not looked at within the minute."""
    now = timezone.now()
    soon = Q(scheduled_for=None) | Q(scheduled_for__lte=now + FOLLOW_FROM)
    on_air = Q(live_state=VideoSource.LiveState.LIVE)
    waited_for = Q(live_state=VideoSource.LiveState.UPCOMING) & soon
    just_over = Q(live_state=VideoSource.LiveState.ENDED, ended_at__gte=now - FOLLOW_AFTER_END) & Q(
        role=VideoSource.Role.LIVE
    )
    # A room that was left may be entered again, and tells neither that it has ended nor when.
    may_come_back = Q(
        live_state=VideoSource.LiveState.ENDED,
        role=VideoSource.Role.LIVE,
        broadcast__airing__state__in=[Airing.State.INTERRUPTED, Airing.State.OVER],
        broadcast__airing__since__gte=now - FOLLOW_AFTER_END,
    )
    fresh = Q(fetched_at__gte=now - LIVE_EVERY)
    return VideoSource.objects.filter(
        on_air | waited_for | just_over | may_come_back,
        ~fresh | Q(fetched_at=None),
        platform__in=[YOUTUBE, PEERTUBE],
        availability=VideoSource.Availability.AVAILABLE,
    ).order_by("pk")


def follow_lives(errand: Errand, _cursor: Cursor) -> Cursor | None:
    """Ask after every live that is followed now. Those in trouble are no trouble to the others."""
    lives = list(followed_lives()[:YOUTUBE_PAGE])
    errand.run.total = len(lives)
    by_platform: dict[str, Callable[[Errand, Sequence[VideoSource]], None]] = {
        YOUTUBE: _read_youtube,
        PEERTUBE: _read_peertube,
    }
    trouble = None
    for platform, read in by_platform.items():
        ours = [live for live in lives if live.platform == platform]
        try:
            if ours:
                read(errand, ours)
        except ExternalServiceError as error:
            trouble = error
    follow_airings()
    if trouble is not None:
        raise trouble
    return None


def keep_thumbnails(errand: Errand, _cursor: Cursor) -> Cursor | None:
    """A few pictures: downloading is quick, encoding them is not."""
    awaited = awaited_thumbnails()
    if errand.run.total is None:
        errand.run.total = awaited.count()
    sources = list(awaited[:THUMBNAIL_STEP])
    for source in sources:
        if store_thumbnail(source):
            errand.run.updated += 1
        else:
            errand.run.failed += 1
        errand.run.done += 1
    return {"more": True} if sources else None
