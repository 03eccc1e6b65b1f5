"""A checkout in small: the real sandbox around a site of four files, quick to start.

The supervisor only knows a site by its commands. This one answers the same commands (real
granian, real Celery, real PostgreSQL underneath) without loading Django, so that a start takes
a second or two and a test can crash it often.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import sysconfig
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg
import pytest

from sandbox.ports import free_ports
from sandbox.processes import MARK
from sandbox.programs import NEIGHBOURS

REAL = Path(__file__).resolve().parents[2]
SITE_FILES = {
    "manage.py": """
import os, pathlib, sys
import psycopg

command = sys.argv[1]
with pathlib.Path("calls").open("a") as calls:
    calls.write(command + "\\n")
if command == "migrate" and pathlib.Path("broken-migration").exists():
    sys.exit("la colonne existe déjà")
if command == "collectstatic":
    (pathlib.Path(os.environ["STATIC_ROOT"]) / "staticfiles.json").write_text("{}")
    sys.exit()
with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
    if command == "migrate":
        for table in (
            "django_migrations (id serial)",
            "auth_user (name text, is_superuser bool)",
            "broadcasts_broadcast (slug text)",
        ):
            connection.execute(f"CREATE TABLE IF NOT EXISTS {table}")
    if command == "createsuperuser":
        name = os.environ["DJANGO_SUPERUSER_USERNAME"]
        connection.execute("INSERT INTO auth_user VALUES (%s, true)", [name])
    if command == "seed_demo":
        connection.execute("INSERT INTO broadcasts_broadcast VALUES ('une-emission')")
""",
    "auposte/__init__.py": "",
    "auposte/wsgi.py": """
def application(environ, start_response):
    known = {"/sante/pret": b"", "/emissions": b'<a href="/emissions/une-emission">'}
    body = known.get(environ["PATH_INFO"])
    start_response("404 Not Found" if body is None else "200 OK", [])
    return [body or b""]
""",
    "auposte/celery.py": """
import os, pathlib, time
from celery import Celery

# Its Django mode would look for settings.
os.environ.pop("DJANGO_SETTINGS_MODULE", None)
socket = os.environ["REDIS_URL"].removeprefix("unix://").partition("?")[0]
app = Celery("auposte", broker=f"redis+socket://{socket}")
app.conf.update(task_ignore_result=True, task_acks_late=True)


@app.task
def outlive():
    pathlib.Path("task-started").touch()
    time.sleep(600)
""",
}


def until(condition: Callable[[], object], *, what: str, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"still waiting for: {what}"
        time.sleep(0.05)


class Started(subprocess.Popen[str]):
    """A supervisor; `said` is what it wrote until it was ready."""

    said: str = ""


def interpreter_for(user: int | None) -> tuple[str, dict[str, str]]:
    """A Python with our packages that this user may run (ours may lie in root's home)."""
    if user is None:
        return sys.executable, {}
    packages = {"PYTHONPATH": sysconfig.get_path("purelib")}
    for python in (sys.executable, "/usr/bin/python3"):
        try:
            subprocess.run(
                [python, "-c", "import celery, granian, kombu.transport.redis, PIL.Image, psycopg"],
                user=user,
                env=packages,
                cwd="/",
                check=True,
                capture_output=True,
            )
        except (OSError, subprocess.CalledProcessError):
            continue
        return python, packages
    pytest.skip(f"user {user} may run no Python here that can load our packages")


class SmallSite:
    """One such checkout, and the supervisors that a test starts in it."""

    def __init__(self, root: Path, *, user: int | None = None) -> None:
        self.root = root
        self.user = user
        self.state = root / ".local"
        self.port = free_ports(1 + len(NEIGHBOURS))
        self.runs: list[Started] = []
        self.python, self.path = interpreter_for(user)
        root.mkdir(parents=True)
        ignore = shutil.ignore_patterns("__pycache__")
        shutil.copytree(REAL / "sandbox", root / "sandbox", ignore=ignore)
        for name, text in SITE_FILES.items():
            (root / name).parent.mkdir(exist_ok=True)
            (root / name).write_text(text, encoding="utf-8")
        (root / "requirements").mkdir()
        (root / "requirements" / "sandbox.txt").write_text("")
        if user is not None:
            for path in (root, *root.rglob("*")):
                os.chown(path, user, user)

    def run(
        self, *, module: Sequence[str] = ("-m", "sandbox.supervisor"), **environment: str
    ) -> Started:
        """Start a supervisor as a shell would; its output is read by the caller."""
        clean = {
            name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}
        }
        process = Started(
            [self.python, *module, "--port", str(self.port)],
            cwd=self.root,
            env={**clean, **self.path, **environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            user=self.user,
            group=self.user,
            extra_groups=None if self.user is None else [],
        )
        self.runs.append(process)
        return process

    def up(
        self, *, module: Sequence[str] = ("-m", "sandbox.supervisor"), **environment: str
    ) -> Started:
        """A supervisor that says that all is ready."""
        process = self.run(module=module, **environment)
        assert process.stdout
        said = []
        for line in process.stdout:
            said.append(line)
            if "Ctrl-C" in line:
                process.said = "".join(said)
                return process
        raise AssertionError(f"it ended with {process.wait()}:\n{''.join(said)}")

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/sante/pret", timeout=30):
                return True
        except OSError:
            return False

    def calls(self) -> list[str]:
        """The management commands run so far."""
        path = self.root / "calls"
        return path.read_text().split() if path.exists() else []

    def environment(self) -> dict[str, str]:
        """What `manage.py` in another terminal would read."""
        lines = (self.state / "env").read_text(encoding="utf-8").splitlines()
        return dict(line.split("=", 1) for line in lines if not line.startswith("#"))

    def rows(self, table: str) -> int:
        with psycopg.connect(self.environment()["DATABASE_URL"]) as connection:
            found = connection.execute(f"SELECT count(*) FROM {table}".encode()).fetchone()
        assert found
        return int(found[0])

    def processes(self) -> dict[int, str]:
        """Everything alive that belongs to this checkout, by mark, by folder or by arguments."""
        return {pid: words for pid, words in every_process() if str(self.root) in words}

    def named(self, pattern: str) -> list[int]:
        return [pid for pid, words in self.processes().items() if re.search(pattern, words)]

    def close(self) -> None:
        """End what a failed test left."""
        for process in self.runs:
            process.kill()
            process.wait()
            if process.stdout:
                process.stdout.close()
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)


def every_process() -> Iterator[tuple[int, str]]:
    """Each live process with all that may betray where it comes from."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit() or int(entry.name) == os.getpid():
            continue
        try:
            words = [
                (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace"),
                str((entry / "cwd").readlink()),
                *(
                    variable
                    for variable in (entry / "environ").read_text(errors="replace").split("\0")
                    if variable.startswith(f"{MARK}=")
                ),
            ]
        except OSError:
            continue
        yield int(entry.name), " | ".join(words)


@contextmanager
def small_site(root: Path, *, user: int | None = None) -> Iterator[SmallSite]:
    site = SmallSite(root, user=user)
    try:
        yield site
    finally:
        site.close()
