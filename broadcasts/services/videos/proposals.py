"""What an editor decides of a video that resembles a broadcast's."""

from django.db import transaction
from django.db.models import Exists, OuterRef, Subquery
from django.utils import timezone

from broadcasts.models import Broadcast, VideoProposal, VideoSource
from broadcasts.platforms import Platform, PlatformVideo
from broadcasts.services.videos.filing import attach_video, draft_from


class AlreadyDecidedError(Exception):
    """Somebody else was quicker."""


@transaction.atomic
def attach_proposal(*, proposal: VideoProposal, broadcast: Broadcast, user_id: int | None) -> None:
    """Give the video to a broadcast. AlreadyDecidedError, AlreadyFiledError."""
    row = _open(proposal)
    attach_video(broadcast=broadcast, video=_as_video(row))
    _decide(row, VideoProposal.State.ATTACHED, user_id, broadcast)


@transaction.atomic
def draft_proposal(*, proposal: VideoProposal, user_id: int | None) -> Broadcast:
    """Make the video a broadcast of its own. AlreadyDecidedError, AlreadyFiledError."""
    row = _open(proposal)
    broadcast = draft_from(_as_video(row))
    _decide(row, VideoProposal.State.DRAFTED, user_id, broadcast)
    return broadcast


@transaction.atomic
def ignore_proposal(*, proposal: VideoProposal, user_id: int | None) -> None:
    """Never propose this video again. AlreadyDecidedError."""
    row = _open(proposal)
    _decide(row, VideoProposal.State.IGNORED, user_id, row.candidate)


def settle_filed() -> int:
    """Proposals whose video somebody has given a place by another road; how many."""
    filed = VideoSource.objects.filter(
        platform=OuterRef("platform"), external_id=OuterRef("external_id")
    )
    waiting = VideoProposal.objects.filter(Exists(filed), state=VideoProposal.State.WAITING)
    return waiting.update(
        state=VideoProposal.State.ATTACHED,
        decided_at=timezone.now(),
        candidate=Subquery(filed.values("broadcast")[:1]),
    )


def _open(proposal: VideoProposal) -> VideoProposal:
    row = VideoProposal.objects.select_for_update().get(pk=proposal.pk)
    if row.state != VideoProposal.State.WAITING:
        raise AlreadyDecidedError
    return row


def _decide(
    row: VideoProposal, state: VideoProposal.State, user_id: int | None, broadcast: Broadcast | None
) -> None:
    row.state, row.candidate = state, broadcast
    row.decided_at, row.decided_by_id = timezone.now(), user_id
    row.save(update_fields=["state", "candidate", "decided_at", "decided_by"])
    # What the proposal does not know of the video is read at the next reading.
    VideoSource.objects.filter(platform=row.platform, external_id=row.external_id).update(
        read_due_at=timezone.now(), fetched_at=None
    )


def _as_video(row: VideoProposal) -> PlatformVideo:
    return PlatformVideo(
        platform=Platform(row.platform),
        external_id=row.external_id,
        title=row.title,
        description=row.description,
        published_at=row.published_at,
        duration_seconds=row.duration_seconds,
    )
