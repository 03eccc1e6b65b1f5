"""What was prepared for which code and which database, so that a warm start skips it."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

from sandbox.processes import ServiceError
from sandbox.site_environment import write_private

NOT_THE_SITE = {"sandbox", "tests"}

DATABASE_SQL = """
SELECT (SELECT system_identifier FROM pg_control_system()),
       (SELECT oid FROM pg_database WHERE datname = current_database()),
       to_regclass('django_migrations') IS NOT NULL,
       to_regclass('auth_user') IS NOT NULL,
       to_regclass('broadcasts_broadcast') IS NOT NULL
"""


@dataclass(frozen=True)
class DatabaseState:
    """One database: which it is, which migrations it has seen, and whether it is in use."""

    identity: str
    migrations: str
    has_superuser: bool
    has_broadcasts: bool

    @property
    def state(self) -> str:
        return f"{self.identity} {self.migrations}"


def inspect_database(url: str) -> DatabaseState:
    """Ask the database of a `DATABASE_URL`; ServiceError if it cannot be reached."""
    import psycopg  # slow to load; the servers start meanwhile

    address = urlunsplit(urlsplit(url)._replace(scheme="postgresql"))
    try:
        with psycopg.connect(address, autocommit=True, connect_timeout=5) as connection:
            row = connection.execute(DATABASE_SQL).fetchone()
            assert row  # a SELECT without FROM
            cluster, oid, migrated, has_users, has_broadcasts = row

            def first(query: str) -> object:
                found = connection.execute(query.encode()).fetchone()
                return found[0] if found else None

            return DatabaseState(
                identity=f"{cluster}/{oid}",
                migrations=str(
                    migrated and first("SELECT count(*) || '/' || max(id) FROM django_migrations")
                ),
                has_superuser=bool(
                    has_users and first("SELECT EXISTS (SELECT FROM auth_user WHERE is_superuser)")
                ),
                has_broadcasts=bool(
                    has_broadcasts and first("SELECT EXISTS (SELECT FROM broadcasts_broadcast)")
                ),
            )
    except psycopg.Error as error:
        raise ServiceError(f"PostgreSQL ne répond pas comme attendu : {error}") from error


def ask_broker(url: str) -> None:
    """ServiceError unless a Redis or Valkey answers at this `REDIS_URL`."""
    import redis  # slow to load; the servers start meanwhile

    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as client:
            client.ping()
    except (redis.RedisError, OSError, ValueError) as error:
        raise ServiceError(f"Redis ne répond pas comme attendu : {error}") from error


class Notes:
    """What was done last time, by name, in a small file of the state folder."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            read = json.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            read = {}
        self._notes: dict[str, str] = read if isinstance(read, dict) else {}

    def has(self, name: str, value: str) -> bool:
        return self._notes.get(name) == value

    def keep(self, name: str, value: str) -> None:
        self._notes[name] = value
        write_private(self.path, json.dumps(self._notes, indent=2) + "\n")


def code_digest(root: Path) -> str:
    """The site's Python and its requirements: what `migrate` (with its receivers) depends on."""
    packages = (path for path in _packages(root) if path.name not in NOT_THE_SITE)
    files = [path for package in packages for path in sorted(package.rglob("*.py"))]
    return _digest(root, [root / "requirements" / "sandbox.txt", *files])


def static_digest(root: Path) -> str:
    """The static files and the code that hashes them: what `collectstatic` depends on."""
    folders = [root / "static", *(package / "static" for package in _packages(root))]
    files = [path for folder in folders for path in sorted(folder.rglob("*"))]
    frame = sorted((root / "auposte").glob("*.py"))
    return _digest(root, [root / "requirements" / "sandbox.txt", *frame, *files])


def _packages(root: Path) -> list[Path]:
    return [path.parent for path in sorted(root.glob("*/__init__.py"))]


def _digest(root: Path, files: Iterable[Path]) -> str:
    digest = hashlib.sha256()
    for path in files:
        if path.is_file():
            digest.update(str(path.relative_to(root)).encode() + b"\0")
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()
