"""`make run`'s supervisor: it starts all, tells the truth, and leaves nothing behind.

Around a small site (see `small_site`) with the real servers, stopped and crashed for real.
"""

import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from sandbox.console import typeset
from sandbox.services import embedded_services
from tests.sandbox.small_site import SmallSite, small_site, until

FIRST_START = ["migrate", "collectstatic", "createsuperuser", "seed_demo"]
PARTS = {
    "PostgreSQL": r"postgres -D",
    "Valkey": r"valkey-server",
    "Stripe de démonstration": r"sandbox\.stripe",
    "YouTube et PeerTube de démonstration": r"sandbox\.video_world",
    "Site": r"granian",
    "Celery (tâches)": r"celery -A auposte worker",
    "Celery (horloge)": r"celery -A auposte beat",
}


@contextmanager
def site_for_tests(*, depth: str = "site", user: int | None = None) -> Iterator[SmallSite]:
    with tempfile.TemporaryDirectory(prefix="auposte-test-") as folder:
        root = Path(folder).resolve()
        root.chmod(0o700 if user is not None else 0o711)
        if user is not None:
            os.chown(root, user, user)
        with small_site(root / depth, user=user) as site:
            yield site


@pytest.fixture
def site() -> Iterator[SmallSite]:
    with site_for_tests() as found:
        yield found


@pytest.fixture(scope="module")
def used_site() -> Iterator[SmallSite]:
    """A site that has been started and stopped before."""
    with site_for_tests() as found:
        finish(found.up(), signal.SIGTERM)
        yield found


def finish(process: "subprocess.Popen[str]", number: signal.Signals) -> tuple[int, str]:
    """Send a signal; the exit status and what was said meanwhile."""
    process.send_signal(number)
    said, _ = process.communicate(timeout=90)
    return process.returncode, said


def refusal(process: "subprocess.Popen[str]") -> str:
    said, _ = process.communicate(timeout=90)
    assert process.returncode == 1, said
    assert "Traceback" not in said
    return said


def owner(pid: int) -> int | None:
    """Whose process it is, unless it has ended meanwhile: PostgreSQL's come and go."""
    try:
        return Path(f"/proc/{pid}").stat().st_uid
    except FileNotFoundError:
        return None


def gone(site: SmallSite) -> bool:
    return not site.processes()


def test_a_whole_life(site: SmallSite) -> None:
    """First start, a second `make run` meanwhile, a crash amid a task, a warm start, a stop."""
    first = site.up()
    for name, pattern in PARTS.items():
        assert site.named(pattern), f"{name} does not run"
    assert sorted(site.calls()) == sorted(FIRST_START)
    assert f"http://127.0.0.1:{site.port}/emissions/une-emission" in first.said
    password = next(line.split()[-1] for line in first.said.splitlines() if "mot de passe" in line)
    assert len(password) >= 12
    for name in ("env", "secrets.json"):
        assert stat.S_IMODE((site.state / name).stat().st_mode) == 0o600
    assert site.environment()["SITE_URL"] == f"http://127.0.0.1:{site.port}"
    assert site.rows("broadcasts_broadcast") == 1

    second = refusal(site.run())
    assert f"déjà dans ce dossier : http://127.0.0.1:{site.port}" in second.replace("\xa0", " ")
    assert site.answers()

    code = "from auposte.celery import outlive; outlive.delay()"
    subprocess.run(
        [sys.executable, "-c", code],
        cwd=site.root,
        env={**os.environ, **site.environment()},
        check=True,
    )
    until((site.root / "task-started").exists, what="the worker to begin its task")
    # A worker that can no longer listen to anybody, as one whose broker has gone.
    os.kill(min(site.named(PARTS["Celery (tâches)"])), signal.SIGSTOP)
    first.kill()
    until(lambda: gone(site), what="the end of everything after kill -9")

    again = site.up()
    assert len(site.calls()) == len(FIRST_START), "a warm start prepares nothing again"
    assert site.rows("broadcasts_broadcast") == 1
    assert password in again.said

    status, said = finish(again, signal.SIGTERM)
    assert (status, gone(site)) == (0, True), said


def test_changed_code_is_migrated_and_collected(used_site: SmallSite) -> None:
    before = len(used_site.calls())
    (used_site.root / "auposte" / "models.py").write_text("# a new column\n")
    (used_site.root / "static").mkdir()
    (used_site.root / "static" / "site.css").write_text("body {}")
    finish(used_site.up(), signal.SIGTERM)
    assert sorted(used_site.calls()[before:]) == ["collectstatic", "migrate"]


@pytest.mark.parametrize("name", ["Celery (tâches)", "PostgreSQL"])
def test_a_dead_part_is_named_and_all_stops(used_site: SmallSite, name: str) -> None:
    process = used_site.up()
    os.kill(min(used_site.named(PARTS[name])), signal.SIGKILL)
    said = refusal(process)
    assert typeset(f"{name} s'est arrêté (signal SIGKILL)") in said
    assert "Fin de" in said
    assert gone(used_site)


