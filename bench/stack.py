"""The site's processes for a measurement: real servers and worker, on a folder of its own."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx

from sandbox.folders import short_folder
from sandbox.ports import free_ports
from sandbox.services import Services, embedded_services

ROOT = Path(__file__).resolve().parent.parent


def wait_until(condition: Callable[[], object], what: str, seconds: float) -> float:
    """Ask ten times a second; the seconds it took. Ends the program when it never comes."""
    begun = time.monotonic()
    while not condition():
        if time.monotonic() - begun > seconds:
            raise SystemExit(f"En vain pendant {seconds:.0f} s : {what}")
        time.sleep(0.1)
    return time.monotonic() - begun


def answers(url: str) -> bool:
    """Whether something there says 200."""
    try:
        return httpx.get(url).status_code == 200
    except httpx.TransportError:
        return False


@dataclass(frozen=True)
class Stack:
    """Where everything listens, and the environment that every process shares."""

    folder: Path
    environment: dict[str, str]
    site_url: str
    stripe_url: str
    services: Services

    @contextlib.contextmanager
    def running(
        self, name: str, *command: str, ready: str, **more: str
    ) -> Iterator[subprocess.Popen[bytes]]:
        """A Python module as a process, until the block ends; `ready` is what its log says.

        `more` are variables of its environment.
        """
        log = self.folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", *command],
                cwd=ROOT, env={**self.environment, **more}, stdout=output, stderr=output,
                start_new_session=True,
            )  # fmt: skip
        try:
            wait_until(
                lambda: ready in log.read_text(errors="replace") or process.poll() is not None,
                f"{name} ({log})",
                60,
            )
            if process.poll() is not None:
                raise SystemExit(log.read_text(errors="replace")[-3000:])
            yield process
        finally:
            process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(10)
            process.kill()

    def manage(self, *command: str) -> None:
        """A `manage.py` command, quiet unless it fails."""
        subprocess.run([sys.executable, "manage.py", *command], cwd=ROOT, env=self.environment,
                       check=True, stdout=subprocess.DEVNULL)  # fmt: skip

    def web(
        self, workers: int = 2, **more: str
    ) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
        """The site as production serves it."""
        return self.running(
            "web",
            *("granian", "--interface", "wsgi", "--host", "127.0.0.1"),
            *("--port", self.site_url.rpartition(":")[2], "--workers", str(workers)),
            *("--blocking-threads", "1", "--workers-kill-timeout", "4", "auposte.wsgi:application"),
            ready="Started worker-1",
            **more,
        )

    def worker(self) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
        """One worker with two processes, and beat within, as the sweeper needs."""
        return self.running(
            "worker",
            *("celery", "-A", "auposte", "worker", "--beat", "-c", "2", "-l", "WARNING"),
            *("-s", str(self.folder / "beat"), "--without-gossip", "--without-mingle"),
            ready="celery@",
        )

    def stripe(self, *options: str) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
        """Stripe's stand-in, which delivers nothing by itself."""
        return self.running(
            "stripe",
            *("sandbox.stripe", "--port", self.stripe_url.rpartition(":")[2]),
            *("--state", str(self.folder / "stripe.journal"), *options),
            *("--api-key", self.environment["STRIPE_SECRET_KEY"]),
            *("--webhook-secret", self.environment["STRIPE_WEBHOOK_SECRET"]),
            ready="Stripe (simulation)",
        )


@contextlib.contextmanager
def _services(state: Path) -> Iterator[Services]:
    try:
        with embedded_services(state, durable=True) as services:
            yield services
    finally:
        # Root's database stands elsewhere, and two gigabytes of it were left each time.
        shutil.rmtree(short_folder(state.resolve()))


@contextlib.contextmanager
def stack(folder: Path) -> Iterator[Stack]:
    """PostgreSQL and Valkey under `folder`, a migrated database, and this process's settings."""
    site, stripe = (f"http://127.0.0.1:{free_ports()}" for _ in range(2))
    with _services(folder / "services") as services:
        environment = {
            **os.environ,
            "DATABASE_URL": services.database_url,
            "REDIS_URL": services.redis_url,
            "SECRET_KEY": secrets.token_urlsafe(48),
            "SITE_URL": site,
            "ALLOWED_HOSTS": "127.0.0.1,localhost",
            "STRIPE_SECRET_KEY": f"sk_test_{secrets.token_hex(8)}",
            "STRIPE_WEBHOOK_SECRET": f"whsec_{secrets.token_hex(8)}",
            "STRIPE_API_BASE": stripe,
            "EMAIL_URL": "dummymail://",
            "MEDIA_ROOT": str(folder / "media"),
            "STATIC_ROOT": str(folder / "static"),
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": "auposte.settings",
        }
        os.environ.update(environment)
        made = Stack(folder, environment, site, stripe, services)
        made.manage("migrate", "--noinput")
        made.manage("collectstatic", "--noinput")
        yield made
