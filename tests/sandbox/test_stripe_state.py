"""What survives: the journal, kill -9, restarts; and what is refused at the start."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import stripe

from sandbox.stripe import StripeStandIn
from sandbox.stripe.__main__ import main
from sandbox.stripe.store import StateError, Store

VERSION = "2026-10-28.endive"
ROOT = Path(__file__).resolve().parents[2]
KEYS = ["--api-key", "sk_test_x", "--webhook-secret", "whsec_x"]

Gift = Callable[..., Any]


def run(*arguments: str, state: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "sandbox.stripe", "--port", "0", "--state", str(state), *arguments],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )


def test_the_command_exits_with_the_status_of_a_refusal(tmp_path: Path) -> None:
    keys = ["--api-key", "sk_live_x", "--webhook-secret", "whsec_x"]
    with run(*keys, state=tmp_path / "journal") as process:
        _, errors = process.communicate(timeout=60)
    assert process.returncode == 1
    assert errors.startswith("Stripe stand-in: a live key was given")


@contextlib.contextmanager
def served(state: Path, *arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Run the stand-in as a process of its own; yield it and its URL."""
    with run(*KEYS, *arguments, state=state) as process:
        assert process.stdout is not None
        try:
            line = process.stdout.readline()
            assert "http://" in line, process.stderr and process.stderr.read()
            yield process, line.split()[-1]
        finally:
            process.kill()
            process.wait()


def client_of(url: str) -> stripe.StripeClient:
    return stripe.StripeClient(
        "sk_test_x",
        stripe_version=VERSION,
        base_addresses={"api": url},
        max_network_retries=0,
    )


def test_everything_survives_kill_9(tmp_path: Path, gift: Gift) -> None:
    params = gift()
    with served(tmp_path / "journal") as (process, url):
        client = client_of(url)
        session = client.v1.checkout.sessions.create(params, {"idempotency_key": "gift-1"})
        process.send_signal(signal.SIGKILL)
        process.wait()
    with served(tmp_path / "journal") as (_, url):
        client = client_of(url)
        again = client.v1.checkout.sessions.create(params, {"idempotency_key": "gift-1"})
        assert again.id == session.id
        assert client.v1.checkout.sessions.expire(session.id).status == "expired"


def test_kill_9_at_any_moment_loses_nothing_that_was_answered(tmp_path: Path, gift: Gift) -> None:
    answered: list[str] = []
    with served(tmp_path / "journal") as (process, url):

        def create() -> None:
            with contextlib.suppress(stripe.APIConnectionError):
                while True:
                    answered.append(client_of(url).v1.checkout.sessions.create(gift()).id)
                    enough.release()

        enough = threading.Semaphore(0)
        writers = [threading.Thread(target=create) for _ in range(3)]
        for writer in writers:
            writer.start()
        for _ in range(15):
            assert enough.acquire(timeout=60)
        process.send_signal(signal.SIGKILL)
        for writer in writers:
            writer.join(60)
    with served(tmp_path / "journal", "--read-limit", "1000") as (_, url):
        known = client_of(url).v1.checkout.sessions.list({"limit": 100}).data
        assert {session.id for session in known} >= set(answered)


def test_sigterm_ends_it_cleanly(tmp_path: Path) -> None:
    with served(tmp_path / "journal") as (process, _):
        process.terminate()
        assert process.wait(60) == 0


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        (["--api-key", "sk_live_x", "--webhook-secret", "whsec_x"], "live key"),
        (["--api-key", "rk_live_x", "--webhook-secret", "whsec_x"], "live key"),
        (["--api-key", "secret", "--webhook-secret", "whsec_x"], "sk_test_"),
        (["--api-key", "sk_test_x", "--webhook-secret", "secret"], "whsec_"),
    ],
)
def test_a_live_or_odd_key_is_refused_with_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], keys: list[str], words: str
) -> None:
    assert main(["--port", "0", "--state", str(tmp_path / "journal"), *keys]) == 1
    errors = capsys.readouterr().err
    assert words in errors
    assert errors.count("\n") == 1
    assert not (tmp_path / "journal").exists()


@pytest.mark.parametrize("busy", ["state", "port"])
def test_a_second_stand_in_on_the_same_state_or_port_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], standin: StripeStandIn, busy: str
) -> None:
    state = tmp_path / ("journal" if busy == "state" else "other")
    port = "0" if busy == "state" else standin.url.rpartition(":")[2]
    assert main(["--port", port, "--state", str(state), *KEYS]) == 1
    errors = capsys.readouterr().err
    assert "in use" in errors
    assert errors.count("\n") == 1