def test_a_failed_migration_is_shown(used_site: SmallSite) -> None:
    (used_site.root / "auposte" / "models.py").write_text("# broken\n")
    broken = used_site.root / "broken-migration"
    broken.touch()
    said = refusal(used_site.run())
    broken.unlink()
    assert typeset("« Migration de la base » a échoué") in said
    assert "la colonne existe déjà" in said
    assert gone(used_site)


def test_ctrl_c_during_the_start(used_site: SmallSite) -> None:
    process = used_site.run()
    assert process.stdout
    next(line for line in process.stdout if "PostgreSQL" in line)
    status, said = finish(process, signal.SIGINT)
    assert (status, gone(used_site)) == (0, True), said


def test_survivors_of_a_crash_are_ended_first(used_site: SmallSite) -> None:
    """With nobody left to end the children of a killed supervisor, the next start does."""
    code = (
        "import sys, sandbox.processes as processes; processes.LIBC = None; "
        "from sandbox.supervisor import main; sys.exit(main(sys.argv[1:]))"
    )
    process = used_site.up(module=["-c", code])
    for pid in (*used_site.named(r"sandbox\.guardian"), process.pid):
        os.kill(pid, signal.SIGKILL)
    process.wait()
    left = set(used_site.processes())
    assert used_site.answers()
    again = used_site.up()
    assert "processus d’un lancement interrompu" in again.said
    assert not left & set(used_site.processes())
    finish(again, signal.SIGTERM)
    assert gone(used_site)


def test_it_ends_with_make(used_site: SmallSite) -> None:
    """`--stop-with-parent`: killing make itself ends the site too."""
    code = (
        "import signal, subprocess, sys; "
        "subprocess.Popen([sys.executable, '-m', 'sandbox.supervisor', '--stop-with-parent', "
        "*sys.argv[1:]]); signal.pause()"
    )
    make = used_site.up(module=["-c", code])
    make.kill()
    until(lambda: gone(used_site), what="the end of everything after make's")


@pytest.mark.parametrize("neighbour", [0, 1, 2, 3])
def test_a_taken_port_is_said(used_site: SmallSite, neighbour: int) -> None:
    with socket.socket() as listener:
        # Connections of the site that ran here before may linger.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", used_site.port + neighbour))
        listener.listen()
        said = refusal(used_site.run())
    assert f"Le port {used_site.port + neighbour}" in said
    assert "est déjà pris" in said
    assert gone(used_site)


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"REDIS_URL": "redis://127.0.0.1:1/0"}, "Redis ne répond pas comme attendu"),
        ({"DATABASE_URL": "postgres://127.0.0.1:1/x"}, "PostgreSQL ne répond pas comme attendu"),
    ],
    ids=["Redis", "PostgreSQL"],
)
def test_a_server_of_the_shell_that_is_not_there_is_named(
    used_site: SmallSite, named: dict[str, str], said: str
) -> None:
    assert said in refusal(used_site.run(**named))
    assert gone(used_site)


@pytest.mark.parametrize("port", ["abc", "0", "65535", "-1", "8000.5"])
def test_no_port_is_said(used_site: SmallSite, port: str) -> None:
    code = f"from sandbox.supervisor import main; raise SystemExit(main(['--port={port}']))"
    said = refusal(used_site.run(module=["-c", code]))
    assert typeset(f"Le port doit être entre 1 et 65532, pas {port}.") in said


def test_a_live_key_is_refused(used_site: SmallSite) -> None:
    said = refusal(used_site.run(STRIPE_SECRET_KEY="sk_live_abc"))
    assert "STRIPE_SECRET_KEY est une clé live" in said


def test_servers_that_the_shell_names(site: SmallSite) -> None:
    """They are used instead of ours; nothing is loaded where broadcasts already are."""
    with (
        tempfile.TemporaryDirectory(prefix="auposte-test-") as folder,
        embedded_services(Path(folder).resolve()) as services,
    ):
        with psycopg.connect(services.database_url) as connection:
            connection.execute("CREATE TABLE broadcasts_broadcast (slug text)")
            connection.execute("INSERT INTO broadcasts_broadcast VALUES ('la-notre')")
        named = {"DATABASE_URL": services.database_url, "REDIS_URL": services.redis_url}
        process = site.up(**named)
        assert not site.named(PARTS["PostgreSQL"])
        assert not site.named(PARTS["Valkey"])
        assert "seed_demo" not in site.calls()
        assert {name: site.environment()[name] for name in named} == named
        finish(process, signal.SIGTERM)
        assert services.postgres.is_ready()
        assert services.valkey.is_ready()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_an_ordinary_user_in_a_closed_and_deep_folder() -> None:
    with site_for_tests(depth="un-nom-bien-long-" * 9, user=65534) as site:
        process = site.up()
        assert site.rows("broadcasts_broadcast") == 1
        assert set(map(owner, site.processes())) - {None} == {65534}
        finish(process, signal.SIGTERM)
        assert gone(site)
