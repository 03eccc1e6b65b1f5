"""A video turns up: it is known, joins a broadcast, waits for an editor, or becomes a draft."""

from enum import StrEnum

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.html import linebreaks

from broadcasts.models import Broadcast, VideoProposal, VideoSource
from broadcasts.platforms import LiveState, PlatformVideo
from broadcasts.services.addresses import free_slug
from broadcasts.services.videos.matching import (
    WEB_ADDRESS,
    bare_title,
    episode_number,
    likely_broadcast,
    linked_broadcast,
    moment_of,
)
from broadcasts.services.videos.refreshing import apply_reading

DEK_LENGTH = 400
ADDRESS_TRIES = 5


class Outcome(StrEnum):
    KNOWN = "known"
    ATTACHED = "attached"
    PROPOSED = "proposed"
    DRAFTED = "drafted"
    IGNORED = "ignored"


class AlreadyFiledError(Exception):
    """Somebody else has given the video to a broadcast meanwhile."""


def file_video(video: PlatformVideo) -> Outcome:
    """Give a video its place. Filing it again, or twice at once, changes nothing more.

    Nothing is merged on a resemblance: that makes a proposal, which an editor decides.
    """
    known = _source_of(video)
    if known is not None:
        apply_reading(source=known, video=video)
        return Outcome.KNOWN
    proposal = VideoProposal.objects.filter(
        platform=video.platform, external_id=video.external_id
    ).first()
    if proposal is not None:
        waiting = proposal.state == VideoProposal.State.WAITING
        return Outcome.PROPOSED if waiting else Outcome.IGNORED
    linked = linked_broadcast(video)
    try:
        if linked is not None:
            attach_video(broadcast=linked, video=video)
            return Outcome.ATTACHED
        likely = likely_broadcast(video)
        if likely is not None:
            propose(video=video, candidate=likely)
            return Outcome.PROPOSED
        _draft_once(video)
    except AlreadyFiledError:
        return Outcome.KNOWN
    return Outcome.DRAFTED


def _draft_once(video: PlatformVideo) -> None:
    """`draft_from`, again when somebody took the address that was free a moment ago."""
    for _ in range(ADDRESS_TRIES - 1):
        try:
            draft_from(video)
            return
        except IntegrityError as error:
            if _source_of(video) is not None:
                raise AlreadyFiledError from error
    draft_from(video)


def _source_of(video: PlatformVideo) -> VideoSource | None:
    return VideoSource.objects.filter(
        platform=video.platform, external_id=video.external_id
    ).first()


def attach_video(*, broadcast: Broadcast, video: PlatformVideo) -> VideoSource:
    """Make the video a source of the broadcast. AlreadyFiledError when it is somebody's."""
    live = video.live_state in (LiveState.UPCOMING, LiveState.LIVE)
    source, created = VideoSource.objects.get_or_create(
        platform=video.platform,
        external_id=video.external_id,
        defaults={
            "broadcast": broadcast,
            "role": VideoSource.Role.LIVE if live else VideoSource.Role.REPLAY,
        },
    )
    if not created:
        raise AlreadyFiledError
    apply_reading(source=source, video=video)
    return source


def propose(*, video: PlatformVideo, candidate: Broadcast) -> None:
    VideoProposal.objects.get_or_create(
        platform=video.platform,
        external_id=video.external_id,
        defaults={
            "title": video.title[:300],
            "description": video.description,
            "published_at": moment_of(video),
            "duration_seconds": video.duration_seconds,
            "candidate": candidate,
        },
    )


@transaction.atomic
def draft_from(video: PlatformVideo) -> Broadcast:
    """A draft with what the platform tells. AlreadyFiledError, and no draft, if it has a place."""
    title = (bare_title(video.title) or video.external_id)[:250]
    season, number = episode_number(video.title) or (None, None)
    moment = moment_of(video)
    broadcast = Broadcast.objects.create(
        title=title,
        slug=free_slug(model=Broadcast, text=title, pk=None)
        or f"video-{video.external_id}".lower(),
        dek=first_paragraph(video.description),
        body_opening=linebreaks(video.description.strip(), autoescape=True),
        season=season,
        number=number,
        scheduled_for=video.scheduled_for,
        aired_at=moment if moment and moment <= timezone.now() else None,
        duration_seconds=video.duration_seconds,
    )
    attach_video(broadcast=broadcast, video=video)
    return broadcast


def first_paragraph(description: str) -> str:
    """The first paragraph that is prose rather than links, as a dek."""
    for paragraph in description.split("\n\n"):
        text = " ".join(paragraph.split())
        if text and not WEB_ADDRESS.search(text):
            return text if len(text) <= DEK_LENGTH else text[: DEK_LENGTH - 1].rstrip() + "…"
    return ""
