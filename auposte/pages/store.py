"""Kept pages in Valkey: one question for the versions and the page.

A page carries the versions that were read before it was rendered. It is shown only while the number
of the last removal is still its own; when that is unknown, nothing is shown and nothing is kept.
"""

import functools
import json
import time
from dataclasses import dataclass, field
from typing import Any

import structlog
from django.db import Error as DatabaseTrouble
from django.db import connection as database
from redis import Redis, RedisError

from auposte.valkey import impatient_client

log = structlog.get_logger(__name__)

# After a failure, this long nobody waits for Valkey again.
PATIENCE_SECONDS = 2.0
# A page may stand in for a database that is away for as long.
KEPT_SECONDS = 24 * 3600
# One renders, the others show what there is; also how long a page that fails is left alone.
LOCK_MILLISECONDS = 5_000
BATCH = 500
REMOVAL, CONTENT, MONEY = "pages:removal", "pages:content", "pages:money"
PAGE, LOCK = "page:", "page-lock:"
# Numbers of removals only grow, whoever tells of them last.
RAISE = """
local known = tonumber(redis.call('GET', KEYS[1]) or '-1')
if tonumber(ARGV[1]) > known then redis.call('SET', KEYS[1], ARGV[1]) end
"""


@dataclass(frozen=True)
class Versions:
    """The number of the last removal, and counts of writes to what pages show."""

    removal: str
    content: str
    money: str


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A page as it was sent. `kept_at` in seconds since 1970."""

    versions: Versions
    kept_at: float
    etag: str
    headers: list[tuple[str, str]]
    body: bytes = field(repr=False)

    def packed(self) -> bytes:
        facts = [
            self.versions.removal, self.versions.content, self.versions.money,
            self.kept_at, self.etag, self.headers,
        ]  # fmt: skip
        return json.dumps(facts).encode() + b"\n" + self.body

    @classmethod
    def unpacked(cls, raw: bytes) -> "Entry":
        head, _, body = raw.partition(b"\n")
        removal, content, money, kept_at, etag, headers = json.loads(head)
        return cls(
            versions=Versions(removal, content, money),
            kept_at=kept_at,
            etag=etag,
            headers=headers,
            body=body,
        )


class AwayError(Exception):
    """Valkey does not answer, or what it holds cannot be trusted: render, and keep nothing."""


_silent_until = 0.0


def last_removal() -> int:
    """The number of the last removal, from the database. AwayError when it cannot be asked."""
    from auposte.models import Removal

    try:
        return Removal.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    except DatabaseTrouble as error:
        database.close_if_unusable_or_obsolete()
        raise AwayError from error


def _greet(connection: Any) -> None:
    """Of each new connection: Valkey may have missed removals, or gone back to before them."""
    connection.on_connect()
    try:
        number = last_removal()
    except AwayError:
        connection.disconnect()
        raise RedisError("removals are unknown without the database") from None
    connection.send_command("EVAL", RAISE, 1, REMOVAL, number)
    connection.read_response()


@functools.cache
def _valkey() -> Redis:
    return impatient_client(redis_connect_func=_greet)


def _ask(*command: Any) -> Any:
    """One command. AwayError when there is no answer, and for a while without asking."""
    global _silent_until  # one clock per process
    if time.monotonic() < _silent_until:
        raise AwayError
    try:
        return _valkey().execute_command(*command)  # type: ignore[no-untyped-call]
    except (RedisError, OSError) as error:
        _silent_until = time.monotonic() + PATIENCE_SECONDS
        log.warning("pages_unavailable", error=type(error).__name__)
        raise AwayError from error


def look_up(key: str) -> tuple[Versions, Entry | None]:
    """The versions now, and the page kept under this key, unless something was removed since."""
    removal, content, money, raw = _ask("MGET", REMOVAL, CONTENT, MONEY, PAGE + key)
    if removal is None:
        # Somebody has emptied Valkey under an open connection.
        raise_removal(last_removal())
        raise AwayError
    versions = Versions(removal.decode(), (content or b"0").decode(), (money or b"0").decode())
    entry = None if raw is None else Entry.unpacked(raw)
    return versions, entry if entry and entry.versions.removal == versions.removal else None


def keep(key: str, entry: Entry) -> None:
    """Keep a page for a day, and let others render it again."""
    _ask("SET", PAGE + key, entry.packed(), "EX", KEPT_SECONDS)
    _ask("DEL", LOCK + key)


def forget(key: str) -> None:
    """Delete one page: its address answers otherwise now."""
    _ask("DEL", PAGE + key)


def may_render(key: str) -> bool:
    """Whether it is for us to render this page anew; for the others it is not, for five seconds."""
    return bool(_ask("SET", LOCK + key, "1", "NX", "PX", LOCK_MILLISECONDS))


def count_write(version: str) -> None:
    """Something that pages show was written: all that were rendered before are old."""
    _ask("INCR", version)


def raise_removal(number: int) -> None:
    """Have no page shown that was begun before this removal."""
    _ask("EVAL", RAISE, 1, REMOVAL, number)


def empty() -> None:
    """Delete all kept pages."""
    cursor: int | bytes = 0
    while True:
        cursor, keys = _ask("SCAN", cursor, "MATCH", PAGE + "*", "COUNT", BATCH)
        if keys:
            _ask("UNLINK", *keys)
        if int(cursor) == 0:
            return
