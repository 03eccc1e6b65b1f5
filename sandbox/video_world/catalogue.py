"""The videos of the demonstration's episodes, under the ids that its TOML files give them.

Read as data: what the demonstration shows on the site is then found on the platforms too.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import random
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from sandbox.video_world import words
from sandbox.video_world.growth import Broadcast, copies
from sandbox.video_world.videos import Video

# What the demonstration says that PeerTube's copies have more, in seconds.
PEERTUBE_EXTRA = 95
# Where an episode does not know its video's duration, in seconds.
DURATION = 4980


def read_catalogue(folder: Path, *, now: dt.datetime) -> Iterator[Video]:
    """Yield the videos of all episodes; dates given in days count from `now` (aware).

    A programmed episode's video is an upcoming live, an archived one's is private, and one that
    the site knows as unavailable has been deleted.
    """
    for rank, path in enumerate(sorted(folder.glob("*.toml"))):
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        moment = _moment(data, now)
        if moment and (data.get("youtube") or data.get("peertube")):
            yield from _videos(path.stem, data, moment, rank)


def numbers_taken(folder: Path) -> set[tuple[int, int]]:
    """Return the (season, number) pairs of the episodes."""
    episodes = (tomllib.loads(path.read_text(encoding="utf-8")) for path in folder.glob("*.toml"))
    return {(data["season"], data["number"]) for data in episodes if "number" in data}


def _videos(key: str, data: dict[str, Any], moment: dt.datetime, rank: int) -> Iterator[Video]:
    upcoming = data.get("upcoming", False)
    title = data["title"]
    if data.get("number"):
        title = words.full_title(title, data["season"], data["number"], moment)
    chapters = tuple((_seconds(at), name) for at, name in data.get("chapters", ()))
    broadcast = Broadcast(
        key=f"demo-{key}",
        title=title,
        summary=data["dek"],
        moment=moment,
        duration=_seconds(data["duration"]) if "duration" in data else DURATION,
        page=data.get("slug") or words.slug(data["title"]),
        chapters=chapters,
    )
    found = copies(
        broadcast,
        seed=0,
        rank=rank,
        chance=random.Random(key),
        youtube=data.get("youtube", ""),
        peertube=data.get("peertube", ""),
        extra=PEERTUBE_EXTRA,
    )
    for video in found:
        if upcoming:
            yield _not_yet(video, moment)
        elif data.get("status") == "archived":
            yield dataclasses.replace(video, privacy="private")
        elif data.get("unavailable") and video.platform == "youtube":
            yield dataclasses.replace(video, deleted=True)
        else:
            yield video


def _not_yet(video: Video, moment: dt.datetime) -> Video:
    """The video of an announced live: a page that was put up eight days before."""
    announced = moment - dt.timedelta(days=8)
    return dataclasses.replace(
        video,
        live="upcoming",
        scheduled_for=moment,
        started_at=None,
        ended_at=None,
        published_at=announced,
        changed_at=announced,
        duration=0,
        views=0,
        likes=0,
        comments=None,
        chapters=(),
        captions=(),
    )


def _moment(data: dict[str, Any], now: dt.datetime) -> dt.datetime | None:
    if "days" in data:
        day = now.astimezone(words.PARIS).date() + dt.timedelta(days=data["days"])
        return dt.datetime.combine(day, data["time"], tzinfo=words.PARIS).astimezone(dt.UTC)
    if "date" not in data:
        return None
    found: dt.datetime = data["date"].replace(tzinfo=words.PARIS)
    return found.astimezone(dt.UTC)


def _seconds(text: str) -> int:
    total = 0
    for part in text.split(":"):
        total = total * 60 + int(part)
    return total
