"""Stopped at any moment, it goes on from there; of any size, it fits into little memory."""

import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from django.core.management import call_command

from broadcasts.models import Broadcast
from tests.broadcasts.wordpress.exports import attachment, item, write, write_big
from tests.broadcasts.wordpress.tables import told_apart_by_facts
from tests.environment import ROOT
from tests.processes import environment_of_tests, wait_until

pytestmark = pytest.mark.django_db(transaction=True)

POSTS = 30


@pytest.fixture
def withholding() -> Iterator[tuple[str, threading.Event]]:
    """A web server that never answers: its address, and an event once it was asked."""
    asked, over = threading.Event(), threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.set()
            over.wait(60)

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}", asked
    over.set()
    server.shutdown()
    server.server_close()


def archive(path: Path, url: str) -> Path:
    """Posts that link to each other and share terms; the image of the 20th never comes."""
    posts = [
        item(
            number,
            "Le même titre" if number % 3 else f"Titre {number}",
            f'Texte {number}, voir <a href="/?p={POSTS - number + 1}">ailleurs</a>.\n\n'
            f"https://youtu.be/v{number:010d}",
            name=f"post-{number}",
            terms=(
                ("category", f"c-{number % 4}", f"Rubrique {number % 4}"),
                ("invite", f"i-{number % 5}", f"Nom{number % 5} Prénom"),
            ),
            meta=[("_thumbnail_id", "900")] if number == 20 else (),
        )
        for number in range(1, POSTS + 1)
    ]
    return write(path, *posts, attachment(900, f"{url}/wp-content/uploads/a.jpg"))


def test_killed_in_the_middle_a_second_run_ends_as_an_undisturbed_one(
    tmp_path: Path, withholding: tuple[str, threading.Event]
) -> None:
    url, asked = withholding
    file = archive(tmp_path / "export.xml", url)
    command = [
        sys.executable, "manage.py", "import_wordpress", str(file), "--media",
        "--trust-origin", url,
    ]  # fmt: skip
    process = subprocess.Popen(
        command, cwd=ROOT, env=environment_of_tests(), stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        wait_until(
            lambda: asked.is_set() or process.poll() is not None, "the image to be asked for"
        )
        assert process.poll() is None
        assert Broadcast.objects.count() == 20
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.wait()

    def lock_is_free() -> bool:
        """PostgreSQL notices a killed client when it next writes to it."""
        try:
            call_command("import_wordpress", str(file), verbosity=0)
        except Exception as error:
            assert "déjà en cours" in str(error)  # noqa: PT017  # anything else is a failure
            return False
        return True

    wait_until(lock_is_free, "the killed import's lock to go")
    resumed = told_apart_by_facts()
    assert len(resumed["broadcasts.Broadcast"]) == POSTS
    for model in ("broadcasts.Tag", "broadcasts.ImportedTerm", "broadcasts.Redirect"):
        assert resumed[model], model

    call_command("flush", interactive=False, verbosity=0)
    call_command("import_wordpress", str(file), verbosity=0)
    assert told_apart_by_facts() == resumed


def peak_of(file: Path, *options: str) -> float:
    """The most memory (MB) that an import took, in a process of its own."""
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from django.core.management import execute_from_command_line as run\n"
        "run(['manage.py', 'import_wordpress', *sys.argv[1:]])\n"
        "print(Path('/proc/self/status').read_text())"  # getrusage would count the parent in
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(file), *options],
        cwd=ROOT, env=environment_of_tests(), capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = re.search(r"VmHWM:\s+(\d+) kB", done.stdout)
    assert found, done.stdout
    return int(found[1]) / 1024


@pytest.mark.timeout(400)
def test_memory_does_not_grow_with_the_file(tmp_path: Path) -> None:
    """What is remembered of each post is little: four times the file costs next to nothing."""
    small = peak_of(write_big(tmp_path / "petit.xml", 1), "--dry-run")
    large = peak_of(write_big(tmp_path / "grand.xml", 4), "--dry-run")
    assert large < 160
    assert large - small < 15, (small, large)


@pytest.mark.deep
@pytest.mark.timeout(1800)
def test_two_hundred_megabytes_take_less_than_two_hundred(tmp_path: Path) -> None:
    """A short search (EXAMPLES) is content with a small part."""
    file = write_big(tmp_path / "enorme.xml", 8 if "EXAMPLES" in os.environ else 200)
    assert peak_of(file, "--report", str(tmp_path)) < 200
