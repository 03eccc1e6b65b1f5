"""The site's own processes: how each is started, and how we know that it answers."""

import http.client
import signal
import socket
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from sandbox.processes import ServiceError
from sandbox.site_environment import Secrets
from sandbox.stack import Program, Task
from sandbox.video_world.channels import YOUTUBE_KEY

HOST = "127.0.0.1"
ADMIN = "admin"


def get(port: int, path: str) -> str | None:
    """The body of a page on this machine, None unless it answers 200."""
    connection = http.client.HTTPConnection(HOST, port, timeout=2)
    try:
        connection.request("GET", path)
        response = connection.getresponse()
        body = response.read().decode(errors="replace")
        return body if response.status == 200 else None
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


# What listens how many ports after the site, and how it is called.
STRIPE, YOUTUBE, PEERTUBE = 1, 2, 3
NEIGHBOURS = {STRIPE: "Stripe", YOUTUBE: "YouTube", PEERTUBE: "PeerTube"}


def require_free(site_port: int) -> None:
    """ServiceError if nobody can listen now on the site's port or on one of the stand-ins'."""
    _require_free(site_port, "", site_port=site_port)
    for distance, name in NEIGHBOURS.items():
        purpose = f" (pour le {name} de démonstration)"
        _require_free(site_port + distance, purpose, site_port=site_port)


def _require_free(port: int, purpose: str, *, site_port: int) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except PermissionError:
            raise ServiceError(
                f"Le port {port} est réservé : choisissez-en un au-dessus de 1023, "
                "par exemple make run PORT=8123."
            ) from None
        except OSError:
            raise ServiceError(
                f"Le port {port}{purpose} est déjà pris : choisissez-en un autre, "
                f"par exemple make run PORT={site_port + 123}."
            ) from None


def url(port: int) -> str:
    return f"http://{HOST}:{port}"


@dataclass(frozen=True)
class Site:
    """One checkout with its state folder, its ports and the settings that it runs with."""

    root: Path
    state: Path
    logs: Path
    port: int
    kept: Secrets
    environment: Mapping[str, str]

    @property
    def url(self) -> str:
        return url(self.port)

    def manage(self, name: str, *command: str) -> Task:
        """A `manage.py` command; `createsuperuser --noinput` makes the admin of `kept`."""
        environment = {
            **self.environment,
            "DJANGO_SUPERUSER_USERNAME": ADMIN,
            "DJANGO_SUPERUSER_EMAIL": "admin@auposte.example",
            "DJANGO_SUPERUSER_PASSWORD": self.kept.admin_password,
        }
        return Task(
            name,
            [sys.executable, "manage.py", *command],
            folder=self.root,
            environment=environment,
            log=self.logs / f"{command[0]}.log",
            mark=self.state,
        )

    def stripe(self) -> Program:
        port = self.port + STRIPE
        return self._program(
            "Stripe de démonstration",
            "stripe",
            *("sandbox.stripe", "--port", str(port)),
            *("--state", str(self.state / "stripe.json")),
            *("--webhook-url", f"{self.url}/stripe/webhook"),
            *("--webhook-secret", self.kept.stripe_webhook_secret),
            *("--api-key", self.kept.stripe_api_key),
            answers=lambda _: get(port, "/_/health") is not None,
        )

    def videos(self) -> Program:
        """Both platforms, around the videos of the demonstration's episodes and many more."""
        youtube, peertube = self.port + YOUTUBE, self.port + PEERTUBE
        episodes = self.root / "broadcasts" / "demo" / "episodes"
        return self._program(
            "YouTube et PeerTube de démonstration",
            "videos",
            *("sandbox.video_world", "--youtube-port", str(youtube)),
            *("--peertube-port", str(peertube), "--api-key", YOUTUBE_KEY),
            *("--catalogue", str(episodes), "--site-url", self.url),
            *("--state", str(self.state / "videos.json")),
            answers=lambda _: all(
                get(port, "/_/health") is not None for port in (youtube, peertube)
            ),
        )

    def web(self) -> Program:
        return self._program(
            "Site",
            "web",
            *("granian", "--interface", "wsgi", "--host", HOST, "--port", str(self.port)),
            *("--workers", "2", "--blocking-threads", "1", "--workers-kill-timeout", "4"),
            "auposte.wsgi:application",
            answers=lambda _: get(self.port, "/sante/pret") is not None,
        )

    def worker(self) -> Program:
        return self._program(
            "Celery (tâches)",
            "worker",
            *("celery", "-A", "auposte", "worker", "--loglevel", "INFO", "--concurrency", "2"),
            # Alone on its broker, it has no neighbours to wait for.
            *("--without-mingle", "--without-gossip"),
            answers=lambda program: " ready." in program.log_text(),
            # On SIGTERM a long task would go on without us; what it held is delivered again.
            farewell=signal.SIGQUIT,
        )

    def beat(self) -> Program:
        return self._program(
            "Celery (horloge)",
            "beat",
            *("celery", "-A", "auposte", "beat", "--loglevel", "INFO"),
            *("--schedule", str(self.state / "beat-schedule")),
            answers=lambda program: "beat: Starting" in program.log_text(),
        )

    def _program(
        self,
        name: str,
        log: str,
        *command: str,
        answers: Callable[[Program], bool],
        farewell: signal.Signals | None = None,
    ) -> Program:
        return Program(
            name,
            [sys.executable, "-m", *command],
            folder=self.root,
            environment=self.environment,
            log=self.logs / f"{log}.log",
            mark=self.state,
            answers=answers,
            farewell=farewell,
        )
