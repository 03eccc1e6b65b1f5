"""What changes in a video as its live starts, ends and comes back."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

from sandbox.video_world.videos import Video


def started(video: Video, at: dt.datetime) -> dict[str, Any]:
    """Return what changes when the stream begins; ValueError unless it is awaited."""
    again = video.live == "ended" and video.permanent
    if video.live != "upcoming" and not again:
        raise ValueError(f"{video.id} is not an upcoming live")
    return {"live": "live", "started_at": at, "ended_at": None}


def ended(video: Video, at: dt.datetime) -> dict[str, Any]:
    """Return what changes when the stream ends; ValueError unless it is on the air."""
    if video.live != "live":
        raise ValueError(f"{video.id} is not live")
    return {"live": "ended", "ended_at": at}


def length(video: Video) -> int:
    """Return how many seconds an ended stream lasted; at least one."""
    if video.live != "ended" or not (video.started_at and video.ended_at):
        raise ValueError(f"{video.id} has not ended")
    return max(1, int((video.ended_at - video.started_at).total_seconds()))


def processed(video: Video, duration: int, at: dt.datetime) -> dict[str, Any]:
    """Return what changes when the live's own video becomes its replay."""
    length(video)
    changes: dict[str, Any] = {"live": "none", "duration": duration}
    if video.platform == "peertube":
        changes["published_at"] = at
    return changes


def separate_replay(video: Video, duration: int, at: dt.datetime) -> Video:
    """Return the new video that a permanent PeerTube live leaves, but for its id and number.

    Its name is the live's and the moment as the server writes it (in American English).
    """
    length(video)
    assert video.started_at
    hour = video.started_at.hour
    when = (
        f"{video.started_at.month}/{video.started_at.day}/{video.started_at.year}, "
        f"{hour % 12 or 12}:{video.started_at:%M:%S} {'AM' if hour < 12 else 'PM'}"
    )
    return dataclasses.replace(
        video,
        title=f"{video.title} - {when}",
        live="none",
        permanent=False,
        duration=duration,
        published_at=at,
        changed_at=at,
        scheduled_for=None,
        started_at=None,
        ended_at=None,
        state=None,
    )
