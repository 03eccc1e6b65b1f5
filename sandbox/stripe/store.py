"""The stand-in's memory: records in tables, kept in an append-only journal that survives kill -9.

Each line of the journal holds one atomic set of records, so a process killed at any point leaves
either all of a change or none of it. The file is rewritten, compacted, at each start.
"""

from __future__ import annotations

import contextlib
import copy
import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

Json = dict[str, Any]
Tables = dict[str, dict[str, Json]]


class StateError(Exception):
    """The state file cannot be used: it is damaged, or another process holds it."""


class Batch:
    """Records to be written together. Reads see the batch's own writes first."""

    def __init__(self, tables: Tables) -> None:
        self._tables = tables
        self.writes: dict[tuple[str, str], Json | None] = {}

    def get(self, table: str, key: str) -> Json | None:
        """Return a copy of a record that the caller may change, or None."""
        if (table, key) in self.writes:
            record = self.writes[table, key]
        else:
            record = self._tables.get(table, {}).get(key)
        return copy.deepcopy(record)

    def put(self, table: str, key: str, record: Json) -> None:
        """Write a record; what the caller does to it afterwards has no effect."""
        self.writes[table, key] = copy.deepcopy(record)

    def delete(self, table: str, key: str) -> None:
        """Remove a record, if it is there."""
        self.writes[table, key] = None

    def rows(self, table: str) -> list[Json]:
        """Return the table's records, oldest first. They must not be changed."""
        merged: dict[str, Json | None] = dict(self._tables.get(table, {}))
        for (name, key), record in self.writes.items():
            if name == table:
                merged[key] = record
        return [record for record in merged.values() if record is not None]


class Store:
    """All tables, in memory and in the journal at `path`. Thread-safe."""

    def __init__(self, path: Path) -> None:
        """Open or create the journal; raise StateError when it is damaged or in use."""
        self.lock = threading.RLock()
        self.path = path
        self._tables: Tables = {}
        self._listeners: list[Callable[[], None]] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        self._guard = os.open(f"{path}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(self._guard, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._guard)
            raise StateError(f"{path} is in use by another stand-in") from error
        try:
            self._load()
            self._compact()
            self._file = os.open(path, os.O_WRONLY | os.O_APPEND)
        except BaseException:
            os.close(self._guard)
            raise

    def _load(self) -> None:
        if not self.path.exists():
            return
        lines = self.path.read_bytes().split(b"\n")
        # Whatever follows the last newline was being written when the process died.
        for number, line in enumerate(lines[:-1], start=1):
            try:
                writes = json.loads(line)
                self._apply({(table, key): record for table, key, record in writes})
            except (ValueError, TypeError) as error:
                raise StateError(f"{self.path} is damaged at line {number}") from error

    def _compact(self) -> None:
        fresh = self.path.with_name(self.path.name + ".new")
        with fresh.open("wb") as file:
            file.writelines(
                _line([(table, key, record)])
                for table, records in self._tables.items()
                for key, record in records.items()
            )
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self.path)

    def _apply(self, writes: dict[tuple[str, str], Json | None]) -> None:
        for (table, key), record in writes.items():
            if record is None:
                self._tables.get(table, {}).pop(key, None)
            else:
                self._tables.setdefault(table, {})[key] = record

    def on_commit(self, listener: Callable[[], None]) -> None:
        """Call `listener` after each change (from the thread that made it, lock held)."""
        self._listeners.append(listener)

    @contextlib.contextmanager
    def batch(self) -> Iterator[Batch]:
        """Collect writes and apply them together at the end; nothing when an exception leaves."""
        with self.lock:
            batch = Batch(self._tables)
            yield batch
            if not batch.writes:
                return
            # Journal first: what memory shows is always on disk.
            os.write(self._file, _line([(t, k, r) for (t, k), r in batch.writes.items()]))
            self._apply(batch.writes)
            for listener in self._listeners:
                listener()

    def get(self, table: str, key: str) -> Json | None:
        """Return a record, or None. It must not be changed."""
        with self.lock:
            return self._tables.get(table, {}).get(key)

    def rows(self, table: str) -> list[Json]:
        """Return the table's records, oldest first. They must not be changed."""
        with self.lock:
            return list(self._tables.get(table, {}).values())

    def clear(self) -> None:
        """Forget everything."""
        with self.batch() as batch:
            for table, records in self._tables.items():
                for key in records:
                    batch.delete(table, key)

    def close(self) -> None:
        """Close the files and let another process have the state."""
        with self.lock:
            os.close(self._file)
            os.close(self._guard)


def _line(writes: list[tuple[str, str, Json | None]]) -> bytes:
    return json.dumps(writes, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
