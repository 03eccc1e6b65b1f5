"""What happened to a world, kept in a JSON file that is replaced in one step."""

from __future__ import annotations

import datetime as dt
import json
import os
from pathlib import Path

from sandbox.video_world.videos import Video, from_json, to_json


class StateError(Exception):
    """The state file cannot be read."""


class State:
    """The world's birthday, a counter, and the videos that are no longer as they began."""

    def __init__(self, path: Path | None, *, born: dt.datetime) -> None:
        """Read the file; without one, the world is `born` (aware) now. StateError if damaged."""
        self._path = path
        self.born = born
        self._count = 0
        self._videos: dict[str, Video] = {}
        if path and path.exists():
            self._read(path)
        else:
            self._write()

    @property
    def videos(self) -> list[Video]:
        """Return the videos that were added or changed."""
        return list(self._videos.values())

    def next_count(self) -> int:
        """Return a number that no other call has had; kept with the next video."""
        self._count += 1
        return self._count

    def keep(self, video: Video) -> None:
        """Remember a video as it is now."""
        self._videos[video.id] = video
        self._write()

    def _read(self, path: Path) -> None:
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            self.born = dt.datetime.fromisoformat(data["born"])
            self._count = data["count"]
            self._videos = {key: from_json(video) for key, video in data["videos"].items()}
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise StateError(f"{path} is damaged: {error}") from error

    def _write(self) -> None:
        if not self._path:
            return
        data = {
            "born": self.born.isoformat(),
            "count": self._count,
            "videos": {key: to_json(video) for key, video in self._videos.items()},
        }
        self._path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self._path.with_name(f"{self._path.name}.new")
        with unfinished.open("w", encoding="utf-8") as file:
            json.dump(data, file, ensure_ascii=False)
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(self._path)