def test_a_restart_keeps_objects_order_and_what_is_due(
    start: Callable[..., StripeStandIn],
    connect: Callable[..., stripe.StripeClient],
    gift: Gift,
) -> None:
    first = start(balance_delay=3600.0)
    client = connect(first)
    session = client.v1.checkout.sessions.create(gift())
    other = client.v1.checkout.sessions.create(gift(expires_at=None))
    first.pay(other.id)
    first.set_clock(3601)
    first.wait_for("charge.updated")
    first.wait_for("checkout.session.expired")
    before = first.events()
    third = client.v1.checkout.sessions.create(gift(expires_at=None))
    first.stop()
    second = start()
    assert second.events() == before
    assert connect(second).v1.checkout.sessions.list().data[-1].id == session.id
    second.set_clock(3 * 86400)
    assert second.wait_until(lambda: second.get(third.id)["status"] == "expired")


def test_a_torn_last_line_is_forgotten(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    store = Store(path)
    with store.batch() as batch:
        batch.put("t", "a", {"n": 1})
        batch.put("t", "b", {"n": 1})
    with store.batch() as batch:
        batch.put("t", "a", {"n": 2})
        batch.put("t", "c", {"n": 2})
    store.close()
    whole = path.read_bytes()
    start_of_last = whole.rindex(b"\n", 0, -1) + 1
    for cut in range(start_of_last, len(whole)):
        path.write_bytes(whole[:cut])
        store = Store(path)
        assert store.get("t", "a") == {"n": 1}
        assert [row["n"] for row in store.rows("t")] == [1, 1]
        with store.batch() as batch:
            batch.put("t", "d", {"n": 3})
        store.close()
        store = Store(path)
        assert len(store.rows("t")) == 3
        store.close()


def test_a_line_damaged_in_the_middle_is_reported(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    path.write_text('[["t","a",{"n":1}]]\n[["t","b",{"n"\n[["t","c",{"n":1}]]\n')
    with pytest.raises(StateError, match="line 2"):
        Store(path)
    assert "line 2" not in path.read_text()


def test_a_batch_that_raises_changes_nothing(tmp_path: Path) -> None:
    store = Store(tmp_path / "journal")
    before = (tmp_path / "journal").read_bytes()
    with contextlib.suppress(RuntimeError), store.batch() as batch:
        batch.put("t", "a", {"n": 1})
        raise RuntimeError
    assert store.get("t", "a") is None
    assert (tmp_path / "journal").read_bytes() == before
    store.close()


def test_the_journal_is_compacted_at_the_start(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    store = Store(path)
    for number in range(50):
        with store.batch() as batch:
            batch.put("t", "a", {"n": number})
    with store.batch() as batch:
        batch.put("t", "b", {})
        batch.delete("t", "b")
    store.close()
    Store(path).close()
    assert [json.loads(line) for line in path.read_text().splitlines()] == [[["t", "a", {"n": 49}]]]


def test_reset_forgets_everything_for_good(
    start: Callable[..., StripeStandIn], standin: StripeStandIn, paid: Any
) -> None:
    standin.hold()
    standin.reset()
    assert (standin.events(), standin.requests(), standin.waiting()) == ([], [], [])
    standin.stop()
    assert start().events() == []


def test_ids_repeat_with_a_seed_and_not_without(
    start: Callable[..., StripeStandIn],
    connect: Callable[..., stripe.StripeClient],
    gift: Gift,
    tmp_path: Path,
) -> None:
    def first_id(name: str, seed: int | None) -> str:
        standin = start(state=tmp_path / name, seed=seed)
        return connect(standin).v1.checkout.sessions.create(gift()).id

    assert first_id("a", 7) == first_id("b", 7)
    assert first_id("c", None) != first_id("d", None)
    # The same seed over the same state goes on with ids not used yet.
    assert first_id("e", 7) == first_id("a2", 7)
    standin = start(state=tmp_path / "f", seed=7)
    connect(standin).v1.checkout.sessions.create(gift())
    standin.stop()
    again = connect(start(state=tmp_path / "f", seed=7))
    again.v1.checkout.sessions.create(gift())
    assert len(again.v1.checkout.sessions.list().data) == 2
