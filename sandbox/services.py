"""The two services every process of the site needs, embedded: PostgreSQL and Valkey."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sandbox.folders import state_folder
from sandbox.postgres import Postgres
from sandbox.processes import ServiceError
from sandbox.survivors import AlreadyRunningError, end_marked, hold
from sandbox.valkey import Valkey

__all__ = [
    "AlreadyRunningError",
    "Postgres",
    "ServiceError",
    "Services",
    "Valkey",
    "embedded_services",
]


@dataclass(frozen=True)
class Services:
    """Both servers, answering."""

    postgres: Postgres
    valkey: Valkey

    @property
    def database_url(self) -> str:
        """For `DATABASE_URL` and for psycopg."""
        return self.postgres.url

    @property
    def redis_url(self) -> str:
        """For `REDIS_URL`, as Django writes it."""
        return self.valkey.redis_url

    @property
    def broker_url(self) -> str:
        """The same Valkey as Celery writes it."""
        return self.valkey.broker_url


@contextlib.contextmanager
def embedded_services(state: Path, *, durable: bool = False) -> Iterator[Services]:
    """Run both servers on Unix sockets, with their data under `state`, until the block ends.

    `durable=False` is for tests: fast, not safe against a power cut. Call it from a thread that
    lives as long as the block. ServiceError tells in French why it cannot be; AlreadyRunningError,
    that another process holds `state`.
    """
    state = state_folder(state)
    with hold(state / "services.lock"):
        end_marked(state)
        services = Services(Postgres(state, durable=durable), Valkey(state))
        with contextlib.ExitStack() as stack:
            for service in (services.valkey, services.postgres):
                stack.callback(service.stop)
                service.spawn()
            for service in (services.valkey, services.postgres):
                service.wait()
            yield services
