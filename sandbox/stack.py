"""Several services and one-off tasks under one roof: watched together, stopped together."""

import signal
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from sandbox.console import say, seconds_since
from sandbox.processes import POLL_SECONDS, Service, ServiceError

STILL_EVERY_SECONDS = 5.0


class StopRequested(KeyboardInterrupt):
    """Ctrl-C, SIGTERM or a closed terminal."""


class Program(Service):
    """A command that serves until stopped; `answers` tells when it does, from its log or door."""

    def __init__(
        self,
        name: str,
        command: Sequence[str | Path],
        *,
        folder: Path,
        environment: Mapping[str, str],
        log: Path,
        mark: Path,
        answers: "Callable[[Program], bool]" = lambda _: True,
        farewell: signal.Signals | None = None,
    ) -> None:
        super().__init__(name, log=log, mark=mark, farewell=farewell)
        self.command = command
        self.folder = folder
        self.environment = environment
        self._answers = answers

    def spawn(self) -> None:
        self.launch(self.command, environment=self.environment, folder=self.folder)

    def is_ready(self) -> bool:
        return self._answers(self)


class Task(Program):
    """A command that does one thing and ends; ready once it has ended well."""

    def is_ready(self) -> bool:
        return self.process is not None and self.process.poll() == 0

    def check(self) -> None:
        code = self.process.poll() if self.process else None
        if code:
            raise ServiceError(f"« {self.name} » a échoué.{self.log_tail()}")


class Stack:
    """What the supervisor runs. Everything happens in the calling thread, by polling."""

    def __init__(self) -> None:
        self._running: list[Service] = []
        self._starting: dict[Service, float] = {}
        self._stops = 0

    def trap_signals(self) -> None:
        """Turn the usual ways of saying stop into StopRequested at the next look."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note_stop)

    def _note_stop(self, *_: object) -> None:
        self._stops += 1

    def look(self) -> None:
        """Raise StopRequested, or ServiceError for the first service found dead."""
        if self._stops:
            raise StopRequested
        for service in self._running:
            service.check()

    def start(self, *services: Service) -> None:
        """Spawn each without waiting."""
        for service in services:
            self._running.append(service)
            self._starting[service] = time.monotonic()
            service.spawn()

    def wait(self, *services: Service, timeout: float = 90.0) -> None:
        """Wait until these answer, saying a line for each that does, whichever it is.

        ServiceError for one still mute after `timeout` seconds. A task is waited for as long as
        it takes: only it knows how much there is to do.
        """
        last_word = time.monotonic()
        while pending := [service for service in services if service in self._starting]:
            self.look()
            if self._announce():
                last_word = time.monotonic()
            for service in pending:
                begun = self._starting.get(service, time.monotonic())
                if time.monotonic() - begun > timeout and not isinstance(service, Task):
                    raise ServiceError(
                        f"{service.name} ne répond pas après {timeout:.0f} s.{service.log_tail()}"
                    )
            if time.monotonic() - last_word > STILL_EVERY_SECONDS:
                for service, begun in self._starting.items():
                    word = service.log_text().strip().rpartition("\n")[2]
                    last = f" : {word.strip()}" if word and isinstance(service, Task) else ""
                    say(f"  {service.name} : en cours ({seconds_since(begun)}){last}")
                last_word = time.monotonic()
            time.sleep(POLL_SECONDS)

    def _announce(self) -> bool:
        """Say who has become ready; whether anybody has."""
        ready = [service for service in self._starting if service.is_ready()]
        for service in ready:
            begun = self._starting.pop(service)
            if isinstance(service, Task):
                self._running.remove(service)
            word = "fait" if isinstance(service, Task) else "prêt"
            say(f"  {service.name} : {word} ({seconds_since(begun)})")
        return bool(ready)

    def watch(self) -> None:
        """Look after everything; returns never, see `look`."""
        while True:
            self.look()
            time.sleep(0.2)

    def stop(self, *, last: Iterable[Service] = ()) -> None:
        """Stop everything cleanly, the services of `last` after those that use them.

        A second Ctrl-C meanwhile ends what is left at once.
        """
        stops = self._stops
        storage = [service for service in last if service in self._running]
        users = [service for service in self._running if service not in storage]
        for group in (users, storage):
            for service in group:
                service.ask_to_stop()
            deadlines = {service: time.monotonic() + service.grace for service in group}
            while deadlines and self._stops <= max(stops, 1):
                for service, deadline in list(deadlines.items()):
                    ended = service.process is None or service.process.poll() is not None
                    if ended or time.monotonic() > deadline:
                        del deadlines[service]
                time.sleep(POLL_SECONDS)
            for service in group:
                service.kill()
        self._running.clear()
