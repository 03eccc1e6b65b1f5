"""What somebody from outside sends to the admin is not read, however large it says to be."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from auposte import admin_door
from tests import processes
from tests.admin.test_broadcasts import ADD
from tests.environment import SITE_PORT

pytestmark = pytest.mark.django_db


@pytest.mark.django_db(transaction=True)
def test_the_answer_comes_before_the_body(tmp_path: Path) -> None:
    """With cookies as anybody can make them up: Django would read it all for the form's token."""
    command = (
        *("granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(SITE_PORT)),
        *("--workers", "1", "--blocking-threads", "1", "auposte.wsgi:application"),
    )
    asked = (
        f"POST {ADD} HTTP/1.1\r\nHost: 127.0.0.1:{SITE_PORT}\r\n"
        f"Cookie: sessionid={'a' * 32}; csrftoken={'b' * 32}\r\n"
        "Content-Type: multipart/form-data; boundary=x\r\nContent-Length: 320000000\r\n\r\n--x"
    )
    with (
        processes.running(*command, log=tmp_path / "log", ready="Started worker-1"),
        socket.create_connection(("127.0.0.1", SITE_PORT), timeout=20) as line,
    ):
        line.sendall(asked.encode())
        answer = line.recv(4096).decode().lower()
    assert answer.startswith("http/1.1 302")
    assert f"location: /admin/login/?next={ADD}" in answer


def test_small_ones_and_the_staff_s_are(
    editor: Client, visitor: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def send(client: Client, size: int) -> int:
        file = SimpleUploadedFile("son.mp3", b"x" * size)
        return client.post(ADD, {"audio-0-file": file}).status_code

    monkeypatch.setattr(admin_door, "STRANGERS_BYTES", 10_000)
    assert (send(editor, 20_000), send(editor, 1)) == (200, 200)
    assert (send(visitor, 20_000), send(visitor, 1)) == (302, 403)
